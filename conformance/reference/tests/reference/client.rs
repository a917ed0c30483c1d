//! HTTP/1.1 by hand.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tus_reference::{Fault, Server, Settings};

/// No answer takes this long.
const GENEROUS: Duration = Duration::from_secs(30);

pub(crate) const PATCH: [&str; 2] = [
    "Tus-Resumable: 1.0.0",
    "Content-Type: application/offset+octet-stream",
];

pub(crate) async fn start() -> Server {
    start_with(Settings::default(), Fault::none()).await
}

pub(crate) async fn start_with(settings: Settings, fault: Fault) -> Server {
    Server::start(settings, fault).await.unwrap()
}

/// A connection and what was received on it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    received: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The value of a header that stands there once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self
            .head
            .split("\r\n")
            .filter_map(|line| line.split_once(": "));
        let mut values = lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value);
        let value = values.next();
        assert_eq!(values.next(), None, "{name} stands there twice");
        value
    }

    pub(crate) fn offset(&self) -> Option<u64> {
        self.header("upload-offset")
            .map(|offset| offset.parse().unwrap())
    }
}

impl Connection {
    pub(crate) async fn open(server: &Server) -> Self {
        Self {
            stream: TcpStream::connect(server.address()).await.unwrap(),
            received: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // A server that has closed the connection is seen when its answer is read.
        self.stream.write_all(bytes.as_ref()).await.ok();
    }

    /// The next answer, or `None` if the connection is closed without one.
    pub(crate) async fn reply(&mut self, method: &str) -> Option<Reply> {
        timeout(GENEROUS, self.read_reply(method)).await.unwrap()
    }

    /// Whether the server closes the connection, without another byte.
    pub(crate) async fn is_closed(&mut self) -> bool {
        assert_eq!(self.received, b"");
        !timeout(GENEROUS, self.read_more()).await.unwrap()
    }

    async fn read_reply(&mut self, method: &str) -> Option<Reply> {
        let end = loop {
            match self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
            {
                Some(end) => break end + 4,
                None if self.read_more().await => {}
                None => return None,
            }
        };
        let head = String::from_utf8(self.received.drain(..end).collect()).unwrap();
        let status = head[9..12].parse().unwrap();
        let mut reply = Reply {
            status,
            head,
            body: Vec::new(),
        };
        let length = reply
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        if method != "HEAD" {
            while self.received.len() < length && self.read_more().await {}
            reply.body = self.received.drain(..length).collect();
        }
        Some(reply)
    }

    async fn read_more(&mut self) -> bool {
        matches!(self.stream.read_buf(&mut self.received).await, Ok(1..))
    }
}

/// A request with a body of a known length.
pub(crate) fn request(method: &str, path: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    let mut lines = vec![
        format!("{method} {path} HTTP/1.1"),
        "Host: reference".to_owned(),
    ];
    lines.extend(headers.iter().map(|line| (*line).to_owned()));
    if !body.is_empty() || method == "PATCH" {
        lines.push(length);
    }
    [lines.join("\r\n").as_bytes(), b"\r\n\r\n", body].concat()
}

/// One request on a connection of its own.
pub(crate) async fn exchange(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &[u8],
) -> Reply {
    let mut connection = Connection::open(server).await;
    connection.send(request(method, path, headers, body)).await;
    connection.reply(method).await.unwrap()
}

pub(crate) async fn post(server: &Server, headers: &[&str], body: &[u8]) -> Reply {
    exchange(
        server,
        "POST",
        "/files",
        &[&["Tus-Resumable: 1.0.0"], headers].concat(),
        body,
    )
    .await
}

/// Creates an upload and returns its path.
pub(crate) async fn create(server: &Server, headers: &[&str]) -> String {
    let reply = post(server, headers, b"").await;
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.header("location").unwrap().to_owned()
}

pub(crate) async fn head(server: &Server, path: &str) -> Reply {
    exchange(server, "HEAD", path, &["Tus-Resumable: 1.0.0"], b"").await
}

pub(crate) async fn patch(
    server: &Server,
    path: &str,
    offset: u64,
    headers: &[&str],
    body: &[u8],
) -> Reply {
    let offset = format!("Upload-Offset: {offset}");
    exchange(
        server,
        "PATCH",
        path,
        &[&PATCH, headers, &[offset.as_str()]].concat(),
        body,
    )
    .await
}

pub(crate) async fn get(server: &Server, path: &str) -> Reply {
    exchange(server, "GET", path, &[], b"").await
}

/// Looks again until something is true of an upload.
pub(crate) async fn wait_for(server: &Server, path: &str, is_so: impl Fn(&Reply) -> bool + Sync) {
    let looking = async {
        while !is_so(&head(server, path).await) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(GENEROUS, looking).await.unwrap();
}
