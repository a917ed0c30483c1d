//! Events: what has happened.
//!
//! Events are told on a [`tokio::sync::broadcast`] channel, after the state they tell of is stored.
//! Nobody waits for a listener: one that is too slow gets
//! [`Lagged`](tokio::sync::broadcast::error::RecvError::Lagged) and misses some, which the gap in
//! the [sequence](Event::sequence) shows. What *may* happen is for [hooks](crate::hook).

use std::sync::{Arc, Mutex, PoisonError};

use oxitus_proto::upload::Upload;
use tokio::sync::broadcast;

/// Something that has happened to an upload. Cloning is cheap.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// Its number among all events of this engine, from 0, without gaps.
    pub sequence: u64,
    /// What has happened.
    pub kind: EventKind,
    /// The upload as it stood right after it.
    pub upload: Arc<Upload>,
}

/// What has happened to an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// It was made.
    Created,
    /// Bytes have come; told at most once a second while they do.
    Progressed,
    /// A body ended before its end; what came may have been kept.
    Interrupted(Interruption),
    /// Its last byte is stored.
    Received,
    /// It is complete. Told once, or again after a crash right before it was told.
    Completed,
    /// It was removed on request: by a client, or because a hook refused it.
    Terminated,
    /// It lay idle for too long and was removed.
    Expired,
    /// A final upload can never be completed, and was removed: a part of it is gone, the parts are
    /// larger together than an upload may be, or the storage has lost something of it.
    Failed,
}

/// Why a body ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interruption {
    /// The client went away.
    Disconnected,
    /// Another request took the upload over.
    Overtaken,
    /// The client was too slow.
    Stalled,
    /// The server is going down.
    Shutdown,
    /// The body was longer than the upload.
    TooLong,
    /// The digest did not match.
    ChecksumMismatch,
    /// The storage failed.
    StorageFailure,
}

/// How many events a listener may lie behind.
const CAPACITY: usize = 1024;

#[derive(Debug)]
pub(crate) struct Events {
    sender: broadcast::Sender<Event>,
    /// The number of the next event. Locked until that is sent, so that they arrive in order.
    next: Mutex<u64>,
}

impl Events {
    pub(crate) fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(CAPACITY),
            next: Mutex::new(0),
        }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }

    pub(crate) fn send(&self, kind: EventKind, upload: &Upload) {
        tracing::debug!(id = %upload.id, offset = upload.offset, ?kind, "event");
        let upload = Arc::new(upload.clone());
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Event {
            sequence: *next,
            kind,
            upload,
        };
        *next += 1;
        // Without listeners there is nobody to tell, and that is fine.
        let _ = self.sender.send(event);
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use oxitus_proto::id::UploadId;

    use super::*;

    #[test]
    fn events_arrive_in_the_order_of_their_numbers() {
        let upload = Upload::new(UploadId::parse("a").unwrap(), None, SystemTime::UNIX_EPOCH);
        for _ in 0..50 {
            let events = Events::new();
            let mut listener = events.subscribe();
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for _ in 0..CAPACITY / 4 {
                            events.send(EventKind::Progressed, &upload);
                        }
                    });
                }
            });
            for sequence in 0..CAPACITY as u64 {
                assert_eq!(listener.try_recv().unwrap().sequence, sequence);
            }
        }
    }
}
