//! [`Http2`]: a connection that speaks HTTP/2.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use tokio::task::AbortHandle;

use super::request::{Framing, Request};
use super::response::Response;
use super::{Connector, Protocol};

/// A connection that speaks HTTP/2, with the stream that is open in it.
pub(crate) struct Http2 {
    requests: SendRequest<Bytes>,
    scheme: Scheme,
    authority: String,
    stream: Option<OpenStream>,
    /// Kept for as long as there is a stream.
    _driver: Arc<Driver>,
}

struct OpenStream {
    sender: SendStream<Bytes>,
    response: Option<ResponseFuture>,
    is_finished: bool,
}

/// What carries the frames, in a task that ends with the last stream of the connection.
struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Http2 {
    pub(crate) async fn open(connector: &Connector) -> io::Result<Self> {
        let stream = connector.connect().await?;
        let (requests, connection) = h2::client::handshake(stream).await.map_err(failed)?;
        let driver = tokio::spawn(connection);
        let scheme = if connector.target().is_encrypted() {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        };
        Ok(Self {
            requests,
            scheme,
            authority: connector.target().authority(),
            stream: None,
            _driver: Arc::new(Driver(driver.abort_handle())),
        })
    }

    /// Sends the head of a request, on a stream of its own.
    pub(crate) async fn begin(&mut self, request: &Request) -> io::Result<()> {
        let head = self.head_of(request)?;
        let mut requests = self.requests.clone().ready().await.map_err(failed)?;
        let is_finished = request.framing == Framing::None;
        let (response, sender) = requests.send_request(head, is_finished).map_err(failed)?;
        self.stream = Some(OpenStream {
            sender,
            response: Some(response),
            is_finished,
        });
        Ok(())
    }

    /// Sends a piece of the content.
    pub(crate) async fn send(&mut self, content: &Bytes) -> io::Result<()> {
        send(&mut self.stream()?.sender, content).await
    }

    /// Ends the content.
    pub(crate) async fn finish(&mut self, trailers: &[(String, Vec<u8>)]) -> io::Result<()> {
        let stream = self.stream()?;
        if stream.is_finished {
            return Ok(());
        }
        stream.is_finished = true;
        finish(&mut stream.sender, trailers)
    }

    /// Sends a request and reads its answer, also one that comes before all is sent.
    pub(crate) async fn exchange(&mut self, request: &Request) -> io::Result<Response> {
        self.begin(request).await?;
        let stream = self.stream()?;
        let mut response = stream.response.take().ok_or_else(nothing_open)?;
        if !stream.is_finished {
            let sender = &mut stream.sender;
            let sending = async move {
                for piece in &request.content {
                    send(sender, piece).await?;
                }
                finish(sender, &request.trailers)
            };
            tokio::select! {
                biased;
                answer = &mut response => return whole(answer.map_err(failed)?).await,
                // A server may stop reading as soon as it knows its answer, which is still to come.
                _ = sending => {}
            }
        }
        whole(response.await.map_err(failed)?).await
    }

    /// Reads the answer to the request that was begun.
    pub(crate) async fn response(&mut self) -> io::Result<Response> {
        let response = self.stream()?.response.take().ok_or_else(nothing_open)?;
        whole(response.await.map_err(failed)?).await
    }

    /// Gives the stream up (`RST_STREAM` with `CANCEL`), and keeps the connection.
    pub(crate) async fn cancel(&mut self) -> io::Result<()> {
        let mut stream = self.stream.take().ok_or_else(nothing_open)?;
        stream.sender.send_reset(Reason::CANCEL);
        drop(stream);
        // Whatever is sent next on this connection goes behind the frame.
        tokio::task::yield_now().await;
        Ok(())
    }

    /// Another stream of the same connection.
    pub(crate) fn beside(&self) -> Self {
        Self {
            requests: self.requests.clone(),
            scheme: self.scheme.clone(),
            authority: self.authority.clone(),
            stream: None,
            _driver: Arc::clone(&self._driver),
        }
    }

    fn stream(&mut self) -> io::Result<&mut OpenStream> {
        self.stream.as_mut().ok_or_else(nothing_open)
    }

    fn head_of(&self, request: &Request) -> io::Result<http::Request<()>> {
        let uri = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(Authority::try_from(self.authority.as_str()).map_err(unsendable)?)
            .path_and_query(PathAndQuery::try_from(request.path.as_str()).map_err(unsendable)?)
            .build()
            .map_err(unsendable)?;
        let mut head = http::Request::new(());
        *head.method_mut() = Method::from_bytes(request.method.as_bytes()).map_err(unsendable)?;
        *head.uri_mut() = uri;
        *head.headers_mut() = map(&request.fields)?;
        if let Framing::Length(length) = request.framing
            && !request.has("content-length")
        {
            head.headers_mut().insert("content-length", length.into());
        }
        Ok(head)
    }
}

async fn send(sender: &mut SendStream<Bytes>, content: &Bytes) -> io::Result<()> {
    let mut rest = content.clone();
    while !rest.is_empty() {
        sender.reserve_capacity(rest.len());
        let capacity = poll_fn(|context| sender.poll_capacity(context)).await;
        let capacity = capacity.ok_or_else(nothing_open)?.map_err(failed)?;
        let piece = rest.split_to(capacity.min(rest.len()));
        sender.send_data(piece, false).map_err(failed)?;
    }
    Ok(())
}

fn finish(sender: &mut SendStream<Bytes>, trailers: &[(String, Vec<u8>)]) -> io::Result<()> {
    if trailers.is_empty() {
        sender.send_data(Bytes::new(), true).map_err(failed)
    } else {
        sender.send_trailers(map(trailers)?).map_err(failed)
    }
}

async fn whole(answer: http::Response<RecvStream>) -> io::Result<Response> {
    let (head, mut body) = answer.into_parts();
    let mut content = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = match piece {
            Ok(piece) => piece,
            // The answer is whole, and the server wants nothing more of the request.
            Err(error) if error.reason() == Some(Reason::NO_ERROR) => break,
            Err(error) => return Err(failed(error)),
        };
        body.flow_control()
            .release_capacity(piece.len())
            .map_err(failed)?;
        content.extend_from_slice(&piece);
    }
    Ok(Response {
        protocol: Protocol::Http2,
        status: head.status,
        fields: head.headers,
        content,
        interim: Vec::new(),
    })
}

fn map(fields: &[(String, Vec<u8>)]) -> io::Result<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(unsendable)?;
        let value = trimmed(value);
        map.append(name, HeaderValue::from_bytes(value).map_err(unsendable)?);
    }
    Ok(map)
}

/// HTTP/2 has no white space around values (RFC 9113, 8.2.1).
fn trimmed(value: &[u8]) -> &[u8] {
    value.trim_ascii()
}

fn nothing_open() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the stream is closed")
}

fn unsendable(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

fn failed(error: h2::Error) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, error)
}
