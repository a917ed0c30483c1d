//! [`VirtualClock`]: the time of day in virtual time.

use std::time::{Duration, SystemTime};

use oxitus_core::clock::Clock;
use tokio::time::Instant;

/// Shows noon of some day when it is made, and goes as fast as the runtime's time.
#[derive(Clone, Copy, Debug)]
pub(super) struct VirtualClock(Instant);

impl VirtualClock {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        let noon = Duration::from_secs(20_000 * 24 * 3600 + 12 * 3600);
        SystemTime::UNIX_EPOCH + noon + self.0.elapsed()
    }
}
