//! POST: a new upload, perhaps with its first bytes (TUS 1.0.0, "Creation", "Creation With Upload",
//! "Concatenation").

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use http::request::Parts;
use http::{HeaderMap, Response};
use oxitus_proto::decide::final_length;
use oxitus_proto::extension::Extension;
use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::request::{BodySize, ChecksumSource, Creation, Wanted};
use oxitus_proto::response::{Asked, Outcome};
use oxitus_proto::upload::{Concatenation, Kind, Upload};

use super::finish::{Lengths, length_of_part};
use super::writers::Turn;
use super::{Engine, failure};
use crate::body::{RequestBody, ResponseBody};
use crate::event::EventKind;
use crate::hook::{BeforeComplete, BeforeCreate};
use crate::storage::{Acquire, ErrorKind, Lease, NewUpload};

/// How long the creation of a final upload waits for its parts to be joined. What is not done by
/// then goes on, and a HEAD shows when it is.
const ASSEMBLY_PATIENCE: Duration = Duration::from_secs(20);

impl Engine {
    pub(super) async fn create(
        &self,
        parts: &Parts,
        asked: &Asked<'_>,
        body: &mut Option<RequestBody>,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let _running = self.check_running()?;
        let Some(incoming) = body else {
            return Err(Refusal::Failed);
        };
        let creation = self.read_creation(&parts.headers, incoming).await?;
        let answer = self
            .ask_hook(self.0.config.hooks.before_create(parts, &creation))
            .await?;
        let (new, lengths) = self.new_upload(&creation, answer).await?;
        let takes_bytes = !creation.body.is_empty() || creation.checksum != ChecksumSource::Absent;
        let permit = takes_bytes.then(|| self.body_permit()).transpose()?;
        // An id whose turn somebody has is taken.
        let turn = self.0.writers.try_turn(&new.id);
        let turn = turn.ok_or(Refusal::Unavailable)?;
        let mut incoming = if takes_bytes { body.take() } else { None };
        let assembles = matches!(new.kind, Kind::Final(_)).then(|| new.id.clone());
        let decided = Arc::new(AtomicBool::new(false));
        let engine = self.clone();
        let mut work = self.detach({
            let decided = decided.clone();
            async move {
                let _permit = permit;
                let body = incoming.as_mut();
                let making = engine.make(&turn, new, lengths, &creation, body, &decided);
                let made = making.await;
                if let (Err(_), Some(unread)) = (&made, incoming) {
                    engine.discard(unread);
                }
                made
            }
        });
        let created = match assembles {
            None => work.await?,
            Some(id) => match tokio::time::timeout(ASSEMBLY_PATIENCE, &mut work).await {
                Ok(created) => created?,
                Err(_) if !decided.swap(true, Ordering::SeqCst) => Created {
                    upload: self.upload(&id).await?,
                    headers: HeaderMap::new(),
                },
                Err(_) => work.await?,
            },
        };
        let mut response = self.respond(&Outcome::Created(created.upload), asked);
        response.headers_mut().extend(created.headers);
        Ok(response)
    }

    /// Reads the request. A body that may have any length is looked into where all depends on
    /// whether it is empty: Node sends even no body at all as a chunked one, of whatever type.
    async fn read_creation(
        &self,
        headers: &HeaderMap,
        body: &mut RequestBody,
    ) -> Result<Creation, Refusal> {
        let read = |size| Creation::read(headers, size, self.protocol());
        let size = body.size();
        match read(size) {
            Err(Refusal::UnsupportedMediaType) if size == BodySize::Unknown => {
                let idle = self.0.config.limits.body_idle_timeout;
                match tokio::time::timeout(idle, body.frame()).await {
                    Ok(None) => read(BodySize::Exact(0)),
                    _ => Err(Refusal::UnsupportedMediaType),
                }
            }
            creation => creation,
        }
    }

    /// What is to be stored, checked against what is stored already, and the lengths of the parts
    /// among that.
    async fn new_upload(
        &self,
        creation: &Creation,
        answer: BeforeCreate,
    ) -> Result<(NewUpload, Lengths), Refusal> {
        let mut lengths = Lengths::new();
        let (kind, length) = match &creation.wanted {
            Wanted::Whole { length } => (Kind::Whole, *length),
            Wanted::Partial { length } => (Kind::Partial, *length),
            Wanted::Final { raw, parts } => {
                let found = self.find_parts(parts).await?;
                let unfinished = self.protocol().offers(Extension::ConcatenationUnfinished);
                let length = final_length(&found, unfinished, self.protocol(), self.now())?;
                lengths.extend(found.into_iter().filter_map(length_of_part));
                let concatenation = Concatenation::new(raw.clone(), parts.as_slice());
                (Kind::Final(concatenation), length)
            }
        };
        if let (Some(limit), Some(length)) = (answer.max_size, length)
            && length > limit
        {
            return Err(Refusal::UploadTooLarge {
                limit,
                offset: None,
            });
        }
        let id = match answer.id {
            Some(id) => id,
            None => random_id()?,
        };
        let mut new = NewUpload::new(id, length, self.now());
        new.kind = kind;
        new.max_size = answer.max_size;
        new.metadata = answer.metadata.or_else(|| creation.metadata.clone());
        new.time_to_live = self.0.config.time_to_live(self.protocol());
        Ok((new, lengths))
    }

