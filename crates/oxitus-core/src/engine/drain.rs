//! Rejecting politely: the rest of a refused body is read, up to a limit, so that its client gets
//! to read the answer.
//!
//! A client that is still writing when the connection is closed under it sees a broken pipe, and
//! never the status that was sent.

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Version, header};
use oxitus_proto::response::{Asked, end_connection};

use super::Engine;
use crate::body::RequestBody;

/// How much of a refused body is read, in bytes.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// For how long it is read or held.
const MOST_TIME: Duration = Duration::from_secs(5);

impl Engine {
    /// Reads what an answer has left unread, in the background. A client that waits for
    /// `100 Continue` has sent nothing, and to read would invite it to: its connection ends
    /// instead.
    pub(super) fn drain(
        &self,
        body: RequestBody,
        parts: &Parts,
        asked: &Asked,
        answer: &mut HeaderMap,
    ) {
        if !body.is_ended() && waits_for_continue(parts) {
            end_connection(answer, asked);
        } else {
            self.discard(body);
        }
    }

    /// Reads and forgets what is left of a body, up to the limit on bytes. A longer one is held
    /// unread until the limit on time: its client is held up in sending, and free to read the
    /// answer, where a connection that closes under it would take the answer away.
    ///
    /// Nothing is lost with this task, so it is not one that a shutdown waits for.
    pub(super) fn discard(&self, mut body: RequestBody) {
        if body.is_ended() {
            return;
        }
        let shutdown = self.0.shutdown.clone();
        tokio::spawn(async move {
            let read_or_hold = async {
                let mut read = 0;
                while let Some(Ok(frame)) = body.frame().await {
                    read += frame.data_ref().map_or(0, Bytes::len);
                    if read > MOST_BYTES {
                        std::future::pending::<()>().await;
                    }
                }
            };
            tokio::select! {
                () = read_or_hold => {}
                () = tokio::time::sleep(MOST_TIME) => {}
                () = shutdown.cancelled() => {}
            }
        });
    }
}

/// Whether the body will come only once it is asked for. hyper has asked for it as soon as it was
/// polled, which is never the case for a body that an answer left unread.
fn waits_for_continue(parts: &Parts) -> bool {
    parts.version == Version::HTTP_11
        && parts
            .headers
            .get(header::EXPECT)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}
