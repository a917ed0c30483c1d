//! [`ManualClock`]: time that passes when it is told to.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use oxitus_core::clock::Clock;

/// A clock that stands still until it is turned. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<SystemTime>>);

impl ManualClock {
    /// A clock that shows `moment`.
    #[must_use]
    pub fn at(moment: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(moment)))
    }

    /// Turns it forward.
    ///
    /// # Panics
    /// At the end of time.
    pub fn advance(&self, duration: Duration) {
        let mut moment = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *moment += duration;
    }

    /// Turns it to `moment`, back if need be.
    pub fn set(&self, moment: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }
}

/// A clock that was stopped at this very second.
impl Default for ManualClock {
    fn default() -> Self {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Self::at(SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs()))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_still_until_it_is_turned() {
        let clock = ManualClock::default();
        let same = clock.clone();
        let start = clock.now();
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(90));
        assert_eq!(same.now(), start + Duration::from_secs(90));
        same.set(SystemTime::UNIX_EPOCH);
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH);
    }
}
