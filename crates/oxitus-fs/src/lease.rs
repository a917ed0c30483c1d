//! [`FsLease`]: the lock of one upload, and what may be done under it.

use std::sync::Arc;

use async_trait::async_trait;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Kind, Phase, Upload};
use oxitus_core::storage::{self, Append, AppendOptions, Intent, Lease};

use crate::append::FsAppend;
use crate::assemble::assemble;
use crate::error::{Failure, Result};
use crate::files::Files;
use crate::pace::Effort;
use crate::record::{DataFile, Record, State};
use crate::store::Store;
use crate::turnstile::Turnstile;

/// The lease of one upload.
#[derive(Debug)]
pub(crate) struct FsLease {
    pub(crate) held: Held,
}

#[async_trait]
impl Lease for FsLease {
    fn info(&self) -> &Upload {
        self.held.upload()
    }

    async fn wanted(&mut self) -> Intent {
        self.held.wanted().await
    }

    async fn append(
        mut self: Box<Self>,
        options: AppendOptions,
    ) -> storage::Result<Box<dyn Append>> {
        self.held.recover().await?;
        Ok(Box::new(FsAppend::begin(self.held, options)?))
    }

    async fn assemble(self: Box<Self>) -> storage::Result<Box<dyn Lease>> {
        let held = assemble(self.held).await?;
        Ok(Box::new(Self { held }))
    }

    async fn complete(&mut self) -> storage::Result<()> {
        Ok(self.held.complete().await?)
    }

    async fn terminate(self: Box<Self>) -> storage::Result<()> {
        Ok(self.held.terminate().await?)
    }

    async fn release(self: Box<Self>) -> storage::Result<()> {
        Ok(())
    }
}

/// An upload whose lock this is. Dropping it lets go.
#[derive(Debug)]
pub(crate) struct Held {
    store: Arc<Store>,
    files: Files,
    record: Record,
    upload: Upload,
    /// Up to where the bytes are on the disk for certain.
    certain: u64,
    /// Whether the record is on the disk for certain, as it is.
    record_is_certain: bool,
    turnstile: Turnstile,
}

