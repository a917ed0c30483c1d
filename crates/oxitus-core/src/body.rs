//! The bodies that go in and come out.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::TryStreamExt;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use oxitus_proto::request::BodySize;

use crate::storage::ByteStream;

/// Any error that a body may break off with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a request, its type erased at the door: one virtual call for each frame is nothing
/// beside the frame.
pub(crate) struct RequestBody(UnsyncBoxBody<Bytes, BoxError>);

impl RequestBody {
    pub(crate) fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(body.map_err(Into::into).boxed_unsync())
    }

    /// How many bytes are still to come.
    pub(crate) fn size(&self) -> BodySize {
        if self.0.is_end_stream() {
            return BodySize::Exact(0);
        }
        self.0
            .size_hint()
            .exact()
            .map_or(BodySize::Unknown, BodySize::Exact)
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.0.is_end_stream()
    }

    /// The next frame, `None` at the end. Cancel-safe.
    pub(crate) async fn frame(&mut self) -> Option<Result<Frame<Bytes>, BoxError>> {
        self.0.frame().await
    }

    /// The next frame, if it can be had without waiting.
    pub(crate) fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }
}

/// The body of an answer: nothing, a line of text, or the bytes of an upload.
pub struct ResponseBody(UnsyncBoxBody<Bytes, BoxError>);

impl ResponseBody {
    /// No bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self(Empty::new().map_err(|never| match never {}).boxed_unsync())
    }

    pub(crate) fn text(text: String) -> Self {
        if text.is_empty() {
            return Self::empty();
        }
        Self(
            Full::from(text)
                .map_err(|never| match never {})
                .boxed_unsync(),
        )
    }

    pub(crate) fn stream(bytes: ByteStream) -> Self {
        Self(StreamBody::new(bytes.map_ok(Frame::data).map_err(BoxError::from)).boxed_unsync())
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ResponseBody")
            .finish_non_exhaustive()
    }
}
