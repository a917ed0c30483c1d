//! Reads along with an HTTP/2 connection, frame by frame (RFC 9113, section 4.1), to know what a
//! client library does not tell: which bytes of a body went to the socket, and for which of them
//! the server has given the window back.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const HEADER_LENGTH: usize = 9;
const PREFACE_LENGTH: usize = 24;
const DATA: u8 = 0x0;
const WINDOW_UPDATE: u8 = 0x8;

/// What went over a connection so far, by stream.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Mutex<HashMap<u32, StreamTally>>>);

/// What went over one stream so far, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamTally {
    /// Body bytes handed to the socket.
    pub sent: u64,
    /// Window that the server gave back.
    pub returned: u64,
}

impl Tally {
    /// What went over `stream`.
    #[must_use]
    pub fn of(&self, stream: u32) -> StreamTally {
        self.lock().get(&stream).copied().unwrap_or_default()
    }

    fn count_sent(&self, piece: &Piece<'_>) {
        if piece.kind == DATA {
            self.lock().entry(piece.stream).or_default().sent += piece.bytes.len() as u64;
        }
    }

    /// The payload of a `WINDOW_UPDATE` is one number, which may come in pieces.
    fn count_returned(&self, piece: &Piece<'_>) {
        if piece.kind == WINDOW_UPDATE {
            for (byte, to_come) in piece.bytes.iter().zip((0..piece.left).rev()) {
                self.lock().entry(piece.stream).or_default().returned +=
                    u64::from(*byte) << (8 * to_come);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, StreamTally>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket that keeps a [`Tally`].
#[derive(Debug)]
pub struct Tallied<S> {
    inner: S,
    tally: Tally,
    incoming: Frames,
    outgoing: Frames,
}

impl<S> Tallied<S> {
    /// Reads along with `inner`.
    pub fn new(inner: S, tally: Tally) -> Self {
        Self {
            inner,
            tally,
            incoming: Frames::default(),
            outgoing: Frames::after_preface(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tallied<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(context, buffer))?;
        let (incoming, tally) = (&mut this.incoming, &this.tally);
        incoming.pass(&buffer.filled()[before..], |piece| {
            tally.count_returned(piece)
        });
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tallied<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.inner).poll_write(context, bytes))?;
        let (outgoing, tally) = (&mut this.outgoing, &this.tally);
        outgoing.pass(&bytes[..written], |piece| tally.count_sent(piece));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

/// Cuts a stream of bytes into frames, wherever the pieces in which it comes happen to end.
#[derive(Debug, Default)]
struct Frames {
    /// The header of the frame that is going by.
    header: Vec<u8>,
    /// How much of its payload is to come.
    left: usize,
}

/// A piece of the payload of a frame.
#[derive(Debug)]
struct Piece<'b> {
    kind: u8,
    stream: u32,
    bytes: &'b [u8],
    /// How much of the payload was to come, this piece included.
    left: usize,
}

impl Frames {
    /// What a client sends: a preface, which is skipped like a frame of a kind that nobody knows.
    fn after_preface() -> Self {
        Self {
            header: vec![u8::MAX; HEADER_LENGTH],
            left: PREFACE_LENGTH,
        }
    }

    fn pass(&mut self, mut bytes: &[u8], mut tell: impl FnMut(&Piece<'_>)) {
        while !bytes.is_empty() {
            if self.header.len() < HEADER_LENGTH {
                let missing = HEADER_LENGTH - self.header.len();
                let (header, rest) = bytes.split_at(missing.min(bytes.len()));
                self.header.extend_from_slice(header);
                bytes = rest;
                if self.header.len() == HEADER_LENGTH {
                    self.left = number_of(&self.header[..3]) as usize;
                }
            } else {
                let (payload, rest) = bytes.split_at(self.left.min(bytes.len()));
                tell(&Piece {
                    kind: self.header[3],
                    stream: number_of(&self.header[5..]) & 0x7fff_ffff,
                    bytes: payload,
                    left: self.left,
                });
                self.left -= payload.len();
                bytes = rest;
            }
            if self.header.len() == HEADER_LENGTH && self.left == 0 {
                self.header.clear();
            }
        }
    }
}

fn number_of(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
        frame.extend([kind, 0]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        frame
    }

    #[test]
    fn a_tally_is_right_wherever_the_pieces_end() {
        let sent = [
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            frame(4, 0, &[1; 12]),
            frame(DATA, 3, &[2; 100]),
            frame(DATA, 1, &[]),
            frame(DATA, 3, &[3; 7]),
        ]
        .concat();
        let received = [
            frame(4, 0, &[]),
            frame(WINDOW_UPDATE, 3, &[0, 0, 1, 2]),
            frame(WINDOW_UPDATE, 0, &[0, 1, 0, 0]),
            frame(WINDOW_UPDATE, 3, &[0, 0, 0, 1]),
        ]
        .concat();
        for size in [1, 2, 9, 10, 100, 1000] {
            let tally = Tally::default();
            let (mut outgoing, mut incoming) = (Frames::after_preface(), Frames::default());
            for piece in sent.chunks(size) {
                outgoing.pass(piece, |piece| tally.count_sent(piece));
            }
            for piece in received.chunks(size) {
                incoming.pass(piece, |piece| tally.count_returned(piece));
            }
            let wanted = StreamTally {
                sent: 107,
                returned: 259,
            };
            assert_eq!(tally.of(3), wanted, "in pieces of {size}");
            assert_eq!(tally.of(0).returned, 65536, "in pieces of {size}");
        }
    }
}
