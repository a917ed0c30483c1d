//! [`Client`]: what those do who upload, as the engine does it for them.

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use oxitus_core::clock::Clock as _;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Kind, Phase, Upload};
use oxitus_core::storage::{
    Acquire, Append as _, AppendOptions, ByteRange, CommitMode, Intent, Lease, StorageBackend as _,
};
use tokio::time;

use super::chance::Chance;
use super::clock::VirtualClock;
use super::oracle::Oracle;
use super::story::{DOOMED, stamped};
use crate::append::S3Append;
use crate::backend::S3Backend;
use crate::lease::S3Lease;

/// How long a request waits for another one of the same process.
const TURN: Duration = Duration::from_millis(500);

/// Somebody who comes to a node once.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) id: UploadId,
    /// How many bytes the upload is to have.
    pub(super) total: u64,
    pub(super) node: S3Backend,
    /// How the trace names it.
    pub(super) name: String,
    pub(super) oracle: Oracle,
    pub(super) chance: Chance,
    /// Whether it does what it should.
    pub(super) is_well_behaved: bool,
}

/// What is to become of what a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// What came counts.
    Plain,
    /// It counts if all of it came.
    Verified,
    /// Its digest will not match.
    Doomed,
}

/// How the sending came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Whole,
    /// The client has gone, another one wants the upload, or the store fails.
    Cut,
}

impl Client {
    /// Looks at the upload, and goes on with it.
    pub(super) async fn visit(self) {
        let Some(upload) = self.look().await else {
            return;
        };
        match upload.phase {
            Phase::Receiving if matches!(upload.kind, Kind::Final(_)) => self.assemble().await,
            Phase::Receiving => {
                self.pause(60).await;
                self.append(&upload).await;
            }
            Phase::Received => self.complete().await,
            Phase::Complete => self.read().await,
        }
    }

    /// A HEAD.
    pub(super) async fn look(&self) -> Option<Upload> {
        let promised = self.oracle.promised(&self.id);
        let shown = self.node.info(&self.id).await;
        match &shown {
            Ok(upload) => self.note(format_args!("HEAD: {} {:?}", upload.offset, upload.phase)),
            Err(error) => self.note(format_args!("HEAD: {error}")),
        }
        self.oracle.shown(&self.id, promised, &shown);
        shown.ok()
    }

    /// A DELETE.
    pub(super) async fn remove(self) {
        let how = Acquire::Ask {
            intent: Intent::Terminate,
            timeout: TURN,
        };
        let lease = match self.node.acquire(&self.id, how).await {
            Ok(lease) => lease,
            Err(error) => return self.note(format_args!("DELETE: {error}")),
        };
        match lease.terminate().await {
            Ok(()) => {
                self.note("DELETE: done");
                self.oracle.removed(&self.id);
            }
            Err(error) => self.note(format_args!("DELETE: {error}")),
        }
    }

    /// Whoever finds an upload received has it completed.
    async fn complete(&self) {
        match self.node.acquire(&self.id, Acquire::Try).await {
            Ok(lease) => self.finish(lease).await,
            Err(error) => self.note(format_args!("to complete: {error}")),
        }
    }

    /// Whoever finds a final upload waiting has its parts joined.
    async fn assemble(&self) {
        let lease = match self.node.acquire(&self.id, Acquire::Try).await {
            Ok(lease) => lease,
            Err(error) => return self.note(format_args!("to assemble: {error}")),
        };
        match lease.assemble().await {
            Ok(lease) => self.finish(lease).await,
            Err(error) => self.note(format_args!("assemble: {error}")),
        }
    }

    /// What every node does from time to time.
    pub(super) async fn sweep(self, clock: VirtualClock) {
        let mut from = None;
        loop {
            let swept = match self.node.sweep(clock.now(), from, 10).await {
                Ok(swept) => swept,
                Err(error) => return self.note(format_args!("sweep: {error}")),
            };
            for due in swept.due {
                if due.phase == Phase::Received {
                    let client = Self {
                        id: due.id,
                        ..self.clone()
                    };
                    client.complete().await;
                }
            }
            from = swept.next;
            if from.is_none() {
                return;
            }
        }
    }

    /// A GET.
    pub(super) async fn read(&self) {
        let Ok(download) = self.node.read(&self.id, ByteRange::ALL).await else {
            return;
        };
        let Some(bytes) = download.into_bytes() else {
            return;
        };
        if let Ok(chunks) = bytes.try_collect::<Vec<_>>().await {
            self.oracle.read(&self.id, &chunks.concat().into());
        }
    }