    /// The parts of a final upload, in order. Each is looked up once, however often it stands there.
    async fn find_parts(&self, parts: &[UploadId]) -> Result<Vec<Upload>, Refusal> {
        let mut seen = HashSet::new();
        let distinct = parts.iter().filter(|part| seen.insert(*part)).cloned();
        let mut looks = pin!(self.look_at(distinct.collect()));
        let mut known = HashMap::new();
        while let Some((part, found)) = looks.next().await {
            match found {
                Ok(upload) => drop(known.insert(part, upload)),
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Gone) => {
                    let before = parts.iter().take_while(|other| **other != part);
                    let position = before.count() + 1;
                    return Err(Refusal::NotAPartial { position });
                }
                Err(error) => return Err(failure::refusal(&error, None)),
            }
        }
        let found = parts.iter().filter_map(|part| known.get(part).cloned());
        Ok(found.collect())
    }

    /// Makes the upload and takes its first bytes. Its client knows the upload by the answer only,
    /// so where the answer is a refusal nothing is left of the upload: a failure undoes it, unless
    /// it is `decided` by then that the client gets to know it.
    async fn make(
        &self,
        turn: &Turn,
        new: NewUpload,
        lengths: Lengths,
        creation: &Creation,
        body: Option<&mut RequestBody>,
        decided: &AtomicBool,
    ) -> Result<Created, Refusal> {
        let lease = match self.0.backend.create(new).await {
            Ok(lease) => lease,
            Err(error) => return Err(failure::refusal(&error, None)),
        };
        let upload = lease.info().clone();
        self.0.events.send(EventKind::Created, &upload);
        self.tell_if_received(&upload);
        let filled = match body {
            Some(body) => self.fill(turn, lease, creation, body).await,
            None => Ok(lease),
        };
        let finished = match filled {
            Ok(lease) => match self.assemble_if_possible(lease, lengths).await {
                Ok(lease) => self.finish(lease).await,
                Err(refusal) => Err(refusal),
            },
            Err(refusal) => Err(refusal),
        };
        match finished {
            Ok((upload, BeforeComplete { headers, .. })) => Ok(Created { upload, headers }),
            Err(refusal) => {
                if !decided.swap(true, Ordering::SeqCst) {
                    self.undo(&upload.id).await;
                }
                Err(refusal.without_offset())
            }
        }
    }

    /// Takes the body of a creation in.
    async fn fill(
        &self,
        turn: &Turn,
        lease: Box<dyn Lease>,
        creation: &Creation,
        body: &mut RequestBody,
    ) -> Result<Box<dyn Lease>, Refusal> {
        let plan = creation.plan(lease.info(), self.protocol());
        let takes_none = matches!(lease.info().kind, Kind::Final(_));
        let (lease, refusal) = if takes_none || lease.info().is_received() {
            let nothing = self.expect_nothing(&plan, body).await;
            (lease, nothing.err())
        } else {
            let received = self.receive(turn, lease, plan, body).await?;
            (received.lease, received.refusal)
        };
        match refusal {
            None => Ok(lease),
            Some(refusal) => {
                self.release(lease).await;
                Err(refusal)
            }
        }
    }

    /// Removes an upload whose creation is refused after all, unless it is gone already.
    async fn undo(&self, id: &UploadId) {
        match self.0.backend.acquire(id, Acquire::Try).await {
            // A failure is logged there, and expiry is the second chance.
            Ok(lease) => drop(self.remove(lease, EventKind::Terminated).await),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => drop(failure::refusal(&error, None)),
        }
    }
}

/// An upload that was made.
struct Created {
    upload: Upload,
    /// What a hook adds to the answer.
    headers: HeaderMap,
}

fn random_id() -> Result<UploadId, Refusal> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the operating system gave no random bits");
        Refusal::Unavailable
    })?;
    Ok(UploadId::from_random_bits(u128::from_ne_bytes(bytes)))
}
