//! [`OwnSegments`]: what an append has stored and no record references yet.

use crate::record::{Record, Segment};

/// The keys of these segments. Those that nothing needs any more are removed, and not left to the
/// sweeper: what was stored to give memory back, and has become part of a part; what was joined; and
/// what was stored for a version of the record that has lost.
#[derive(Debug, Default)]
pub(super) struct OwnSegments(Vec<String>);

impl OwnSegments {
    /// Counts those among the stored ones that `record` does not reference.
    pub(super) fn add(&mut self, stored: &[Segment], record: &Record) {
        for key in stored.iter().filter_map(Segment::key) {
            let is_known = self.0.iter().any(|own| own == key);
            if !is_known && !record.references(key) {
                self.0.push(key.to_owned());
            }
        }
    }

    /// Leaves to a record that has just been stored what it references, and takes out what not even
    /// the tail needs.
    pub(super) fn take_unneeded(&mut self, record: &Record, tail: &[Segment]) -> Vec<String> {
        self.0.retain(|key| !record.references(key));
        let is_unneeded = |key: &mut String| !Segment::have(tail, key);
        self.0.extract_if(.., is_unneeded).collect()
    }

    /// Takes all of them out.
    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.0)
    }
}
