//! HTTP/2 with prior knowledge, over the `h2` crate, behind blocking calls.

use std::future::{Future, poll_fn};
use std::io::{self, Error};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue};
use socket2::SockRef;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::frames::{StreamTally, Tallied, Tally};
use crate::request::{Body, Request};
use crate::response::Response;
use crate::socket_queues::{self, InFlight};
use crate::wait::{self, PATIENCE};

/// How much window the server may owe at the end: it need not return the last piece of it.
const WINDOW_OWED: u64 = 512 * 1024;

/// Drives the connections of all tests.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
});

/// One connection, for any number of streams.
#[derive(Debug)]
pub struct Connection {
    requests: SendRequest<Bytes>,
    server: SocketAddr,
    client: SocketAddr,
    tally: Tally,
    wire: Mutex<Option<Wire>>,
}

/// What keeps the connection open.
#[derive(Debug)]
struct Wire {
    socket: TcpStream,
    driver: JoinHandle<()>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Those of the socket and of the handshake.
    pub fn open(server: SocketAddr) -> io::Result<Arc<Self>> {
        let socket = TcpStream::connect_timeout(&server, PATIENCE)?;
        socket.set_nodelay(true)?;
        socket.set_nonblocking(true)?;
        let client = socket.local_addr()?;
        let tally = Tally::default();
        let (requests, driver) = block_on(async {
            let stream = tokio::net::TcpStream::from_std(socket.try_clone()?)?;
            let (requests, connection) = h2::client::Builder::new()
                .max_send_buffer_size(1024 * 1024)
                .initial_window_size(1024 * 1024)
                .initial_connection_window_size(16 * 1024 * 1024)
                .handshake(Tallied::new(stream, tally.clone()))
                .await
                .map_err(Error::other)?;
            let driver = tokio::spawn(async move {
                // Its streams see the error too.
                let _ = connection.await;
            });
            io::Result::Ok((requests, driver))
        })?;
        Ok(Arc::new(Self {
            requests,
            server,
            client,
            tally,
            wire: Mutex::new(Some(Wire { socket, driver })),
        }))
    }

    /// Sends the headers of a request; the stream stays open unless there is no body.
    ///
    /// # Errors
    /// Those of the connection.
    ///
    /// # Panics
    /// Where the request has what the `http` crate cannot express.
    pub fn begin(self: &Arc<Self>, request: &Request) -> io::Result<Stream> {
        let has_body = !matches!(request.body, Body::None);
        let head = self.head_of(request);
        block_on(async {
            let mut requests = self.requests.clone().ready().await.map_err(Error::other)?;
            let (response, body) = requests
                .send_request(head, !has_body)
                .map_err(Error::other)?;
            Ok(Stream {
                connection: Arc::clone(self),
                response,
                body,
                sent: 0,
                is_finished: !has_body,
            })
        })
    }

    /// Sends a request and reads the answer, which may come before the whole request is sent.
    ///
    /// # Errors
    /// Those of the connection and of the stream.
    pub fn exchange(self: &Arc<Self>, request: &Request) -> io::Result<Response> {
        let mut stream = self.begin(request)?;
        let sent = stream.send_body(&request.body);
        let response = stream.read_response();
        response.map_err(|error| sent.err().unwrap_or(error))
    }

    /// Whether it can still carry requests.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let wire = self.wire.lock().unwrap();
        wire.as_ref().is_some_and(|wire| !wire.driver.is_finished())
    }

    /// Ends the connection in order: the server sees the end of the stream (FIN), and no frame
    /// that tells why.
    pub fn close(&self) {
        drop(self.cut());
    }

    /// Ends the connection at once: the server sees an error (RST).
    pub fn reset(&self) {
        if let Some(socket) = self.cut() {
            SockRef::from(&socket)
                .set_linger(Some(Duration::ZERO))
                .expect("a socket can be told not to linger");
        }
    }

    /// Stops the driver without a farewell, and hands out the last hold on the socket.
    fn cut(&self) -> Option<TcpStream> {
        let Wire { socket, driver } = self.wire.lock().unwrap().take()?;
        driver.abort();
        // Returns when the driver, and its hold on the socket, is gone.
        let _ = block_on(driver);
        Some(socket)
    }

    fn head_of(&self, request: &Request) -> http::Request<()> {
        let target = match request.target.starts_with('/') {
            true => format!("http://{}{}", self.server, request.target),
            false => request.target.clone(),
        };
        let mut head = http::Request::builder()
            .method(request.method.as_str())
            .uri(target);
        for (name, value) in &request.headers {
            head = head.header(name, value.as_slice());
        }
        if let Body::Whole(bytes) = &request.body
            && request.value("content-length").is_none()
        {
            head = head.header("content-length", bytes.len());
        }
        head.body(()).expect("the request can be expressed")
    }
}

