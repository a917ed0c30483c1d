//! [`Trace`]: what happened in a run, for whoever must understand why it went wrong.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// What happened so far. Clones are the same trace.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    start: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Trace {
    pub(super) fn start() -> Self {
        Self {
            start: Instant::now(),
            lines: Arc::default(),
        }
    }

    pub(super) fn note(&self, who: impl fmt::Display, what: impl fmt::Display) {
        let at = self.start.elapsed().as_secs_f64();
        let line = format!("{at:10.3} {who:<9} {what}");
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        formatter.write_str(&lines.join("\n"))
    }
}
