//! A log line for every request: what was asked, what was answered, how many bytes went each way,
//! and how long it took.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use oxitus::BoxError;
use pin_project_lite::pin_project;

use crate::site::{Site, SiteBody};

/// Has `site` answer, and writes the line when the last byte of the answer is handed over, or when
/// the client has gone before.
pub(crate) async fn answer<B>(
    site: &Site,
    request: Request<B>,
    peer: Option<SocketAddr>,
) -> Response<Counted<SiteBody>>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut entry = Entry::new(&request, peer);
    let received = Count::default();
    entry.received = received.clone();
    let response = site
        .answer(request.map(|body| Counted::new(body, received)))
        .await;
    entry.status = Some(response.status());
    let sent = entry.sent.clone();
    response.map(|body| Counted {
        entry: Some(entry),
        ..Counted::new(body, sent)
    })
}

/// What the line says. It is written when this is dropped.
#[derive(Debug)]
struct Entry {
    id: Id,
    method: Method,
    path: String,
    peer: Option<SocketAddr>,
    status: Option<StatusCode>,
    received: Count,
    sent: Count,
    begun: Instant,
}

impl Entry {
    fn new<B>(request: &Request<B>, peer: Option<SocketAddr>) -> Self {
        Self {
            id: Id::of(request),
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            peer,
            status: None,
            received: Count::default(),
            sent: Count::default(),
            begun: Instant::now(),
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // Without a status the client went before there was one.
        tracing::info!(
            id = %self.id,
            method = %self.method,
            path = self.path,
            peer = self.peer.map(tracing::field::display),
            status = self.status.map(|status| status.as_u16()),
            received = self.received.get(),
            sent = self.sent.get(),
            milliseconds = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "request"
        );
    }
}

/// What a line can be found by: the `X-Request-ID` that the client chose, or a number.
#[derive(Debug)]
enum Id {
    Chosen(String),
    Counted(u64),
}

impl Id {
    const LONGEST: usize = 64;

    /// An id of the client's is taken if it is one word, and not a long one.
    fn of<B>(request: &Request<B>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let chosen = request.headers().get("x-request-id");
        chosen
            .and_then(|value| value.to_str().ok())
            .filter(|value| (1..=Self::LONGEST).contains(&value.len()))
            .filter(|value| value.bytes().all(|byte| byte.is_ascii_graphic()))
            .map_or_else(
                || Self::Counted(NEXT.fetch_add(1, Ordering::Relaxed)),
                |value| Self::Chosen(value.to_owned()),
            )
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chosen(id) => formatter.write_str(id),
            Self::Counted(number) => write!(formatter, "{number}"),
        }
    }
}

/// A number of bytes, which goes on being counted while others hold it.
#[derive(Clone, Debug, Default)]
struct Count(Arc<AtomicU64>);

impl Count {
    fn add(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pin_project! {
    /// A body whose bytes are counted.
    #[derive(Debug)]
    pub(crate) struct Counted<B> {
        #[pin]
        body: B,
        count: Count,
        // The line of an answer is written when its body is done with.
        entry: Option<Entry>,
    }
}

impl<B> Counted<B> {
    fn new(body: B, count: Count) -> Self {
        Self {
            body,
            count,
            entry: None,
        }
    }
}

impl<B: Body<Data = Bytes>> Body for Counted<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            this.count.add(data.len());
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
