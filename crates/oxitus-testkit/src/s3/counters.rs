//! [`Counters`]: what reached the server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Operation;

/// Counts the requests that reached the server and the bytes of their objects and parts, those
/// included that were refused, were broken off or are not carried out yet. Retries of a client
/// are requests; what is not signed, not whole or not for this bucket is none. Clones are the
/// same counters.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Mutex<Traffic>>);

impl Counters {
    /// What came so far.
    #[must_use]
    pub fn snapshot(&self) -> Traffic {
        self.lock().clone()
    }

    pub(super) fn request(&self, operation: Operation, bytes: u64) {
        let mut traffic = self.lock();
        *traffic.requests.entry(operation).or_default() += 1;
        traffic.bytes_in += bytes;
    }

    pub(super) fn reply(&self, bytes: u64) {
        self.lock().bytes_out += bytes;
    }

    fn lock(&self) -> MutexGuard<'_, Traffic> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests and bytes, since the beginning or [since](Self::since) some other moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    requests: BTreeMap<Operation, u64>,
    /// Bytes of objects and parts that were sent to the server.
    pub bytes_in: u64,
    /// Bytes of objects that it sent.
    pub bytes_out: u64,
}

impl Traffic {
    /// How many requests there were of one kind.
    #[must_use]
    pub fn of(&self, operation: Operation) -> u64 {
        self.requests.get(&operation).copied().unwrap_or_default()
    }

    /// How many requests there were of each kind that there was.
    pub fn requests(&self) -> impl Iterator<Item = (Operation, u64)> {
        self.requests
            .iter()
            .map(|(operation, count)| (*operation, *count))
    }

    /// How many requests there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.requests.values().sum()
    }

    /// How many there were that stores charge for: all but DeleteObject and
    /// AbortMultipartUpload.
    #[must_use]
    pub fn total_without_deletes(&self) -> u64 {
        self.requests()
            .filter(|(operation, _)| !operation.is_delete())
            .map(|(_, count)| count)
            .sum()
    }

    /// What came after an earlier snapshot.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let requests = self
            .requests()
            .map(|(operation, count)| (operation, count - earlier.of(operation)))
            .filter(|(_, count)| *count > 0)
            .collect();
        Self {
            requests,
            bytes_in: self.bytes_in - earlier.bytes_in,
            bytes_out: self.bytes_out - earlier.bytes_out,
        }
    }
}
