//! The bytes of a connection, and the fault that changes HTTP/1.1 heads among them.
//!
//! Without such a fault bytes go straight through, and so does HTTP/2.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::fault::Fault;

/// A socket whose heads a fault may change.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    fault: Option<Fault>,
    /// What came of a head that is not complete.
    partial: Vec<u8>,
    /// What the server may read.
    incoming: Vec<u8>,
    /// What is to be sent.
    outgoing: Vec<u8>,
    is_first: bool,
    is_ended: bool,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, fault: &Fault) -> Self {
        Self {
            stream,
            fault: fault.tampers_with_bytes().then(|| fault.clone()),
            partial: Vec::new(),
            incoming: Vec::new(),
            outgoing: Vec::new(),
            is_first: true,
            is_ended: false,
        }
    }

    /// Sorts what was received into heads, which are changed, and the rest.
    fn receive(&mut self, fault: &Fault) {
        while self.is_first && !self.partial.starts_with(b"PRI ") || is_request_head(&self.partial)
        {
            let Some(mut head) = take_head(&mut self.partial) else {
                return;
            };
            self.is_first = false;
            fault.tamper_request_bytes(&mut head);
            if head.is_empty() {
                self.is_ended = true;
                return;
            }
            self.incoming.append(&mut head);
        }
        self.is_first = false;
        self.incoming.append(&mut self.partial);
    }

    fn send(&mut self, fault: &Fault, bytes: &[u8]) {
        let mut rest = bytes.to_vec();
        while rest.starts_with(b"HTTP/1.") {
            let Some(mut head) = take_head(&mut rest) else {
                break;
            };
            fault.tamper_response_bytes(&mut head);
            self.outgoing.append(&mut head);
        }
        self.outgoing.append(&mut rest);
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outgoing.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.outgoing))?;
            self.outgoing.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

/// Cuts off the bytes up to the first empty line, if there is one.
fn take_head(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let rest = bytes.split_off(end);
    Some(std::mem::replace(bytes, rest))
}

/// Whether the first line is a request line of HTTP/1.
fn is_request_head(bytes: &[u8]) -> bool {
    let line = bytes
        .split(|byte| *byte == b'\r')
        .next()
        .unwrap_or_default();
    line.first().is_some_and(u8::is_ascii_uppercase)
        && line.windows(8).any(|eight| eight == b" HTTP/1.")
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(fault) = this.fault.clone() else {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        };
        while this.incoming.is_empty() && !this.is_ended {
            let mut bytes = [0; 8192];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                this.is_ended = true;
                this.incoming.append(&mut this.partial);
            } else {
                this.partial.extend_from_slice(read.filled());
                this.receive(&fault);
            }
        }
        let some = this.incoming.len().min(buffer.remaining());
        buffer.put_slice(&this.incoming.drain(..some).collect::<Vec<_>>());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Some(fault) = this.fault.clone() else {
            return Pin::new(&mut this.stream).poll_write(context, bytes);
        };
        ready!(this.poll_send(context))?;
        this.send(&fault, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}
