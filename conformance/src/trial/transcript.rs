//! [`Transcript`]: what was said in a case, for those who are told that it failed.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

/// A request, and what came of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Entry {
    /// The lines that were sent.
    pub sent: String,
    /// The lines that came back, or why none did.
    pub received: String,
}

/// Everything that was said in a case, in order.
#[derive(Debug, Default)]
pub(crate) struct Transcript(Mutex<Vec<Entry>>);

impl Transcript {
    pub(crate) fn add(&self, entry: Entry) {
        if let Ok(mut entries) = self.0.lock() {
            entries.push(entry);
        }
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0
            .lock()
            .map(|entries| entries.clone())
            .unwrap_or_default()
    }
}