    /// A PATCH.
    async fn append(&self, upload: &Upload) {
        let rest = self.total - upload.offset;
        let plan = match self.chance.within(0..=9) {
            _ if self.is_well_behaved => Plan::Plain,
            0..6 => Plan::Plain,
            6..8 => Plan::Verified,
            _ => Plan::Doomed,
        };
        let size = match self.chance.of_hundred(25) || self.is_well_behaved {
            true => rest,
            false => self.chance.within(0..=rest.min(12)),
        };
        let ends = size == rest;
        let declares = upload.length.is_none() && (ends || self.chance.of_hundred(30));
        let letter = match plan {
            Plan::Doomed => DOOMED,
            _ => self.oracle.letter(&self.id),
        };
        let bytes = stamped(upload.offset, size, letter);
        self.note(format_args!(
            "PATCH {plan:?} at {}: {bytes:?}",
            upload.offset
        ));
        let mode = match plan {
            Plan::Plain => CommitMode::Progressive,
            _ => CommitMode::Atomic,
        };
        let options = AppendOptions::new(upload.offset, mode)
            .declare_length(declares.then_some(self.total))
            .expected(self.chance.of_hundred(60).then_some(size));
        let how = Acquire::Ask {
            intent: Intent::Append {
                offset: upload.offset,
            },
            timeout: TURN,
        };
        let lease = S3Lease::acquire(self.node.0.clone(), &self.id, how).await;
        let begun = lease.and_then(|lease| {
            let before = lease.info().clone();
            Ok((before, lease.into_append(options)?))
        });
        let (before, mut append) = match begun {
            Ok(begun) => begun,
            Err(error) => return self.note(format_args!("PATCH: {error}")),
        };
        let (sent, ending) = self.send(&mut append, &bytes).await;
        let is_fickle = !self.is_well_behaved && self.chance.of_hundred(8);
        let keeps = plan == Plan::Plain || (plan == Plan::Verified && ending == Ending::Whole);
        if keeps && !is_fickle {
            return self
                .commit(append, upload.offset, &bytes, sent, ending)
                .await;
        }
        if mode == CommitMode::Atomic {
            self.oracle.reject(&self.id, letter);
        }
        if self.chance.of_hundred(20) {
            return self.note("the request is dropped");
        }
        match Box::new(append).rollback().await {
            Ok(lease) => {
                self.note(format_args!("rolled back to {}", lease.info().offset));
                self.check_restored(mode, &before, lease.info());
                let _ = lease.release().await;
            }
            Err(error) => self.note(format_args!("rollback: {error}")),
        }
    }

    /// Sends bytes in pieces. Says how many it could send, and whether they are all.
    async fn send(&self, append: &mut S3Append, bytes: &Bytes) -> (usize, Ending) {
        let stops_at = match self.chance.of_hundred(75) || self.is_well_behaved {
            true => bytes.len(),
            false => self.chance.within(0..=bytes.len() as u64) as usize,
        };
        let mut rest = bytes.slice(..stops_at);
        let mut sent = 0;
        while !rest.is_empty() {
            let size = self.chance.within(1..=rest.len().min(7) as u64) as usize;
            let mut piece = rest.split_to(size);
            let head = piece.split_to(self.chance.within(0..=size as u64) as usize);
            if let Err(error) = append.write(vec![head, piece]).await {
                self.note(format_args!("write: {error}"));
                return (sent, Ending::Cut);
            }
            sent += size;
            if self.idle(append).await == Ending::Cut {
                return (sent, Ending::Cut);
            }
        }
        let ending = if stops_at == bytes.len() {
            Ending::Whole
        } else {
            Ending::Cut
        };
        (sent, ending)
    }

    /// What happens between two pieces.
    async fn idle(&self, append: &mut S3Append) -> Ending {
        if self.is_well_behaved {
            return Ending::Whole;
        }
        let silence = match self.chance.within(0..=9) {
            0..5 => Duration::ZERO,
            5..9 => self.chance.milliseconds(0..=20),
            _ => self.chance.milliseconds(1_000..=4_000),
        };
        if !silence.is_zero() {
            tokio::select! {
                biased;
                _ = append.wanted() => {
                    self.note("is overtaken");
                    return Ending::Cut;
                }
                () = time::sleep(silence) => {}
            }
        }
        match self.chance.within(0..=19) {
            0..3 => {
                self.note("checkpoint");
                match append.checkpoint().await {
                    Ok(()) => Ending::Whole,
                    Err(error) => {
                        self.note(format_args!("checkpoint: {error}"));
                        Ending::Cut
                    }
                }
            }
            3..5 => match append.write(Vec::new()).await {
                Ok(()) => Ending::Whole,
                Err(error) => {
                    self.note(format_args!("write of nothing: {error}"));
                    Ending::Cut
                }
            },
            5..7 => {
                self.note("spills");
                append.spill().await;
                Ending::Whole
            }
            _ => Ending::Whole,
        }
    }

    async fn commit(
        &self,
        append: S3Append,
        from: u64,
        bytes: &Bytes,
        sent: usize,
        ending: Ending,
    ) {
        let lease = match Box::new(append).commit().await {
            Ok(lease) => lease,
            Err(error) => return self.note(format_args!("commit: {error}")),
        };
        let upload = lease.info();
        self.note(format_args!("committed up to {}", upload.offset));
        self.oracle.committed(&self.id, from, bytes, upload);
        if ending == Ending::Whole && upload.offset != from + sent as u64 {
            self.oracle.blame("not all that was sent was committed");
        }
        self.finish(lease).await;
    }

    async fn finish(&self, mut lease: Box<dyn Lease>) {
        if lease.info().phase == Phase::Received {
            match lease.complete().await {
                Ok(()) => self.note("completed"),
                Err(error) => self.note(format_args!("complete: {error}")),
            }
        }
        let _ = lease.release().await;
    }

    /// After a rollback everything is as before, but for what a checkpoint has shown already.
    fn check_restored(&self, mode: CommitMode, before: &Upload, after: &Upload) {
        let is_right = match mode {
            CommitMode::Atomic => after.offset == before.offset && after.length == before.length,
            CommitMode::Progressive => after.offset >= before.offset,
        };
        if !is_right {
            self.oracle
                .blame(format!("{before:?} was restored to {after:?}"));
        }
    }

    async fn pause(&self, most: u64) {
        if !self.is_well_behaved {
            time::sleep(self.chance.milliseconds(0..=most)).await;
        }
    }

    fn note(&self, what: impl std::fmt::Display) {
        self.oracle.trace().note(&self.name, what);
    }
}
