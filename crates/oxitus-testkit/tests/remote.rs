//! The clauses ask of nobody what the contract does not: here is a backend that takes every freedom
//! which one over an object store needs, and keeps them all.
//!
//! - Its leases are exclusive in one instance. Any other instance takes them away, and so does a look
//!   at an upload to which an instance has written what it has not committed.
//! - Nothing shows before a checkpoint or a commit.
//! - The id of a terminated upload stays taken.
//! - A step of a sweep looks at one upload, and mostly reports none.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt as _;
use oxitus_core::memory::MemoryBackend;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{
    Acquire, Append, AppendOptions, ByteRange, Capabilities, CommitMode, Cursor, Download, Error,
    ErrorKind, Intent, Lease, NewUpload, Result, Scope, StorageBackend, Sweep,
};
use oxitus_testkit::contract::{self, Fixture};

oxitus_testkit::contract_tests!(Remote::new(true));

/// A holder that does not learn that its lease is gone is found out.
#[test]
#[should_panic(expected = "LeaseLost")]
fn a_lease_without_a_fence_is_found_out() {
    let clause = contract::clause_05_a_lease_that_was_taken_away_changes_nothing;
    contract::run("", async { Remote::new(false) }, clause);
}

/// What all instances share.
#[derive(Debug)]
struct Place {
    uploads: MemoryBackend,
    holders: Mutex<HashMap<UploadId, Holder>>,
    terminated: Mutex<HashSet<UploadId>>,
    instances: AtomicUsize,
    is_fenced: bool,
}

/// Who holds an upload, and by what.
#[derive(Debug)]
struct Holder {
    instance: usize,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug)]
enum Held {
    Lease(Box<dyn Lease>),
    Append(Writing),
    /// Something is being done by it.
    InUse,
    Lost,
}

#[derive(Debug)]
struct Writing {
    append: Box<dyn Append>,
    mode: CommitMode,
    /// How much was written that does not show yet.
    hidden: usize,
}

impl Writing {
    /// Whether a checkpoint makes something of it visible.
    fn has_progress(&self) -> bool {
        self.mode == CommitMode::Progressive && self.hidden > 0
    }
}

/// One instance.
#[derive(Clone, Debug)]
struct Remote {
    place: Arc<Place>,
    instance: usize,
}

impl Remote {
    fn new(is_fenced: bool) -> Self {
        let place = Arc::new(Place {
            uploads: MemoryBackend::new(),
            holders: Mutex::default(),
            terminated: Mutex::default(),
            instances: AtomicUsize::new(1),
            is_fenced,
        });
        Self { place, instance: 0 }
    }

    fn hold(&self, lease: Box<dyn Lease>) -> Box<dyn Lease> {
        let upload = lease.info().clone();
        let held = Arc::new(Mutex::new(Held::Lease(lease)));
        let holder = Holder {
            instance: self.instance,
            held: Arc::clone(&held),
        };
        let mut holders = self.place.holders.lock().unwrap();
        holders.insert(upload.id.clone(), holder);
        let grip = Grip {
            place: Arc::clone(&self.place),
            id: upload.id.clone(),
            held,
        };
        Box::new(RemoteLease { grip, upload })
    }

    /// Takes away what another instance holds, if it is such a thing.
    fn take_away(&self, id: &UploadId, which: impl Fn(&Held) -> bool) -> Held {
        let holders = self.place.holders.lock().unwrap();
        match holders.get(id) {
            Some(holder) if holder.instance != self.instance => {
                let mut held = holder.held.lock().unwrap();
                match which(&held) {
                    true => mem::replace(&mut held, Held::Lost),
                    false => Held::Lost,
                }
            }
            _ => Held::Lost,
        }
    }
}

#[async_trait]
impl Fixture for Remote {
    fn backend(&self) -> Arc<dyn StorageBackend> {
        Arc::new(self.clone())
    }

    async fn reopen(&self) -> Arc<dyn StorageBackend> {
        Arc::new(Self {
            place: Arc::clone(&self.place),
            instance: self.place.instances.fetch_add(1, Ordering::SeqCst),
        })
    }
}

#[async_trait]
impl StorageBackend for Remote {
    fn capabilities(&self) -> Capabilities {
        Capabilities::all(Scope::Process)
    }

    async fn create(&self, new: NewUpload) -> Result<Box<dyn Lease>> {
        if self.place.terminated.lock().unwrap().contains(&new.id) {
            return Err(Error::new(ErrorKind::AlreadyExists, "it was taken once"));
        }
        Ok(self.hold(self.place.uploads.create(new).await?))
    }

    async fn acquire(&self, id: &UploadId, how: Acquire) -> Result<Box<dyn Lease>> {
        drop(self.take_away(id, |held| !matches!(held, Held::InUse)));
        Ok(self.hold(self.place.uploads.acquire(id, how).await?))
    }