impl Held {
    pub(crate) fn new(
        store: Arc<Store>,
        id: UploadId,
        files: Files,
        record: Record,
        data: DataFile,
    ) -> Self {
        Self {
            upload: record.snapshot(&id, data),
            store,
            files,
            record,
            certain: 0,
            record_is_certain: false,
            turnstile: Turnstile::default(),
        }
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    pub(crate) fn upload(&self) -> &Upload {
        &self.upload
    }

    pub(crate) fn state(&self) -> State {
        self.record.slot.state
    }

    pub(crate) async fn wanted(&mut self) -> Intent {
        self.turnstile.wanted(&self.store, &self.files.record).await
    }

    /// Whether there is nothing to be done before it can be relied on.
    pub(crate) fn is_settled(&self) -> bool {
        self.state().staged_from.is_none() && !self.store.durability.syncs_always()
    }

    /// Sees to it that it can be relied on, also after a crash of whoever had it before.
    pub(crate) async fn settle(mut self) -> Result<Self> {
        self.recover().await?;
        self.make_certain().await?;
        Ok(self)
    }

    /// Cuts off what lies above a staged mark, and takes the mark away: in this order on the disk
    /// too, else a power failure could turn unverified bytes into truth.
    pub(crate) async fn recover(&mut self) -> Result<()> {
        let State {
            staged_from: Some(staged_from),
            ..
        } = self.state()
        else {
            return Ok(());
        };
        tracing::info!(id = %self.upload.id, staged_from, "dropping bytes that were never committed");
        self.truncate(staged_from).await?;
        let recovered = State {
            staged_from: None,
            ..self.state()
        };
        if self.store.durability.syncs() {
            self.sync_data_or_fall_back(recovered).await?;
        }
        self.put(recovered).await?;
        self.refresh().await
    }

    /// Sees to it that the offset it was found with is on the disk, where every acknowledged byte
    /// has to be: whoever wrote it may have died before that. The record belongs to it: with a mark
    /// that has only gone from the cache, a power failure would bring back an earlier offset.
    async fn make_certain(&mut self) -> Result<()> {
        if !self.store.durability.syncs_always() {
            return Ok(());
        }
        if self.upload.offset > 0 && self.upload.phase != Phase::Complete {
            self.sync_data_or_fall_back(self.state()).await?;
            self.sync_record_or_put(self.state()).await?;
        }
        self.is_certain();
        Ok(())
    }

    /// Every byte up to the offset is on the disk.
    pub(crate) fn is_certain(&mut self) {
        self.certain = self.upload.offset;
    }

    /// The record is on the disk.
    pub(crate) fn has_certain_record(&mut self) {
        self.record_is_certain = true;
    }

    /// Finishes an upload that is `Received`.
    async fn complete(&mut self) -> Result<()> {
        self.recover().await?;
        match self.upload.phase {
            Phase::Complete => return Ok(()),
            Phase::Received => {}
            Phase::Receiving => return Err(Failure::NotReceived),
        }
        let received = self.state();
        if !self.store.durability.syncs() {
            self.put(State {
                phase: Phase::Complete,
                ..received
            })
            .await?;
            return self.refresh().await;
        }
        self.sync_data_or_fall_back(received).await?;
        self.is_certain();
        self.sync_directories().await?;
        self.put(State {
            phase: Phase::Complete,
            ..received
        })
        .await?;
        self.sync_record_or_put(received).await?;
        self.refresh().await
    }

    async fn terminate(self) -> Result<()> {
        let Self {
            store,
            files,
            upload,
            ..
        } = self;
        store
            .run_long(move |store| {
                files.remove(store, &upload.id)?;
                if store.durability.syncs_always() {
                    store.sync_directories(&upload.id)?;
                }
                Ok(())
            })
            .await
    }

    /// Records a state.
    pub(crate) async fn put(&mut self, state: State) -> Result<()> {
        let slot = self.record.slot.next(state);
        self.record_is_certain = false;
        let files = self.files.clone();
        self.store
            .run(Effort::Change, move |store| {
                files.write_slot(&store.disk, slot)
            })
            .await?;
        self.record.slot = slot;
        Ok(())
    }

    /// Records a state after the record could not be synced: all of it is written again, since the
    /// kernel has given up the pages that it could not write.
    pub(crate) async fn put_anew(&mut self, state: State) -> Result<()> {
        let files = self.files.clone();
        let head = Arc::clone(&self.record.head);
        self.store
            .run(Effort::Change, move |store| {
                files.write_head(&store.disk, &head)
            })
            .await?;
        self.put(state).await
    }

    /// Cuts the data file off.
    pub(crate) async fn truncate(&mut self, length: u64) -> Result<()> {
        let files = self.files.clone();
        self.store
            .run_long(move |store| files.truncate(&store.disk, length))
            .await
    }

    /// Finds out how the upload stands now.
    pub(crate) async fn refresh(&mut self) -> Result<()> {
        let files = self.files.clone();
        let data = self
            .store
            .run(Effort::Look, move |store| files.data_file(&store.disk))
            .await?;
        self.upload = self.record.snapshot(&self.upload.id, data);
        Ok(())
    }

    async fn sync_data(&self) -> Result<()> {
        let data = Arc::clone(&self.files.data);
        self.store
            .run_long(move |store| store.disk.sync(&data))
            .await
    }

    async fn sync_record(&mut self) -> Result<()> {
        let record = Arc::clone(&self.files.record);
        self.store
            .run_long(move |store| store.disk.sync(&record))
            .await?;
        self.record_is_certain = true;
        Ok(())
    }

    /// Brings the record to the disk. Where that fails, `state` is recorded instead.
    pub(crate) async fn sync_record_or_put(&mut self, state: State) -> Result<()> {
        let Err(failure) = self.sync_record().await else {
            return Ok(());
        };
        self.put_anew(state).await?;
        Err(failure)
    }

    /// Brings the record to the disk, if it is not there. Where that fails, the upload falls back to
    /// the bytes that are certain, with `state`.
    pub(crate) async fn sync_record_or_fall_back(&mut self, state: State) -> Result<()> {
        if self.record_is_certain {
            return Ok(());
        }
        let synced = self.sync_record().await;
        self.fall_back_if_lost(&synced, state).await;
        synced
    }

    pub(crate) async fn sync_directories(&self) -> Result<()> {
        let id = self.upload.id.clone();
        self.store
            .run_long(move |store| store.sync_directories(&id))
            .await
    }

    /// Brings the data to the disk. Where that fails, the upload falls back to what is there for
    /// certain, with `state`: the kernel has given up the pages that it could not write and would
    /// not try them again, so a second sync would succeed and prove nothing.
    pub(crate) async fn sync_data_or_fall_back(&mut self, state: State) -> Result<()> {
        let synced = self.sync_data().await;
        self.fall_back_if_lost(&synced, state).await;
        synced
    }

    /// Falls back, with `state`, where a sync failed.
    async fn fall_back_if_lost(&mut self, synced: &Result<()>, state: State) {
        if synced.as_ref().is_err_and(Failure::is_failed_sync) {
            self.fall_back(state).await;
        }
    }

    /// Goes back to the bytes that are certain. The mark comes first and is synced: also after a
    /// power failure nothing above it counts.
    pub(crate) async fn fall_back(&mut self, state: State) {
        let certain = self.certain;
        tracing::error!(id = %self.upload.id, certain, "a sync failed: the upload falls back to what is certain");
        let back = State {
            staged_from: Some(certain),
            ..state
        };
        let marked = self.put(back).await;
        let synced = self.sync_record().await;
        let truncated = self.truncate(certain).await;
        for outcome in [marked, synced, truncated, self.refresh().await] {
            if let Err(failure) = outcome {
                tracing::error!(id = %self.upload.id, %failure, "could not fall back entirely");
            }
        }
    }

    /// Whether it is made of others.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.upload.kind, Kind::Final(_))
    }
}
