//! [`LateRequests`]: requests whose clients believe them lost, and that are still to be done.

use std::collections::VecDeque;

use crate::s3::{Operation, Result};

/// What became of a late request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Landed {
    /// What it asked for.
    pub operation: Operation,
    /// The key that it was for.
    pub key: String,
    /// What it would have been answered.
    pub outcome: Result<()>,
}

/// They are kept in the order in which they came.
#[derive(Default)]
pub(super) struct LateRequests(VecDeque<LateRequest>);

/// A request that is still to be done.
pub(in crate::s3) struct LateRequest {
    pub(in crate::s3) operation: Operation,
    pub(in crate::s3) key: String,
    pub(in crate::s3) act: Box<dyn FnOnce() -> Result<()> + Send>,
}

impl LateRequests {
    pub(super) fn push(&mut self, request: LateRequest) {
        self.0.push_back(request);
    }

    pub(super) fn take(&mut self, index: usize) -> Option<LateRequest> {
        self.0.remove(index)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl LateRequest {
    pub(in crate::s3) fn land(self) -> Landed {
        Landed {
            outcome: (self.act)(),
            operation: self.operation,
            key: self.key,
        }
    }
}
