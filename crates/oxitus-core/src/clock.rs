//! [`Clock`]: what time it is. Injected, so that tests decide.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// A source of the time of day, for expiry. Durations within a request are not measured by it.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The moment.
    fn now(&self) -> SystemTime;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }
}
