//! [`Reception`]: takes the body of one request in.
//!
//! It has the body, the turn and the storage append together in hand, and is never cut off. A body
//! ends in one of several [ways](Ending); whatever the way, the append ends in a commit or a
//! rollback:
//!
//! - Without a digest, what came counts: a client that vanishes, stalls or is overtaken loses
//!   nothing.
//! - With a digest, it counts only when all of it came and the digest matched.
//!
//! Bytes are passed on as they come, gathered only while more are there already, so that a HEAD
//! during a silence is exact.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::HeaderMap;
use oxitus_proto::decide::{AppendPlan, Ceiling};
use oxitus_proto::refusal::Refusal;
use oxitus_proto::request::{BodySize, ChecksumSource};
use oxitus_proto::upload::Upload;
use tokio::time::Instant;

use super::patience::Patience;
use super::writers::Turn;
use super::{Engine, failure};
use crate::body::{BoxError, RequestBody};
use crate::checksum::Verifier;
use crate::event::{EventKind, Interruption};
use crate::storage::{Append, AppendOptions, CommitMode, Error, Intent, Lease};

/// How many bytes are gathered for one write, while more are there already.
const GATHER: usize = 256 * 1024;

/// How many frames are gathered for one write, be they ever so small: each of them takes memory
/// beside its bytes.
const GATHER_FRAMES: usize = 1024;

/// After how much silence the storage is told to make visible what it holds back.
const CHECKPOINT_AFTER: Duration = Duration::from_secs(1);

/// How long a writer that another request finds silent, or that the server goes down under, looks for
/// bytes itself before it gives up: they may have come long ago, and only not been read.
const LAST_LOOK: Duration = Duration::from_millis(50);

/// How many bytes are still taken when the server goes down, of those that have arrived: a connection
/// may hold that many.
const LAST_BYTES: usize = 1024 * 1024;

/// For how long at most they are taken, once a body has noticed.
const LAST_BYTES_WITHIN: Duration = Duration::from_millis(250);

/// How often at most a progress event is told.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// A body that was taken in.
pub(super) struct Received {
    /// The lease, to go on with.
    pub(super) lease: Box<dyn Lease>,
    /// What to tell the client, where the body did not end well.
    pub(super) refusal: Option<Refusal>,
}

/// How a body ended.
enum Ending {
    /// All of it came.
    Whole(Option<HeaderMap>),
    /// The connection broke, or the body is shorter than it was said to be.
    Broken,
    /// Another request wants the upload, and this client is silent or the upload is to go.
    Overtaken,
    /// The client is too slow.
    Stalled,
    /// The server is going down.
    Shutdown,
    /// More came than there is room for.
    TooLong,
    /// The storage did not take what came.
    Failed(Error),
}

/// What comes next while a body is received.
enum Next {
    Data(Bytes),
    End(Ending),
}

/// What is still taken of a body when the server goes down.
struct Rest {
    bytes: usize,
    until: Instant,
}

impl Rest {
    fn begin() -> Self {
        Self {
            bytes: LAST_BYTES,
            until: Instant::now() + LAST_BYTES_WITHIN,
        }
    }

    fn is_over(&self) -> bool {
        self.bytes == 0 || Instant::now() >= self.until
    }
}

struct Reception<'r> {
    engine: &'r Engine,
    turn: &'r Turn,
    body: &'r mut RequestBody,
    append: Box<dyn Append>,
    /// The upload as it stood before.
    before: Upload,
    ceiling: Ceiling,
    size: BodySize,
    checksum: &'r ChecksumSource,
    verifier: Option<Verifier>,
    patience: Patience,
    /// Where the bytes that came so far end.
    end: u64,
    gathered: Vec<Bytes>,
    gathered_length: usize,
    /// The frame that fills the upload, kept back until the body has ended: if more comes, the
    /// body was too long, and the upload must not be complete.
    held: Option<Bytes>,
    /// What is still taken, once the server goes down.
    rest: Option<Rest>,
    last_progress: Instant,
    /// Not before then is a process elsewhere asked again whether it wants the upload.
    next_ask: Instant,
}

