//! [`Clock`]: where the engine reads the time of day, so that tests can turn it.

use std::fmt::Debug;
use std::time::SystemTime;

/// A source of the time of day.
///
/// Timeouts do not read it: they run on tokio's clock.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The moment.
    fn now(&self) -> SystemTime;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
