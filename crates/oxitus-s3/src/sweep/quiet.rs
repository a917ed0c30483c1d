//! [`Quiet`]: what needs no look, or none before some moment.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::bucket::ETag;

/// How many keys are remembered: about 30 MiB. The others are looked at in every sweep.
const MOST: usize = 900_000;

/// The keys that were seen, and until when each needs no look. Keys and ETags are kept as hashes,
/// whose seeds nobody outside of this process knows.
#[derive(Debug, Default)]
pub(crate) struct Quiet(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    hasher: RandomState,
    keys: HashMap<u64, Seen>,
    sweep: u32,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug)]
struct Seen {
    etag: u64,
    /// In seconds since 1970.
    quiet_until: u32,
    /// In which sweep it was there last.
    sweep: u32,
}

impl Quiet {
    /// A sweep begins.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        state.sweep = state.sweep.wrapping_add(1);
    }

    /// A sweep has gone through everything: what it has not seen is gone.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        let sweep = state.sweep;
        state.keys.retain(|_, seen| seen.sweep == sweep);
    }

    /// The key is there.
    pub(super) fn saw(&self, key: &str) {
        let mut state = self.lock();
        let hash = state.hasher.hash_one(key);
        let seen = state.keys.get(&hash).copied();
        let etag = seen.map_or(0, |seen| seen.etag);
        let quiet_until = seen.map_or(0, |seen| seen.quiet_until);
        state.note(hash, etag, quiet_until);
    }

    /// Whether the key was there, in this sweep or in the one before.
    pub(super) fn has_seen(&self, key: &str) -> bool {
        let state = self.lock();
        let hash = state.hasher.hash_one(key);
        state.keys.contains_key(&hash)
    }

    /// Whether a key needs no look, whose version has this ETag.
    pub(super) fn is_quiet(&self, key: &str, etag: &ETag, at: SystemTime) -> bool {
        let mut state = self.lock();
        let hash = state.hasher.hash_one(key);
        let etag = state.hash_of(etag);
        match state.keys.get(&hash).copied() {
            Some(seen) if seen.etag == etag && seconds(at) < seen.quiet_until => {
                state.note(hash, etag, seen.quiet_until);
                true
            }
            _ => false,
        }
    }

    /// The key needs no look until then, `None` for ever, as long as it has this ETag.
    pub(super) fn keep(&self, key: &str, etag: &ETag, until: Option<SystemTime>) {
        let mut state = self.lock();
        let hash = state.hasher.hash_one(key);
        let etag = state.hash_of(etag);
        state.note(hash, etag, until.map_or(u32::MAX, seconds));
    }

    /// Nothing panics between two halves of a change, so a poisoned state is a whole one.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Listings and answers may differ in the quotes.
    fn hash_of(&self, etag: &ETag) -> u64 {
        self.hasher.hash_one(etag.0.trim_matches('"'))
    }

    fn note(&mut self, hash: u64, etag: u64, quiet_until: u32) {
        if self.keys.len() < MOST || self.keys.contains_key(&hash) {
            let seen = Seen {
                etag,
                quiet_until,
                sweep: self.sweep,
            };
            self.keys.insert(hash, seen);
        }
    }
}

fn seconds(moment: SystemTime) -> u32 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH);
    u32::try_from(since.unwrap_or_default().as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn etag(text: &str) -> ETag {
        ETag(text.to_owned())
    }

    #[test]
    fn a_version_is_quiet_until_its_time() {
        let quiet = Quiet::default();
        assert!(!quiet.is_quiet("key", &etag("\"1\""), at(0)));
        quiet.keep("key", &etag("\"1\""), Some(at(100)));
        assert!(quiet.is_quiet("key", &etag("\"1\""), at(99)));
        assert!(quiet.is_quiet("key", &etag("1"), at(99)));
        assert!(!quiet.is_quiet("key", &etag("\"1\""), at(100)));
        assert!(!quiet.is_quiet("key", &etag("\"2\""), at(99)));
        assert!(!quiet.is_quiet("another", &etag("\"1\""), at(99)));
        quiet.keep("key", &etag("\"1\""), None);
        assert!(quiet.is_quiet("key", &etag("\"1\""), at(4_000_000_000)));
    }

    #[test]
    fn what_is_gone_is_forgotten_when_a_sweep_has_ended() {
        let quiet = Quiet::default();
        quiet.begin();
        quiet.keep("stays", &etag("1"), None);
        quiet.keep("goes", &etag("1"), None);
        quiet.saw("seen");
        quiet.end();
        quiet.begin();
        assert!(quiet.has_seen("goes"));
        assert!(quiet.is_quiet("stays", &etag("1"), at(0)));
        quiet.saw("seen");
        quiet.end();
        assert!(!quiet.has_seen("goes"));
        assert!(quiet.has_seen("seen"));
        assert!(quiet.is_quiet("stays", &etag("1"), at(0)));
    }

    #[test]
    fn to_be_seen_changes_nothing() {
        let quiet = Quiet::default();
        quiet.keep("key", &etag("1"), Some(at(100)));
        quiet.saw("key");
        assert!(quiet.is_quiet("key", &etag("1"), at(99)));
        assert!(!quiet.is_quiet("unknown", &etag(""), at(0)));
        quiet.saw("unknown");
        assert!(!quiet.is_quiet("unknown", &etag(""), at(0)));
    }
}
