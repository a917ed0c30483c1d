//! [`Bucket`]: a linearizable object store in memory, with synchronous operations.
//!
//! One mutex guards all there is, each operation is done at once and either wholly or not at all.
//! What an operation answers follows AWS, but where the [`Dialect`] says otherwise.
//!
//! ```
//! use oxitus_testkit::s3::{Attributes, Bucket, Condition, S3Error};
//!
//! let bucket = Bucket::default();
//! let none = Attributes::default();
//! let first = bucket.put("record", "one", none.clone(), &Condition::absent())?;
//! bucket.put("record", "two", none.clone(), &Condition::matches(first))?;
//! let late = bucket.put("record", "three", none, &Condition::matches(first));
//! assert_eq!(late, Err(S3Error::PreconditionFailed));
//! assert_eq!(bucket.get("record", &Condition::None)?.content.bytes(), "two");
//! # Ok::<(), S3Error>(())
//! ```

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use oxitus_core::clock::{Clock, SystemClock};

mod condition;
mod error;
mod etag;
mod listing;
#[cfg(test)]
mod model;
mod multipart;
mod object;
mod objects;
mod payload;
mod state;
#[cfg(test)]
mod tests;

pub use self::condition::Condition;
pub use self::error::{Result, S3Error};
pub use self::etag::ETag;
pub use self::listing::{ObjectPage, ObjectSummary, PartPage, UploadPage, UploadSummary};
pub use self::multipart::{CopySource, Part};
pub use self::object::{Attributes, Object};
pub use self::payload::{Content, Payload};
use self::state::State;
use super::dialect::Dialect;

/// One bucket. Clones are the same bucket.
#[derive(Clone)]
pub struct Bucket(Arc<Shared>);

struct Shared {
    dialect: Dialect,
    clock: Arc<dyn Clock>,
    hollow: Hollow,
    state: Mutex<State>,
}

type Hollow = Box<dyn Fn(&str) -> bool + Send + Sync>;

impl Bucket {
    /// How a bucket is made that is not as usual.
    pub fn builder() -> BucketBuilder {
        BucketBuilder {
            dialect: Dialect::aws(),
            clock: Arc::new(SystemClock::default()),
            hollow: Box::new(|_| false),
            seed: 0,
        }
    }

    /// An empty bucket of a dialect.
    #[must_use]
    pub fn with_dialect(dialect: Dialect) -> Self {
        Self::builder().dialect(dialect).build()
    }

    /// How it differs from AWS.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.0.dialect
    }

    /// What time it is, by its clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.0.clock.now()
    }

    /// Whether the bytes of a key are not kept.
    pub(crate) fn is_hollow(&self, key: &str) -> bool {
        (self.0.hollow)(key)
    }

    /// How many bytes are in it, those of parts included.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.lock().used
    }

    /// Nothing panics between two halves of a change, so a poisoned state is a whole one.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An empty bucket of AWS, by the clock of the operating system.
impl Default for Bucket {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// Whoever has a bucket need not print all there is.
impl fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Bucket").finish_non_exhaustive()
    }
}

/// How a bucket is to be.
#[must_use = "it makes no bucket until it is told to"]
pub struct BucketBuilder {
    dialect: Dialect,
    clock: Arc<dyn Clock>,
    hollow: Hollow,
    seed: u64,
}

impl BucketBuilder {
    /// How it differs from AWS.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// What `Last-Modified` and `Date` are read from.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Keeps of some objects and parts only the size and the MD5, so that gigabytes can be
    /// sent; they read as zeros.
    pub fn hollow(mut self, keys: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.hollow = Box::new(keys);
        self
    }

    /// What [random ETags](super::ETags::Random) are drawn from.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Makes an empty bucket.
    #[must_use]
    pub fn build(self) -> Bucket {
        Bucket(Arc::new(Shared {
            state: Mutex::new(State::new(self.dialect.capacity, self.seed)),
            dialect: self.dialect,
            clock: self.clock,
            hollow: self.hollow,
        }))
    }
}

impl fmt::Debug for BucketBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("BucketBuilder");
        debug
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}
