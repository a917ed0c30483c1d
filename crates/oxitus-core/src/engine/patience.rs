//! [`Patience`]: how long a body may keep the server waiting. Pure: moments are arguments.

use std::time::Duration;

use tokio::time::Instant;

/// Counts how long a client lets the server wait, and what it brings meanwhile. Only time spent
/// waiting for the client counts: a slow disk is not its fault.
#[derive(Debug)]
pub(super) struct Patience {
    idle_timeout: Duration,
    minimum_rate: u64,
    /// How long the client was waited for in this window, up to its last byte.
    waited: Duration,
    /// How many bytes it brought in this window.
    brought: u64,
}

impl Patience {
    /// Patience for a client that must bring something every `idle_timeout`, and on average over
    /// each such time at least `minimum_rate` bytes a second.
    pub(super) fn new(idle_timeout: Duration, minimum_rate: u64) -> Self {
        Self {
            idle_timeout,
            minimum_rate,
            waited: Duration::ZERO,
            brought: 0,
        }
    }

    /// When a wait that began at `since` ends at the latest, should nothing come.
    pub(super) fn deadline(&self, since: Instant) -> Instant {
        let left = if self.is_slow_so_far() {
            self.idle_timeout.saturating_sub(self.waited)
        } else {
            self.idle_timeout
        };
        since + left
    }

    /// Counts `bytes` that came after a wait of `waited`.
    pub(super) fn brought(&mut self, bytes: u64, waited: Duration) {
        self.waited += waited;
        self.brought = self.brought.saturating_add(bytes);
        if self.waited >= self.idle_timeout && !self.is_slow_so_far() {
            self.waited = Duration::ZERO;
            self.brought = 0;
        }
    }

    /// Whether the window would end too early for what was brought in it. Frames without a byte
    /// bring nothing, however many there are.
    fn is_slow_so_far(&self) -> bool {
        let wanted = self
            .minimum_rate
            .saturating_mul(self.idle_timeout.as_secs());
        self.brought < wanted.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_client_that_brings_nothing_has_one_idle_timeout() {
        let start = Instant::now();
        let patience = Patience::new(60 * SECOND, 0);
        assert_eq!(patience.deadline(start), start + 60 * SECOND);
    }

    #[test]
    fn frames_without_a_byte_do_not_help() {
        let start = Instant::now();
        let mut patience = Patience::new(60 * SECOND, 0);
        patience.brought(1, SECOND);
        for _ in 0..120 {
            patience.brought(0, SECOND);
        }
        assert_eq!(patience.deadline(start), start);
    }

    #[test]
    fn a_trickle_below_the_rate_ends_with_the_window() {
        let start = Instant::now();
        let mut patience = Patience::new(60 * SECOND, 100);
        for _ in 0..50 {
            patience.brought(1, SECOND);
        }
        assert_eq!(patience.deadline(start), start + 10 * SECOND);
    }

    #[test]
    fn a_client_above_the_rate_goes_on_for_ever() {
        let start = Instant::now();
        let mut patience = Patience::new(60 * SECOND, 100);
        for _ in 0..10_000 {
            patience.brought(200, SECOND);
            assert!(patience.deadline(start) >= start + 30 * SECOND);
        }
    }
}
