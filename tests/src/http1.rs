//! HTTP/1.1 by hand, over a blocking socket: a client that can send anything, stop anywhere, and
//! end in every way a connection can end.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use socket2::SockRef;

use crate::request::{Body, Request};
use crate::response::Response;
use crate::socket_queues::{self, InFlight};
use crate::wait::{self, PATIENCE};

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    server: SocketAddr,
    /// Read from the socket and not yet taken for an answer.
    unread: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&server, PATIENCE)?;
        stream.set_nodelay(true)?;
        let connection = Self {
            stream,
            server,
            unread: Vec::new(),
        };
        connection.set_patience(PATIENCE)?;
        Ok(connection)
    }

    /// How long the server may take until it reads on, or answers; [`PATIENCE`] unless told
    /// otherwise.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn set_patience(&self, patience: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(patience))?;
        self.stream.set_write_timeout(Some(patience))
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Sends the head of a request, and none of its body.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn send_head(&mut self, request: &Request) -> io::Result<()> {
        let head = self.head_of(request);
        self.write(head)
    }

    /// Sends a request.
    ///
    /// # Errors
    /// Those of the socket. The server may have answered all the same: read before giving up.
    pub fn send(&mut self, request: &Request) -> io::Result<()> {
        let mut head = self.head_of(request);
        match &request.body {
            Body::None => self.write(head),
            Body::Whole(bytes) if bytes.len() < 64 * 1024 => {
                head.extend_from_slice(bytes);
                self.write(head)
            }
            Body::Whole(bytes) => {
                self.write(head)?;
                self.write(bytes)
            }
            Body::Chunked(chunks, trailers) => {
                self.write(head)?;
                for chunk in chunks {
                    self.write(chunk_of(chunk))?;
                }
                self.write(last_chunk(trailers))
            }
        }
    }

    /// Sends a request and reads the answer, which may come before the whole request is sent.
    ///
    /// # Errors
    /// Those of the socket, and [`ErrorKind::UnexpectedEof`] where no answer comes.
    pub fn exchange(&mut self, request: &Request) -> io::Result<Response> {
        let sent = self.send(request);
        self.read_response(&request.method)
            .map_err(|error| sent.err().unwrap_or(error))
    }

    /// Reads the answer to a request with this method, and the interim ones before it.
    ///
    /// # Errors
    /// Those of the socket, [`ErrorKind::UnexpectedEof`] where the connection ends first.
    ///
    /// # Panics
    /// Where it is not HTTP/1.1.
    pub fn read_response(&mut self, method: &str) -> io::Result<Response> {
        let mut interim = Vec::new();
        loop {
            let (status, headers) = self.read_head()?;
            let mut response = Response {
                interim,
                status,
                headers,
                body: Vec::new(),
            };
            if (100..200).contains(&status) {
                let has_framing = response.lines("transfer-encoding").next().is_some();
                assert!(!has_framing, "a body is announced by {response:?}");
                interim = response.interim;
                interim.push(status);
                continue;
            }
            response.body = self.read_body(method, &response)?;
            return Ok(response);
        }
    }

    /// Reads only the head of an interim answer, such as `100 Continue`.
    ///
    /// # Errors
    /// As for [`read_response`](Self::read_response).
    pub fn read_interim(&mut self) -> io::Result<u16> {
        self.read_head().map(|(status, _)| status)
    }

    /// Waits until the server has read all that was sent; or, where it stopped reading, until the
    /// connection is gone.
    ///
    /// # Panics
    /// Where it does neither.
    pub fn wait_until_read(&self) {
        let client = self.local_address();
        wait::until("the server to read what was sent", || {
            let in_flight = socket_queues::in_flight(client, self.server);
            in_flight.is_none_or(InFlight::is_nothing).then_some(())
        });
    }

    /// Says that nothing more will be sent, and goes on listening, unless the server has hung up.
    pub fn finish(&self) {
        if let Err(error) = self.stream.shutdown(Shutdown::Write) {
            assert_eq!(error.kind(), ErrorKind::NotConnected, "{error}");
        }
    }

    /// Ends the connection in order: the server sees the end of the stream (FIN).
    pub fn close(self) {
        drop(self);
    }

    /// Ends the connection at once: the server sees an error (RST).
    pub fn reset(self) {
        SockRef::from(&self.stream)
            .set_linger(Some(Duration::ZERO))
            .expect("a socket can be told not to linger");
    }

    /// Waits until the server ends the connection; what it sends before that is thrown away.
    ///
    /// # Panics
    /// Where it does not.
    #[track_caller]
    pub fn wait_for_end(&mut self) {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if is_timeout(&error) => panic!("the server keeps the connection"),
                Err(_) => return,
            }
        }
    }

    /// The address of this end.
    ///
    /// # Panics
    /// Never, on a system with sockets.
    #[must_use]
    pub fn local_address(&self) -> SocketAddr {
        self.stream
            .local_addr()
            .expect("a connected socket has an address")
    }

    fn head_of(&self, request: &Request) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target).into_bytes();
        let mut line = |name: &str, value: &[u8]| {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        };
        if request.value("host").is_none() {
            line("Host", self.server.to_string().as_bytes());
        }
        for (name, value) in &request.headers {
            line(name, value);
        }
        match &request.body {
            Body::Whole(bytes) if request.value("content-length").is_none() => {
                line("Content-Length", bytes.len().to_string().as_bytes());
            }
            Body::Chunked(..) => line("Transfer-Encoding", b"chunked"),
            Body::None | Body::Whole(_) => {}
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// Status and headers.
    fn read_head(&mut self) -> io::Result<(u16, Vec<(String, String)>)> {
        let text = loop {
            if let Some(end) = find(&self.unread, b"\r\n\r\n") {
                let head: Vec<u8> = self.unread.drain(..end + 4).collect();
                break String::from_utf8_lossy(&head[..end]).into_owned();
            }
            self.fill()?;
        };
        let mut lines = text.split("\r\n");
        let status_line = lines.next().unwrap_or_default();
        let status = status_line
            .strip_prefix("HTTP/1.1 ")
            .or_else(|| status_line.strip_prefix("HTTP/1.0 "))
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .unwrap_or_else(|| panic!("{status_line:?} is not the beginning of an answer"));
        let headers = lines.map(|line| {
            let (name, value) = line
                .split_once(':')
                .unwrap_or_else(|| panic!("{line:?} is not a header"));
            // One space is how everybody writes it; what goes beyond belongs to the value, so
            // that its check can find it.
            let value = value.strip_prefix(' ').unwrap_or(value);
            (name.to_ascii_lowercase(), value.to_owned())
        });
        Ok((status, headers.collect()))
    }

    fn read_body(&mut self, method: &str, response: &Response) -> io::Result<Vec<u8>> {
        if method == "HEAD" || [204, 304].contains(&response.status) {
            return Ok(Vec::new());
        }
        if let Some(coding) = response.header("transfer-encoding") {
            assert_eq!(coding, "chunked", "{response:?}");
            return self.read_chunks();
        }
        if let Some(length) = response.number("content-length") {
            return self.take(usize::try_from(length).expect("a body fits into memory"));
        }
        loop {
            match self.fill() {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(error),
            }
        }
        Ok(std::mem::take(&mut self.unread))
    }

    fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.take_line()?;
            let size = line.split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(size, 16)
                .unwrap_or_else(|_| panic!("{line:?} is not the size of a chunk"));
            if size == 0 {
                while !self.take_line()?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.take(size)?);
            assert_eq!(self.take_line()?, "", "a chunk is as long as it says");
        }
    }

    fn take_line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = find(&self.unread, b"\r\n") {
                let line: Vec<u8> = self.unread.drain(..end + 2).collect();
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            self.fill()?;
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.unread.len() < length {
            self.fill()?;
        }
        let rest = self.unread.split_off(length);
        Ok(std::mem::replace(&mut self.unread, rest))
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        let length = self.stream.read(&mut buffer)?;
        if length == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.unread.extend_from_slice(&buffer[..length]);
        Ok(())
    }
}

/// `bytes` as one chunk; nothing where there are none, since an empty chunk is the last.
#[must_use]
pub fn chunk_of(bytes: &Bytes) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// The end of a chunked body.
#[must_use]
pub fn last_chunk(trailers: &[(String, String)]) -> String {
    let trailers: String = trailers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!("0\r\n{trailers}\r\n")
}

/// Whether nothing came for too long, in contrast to a connection that ended.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes
        .windows(pattern.len())
        .position(|window| window == pattern)
}