/// One request on a [`Connection`].
#[derive(Debug)]
pub struct Stream {
    connection: Arc<Connection>,
    response: ResponseFuture,
    body: SendStream<Bytes>,
    sent: u64,
    is_finished: bool,
}

impl Stream {
    /// Sends a piece of the body, as the window allows.
    ///
    /// # Errors
    /// Those of the connection and of the stream.
    pub fn write(&mut self, bytes: impl Into<Bytes>) -> io::Result<()> {
        let mut bytes = bytes.into();
        while !bytes.is_empty() {
            self.body.reserve_capacity(bytes.len());
            let capacity = block_on(poll_fn(|context| self.body.poll_capacity(context)));
            let capacity = capacity
                .ok_or_else(|| Error::other("the stream has ended"))?
                .map_err(Error::other)?;
            let piece = bytes.split_to(capacity.min(bytes.len()));
            self.sent += piece.len() as u64;
            self.body.send_data(piece, false).map_err(Error::other)?;
        }
        Ok(())
    }

    /// Says that the body is whole.
    ///
    /// # Errors
    /// Those of the connection and of the stream.
    pub fn finish(&mut self) -> io::Result<()> {
        self.is_finished = true;
        self.body
            .send_data(Bytes::new(), true)
            .map_err(Error::other)
    }

    /// Says that the body is whole, and adds fields behind it.
    ///
    /// # Errors
    /// Those of the connection and of the stream.
    ///
    /// # Panics
    /// Where the fields cannot be expressed.
    pub fn finish_with(&mut self, trailers: &[(String, String)]) -> io::Result<()> {
        self.is_finished = true;
        let trailers: HeaderMap = trailers
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a trailer has a name");
                (
                    name,
                    HeaderValue::from_str(value).expect("a trailer has a value"),
                )
            })
            .collect();
        self.body.send_trailers(trailers).map_err(Error::other)
    }

    fn send_body(&mut self, body: &Body) -> io::Result<()> {
        match body {
            Body::None => Ok(()),
            Body::Whole(bytes) => {
                self.write(bytes.clone())?;
                self.finish()
            }
            Body::Chunked(chunks, trailers) => {
                for chunk in chunks {
                    self.write(chunk.clone())?;
                }
                if trailers.is_empty() {
                    self.finish()
                } else {
                    self.finish_with(trailers)
                }
            }
        }
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// Those of the connection and of the stream.
    pub fn read_response(&mut self) -> io::Result<Response> {
        block_on(async {
            let (head, mut body) = (&mut self.response)
                .await
                .map_err(Error::other)?
                .into_parts();
            let mut bytes = Vec::new();
            while let Some(piece) = body.data().await {
                match piece {
                    Ok(piece) => {
                        let _ = body.flow_control().release_capacity(piece.len());
                        bytes.extend_from_slice(&piece);
                    }
                    // "You may stop sending": the answer is whole (RFC 9113, section 8.1).
                    Err(error) if error.reason() == Some(Reason::NO_ERROR) => break,
                    Err(error) => return Err(Error::other(error)),
                }
            }
            let headers = head.headers.iter().map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            });
            Ok(Response {
                interim: Vec::new(),
                status: head.status.as_u16(),
                headers: headers.collect(),
                body: bytes,
            })
        })
    }

    /// Waits until the server has read all that was sent and has given the window back (which
    /// nobody does for a body that is whole); or until the connection is gone.
    ///
    /// # Panics
    /// Where it does neither.
    pub fn wait_until_read(&self) {
        let stream = u32::from(self.body.stream_id());
        let Connection {
            tally,
            client,
            server,
            ..
        } = self.connection.as_ref();
        wait::until("the server to read what was sent", || {
            let StreamTally { sent, returned } = tally.of(stream);
            let is_returned = self.is_finished || sent - returned.min(sent) < WINDOW_OWED;
            let is_sent = sent == self.sent && is_returned;
            let in_flight = socket_queues::in_flight(*client, *server);
            in_flight
                .is_none_or(|in_flight| is_sent && InFlight::is_nothing(in_flight))
                .then_some(())
        });
    }

    /// Takes the request back (`RST_STREAM`); the connection goes on.
    pub fn cancel(mut self) {
        self.body.send_reset(Reason::CANCEL);
    }

    /// The connection that it is on.
    #[must_use]
    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

/// Runs `future` to its end, which must come in reasonable time.
fn block_on<F: Future>(future: F) -> F::Output {
    RUNTIME
        .block_on(async { tokio::time::timeout(PATIENCE, future).await })
        .expect("an answer in reasonable time")
}
