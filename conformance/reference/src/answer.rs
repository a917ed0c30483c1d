//! Answers, and refusals with what they do to the connection.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::store::{Missing, Overtaken};

/// A response with its whole body.
pub type Answer = Response<Bytes>;

/// An answer or a refusal.
pub(crate) type Handled = Result<Answer, Refusal>;

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Connection {
    /// What is left of the body is read, and the next request may come.
    Keep,
    /// What is left of the body is read so that the client sees the answer, then it is closed.
    DrainAndClose,
    /// It is closed: more of the body is not to be expected.
    Close,
}

/// A request that is not done, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    answer: Box<Answer>,
    connection: Connection,
}

impl Refusal {
    /// A refusal with a line of text for people.
    pub(crate) fn new(status: u16, reason: impl Into<String>) -> Self {
        let answer = answer(status)
            .with(CONTENT_TYPE.as_str(), "text/plain; charset=utf-8")
            .with("x-content-type-options", "nosniff")
            .map(|_| Bytes::from(reason.into() + "\n"));
        Self {
            answer: Box::new(answer),
            connection: Connection::Keep,
        }
    }

    /// A malformed request: 400.
    pub(crate) fn malformed(reason: impl Into<String>) -> Self {
        Self::new(400, reason)
    }

    /// A body that is not of the type that the protocol gives it: 415.
    pub(crate) fn wrong_content_type() -> Self {
        Self::new(
            415,
            "the Content-Type must be application/offset+octet-stream",
        )
    }

    /// More bytes than any upload may have: 413.
    pub(crate) fn too_large(largest: u64) -> Self {
        Self::new(413, format!("an upload has at most {largest} bytes"))
            .with("tus-max-size", largest)
    }

    /// More bytes than this upload has room for: 413.
    pub(crate) fn overrun() -> Self {
        Self::new(413, "there is more data than the upload has room for")
    }

    /// Another request has taken the place of this one. It is final, lest two clients fight.
    pub(crate) fn overtaken() -> Self {
        Self::malformed("another request has taken over the upload").and(Connection::Close)
    }

    /// The same with a header.
    pub(crate) fn with(self, name: &'static str, value: impl ToString) -> Self {
        Self {
            answer: Box::new(self.answer.with(name, value)),
            ..self
        }
    }

    /// The same with another end of the connection.
    pub(crate) fn and(self, connection: Connection) -> Self {
        Self { connection, ..self }
    }

    pub(crate) fn into_parts(self) -> (Answer, Connection) {
        (*self.answer, self.connection)
    }
}

impl From<Missing> for Refusal {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Unknown => Self::new(404, "there is no such upload"),
            Missing::Expired => Self::new(410, "this upload is gone"),
        }
    }
}

impl From<Overtaken> for Refusal {
    fn from(_: Overtaken) -> Self {
        Self::overtaken()
    }
}

/// An answer with a status and nothing else.
pub(crate) fn answer(status: u16) -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    answer
}

/// Adds headers in a row.
pub(crate) trait With: Sized {
    /// The same with a header, if the value can be one.
    fn with(self, name: &'static str, value: impl ToString) -> Self;

    /// The same with a header if there is a value.
    fn with_some(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl With for Answer {
    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        if let Ok(value) = HeaderValue::try_from(value.to_string()) {
            self.headers_mut().insert(name, value);
        }
        self
    }
}
