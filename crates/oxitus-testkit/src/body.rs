//! [`ScriptedBody`]: a request body that does what a test wrote down.
//!
//! ```
//! use oxitus_testkit::body::{Gate, ScriptedBody};
//!
//! let gate = Gate::default();
//! let body = ScriptedBody::new()
//!     .data("hello")
//!     .wait_for(&gate)
//!     .data(" world")
//!     .fail();
//! let witness = body.witness();
//! // Give the body to a server; what it has taken shows:
//! assert!(!witness.was_polled());
//! // and the rest comes when the gate opens.
//! gate.open();
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::watch;

/// A body that goes through its steps, one after the other, and ends after the last.
#[derive(Debug, Default)]
pub struct ScriptedBody {
    steps: VecDeque<Step>,
    waits: Option<Waits>,
    length: Option<u64>,
    progress: watch::Sender<Progress>,
}

enum Step {
    Data(Bytes),
    Trailers(HeaderMap),
    Wait(Gate),
    Fail(io::ErrorKind),
    Forever,
}

impl ScriptedBody {
    /// A body without a byte, of no declared length.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Then come these bytes, as a frame of their own.
    #[must_use]
    pub fn data(self, bytes: impl Into<Bytes>) -> Self {
        self.then(Step::Data(bytes.into()))
    }

    /// Then come trailers.
    #[must_use]
    pub fn trailers(self, trailers: HeaderMap) -> Self {
        self.then(Step::Trailers(trailers))
    }

    /// Then nothing comes until the gate is open.
    #[must_use]
    pub fn wait_for(self, gate: &Gate) -> Self {
        self.then(Step::Wait(gate.clone()))
    }

    /// Then the connection breaks off.
    #[must_use]
    pub fn fail(self) -> Self {
        self.fail_with(io::ErrorKind::ConnectionReset)
    }

    /// Then comes an error.
    #[must_use]
    pub fn fail_with(self, kind: io::ErrorKind) -> Self {
        self.then(Step::Fail(kind))
    }

    /// Then nothing ever comes.
    #[must_use]
    pub fn forever(self) -> Self {
        self.then(Step::Forever)
    }

    /// Announces a length in bytes, as `Content-Length` does, true or not.
    #[must_use]
    pub fn declare(mut self, length: u64) -> Self {
        self.length = Some(length);
        self
    }

    /// Somebody who sees what becomes of it.
    #[must_use]
    pub fn witness(&self) -> Witness {
        Witness(self.progress.subscribe())
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push_back(step);
        self
    }
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        this.progress.send_modify(|progress| progress.polled = true);
        loop {
            if let Some(waits) = &mut this.waits {
                this.progress
                    .send_modify(|progress| progress.waiting = true);
                ready!(waits.0.as_mut().poll(context));
                this.progress
                    .send_modify(|progress| progress.waiting = false);
                this.waits = None;
            }
            return Poll::Ready(match this.steps.pop_front() {
                None => None,
                Some(Step::Data(bytes)) => {
                    let taken = bytes.len() as u64;
                    this.progress
                        .send_modify(|progress| progress.taken += taken);
                    Some(Ok(Frame::data(bytes)))
                }
                Some(Step::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
                Some(Step::Fail(kind)) => Some(Err(io::Error::new(kind, "as the script says"))),
                Some(Step::Wait(gate)) => {
                    this.waits = Some(Waits(Box::pin(gate.opened())));
                    continue;
                }
                Some(Step::Forever) => {
                    this.waits = Some(Waits(Box::pin(std::future::pending())));
                    continue;
                }
            });
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.waits.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let taken = self.progress.borrow().taken;
        self.length.map_or_else(SizeHint::new, |length| {
            SizeHint::with_exact(length.saturating_sub(taken))
        })
    }
}

impl Drop for ScriptedBody {
    fn drop(&mut self) {
        self.progress
            .send_modify(|progress| progress.dropped = true);
    }
}

struct Waits(Pin<Box<dyn Future<Output = ()> + Send>>);

impl fmt::Debug for Waits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Waits")
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(bytes) => write!(formatter, "Data({} bytes)", bytes.len()),
            Self::Trailers(trailers) => write!(formatter, "Trailers({trailers:?})"),
            Self::Wait(_) => formatter.write_str("Wait"),
            Self::Fail(kind) => write!(formatter, "Fail({kind:?})"),
            Self::Forever => formatter.write_str("Forever"),
        }
    }
}

