//! [`Http1`]: a connection that speaks HTTP/1.1.

mod parse;
#[cfg(test)]
mod tests;

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::timeout;
use tokio_util::either::Either;

use self::parse::{answer, head};
use super::Connector;
use super::connector::Stream;
use super::request::{Framing, Request};
use super::response::Response;

/// A connection that speaks HTTP/1.1.
pub(crate) struct Http1 {
    reader: ReadHalf<Stream>,
    writer: WriteHalf<Stream>,
    authority: String,
    /// What came and was not looked at yet.
    buffer: BytesMut,
    /// The request that is being sent or answered.
    method: String,
    is_chunked: bool,
}

impl Http1 {
    pub(crate) async fn open(connector: &Connector) -> io::Result<Self> {
        let (reader, writer) = tokio::io::split(connector.connect().await?);
        Ok(Self {
            reader,
            writer,
            authority: connector.target().authority(),
            buffer: BytesMut::new(),
            method: String::new(),
            is_chunked: false,
        })
    }

    /// Sends the head of a request.
    pub(crate) async fn begin(&mut self, request: &Request) -> io::Result<()> {
        let head = self.prepare(request);
        self.write(&head).await
    }

    /// The head of a request that comes next.
    fn prepare(&mut self, request: &Request) -> Vec<u8> {
        self.method.clone_from(&request.method);
        self.is_chunked = request.framing == Framing::Chunked;
        self.head_of(request)
    }

    /// Sends a piece of the content: a chunk, where it is chunked.
    pub(crate) async fn send(&mut self, content: &Bytes) -> io::Result<()> {
        send(&mut self.writer, content, self.is_chunked).await
    }

    /// Ends the content.
    pub(crate) async fn finish(&mut self, trailers: &[(String, Vec<u8>)]) -> io::Result<()> {
        if self.is_chunked {
            finish(&mut self.writer, trailers).await?;
        }
        Ok(())
    }

    /// Sends a request and reads its answer, also one that comes before all is sent.
    pub(crate) async fn exchange(&mut self, request: &Request) -> io::Result<Response> {
        let head = self.prepare(request);
        let is_chunked = self.is_chunked;
        let writer = &mut self.writer;
        let sending = async move {
            writer.write_all(&head).await?;
            writer.flush().await?;
            for piece in &request.content {
                send(writer, piece, is_chunked).await?;
            }
            if is_chunked {
                finish(writer, &request.trailers).await?;
            }
            io::Result::Ok(())
        };
        let answering = answer(&mut self.reader, &mut self.buffer, request.method == "HEAD");
        tokio::pin!(sending, answering);
        let mut is_sent = false;
        loop {
            tokio::select! {
                biased;
                answer = &mut answering => return answer,
                // A server may stop reading as soon as it knows its answer, which is still to come.
                _ = &mut sending, if !is_sent => is_sent = true,
            }
        }
    }

    /// Sends bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes).await?;
        self.writer.flush().await
    }

    /// Reads the answer to the request that was begun.
    pub(crate) async fn response(&mut self) -> io::Result<Response> {
        let is_head = self.method == "HEAD";
        answer(&mut self.reader, &mut self.buffer, is_head).await
    }

    /// Reads the answer to a request that was written as bytes.
    pub(crate) async fn response_to(&mut self, method: &str) -> io::Result<Response> {
        self.method = method.to_owned();
        self.response().await
    }

    /// Reads the next head: of an interim answer, or of the last one.
    pub(crate) async fn head(&mut self) -> io::Result<Response> {
        head(&mut self.reader, &mut self.buffer).await
    }

    /// Whether the server ends the connection within a time, and sends nothing before.
    pub(crate) async fn is_closed_within(&mut self, time: Duration) -> bool {
        if !self.buffer.is_empty() {
            return false;
        }
        match timeout(time, self.reader.read_buf(&mut self.buffer)).await {
            Ok(Ok(read)) => read == 0,
            Ok(Err(_)) => true,
            Err(_) => false,
        }
    }

    /// Everything that still comes until the server ends the connection.
    pub(crate) async fn rest(&mut self) -> io::Result<Vec<u8>> {
        while self.reader.read_buf(&mut self.buffer).await? > 0 {}
        Ok(self.buffer.split().to_vec())
    }

    /// Ends what is sent (FIN), and goes on reading.
    pub(crate) async fn half_close(&mut self) -> io::Result<()> {
        self.writer.shutdown().await
    }

    /// Ends the connection without a farewell (RST).
    pub(crate) fn reset(self) -> io::Result<()> {
        let stream = self.reader.unsplit(self.writer);
        let tcp = match &stream {
            Either::Left(tcp) => tcp,
            Either::Right(tls) => tls.get_ref().0,
        };
        socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO))
    }

    fn head_of(&self, request: &Request) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.path).into_bytes();
        let mut line = |name: &str, value: &[u8]| {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        };
        if !request.has("host") {
            line("Host", self.authority.as_bytes());
        }
        for (name, value) in &request.fields {
            line(name, value);
        }
        match request.framing {
            Framing::Length(length) if !request.has("content-length") => {
                line("Content-Length", length.to_string().as_bytes());
            }
            Framing::Chunked if !request.has("transfer-encoding") => {
                line("Transfer-Encoding", b"chunked");
            }
            _ => {}
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

async fn send(writer: &mut WriteHalf<Stream>, content: &Bytes, is_chunked: bool) -> io::Result<()> {
    if is_chunked {
        if content.is_empty() {
            return Ok(()); // An empty chunk would be the last one.
        }
        let size = format!("{:x}\r\n", content.len());
        let mut chunk = Bytes::from(size).chain(content.clone()).chain(&b"\r\n"[..]);
        writer.write_all_buf(&mut chunk).await?;
    } else {
        writer.write_all(content).await?;
    }
    writer.flush().await
}

async fn finish(writer: &mut WriteHalf<Stream>, trailers: &[(String, Vec<u8>)]) -> io::Result<()> {
    let mut end = b"0\r\n".to_vec();
    for (name, value) in trailers {
        end.extend_from_slice(name.as_bytes());
        end.extend_from_slice(b": ");
        end.extend_from_slice(value);
        end.extend_from_slice(b"\r\n");
    }
    end.extend_from_slice(b"\r\n");
    writer.write_all(&end).await?;
    writer.flush().await
}
