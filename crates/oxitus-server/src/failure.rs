//! [`Failure`]: why the server does not start, or did not end well, in one line.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A server that does not start, or does not end well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("cannot keep uploads in {}: {reason}", path.display())]
    Directory { path: PathBuf, reason: String },
    #[error("cannot keep uploads in the bucket {name}: {reason}")]
    Bucket { name: String, reason: String },
    #[error("cannot start threads: {0}")]
    Runtime(std::io::Error),
    #[error("cannot listen for signals: {0}")]
    Signals(std::io::Error),
    #[error("told twice to end, so what was going on was cut off")]
    CutOff,
}

impl Failure {
    pub(crate) fn listen(address: SocketAddr, source: std::io::Error) -> Self {
        Self::Listen { address, source }
    }

    pub(crate) fn directory(path: &Path, error: &dyn Error) -> Self {
        Self::Directory {
            path: path.to_owned(),
            reason: with_causes(error),
        }
    }

    pub(crate) fn bucket(name: &str, reason: String) -> Self {
        Self::Bucket {
            name: name.to_owned(),
            reason,
        }
    }
}

/// An error and all that caused it, on one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error| Error::source(*error));
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}