impl Engine {
    /// Takes `body` in as `plan` says and ends the append. The body is read to its end, or given up.
    pub(super) async fn receive(
        &self,
        turn: &Turn,
        lease: Box<dyn Lease>,
        plan: AppendPlan,
        body: &mut RequestBody,
    ) -> Result<Received, Refusal> {
        let before = lease.info().clone();
        let checks = plan.checksum != ChecksumSource::Absent;
        let mode = if checks {
            CommitMode::Atomic
        } else {
            CommitMode::Progressive
        };
        let expected = match plan.body {
            BodySize::Exact(bytes) => Some(bytes),
            BodySize::Unknown => None,
        };
        let options = AppendOptions::new(plan.offset, mode)
            .declare_length(plan.declare_length)
            .expected(expected);
        let append = match lease.append(options).await {
            Ok(append) => append,
            Err(error) => return Err(failure::refusal(&error, Some(before.offset))),
        };
        let limits = &self.0.config.limits;
        let now = Instant::now();
        let reception = Reception {
            engine: self,
            turn,
            body,
            append,
            ceiling: plan.ceiling,
            size: plan.body,
            checksum: &plan.checksum,
            verifier: verifier(&plan.checksum),
            patience: Patience::new(limits.body_idle_timeout, limits.minimum_rate),
            end: plan.offset,
            before,
            gathered: Vec::new(),
            gathered_length: 0,
            held: None,
            rest: None,
            last_progress: now,
            next_ask: now,
        };
        reception.run(mode).await
    }

    /// Reads a body that must be empty, of an upload that takes no more bytes. That takes at most
    /// one idle timeout, however many frames without a byte there are.
    pub(super) async fn expect_nothing(
        &self,
        plan: &AppendPlan,
        body: &mut RequestBody,
    ) -> Result<(), Refusal> {
        if plan.body == BodySize::Exact(0) && plan.checksum != ChecksumSource::Trailer {
            // Over HTTP/2 there may be an end to come still, and nothing but that.
            return verify(&plan.checksum, verifier(&plan.checksum), None);
        }
        let offset = Some(plan.offset);
        let trailers = tokio::select! {
            biased;
            trailers = read_nothing(plan, body) => trailers?,
            () = self.0.shutdown.cancelled() => return Err(Refusal::ShuttingDown),
            () = tokio::time::sleep(self.0.config.limits.body_idle_timeout) => {
                return Err(Refusal::Stalled { offset });
            }
        };
        verify(&plan.checksum, verifier(&plan.checksum), trailers.as_ref())
    }
}

