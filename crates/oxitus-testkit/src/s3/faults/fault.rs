//! [`Fault`]: how a request goes wrong.

use std::time::Duration;

use crate::s3::S3Error;

/// How a request goes wrong. Durations are those of tokio's clock, which tests may pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused, and nothing is done.
    Refused(Refusal),
    /// The connection breaks before anything is done; nothing ever is.
    RequestLost,
    /// It is done, and the connection breaks before the reply.
    ReplyLost,
    /// The connection breaks, and it is done later: a zombie.
    Late(Landing),
    /// It takes so long before it is done.
    SlowRequest(Duration),
    /// It is done, and it takes so long before the reply.
    SlowReply(Duration),
    /// It is done, and the connection breaks after so many bytes of the object that is read; of
    /// anything but GetObject the reply is lost.
    CutOff(u64),
}

/// What a request is refused with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 500.
    InternalError,
    /// 503.
    SlowDown,
    /// 409.
    ConditionalRequestConflict,
    /// 412.
    PreconditionFailed,
}

/// When a late request is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// When the test says so: [`Faults::land_next`](super::Faults::land_next) and its sisters.
    OnCommand,
    /// So long after it came.
    After(Duration),
}

impl From<Refusal> for S3Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::InternalError => Self::InternalError,
            Refusal::SlowDown => Self::SlowDown,
            Refusal::ConditionalRequestConflict => Self::ConditionalRequestConflict,
            Refusal::PreconditionFailed => Self::PreconditionFailed,
        }
    }
}