    async fn info(&self, id: &UploadId) -> Result<Upload> {
        let progress = |held: &Held| matches!(held, Held::Append(it) if it.has_progress());
        if let Held::Append(writing) = self.take_away(id, progress) {
            drop(writing.append.commit().await?);
        }
        self.place.uploads.info(id).await
    }

    async fn read(&self, id: &UploadId, range: ByteRange) -> Result<Download> {
        self.place.uploads.read(id, range).await
    }

    async fn sweep(&self, now: SystemTime, from: Option<Cursor>, _: usize) -> Result<Sweep> {
        self.place.uploads.sweep(now, from, 1).await
    }
}

/// Lets go when it is dropped.
#[derive(Debug)]
struct Grip {
    place: Arc<Place>,
    id: UploadId,
    held: Arc<Mutex<Held>>,
}

impl Grip {
    fn take(&self) -> Held {
        let mut held = self.held.lock().unwrap();
        match &*held {
            Held::Lost => Held::Lost,
            _ => mem::replace(&mut held, Held::InUse),
        }
    }

    async fn lease(&self) -> Result<Box<dyn Lease>> {
        match self.take() {
            Held::Lease(lease) => Ok(lease),
            _ if self.place.is_fenced => Err(LOST),
            _ => self.place.uploads.acquire(&self.id, Acquire::Try).await,
        }
    }

    fn writing(&self) -> Result<Writing> {
        match self.take() {
            Held::Append(writing) => Ok(writing),
            _ => Err(LOST),
        }
    }

    fn put(&self, now: Held) {
        *self.held.lock().unwrap() = now;
    }

    async fn wanted(&self) -> Intent {
        loop {
            let asked = match &mut *self.held.lock().unwrap() {
                Held::Lease(lease) => lease.wanted().now_or_never(),
                Held::Append(writing) => writing.append.wanted().now_or_never(),
                Held::InUse | Held::Lost => None,
            };
            match asked {
                Some(intent) => return intent,
                None => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    }

    fn back(self, lease: Box<dyn Lease>) -> Box<dyn Lease> {
        let upload = lease.info().clone();
        self.put(Held::Lease(lease));
        Box::new(RemoteLease { grip: self, upload })
    }
}

impl Drop for Grip {
    fn drop(&mut self) {
        self.put(Held::Lost);
    }
}

const LOST: Error = Error::new(ErrorKind::LeaseLost, "somebody else has it");

#[derive(Debug)]
struct RemoteLease {
    grip: Grip,
    upload: Upload,
}

#[async_trait]
impl Lease for RemoteLease {
    fn info(&self) -> &Upload {
        &self.upload
    }

    async fn wanted(&mut self) -> Intent {
        self.grip.wanted().await
    }

    async fn append(self: Box<Self>, mut options: AppendOptions) -> Result<Box<dyn Append>> {
        let mode = mem::replace(&mut options.mode, CommitMode::Atomic);
        let append = self.grip.lease().await?.append(options).await?;
        let hidden = 0;
        self.grip.put(Held::Append(Writing {
            append,
            mode,
            hidden,
        }));
        Ok(Box::new(RemoteAppend(self.grip)))
    }

    async fn assemble(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let lease = self.grip.lease().await?.assemble().await?;
        Ok(self.grip.back(lease))
    }

    async fn complete(&mut self) -> Result<()> {
        let mut lease = self.grip.lease().await?;
        let outcome = lease.complete().await;
        self.upload = lease.info().clone();
        self.grip.put(Held::Lease(lease));
        outcome
    }

    async fn terminate(self: Box<Self>) -> Result<()> {
        self.grip.lease().await?.terminate().await?;
        let mut terminated = self.grip.place.terminated.lock().unwrap();
        terminated.insert(self.grip.id.clone());
        Ok(())
    }

    async fn release(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct RemoteAppend(Grip);

#[async_trait]
impl Append for RemoteAppend {
    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        let mut writing = self.0.writing()?;
        let bytes: usize = chunks.iter().map(Bytes::len).sum();
        let outcome = writing.append.write(chunks).await;
        if outcome.is_ok() {
            writing.hidden += bytes;
        }
        self.0.put(Held::Append(writing));
        outcome
    }

    async fn checkpoint(&mut self) -> Result<()> {
        let mut writing = self.0.writing()?;
        if writing.has_progress() {
            let lease = writing.append.commit().await?;
            let again = AppendOptions::new(lease.info().offset, CommitMode::Atomic);
            writing.append = lease.append(again).await?;
            writing.hidden = 0;
        }
        self.0.put(Held::Append(writing));
        Ok(())
    }

    async fn wanted(&mut self) -> Intent {
        self.0.wanted().await
    }

    async fn commit(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let lease = self.0.writing()?.append.commit().await?;
        Ok(self.0.back(lease))
    }

    async fn rollback(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let lease = self.0.writing()?.append.rollback().await?;
        Ok(self.0.back(lease))
    }
}
