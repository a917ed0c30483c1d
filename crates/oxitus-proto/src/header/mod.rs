//! Typed headers. Each is parsed once, where a request comes in, and printed back by its
//! `Display`.
//!
//! A header that may stand once only is refused when it stands twice, even with equal values:
//! two parties that pick a different one of the two would disagree about the upload.

mod checksum;
mod concat;
mod content_type;
mod defer_length;
mod expires;
mod length;
mod metadata;
mod method_override;
pub mod name;
mod number;
mod offset;
mod version;

use http::{HeaderMap, HeaderName, HeaderValue};

pub use self::checksum::{ChecksumAlgorithm, UploadChecksum};
pub use self::concat::UploadConcat;
pub use self::content_type::is_offset_octet_stream;
pub use self::defer_length::UploadDeferLength;
pub use self::expires::UploadExpires;
pub use self::length::UploadLength;
pub use self::metadata::UploadMetadata;
pub use self::method_override::effective_method;
pub use self::number::Number;
pub use self::offset::UploadOffset;
pub use self::version::{TusResumable, VERSION};

/// A header that could not be read, and why. Its text goes to the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {reason}")]
#[non_exhaustive]
pub struct InvalidHeader {
    /// Which header.
    pub name: HeaderName,
    /// What is wrong with it, for the developer of a client.
    pub reason: &'static str,
}

impl InvalidHeader {
    /// An error about the header `name`.
    #[must_use]
    pub const fn new(name: HeaderName, reason: &'static str) -> Self {
        Self { name, reason }
    }
}

/// A header that stands in a request at most once.
pub trait SingletonHeader: Sized {
    /// Its name.
    const NAME: HeaderName;

    /// Reads its value; `value` has no white space around it.
    ///
    /// # Errors
    /// The reason, for the developer of a client.
    fn parse(value: &[u8]) -> Result<Self, &'static str>;

    /// Reads it out of a request's headers; `None` where it is absent.
    ///
    /// # Errors
    /// [`InvalidHeader`] where it is malformed or stands more than once.
    fn read(headers: &HeaderMap) -> Result<Option<Self>, InvalidHeader> {
        singleton(headers, &Self::NAME)?
            .map(|value| Self::parse(value.as_bytes().trim_ascii()))
            .transpose()
            .map_err(|reason| InvalidHeader::new(Self::NAME, reason))
    }
}

/// The only value of `name`, `None` where there is none, an error where there are several.
pub(crate) fn singleton<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'h HeaderValue>, InvalidHeader> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(InvalidHeader::new(
            name.clone(),
            "must not be sent more than once",
        ));
    }
    Ok(first)
}
