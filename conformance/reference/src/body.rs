//! The body of a request: its frames, with a limit on silence, and what is left of it at the end.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, request::Parts};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::answer::{Connection, Refusal};

/// How long the rest of a rejected body is waited for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// A piece of a body.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Bytes, at least one.
    Data(Bytes),
    /// The fields after the last chunk.
    Trailers(HeaderMap),
}

/// A body that ended too early.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Broken {
    /// The client fell silent.
    Silent,
    /// The connection or the framing broke.
    Cut,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) struct Body {
    incoming: Incoming,
    patience: Duration,
    continue_is_awaited: bool,
    early: Option<Result<Frame<Bytes>, hyper::Error>>,
}

impl Body {
    /// Takes the body of a request.
    pub(crate) fn new(parts: &Parts, incoming: Incoming, patience: Duration) -> Self {
        let expects = parts
            .headers
            .get("expect")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
        let continue_is_awaited = expects && parts.version == http::Version::HTTP_11;
        Self {
            incoming,
            patience,
            continue_is_awaited,
            early: None,
        }
    }

    /// The length that the request declares.
    pub(crate) fn declared(&self) -> Option<u64> {
        self.incoming.size_hint().exact()
    }

    /// Lets hyper send `100 Continue` and keeps what comes at once; only a faulty server does that.
    pub(crate) async fn ask(&mut self) {
        self.continue_is_awaited = false;
        self.early = timeout(Duration::from_millis(50), self.incoming.frame())
            .await
            .ok()
            .flatten();
    }

    /// The next piece. The first call lets hyper send `100 Continue` to a client that waits for it.
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>, Broken> {
        self.continue_is_awaited = false;
        loop {
            let frame = match self.early.take() {
                Some(frame) => Ok(Some(frame)),
                None => timeout(self.patience, self.incoming.frame()).await,
            };
            let frame = match frame {
                Err(_) => return Err(Broken::Silent),
                Ok(Some(Err(_))) => return Err(Broken::Cut),
                Ok(None) => return Ok(None),
                Ok(Some(Ok(frame))) => frame,
            };
            match frame.into_data().map_err(|frame| frame.into_trailers()) {
                Ok(data) if data.is_empty() => {}
                Ok(data) => return Ok(Some(Piece::Data(data))),
                Err(Ok(trailers)) => return Ok(Some(Piece::Trailers(trailers))),
                Err(Err(_)) => {}
            }
        }
    }

    /// All of it, and its trailers, if it has no more bytes than the limit; else 413.
    pub(crate) async fn collect(&mut self, limit: u64) -> Result<(Bytes, HeaderMap), Interrupted> {
        let (mut bytes, mut trailers) = (BytesMut::new(), HeaderMap::new());
        while let Some(piece) = self.next().await.map_err(Interrupted::Broken)? {
            match piece {
                Piece::Data(data) if (bytes.len() + data.len()) as u64 > limit => {
                    return Err(Interrupted::Overrun);
                }
                Piece::Data(data) => bytes.extend_from_slice(&data),
                Piece::Trailers(fields) => trailers = fields,
            }
        }
        Ok((bytes.freeze(), trailers))
    }

    /// Whether the client still waits for `100 Continue`, and so need not send the body at all.
    pub(crate) fn is_held_back(&self) -> bool {
        self.continue_is_awaited && !self.incoming.is_end_stream()
    }

    /// Whether there is more to read.
    pub(crate) fn is_unread(&self) -> bool {
        !self.incoming.is_end_stream()
    }

    /// Reads and forgets the rest, up to a limit, so that the client can read its answer.
    pub(crate) async fn drain(mut self, limit: u64) {
        let mut seen = 0;
        let reading = async {
            while seen <= limit {
                let Some(Ok(frame)) = self.incoming.frame().await else {
                    return;
                };
                seen += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
        };
        // A client that takes longer than this does without.
        timeout(DRAIN_TIMEOUT, reading).await.ok();
    }
}

/// Why a body could not be had as a whole.
#[derive(Debug)]
pub(crate) enum Interrupted {
    /// It has more bytes than fit.
    Overrun,
    /// It ended too early.
    Broken(Broken),
}

impl From<Interrupted> for Refusal {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Overrun => Self::overrun().and(Connection::DrainAndClose),
            Interrupted::Broken(Broken::Silent) => {
                Self::new(409, "the body did not go on in time").and(Connection::Close)
            }
            Interrupted::Broken(Broken::Cut) => {
                Self::malformed("the body broke off").and(Connection::Close)
            }
        }
    }
}
