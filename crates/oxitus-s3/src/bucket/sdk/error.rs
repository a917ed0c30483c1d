//! What an answer of the store, or the lack of one, means to the protocol.
//!
//! The source of an error has the code and the message of the store, or what went wrong with the
//! connection, and nothing else of the exchange: it goes to the log, and requests have signatures.

use std::error::Error as StdError;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::bucket::{Error, ErrorKind};

/// The one operation whose answer has no body.
pub(super) const HEAD: &str = "HeadObject";

/// What is told of a failure.
#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("the store answered {status} {code}: {message}")]
    Answer {
        status: u16,
        code: String,
        message: String,
    },
    #[error("{0}")]
    Connection(String),
    #[error("no answer in time")]
    Timeout,
    #[error("the answer came without {0}")]
    Without(&'static str),
    #[error("the store's ETag is the one of other bytes")]
    Mangled,
}

/// The error of the protocol for one of the SDK.
pub(super) fn kind_of<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    match (&error, status) {
        (SdkError::ServiceError(answer), Some(status)) => {
            let code = answer.err().code().unwrap_or_default();
            let cause = Cause::Answer {
                status,
                code: code.to_owned(),
                message: answer.err().message().unwrap_or_default().to_owned(),
            };
            failed(meaning(operation, status, code), operation, cause)
        }
        (SdkError::ConstructionFailure(_), _) => {
            let cause = Cause::Connection(chain(&error));
            failed(ErrorKind::Refused, operation, cause)
        }
        (SdkError::TimeoutError(_), _) => timed_out(operation),
        _ => failed(
            ErrorKind::Unknown,
            operation,
            Cause::Connection(chain(&error)),
        ),
    }
}

/// The error for an answer that broke off.
pub(super) fn broken(operation: &'static str, error: impl StdError + 'static) -> Error {
    failed(
        ErrorKind::Unknown,
        operation,
        Cause::Connection(chain(&error)),
    )
}

/// The error for an answer that did not come.
pub(super) fn timed_out(operation: &'static str) -> Error {
    failed(ErrorKind::Unknown, operation, Cause::Timeout)
}

/// The error for an answer that lacks what it must have.
pub(super) fn without(operation: &'static str, what: &'static str) -> Error {
    failed(ErrorKind::Unknown, operation, Cause::Without(what))
}

/// The error for bytes that were stored and are not those that were sent.
pub(super) fn mangled(operation: &'static str) -> Error {
    failed(ErrorKind::Unknown, operation, Cause::Mangled)
}

fn failed(kind: ErrorKind, operation: &'static str, cause: Cause) -> Error {
    let mut error = Error::new(kind, operation);
    error.source = Some(Box::new(cause));
    error
}

/// What a status and a code say. Stores agree more on codes than on statuses.
///
/// The answer to a HEAD has no code, and the SDK calls every 404 without a body `NotFound`. To any
/// other request it is a proxy that answers so, which says nothing about what the store has.
fn meaning(operation: &'static str, status: u16, code: &str) -> ErrorKind {
    match code {
        "NoSuchKey" | "NoSuchVersion" => ErrorKind::NoSuchKey,
        "NoSuchUpload" => ErrorKind::NoSuchUpload,
        "PreconditionFailed" => ErrorKind::Precondition,
        "ConditionalRequestConflict" | "OperationAborted" | "ConcurrentModification" => {
            ErrorKind::Conflict
        }
        "InvalidPart" | "InvalidPartOrder" | "EntityTooSmall" => ErrorKind::InvalidPart,
        "QuotaExceeded" | "XMinioStorageFull" | "XMinioAdminBucketQuotaExceeded" => ErrorKind::Full,
        // Refusals of this one attempt: its bytes came too slowly, in part, or changed.
        "BadDigest" | "IncompleteBody" | "RequestTimeout" | "SlowDown" => ErrorKind::Unknown,
        "NoSuchBucket" | "NotImplemented" => ErrorKind::Refused,
        _ => match status {
            404 if operation == HEAD => ErrorKind::NoSuchKey,
            404 if code.is_empty() || code == "NotFound" => ErrorKind::Unknown,
            409 if code.is_empty() => ErrorKind::Conflict,
            412 => ErrorKind::Precondition,
            507 => ErrorKind::Full,
            408 | 429 => ErrorKind::Unknown,
            300..=499 | 501 => ErrorKind::Refused,
            _ => ErrorKind::Unknown,
        },
    }
}

/// An error and its sources in one line.
fn chain(error: &dyn StdError) -> String {
    std::iter::successors(error.source(), |error| (*error).source()).fold(
        error.to_string(),
        |text, source| {
            let source = source.to_string();
            if text.ends_with(&source) {
                return text;
            }
            format!("{text}: {source}")
        },
    )
}
