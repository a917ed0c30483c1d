//! The errors of the storage contract that more than one module answers with.

use oxitus_core::storage::{Error, ErrorKind};

pub(crate) fn not_found() -> Error {
    Error::new(ErrorKind::NotFound, "there is no such upload")
}

pub(crate) fn failed() -> Error {
    Error::new(ErrorKind::Gone, "the upload can never be completed")
}

pub(crate) fn taken() -> Error {
    Error::new(ErrorKind::AlreadyExists, "the id is taken")
}

pub(crate) fn locked() -> Error {
    Error::new(ErrorKind::Locked, "the upload is held")
}

pub(crate) fn misplaced() -> Error {
    Error::new(
        ErrorKind::OffsetMismatch,
        "the bytes do not belong where the upload stands",
    )
}

pub(crate) fn too_large() -> Error {
    Error::new(
        ErrorKind::TooLarge,
        "the upload would be larger than its part numbers can hold",
    )
}

pub(crate) fn lost() -> Error {
    Error::new(
        ErrorKind::LeaseLost,
        "somebody else has changed the upload meanwhile",
    )
}
