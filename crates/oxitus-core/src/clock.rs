<<<<<<< HEAD
//! [`Clock`]: what time it is. Injected, so that tests decide.

use std::fmt;
use std::time::SystemTime;

/// A source of the time of day, for expiry. Durations within a request are not measured by it.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
=======
//! [`Clock`]: where the engine reads the time of day, so that tests can turn it.

use std::fmt::Debug;
use std::time::SystemTime;

/// A source of the time of day.
///
/// Timeouts do not read it: they run on tokio's clock.
pub trait Clock: Debug + Send + Sync + 'static {
>>>>>>> testkit
    /// The moment.
    fn now(&self) -> SystemTime;
}

<<<<<<< HEAD
/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
=======
/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
>>>>>>> testkit
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
