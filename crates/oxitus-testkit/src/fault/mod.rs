//! [`FaultyBackend`]: a backend that fails when it is told to.
//!
//! ```
//! # use std::sync::Arc;
//! # use oxitus_core::memory::MemoryBackend;
//! # use oxitus_core::storage::ErrorKind;
//! use oxitus_testkit::fault::{Fault, FaultyBackend, Faults, Operation};
//!
//! let faults = Faults::default();
//! let backend = FaultyBackend::new(Arc::new(MemoryBackend::new()), faults.clone());
//! // The third write from now on finds the disk full, and stores nothing:
//! faults.plan(Operation::Write, 2, Fault::before(ErrorKind::Full));
//! // The next commit happens, and yet reports a failure:
//! faults.plan(Operation::Commit, 0, Fault::after(ErrorKind::Unavailable));
//! ```

mod backend;
mod plan;

pub use self::backend::FaultyBackend;
pub use self::plan::{Fault, Faults, Moment, Operation};