impl Reception<'_> {
    async fn run(mut self, mode: CommitMode) -> Result<Received, Refusal> {
        let mut ending = self.pump().await;
        if !matches!(ending, Ending::Failed(_)) {
            if let Some(held) = self.held.take() {
                self.gather(held);
            }
            if let Err(error) = self.flush().await {
                ending = Ending::Failed(error);
            }
        }
        let verdict = match &ending {
            Ending::Whole(trailers) => {
                verify(self.checksum, self.verifier.take(), trailers.as_ref())
            }
            _ => Ok(()),
        };
        let keeps = match (&ending, mode) {
            (Ending::Whole(_), _) => verdict.is_ok(),
            (_, CommitMode::Progressive) => true,
            (_, CommitMode::Atomic) => false,
        };
        let ended = if keeps {
            self.append.commit().await
        } else {
            self.append.rollback().await
        };
        let lease = match ended {
            Ok(lease) => lease,
            Err(error) => return Err(failure::refusal(&error, None)),
        };
        self.engine.tell_if_received(lease.info());
        let offset = lease.info().offset;
        let (refusal, interruption) = match (ending, verdict) {
            (Ending::Whole(_), Ok(())) => (None, None),
            (Ending::Whole(_), Err(refusal)) => {
                (Some(refusal), Some(Interruption::ChecksumMismatch))
            }
            (Ending::Broken, _) => (Some(Refusal::BodyBroken), Some(Interruption::Disconnected)),
            (Ending::Overtaken, _) => (Some(Refusal::Overtaken), Some(Interruption::Overtaken)),
            (Ending::Stalled, _) => (
                Some(Refusal::Stalled {
                    offset: Some(offset),
                }),
                Some(Interruption::Stalled),
            ),
            (Ending::Shutdown, _) => (Some(Refusal::ShuttingDown), Some(Interruption::Shutdown)),
            (Ending::TooLong, _) => (
                Some(self.ceiling.exceeded(Some(offset))),
                Some(Interruption::TooLong),
            ),
            (Ending::Failed(error), _) => (
                Some(failure::refusal(&error, Some(offset))),
                Some(Interruption::StorageFailure),
            ),
        };
        if let Some(interruption) = interruption {
            let kind = EventKind::Interrupted(interruption);
            self.engine.0.events.send(kind, lease.info());
        }
        Ok(Received { lease, refusal })
    }

    /// Passes the body on until it ends.
    async fn pump(&mut self) -> Ending {
        if self.engine.0.shutdown.is_cancelled() {
            // A client that waits for `100 Continue` is not told to go on first.
            return Ending::Shutdown;
        }
        loop {
            let next = match self.next_ready().await {
                Some(next) => next,
                None => {
                    if let Err(error) = self.flush().await {
                        return Ending::Failed(error);
                    }
                    self.wait().await
                }
            };
            let data = match next {
                Next::Data(data) => data,
                Next::End(ending) => return ending,
            };
            if self.engine.0.shutdown.is_cancelled() {
                let rest = self.rest.get_or_insert_with(Rest::begin);
                rest.bytes = rest.bytes.saturating_sub(data.len());
            }
            if let Err(ending) = self.take(data).await {
                return ending;
            }
        }
    }

    /// What is there without waiting.
    async fn next_ready(&mut self) -> Option<Next> {
        if self.turn.is_stopped() {
            return Some(Next::End(Ending::Overtaken));
        }
        if self.rest.as_ref().is_some_and(Rest::is_over) {
            return Some(self.given_up(Ending::Shutdown));
        }
        let frame = poll_fn(|context| match self.body.poll_frame(context) {
            Poll::Ready(frame) => Poll::Ready(Some(frame)),
            Poll::Pending => Poll::Ready(None),
        })
        .await?;
        Some(self.read(frame, Duration::ZERO))
    }

    /// Waits for the client, for as long as it may take, or for a reason to stop.
    async fn wait(&mut self) -> Next {
        self.turn.waits();
        let since = Instant::now();
        let checkpoint = since + CHECKPOINT_AFTER;
        let mut checkpointed = false;
        let deadline = self.patience.deadline(since);
        // Frames without a byte begin the wait anew, but not the silence.
        let stale_at = since + self.turn.until_stale();
        loop {
            tokio::select! {
                biased;
                frame = self.body.frame() => return self.read(frame, since.elapsed()),
                () = tokio::time::sleep_until(stale_at), if self.is_full() => {
                    return Next::End(Ending::Whole(None));
                }
                () = self.turn.stopped() => return Next::End(Ending::Overtaken),
                () = self.turn.doubted() => return self.last_look(since, Ending::Overtaken).await,
                () = self.engine.0.shutdown.cancelled() => {
                    return self.last_look(since, Ending::Shutdown).await;
                }
                () = tokio::time::sleep_until(deadline) => return self.given_up(Ending::Stalled),
                intent = wanted(&mut self.append, self.next_ask) => {
                    if self.yields_to(intent) {
                        return match intent {
                            Intent::Append { .. } => {
                                self.last_look(since, Ending::Overtaken).await
                            }
                            Intent::Terminate => Next::End(Ending::Overtaken),
                        };
                    }
                }
                () = tokio::time::sleep_until(checkpoint), if !checkpointed => {
                    checkpointed = true;
                    if let Err(error) = self.append.checkpoint().await {
                        return Next::End(Ending::Failed(error));
                    }
                }
            }
        }
    }

    /// What a client that has been waited for since then, and that is to be waited for no longer,
    /// brought after all. Frames without a byte do not count: they cost it nothing.
    async fn last_look(&mut self, mut since: Instant, in_vain: Ending) -> Next {
        let bytes = async {
            loop {
                let frame = self.body.frame().await;
                match self.read(frame, since.elapsed()) {
                    Next::Data(data) if data.is_empty() => since = Instant::now(),
                    next => return next,
                }
            }
        };
        let came = tokio::time::timeout(LAST_LOOK, bytes).await;
        came.unwrap_or_else(|_| self.given_up(in_vain))
    }

    /// How a body ends that is waited for no longer: in vain, unless only its end was not said.
    fn given_up(&self, in_vain: Ending) -> Next {
        Next::End(if self.is_full() {
            Ending::Whole(None)
        } else {
            in_vain
        })
    }

    /// Whether this writer stops for a process elsewhere. A client that is not silent is not
    /// stopped for another append; the question is put again when it may have become so.
    fn yields_to(&mut self, intent: Intent) -> bool {
        let left = self.turn.until_stale();
        self.next_ask = Instant::now() + left;
        intent == Intent::Terminate || left.is_zero()
    }

    fn read(
        &mut self,
        frame: Option<Result<http_body::Frame<Bytes>, BoxError>>,
        waited: Duration,
    ) -> Next {
        match frame {
            None if self.is_short() => Next::End(Ending::Broken),
            None => Next::End(Ending::Whole(None)),
            Some(Err(error)) => {
                tracing::debug!(error = %failure::Chain(&*error), "a body broke off");
                Next::End(Ending::Broken)
            }
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    // HTTP/2 has frames without a byte, which cost a client nothing.
                    if !data.is_empty() {
                        self.turn.received();
                    }
                    self.patience.brought(data.len() as u64, waited);
                    Next::Data(data)
                }
                Err(_) if self.is_short() => Next::End(Ending::Broken),
                Err(frame) => Next::End(Ending::Whole(frame.into_trailers().ok())),
            },
        }
    }

    /// Whether the body has ended before its length.
    fn is_short(&self) -> bool {
        match self.size {
            BodySize::Exact(bytes) => self.end - self.before.offset < bytes,
            BodySize::Unknown => false,
        }
    }

    /// Whether every byte that was announced is here, and nothing follows that matters. Over HTTP/2
    /// the end of the stream is said apart from them, and a client that does not say it would keep the
    /// upload from being completed, and every HEAD of it waiting.
    fn is_full(&self) -> bool {
        let came = self.end - self.before.offset;
        *self.checksum != ChecksumSource::Trailer && self.size == BodySize::Exact(came)
    }

    /// Checks that there is room for `data`, and passes it on or keeps it back.
    async fn take(&mut self, data: Bytes) -> Result<(), Ending> {
        if data.is_empty() {
            return Ok(());
        }
        let end = self.end.checked_add(data.len() as u64);
        let Some(end) = end.filter(|end| *end <= self.ceiling.offset()) else {
            self.held = None;
            return Err(Ending::TooLong);
        };
        self.end = end;
        if let Some(verifier) = &mut self.verifier {
            verifier.update(&data);
        }
        if self.size == BodySize::Unknown && self.ceiling == Ceiling::Length(end) {
            self.held = Some(data);
            return Ok(());
        }
        self.gather(data);
        if self.gathered_length >= GATHER || self.gathered.len() >= GATHER_FRAMES {
            self.flush().await.map_err(Ending::Failed)?;
            // A body that is faster than the storage is never waited for.
            let intent = wanted(&mut self.append, self.next_ask).now_or_never();
            if intent.is_some_and(|intent| self.yields_to(intent)) {
                return Err(Ending::Overtaken);
            }
        }
        Ok(())
    }

    fn gather(&mut self, data: Bytes) {
        self.gathered_length += data.len();
        self.gathered.push(data);
    }

    /// Writes what was gathered.
    async fn flush(&mut self) -> Result<(), Error> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let chunks = std::mem::take(&mut self.gathered);
        self.gathered_length = 0;
        self.append.write(chunks).await?;
        self.tell_progress();
        Ok(())
    }

    fn tell_progress(&mut self) {
        if self.verifier.is_none() && self.last_progress.elapsed() >= PROGRESS_EVERY {
            self.last_progress = Instant::now();
            let mut upload = self.before.clone();
            let held = self.held.as_ref().map_or(0, Bytes::len);
            upload.offset = self.end - held as u64;
            self.engine.0.events.send(EventKind::Progressed, &upload);
        }
    }
}

