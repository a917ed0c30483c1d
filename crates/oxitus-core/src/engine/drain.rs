//! Rejecting politely: the rest of a refused body is read, up to a limit, so that its client gets
//! to read the answer.
//!
//! A client that is still writing when the connection is closed under it sees a broken pipe, and
//! never the status that was sent.

use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, Version, header};
use oxitus_proto::response::{Asked, end_connection};

use super::Engine;
use crate::body::RequestBody;

/// How much of a refused body is read, in bytes.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// For how long it is read.
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
        if body.is_ended() {
            return;
        }
        if waits_for_continue(parts) {
            end_connection(answer, asked);
            return;
        }
        discard(body);
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

/// Reads and forgets in the background what is left of a body, up to the limits. Nothing is lost
/// with this task, so it is not one that a shutdown waits for.
pub(super) fn discard(body: RequestBody) {
    if !body.is_ended() {
        tokio::spawn(read(body));
    }
}

async fn read(mut body: RequestBody) {
    let all = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, bytes::Bytes::len);
            if read > MOST_BYTES {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(MOST_TIME, all).await;
}
