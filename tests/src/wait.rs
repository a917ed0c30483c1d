//! Waiting for what must come about, never for a fixed time.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take that does not say otherwise: long enough for a busy machine, and
/// short enough to see that something hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again and again until `probe` answers.
///
/// # Panics
/// Where it has not after [`PATIENCE`]; `what` says what was waited for.
#[track_caller]
pub fn until<T>(what: &str, probe: impl FnMut() -> Option<T>) -> T {
    as_long_as(PATIENCE, what, probe)
}

/// Asks again and again until `probe` answers, for as long as `patience`.
///
/// # Panics
/// Where it has not by then; `what` says what was waited for.
#[track_caller]
pub fn as_long_as<T>(patience: Duration, what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(started.elapsed() < patience, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