/// Something that a body waits for. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    /// Lets pass whoever waits, and whoever comes later.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    /// Waits until it is open. Cancel-safe.
    pub async fn opened(self) {
        let mut receiver = self.0.subscribe();
        // The sender is here, so this does not fail.
        let _ = receiver.wait_for(|open| *open).await;
    }
}

/// Sees how far a [`ScriptedBody`] has come.
#[derive(Clone, Debug)]
pub struct Witness(watch::Receiver<Progress>);

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    polled: bool,
    waiting: bool,
    dropped: bool,
    taken: u64,
}

impl Witness {
    /// Whether anybody has asked for a frame.
    #[must_use]
    pub fn was_polled(&self) -> bool {
        self.0.borrow().polled
    }

    /// How many bytes were taken.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.0.borrow().taken
    }

    /// Whether nobody has it any more.
    #[must_use]
    pub fn was_dropped(&self) -> bool {
        self.0.borrow().dropped
    }

    /// Waits until somebody waits for the body in vain: at a gate, or for ever. Cancel-safe.
    ///
    /// # Panics
    /// Where the body is dropped before.
    pub async fn until_waiting(&mut self) {
        self.until(|progress| progress.waiting).await;
    }

    /// Waits until nobody has the body any more. Cancel-safe.
    pub async fn until_dropped(&mut self) {
        self.until(|progress| progress.dropped).await;
    }

    #[expect(
        clippy::expect_used,
        reason = "a test that waits for what cannot come any more has failed"
    )]
    async fn until(&mut self, reached: impl FnMut(&Progress) -> bool) {
        self.0
            .wait_for(reached)
            .await
            .expect("the body should come so far before it is dropped");
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn goes_through_its_steps() {
        let gate = Gate::default();
        let mut trailers = HeaderMap::new();
        trailers.insert("x-digest", "1".parse().unwrap());
        let mut body = ScriptedBody::new()
            .data("hello")
            .wait_for(&gate)
            .data(" world")
            .trailers(trailers.clone())
            .declare(11);
        let mut witness = body.witness();
        assert!(!witness.was_polled());
        assert_eq!(body.size_hint().exact(), Some(11));

        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "hello");
        assert!(witness.was_polled());
        assert_eq!((witness.taken(), body.size_hint().exact()), (5, Some(6)));
        assert!(body.frame().now_or_never().is_none());
        witness.until_waiting().await;
        gate.open();
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), " world");
        assert!(!body.is_end_stream());
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_trailers().unwrap(), trailers);
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
        assert!(!witness.was_dropped());
        drop(body);
        witness.until_dropped().await;
    }

    #[tokio::test]
    async fn fails_or_waits_for_ever() {
        let mut body = ScriptedBody::new().fail().forever();
        let error = body.frame().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        for _ in 0..2 {
            assert!(body.frame().now_or_never().is_none());
        }
        assert!(!body.is_end_stream());
    }

    #[tokio::test]
    async fn a_gate_wakes_who_waits() {
        let gate = Gate::default();
        let body = ScriptedBody::new().wait_for(&gate).data("late");
        let mut witness = body.witness();
        let reader = tokio::spawn(body.collect());
        witness.until_waiting().await;
        gate.open();
        let collected = reader.await.unwrap().unwrap();
        assert_eq!(collected.to_bytes(), "late");
    }
}
