//! [`Sending`]: a PATCH under way in a thread of its own, for tests that strike in the middle of it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use oxitus_tests::client::{Client, Pending};
use oxitus_tests::request::Request;
use oxitus_tests::response::Response;
use oxitus_tests::{checksum, tus};

/// How many bytes are sent at once.
const PIECE: usize = 64 * 1024;

/// How far a body is sent, and how far it may be.
#[derive(Debug)]
pub(crate) struct Sending {
    sent: AtomicUsize,
    limit: AtomicUsize,
    has_ended: AtomicBool,
}

impl Sending {
    /// Without a limit.
    pub(crate) fn new() -> Self {
        Self::up_to(usize::MAX)
    }

    /// Falls silent after `limit` bytes.
    pub(crate) fn up_to(limit: usize) -> Self {
        Self {
            sent: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit),
            has_ended: AtomicBool::new(false),
        }
    }

    /// Sends a PATCH of `body`, and reads the answer. `None` where there is none.
    pub(crate) fn run(
        &self,
        client: &Client,
        url: &str,
        offset: usize,
        body: &[u8],
        is_checked: bool,
    ) -> Option<Response> {
        let pending = client.begin(&head_of(url, offset, body, is_checked));
        let answer = self.send(pending, body);
        self.has_ended.store(true, Ordering::Relaxed);
        answer
    }

    fn send(&self, mut pending: Pending, body: &[u8]) -> Option<Response> {
        for piece in body.chunks(PIECE) {
            while self.sent() >= self.limit.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(1));
            }
            self.sent.fetch_add(piece.len(), Ordering::Relaxed);
            if pending.try_write(piece).is_err() {
                // There may be an answer all the same.
                return pending.try_response().ok();
            }
        }
        pending.try_finish().ok()?;
        pending.try_response().ok()
    }

    /// How many bytes are sent, or being sent.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Waits until so many bytes are sent, or the request has ended.
    pub(crate) fn reaches(&self, bytes: usize) {
        while self.sent() < bytes && !self.has_ended.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// Has it go on to the end when what is returned is dropped.
    pub(crate) fn wake_later(&self) -> Wake<'_> {
        Wake(self)
    }
}

/// Wakes a writer when it is dropped.
pub(crate) struct Wake<'s>(&'s Sending);

impl Drop for Wake<'_> {
    fn drop(&mut self) {
        self.0.limit.store(usize::MAX, Ordering::Relaxed);
    }
}

fn head_of(url: &str, offset: usize, body: &[u8], is_checked: bool) -> Request {
    let patch = tus::patch_of_length(url, offset as u64, body.len());
    if is_checked {
        patch.header("Upload-Checksum", checksum::of("sha256", body))
    } else {
        patch
    }
}
