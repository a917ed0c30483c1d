//! [`Faults`]: which call fails, and how.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oxitus_core::storage::{Error, ErrorKind, Result};

/// What a backend is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are named after the methods")]
pub enum Operation {
    Create,
    Acquire,
    Info,
    Read,
    /// The next chunk of a stream that [`Read`](Self::Read) has opened.
    ReadChunk,
    Sweep,
    Append,
    Assemble,
    Complete,
    Terminate,
    Release,
    Write,
    Checkpoint,
    Commit,
    Rollback,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 15] = [
        Self::Create,
        Self::Acquire,
        Self::Info,
        Self::Read,
        Self::ReadChunk,
        Self::Sweep,
        Self::Append,
        Self::Assemble,
        Self::Complete,
        Self::Terminate,
        Self::Release,
        Self::Write,
        Self::Checkpoint,
        Self::Commit,
        Self::Rollback,
    ];
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it reports.
    pub kind: ErrorKind,
    /// When it fails.
    pub moment: Moment,
}

/// When a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before anything happened.
    Before,
    /// After all of it happened: only the good news is lost.
    After,
}

impl Fault {
    /// Fails with nothing done.
    #[must_use]
    pub const fn before(kind: ErrorKind) -> Self {
        Self {
            kind,
            moment: Moment::Before,
        }
    }

    /// Fails with everything done.
    #[must_use]
    pub const fn after(kind: ErrorKind) -> Self {
        Self {
            kind,
            moment: Moment::After,
        }
    }
}

/// The faults of a [`FaultyBackend`](super::FaultyBackend). Clones are the same plan.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    calls: HashMap<Operation, usize>,
    faults: HashMap<(Operation, usize), Fault>,
}

impl Faults {
    /// Lets the call to `operation` fail that comes after `later` more of them: the next one,
    /// where that is 0.
    pub fn plan(&self, operation: Operation, later: usize, fault: Fault) {
        let mut plan = self.lock();
        let call = plan.calls.get(&operation).copied().unwrap_or_default() + later;
        plan.faults.insert((operation, call), fault);
    }

    /// How often `operation` was called so far.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> usize {
        self.lock()
            .calls
            .get(&operation)
            .copied()
            .unwrap_or_default()
    }

    /// How many faults are still to come. A test that ends with some has not tested them.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.lock().faults.len()
    }

    /// Does it, or fails instead, or does it and fails.
    pub(super) async fn around<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let fault = self.lock().strike(operation);
        match fault {
            None => call.await,
            Some(Fault {
                kind,
                moment: Moment::Before,
            }) => Err(injected(kind)),
            Some(Fault {
                kind,
                moment: Moment::After,
            }) => {
                drop(call.await?);
                Err(injected(kind))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    /// Counts a call, and says how it fails.
    fn strike(&mut self, operation: Operation) -> Option<Fault> {
        let calls = self.calls.entry(operation).or_default();
        let call = *calls;
        *calls += 1;
        self.faults.remove(&(operation, call))
    }
}

fn injected(kind: ErrorKind) -> Error {
    Error::new(kind, "a fault was injected")
}