/// Reads a body to its end and to its trailers, as long as there is not a byte in it.
async fn read_nothing(
    plan: &AppendPlan,
    body: &mut RequestBody,
) -> Result<Option<HeaderMap>, Refusal> {
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        match frame.map_err(|_| Refusal::BodyBroken)?.into_data() {
            Ok(data) if data.is_empty() => {}
            Ok(_) => return Err(plan.ceiling.exceeded(Some(plan.offset))),
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    Ok(trailers)
}

/// Waits for a process elsewhere that wants the upload, but not before `next_ask`.
async fn wanted(append: &mut Box<dyn Append>, next_ask: Instant) -> Intent {
    tokio::time::sleep_until(next_ask).await;
    append.wanted().await
}

fn verifier(checksum: &ChecksumSource) -> Option<Verifier> {
    match checksum {
        ChecksumSource::Absent => None,
        ChecksumSource::Header(checksum) => Some(Verifier::of(checksum.algorithm)),
        ChecksumSource::Trailer => Some(Verifier::any()),
    }
}

/// Judges a body that came whole by its digest.
fn verify(
    checksum: &ChecksumSource,
    verifier: Option<Verifier>,
    trailers: Option<&HeaderMap>,
) -> Result<(), Refusal> {
    let Some(expected) = checksum.expected(trailers)? else {
        return Ok(());
    };
    if verifier.is_some_and(|verifier| verifier.matches(&expected)) {
        Ok(())
    } else {
        Err(Refusal::ChecksumMismatch)
    }
}
