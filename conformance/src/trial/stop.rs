//! [`Verdict`]: how a case ends.

use std::io;

/// How a case ends: well, or with a [`Stop`].
pub(crate) type Verdict = Result<(), Stop>;

/// Why a case does not end well.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// The server does not do what it is held to.
    Failed { expected: String, observed: String },
    /// There is nothing to judge on this server.
    NotApplicable(String),
    /// The case did not get to its point.
    Blocked(String),
}

impl Stop {
    pub(crate) fn failed(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::Failed {
            expected: expected.into(),
            observed: observed.into(),
        }
    }

    /// A failure at something that is needed on the way and is not the point of the case.
    pub(crate) fn on_the_way(self) -> Self {
        match self {
            Self::Failed { expected, observed } => {
                Self::Blocked(format!("on the way, expected {expected}, but: {observed}"))
            }
            other => other,
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::InvalidInput {
            return Self::NotApplicable("this version of HTTP cannot carry the request".to_owned());
        }
        let mut reason = error.to_string();
        let mut source = error.get_ref().and_then(|inner| inner.source());
        while let Some(inner) = source {
            reason = format!("{reason}: {inner}");
            source = inner.source();
        }
        Self::failed("an answer", reason)
    }
}
