//! One face for both versions of HTTP; every answer is checked by the [`History`].

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use crate::history::{History, Watch};
use crate::http1;
use crate::http2;
use crate::request::{Body, Request};
use crate::response::Response;

/// The origin that every request claims to come from, so that CORS is checked on every answer.
pub const ORIGIN: &str = "http://page.example";

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Http {
    /// HTTP/1.1, with a connection for each request.
    One,
    /// HTTP/2 with prior knowledge, with one connection for all requests of a client.
    Two,
}

impl Http {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::One, Self::Two];
}

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    http: Http,
    server: SocketAddr,
    history: History,
    connection: Mutex<Option<Arc<http2::Connection>>>,
}

impl Client {
    /// A client of the server at this address; what it is told goes into `history`.
    #[must_use]
    pub fn new(http: Http, server: SocketAddr, history: History) -> Self {
        Self {
            http,
            server,
            history,
            connection: Mutex::default(),
        }
    }

    /// Sends a request and reads its answer.
    ///
    /// # Panics
    /// Where there is no answer, or one that breaks an invariant.
    #[track_caller]
    pub fn send(&self, request: &Request) -> Response {
        match self.try_send(request) {
            Ok(response) => response,
            Err(error) => panic!("{request:?} over {:?} got no answer: {error}", self.http),
        }
    }

    /// Sends a request and reads its answer, if there is one.
    ///
    /// # Errors
    /// Those of the connection.
    ///
    /// # Panics
    /// Where the answer breaks an invariant.
    #[track_caller]
    pub fn try_send(&self, request: &Request) -> io::Result<Response> {
        let request = with_origin(request);
        let watch = self.history.watch(&request);
        let response = match self.http {
            Http::One => http1::Connection::open(self.server)?.exchange(&request)?,
            Http::Two => self.connection()?.exchange(&request)?,
        };
        watch.check(&response);
        Ok(response)
    }

    /// Sends the head of a request whose body will follow piece by piece.
    ///
    /// # Panics
    /// Where the server cannot be reached.
    #[must_use]
    #[track_caller]
    pub fn begin(&self, request: &Request) -> Pending {
        let request = with_origin(request);
        let watch = self.history.watch(&request);
        let begun = match self.http {
            Http::One => http1::Connection::open(self.server).and_then(|mut connection| {
                connection.send_head(&request)?;
                Ok(Exchange::One(connection))
            }),
            Http::Two => {
                let connection = self.connection();
                connection.and_then(|connection| connection.begin(&request).map(Exchange::Two))
            }
        };
        let exchange = begun.unwrap_or_else(|error| panic!("{request:?}: {error}"));
        Pending { exchange, watch }
    }

    /// The version that it speaks.
    #[must_use]
    pub fn http(&self) -> Http {
        self.http
    }

    fn connection(&self) -> io::Result<Arc<http2::Connection>> {
        let mut slot = self.connection.lock().unwrap();
        if let Some(open) = slot.as_ref().filter(|connection| connection.is_open()) {
            return Ok(Arc::clone(open));
        }
        let connection = http2::Connection::open(self.server)?;
        *slot = Some(Arc::clone(&connection));
        Ok(connection)
    }
}

/// A request whose body is still being sent.
#[derive(Debug)]
pub struct Pending {
    exchange: Exchange,
    watch: Watch,
}

#[derive(Debug)]
enum Exchange {
    One(http1::Connection),
    Two(http2::Stream),
}

impl Pending {
    /// Sends a piece of the body.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.exchange {
            Exchange::One(connection) if self.watch.request().is_chunked() => {
                connection.write(http1::chunk_of(&Bytes::copy_from_slice(bytes)))
            }
            Exchange::One(connection) => connection.write(bytes),
            Exchange::Two(stream) => stream.write(Bytes::copy_from_slice(bytes)),
        }
    }

    /// Sends a piece of the body.
    ///
    /// # Panics
    /// Where the connection is gone.
    #[track_caller]
    pub fn write(&mut self, bytes: &[u8]) {
        if let Err(error) = self.try_write(bytes) {
            panic!("the body of {:?} broke off: {error}", self.watch.request());
        }
    }

    /// Says that the body is whole, where the version of HTTP has a way to say it beside the
    /// length.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn try_finish(&mut self) -> io::Result<()> {
        match &mut self.exchange {
            Exchange::One(connection) if self.watch.request().is_chunked() => {
                connection.write(http1::last_chunk(&[]))
            }
            Exchange::One(_) => Ok(()),
            Exchange::Two(stream) => stream.finish(),
        }
    }

    /// Waits until the server has read what was sent (over HTTP/2: and has given back the window
    /// for it), or the connection is gone.
    pub fn wait_until_read(&self) {
        match &self.exchange {
            Exchange::One(connection) => connection.wait_until_read(),
            Exchange::Two(stream) => stream.wait_until_read(),
        }
    }

    /// Reads the answer, if there is one.
    ///
    /// # Errors
    /// Those of the connection.
    ///
    /// # Panics
    /// Where the answer breaks an invariant.
    #[track_caller]
    pub fn try_response(&mut self) -> io::Result<Response> {
        let response = match &mut self.exchange {
            Exchange::One(connection) => connection.read_response(&self.watch.request().method)?,
            Exchange::Two(stream) => stream.read_response()?,
        };
        self.watch.check(&response);
        Ok(response)
    }

    /// Says that the body is whole, and reads the answer.
    ///
    /// # Panics
    /// Where there is none, or one that breaks an invariant.
    #[track_caller]
    pub fn response(&mut self) -> Response {
        // The answer may have come before the end was said.
        let finished = self.try_finish();
        match self.try_response() {
            Ok(response) => response,
            Err(error) => {
                let error = finished.err().unwrap_or(error);
                panic!("{:?} got no answer: {error}", self.watch.request());
            }
        }
    }

    /// Ends the whole connection in order (FIN).
    pub fn close(self) {
        match self.exchange {
            Exchange::One(connection) => connection.close(),
            Exchange::Two(stream) => stream.connection().close(),
        }
    }

    /// Ends the whole connection at once (RST).
    pub fn reset(self) {
        match self.exchange {
            Exchange::One(connection) => connection.reset(),
            Exchange::Two(stream) => stream.connection().reset(),
        }
    }

    /// Ends this request at once, and no other: over HTTP/2 with `RST_STREAM`.
    pub fn cancel(self) {
        match self.exchange {
            Exchange::One(connection) => connection.reset(),
            Exchange::Two(stream) => stream.cancel(),
        }
    }
}

impl Request {
    fn is_chunked(&self) -> bool {
        matches!(self.body, Body::Chunked(..))
    }
}

fn with_origin(request: &Request) -> Request {
    match request.value("origin") {
        Some(_) => request.clone(),
        None => request.clone().header("Origin", ORIGIN),
    }
}
