//! [`Uploads`]: the parts of one append that are on their way.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinHandle;

use crate::bucket::{self, ETag, ErrorKind, Multipart};
use crate::budget::Reservation;
use crate::node::Node;
use crate::record::Part;

/// Parts on their way, in the order of their bytes.
#[derive(Debug, Default)]
pub(super) struct Uploads(VecDeque<Upload>);

#[derive(Debug)]
struct Upload {
    number: u16,
    size: u64,
    task: JoinHandle<bucket::Result<ETag>>,
}

impl Uploads {
    /// Sends a part.
    pub(super) fn start(
        &mut self,
        node: &Arc<Node>,
        multipart: Multipart,
        number: u16,
        bytes: Bytes,
        reservation: Option<Reservation>,
    ) {
        let size = bytes.len() as u64;
        let node = Arc::clone(node);
        let task = tokio::spawn(async move {
            // The semaphore is never closed.
            let _permit = node.uploads.acquire().await;
            let uploaded = node.bucket.upload_part(&multipart, number, bytes).await;
            drop(reservation);
            uploaded
        });
        self.0.push_back(Upload { number, size, task });
    }

    /// Waits for the first one, if there is any. After a failure none is left: what comes after a
    /// gap has no place. Cancel-safe: it is there until it has been waited for.
    pub(super) async fn first(&mut self) -> bucket::Result<Option<Part>> {
        let Some(first) = self.0.front_mut() else {
            return Ok(None);
        };
        let uploaded = (&mut first.task).await.unwrap_or_else(|error| {
            Err(bucket::Error {
                kind: ErrorKind::Unknown,
                operation: "UploadPart",
                source: Some(error.into()),
            })
        });
        let Upload { number, size, .. } = *first;
        self.0.pop_front();
        match uploaded {
            Ok(etag) => Ok(Some(Part { number, size, etag })),
            Err(error) => {
                self.give_up();
                Err(error)
            }
        }
    }

    /// Whether the first one need not be waited for.
    pub(super) fn first_is_done(&self) -> bool {
        self.0
            .front()
            .is_some_and(|upload| upload.task.is_finished())
    }

    /// The number of the first one.
    pub(super) fn first_number(&self) -> Option<u16> {
        self.0.front().map(|upload| upload.number)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Stops sending. What was sent may land all the same.
    pub(super) fn give_up(&mut self) {
        for upload in self.0.drain(..) {
            upload.task.abort();
        }
    }
}

/// What nobody waits for any more is not sent.
impl Drop for Uploads {
    fn drop(&mut self) {
        self.give_up();
    }
}
