//! [`Defective`]: the memory backend with a defect.

mod append;
mod lease;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use oxitus_core::memory::MemoryBackend;
use oxitus_core::proto::header::UploadMetadata;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Kind, Phase, Upload};
use oxitus_core::storage::{
    Acquire, ByteRange, Capabilities, Cursor, Download, Error, ErrorKind, Intent, Lease, NewUpload,
    Result, StorageBackend, Sweep,
};
use oxitus_testkit::contract::Fixture;
use oxitus_testkit::fault::{Faults, FaultyBackend};

use self::Defect::*;
use self::lease::DefectiveLease;

/// What is wrong with a backend. Each is a mistake of one line or two, made where its name is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Nothing.
    Sound,
    AlwaysAsksToTerminate,
    AsksBeforeItLooks,
    AsksForEver,
    AsksNobody,
    AsksWhenItTries,
    AssemblesOnce,
    BringsBackWhatIsWaitedFor,
    CommitsForItselfOnly,
    CommitsNothing,
    CommitsWhatIsDropped,
    CompletesOnce,
    CompletesTheUnfinished,
    CountsItsWay,
    CreatesWhatIsAskedFor,
    DamagesWhatIsDropped,
    EncodesMetadataAgain,
    EndsAtTheLimit,
    ExpiresByCreation,
    FailsFromThenOn,
    ForgetsTheLimit,
    ForgetsTheTimeToLive,
    GivesUpAtOnce,
    GuardsWhatIsRuined,
    HidesProgress,
    IgnoresTheLimitOfASweep,
    IgnoresTheOffset,
    IgnoresThePresent,
    IgnoresTheStart,
    IsDeafWhileItAppends,
    IsNeverReceived,
    KeepsTheLeaseWhereItFails,
    KeepsTheLengthThatIsRolledBack,
    KeepsTheSpace,
    KeepsWhatFits,
    KeepsWhatFollowsACheckpoint,
    KeepsWhatIsDropped,
    KeepsWhatIsRolledBack,
    LetsOneWait,
    LooksAfterAWhile,
    LooksBeforeItCreates,
    LooksOnlyOnce,
    LosesAByteAtTheBoundary,
    LosesAllWhenFull,
    LosesAnAbandonedLease,
    MixesUploads,
    NeedsARuntimeToDrop,
    NeverEnds,
    OnlyReleases,
    OverlooksALengthThatIsReached,
    Overwrites,
    ReadsOneByteMore,
    ReadsWhatIsReceived,
    RecordsTheLengthAtOnce,
    RecordsTheLengthAtTheEnd,
    RefusesInOtherWords,
    ReleasesLater,
    RemembersTheTerminated,
    RemovesWhatCannotBeAssembled,
    RemovesWhatIsDue,
    ReportsOneTwice,
    ReservesWhatIsExpected,
    RollsBackWhatIsDropped,
    RunsAhead,
    SharesLeases,
    SharesLeasesAtTimes,
    ShowsAtomicAppends,
    SkipsOne,
    SkipsWhatIsRuined,
    SortsParts,
    StopsAtAnEmptyChunk,
    TakesAThousandChunks,
    TakesPartsOnce,
    TakesTheLastLength,
    TakesTheParts,
    TakesTheRuinedForMissing,
    TakesTheUnfinishedForMissing,
    TerminatesTwice,
    WaitsForEver,
    WaitsForNoBytes,
    WritesTheEndFirst,
}

/// A place for uploads that is kept by a defective backend.
pub(crate) struct Place(Defective);

impl Place {
    pub(crate) fn with(defect: Defect) -> Self {
        Self(Defective::new(MemoryBackend::new(), defect))
    }
}

#[async_trait]
impl Fixture for Place {
    fn backend(&self) -> Arc<dyn StorageBackend> {
        Arc::new(self.0.clone())
    }

    async fn reopen(&self) -> Arc<dyn StorageBackend> {
        let mut elsewhere = self.0.clone();
        elsewhere.elsewhere = true;
        Arc::new(elsewhere)
    }

    async fn ruin(&self, id: &UploadId) -> bool {
        self.0.memory().ruined.insert(id.clone())
    }

    async fn cramped(&self, room: u64) -> Option<Arc<dyn StorageBackend>> {
        let inner = MemoryBackend::with_room(room);
        Some(Arc::new(Defective::new(inner, self.0.defect)))
    }
}

#[derive(Clone, Debug)]
struct Defective {
    inner: Arc<dyn StorageBackend>,
    defect: Defect,
    elsewhere: bool,
    memory: Arc<Mutex<Memory>>,
}

/// What some defects need to remember.
#[derive(Debug, Default)]
struct Memory {
    asking: usize,
    refused: usize,
    latest: Option<(UploadId, Bytes)>,
    lengths: HashMap<UploadId, u64>,
    metadata: HashMap<UploadId, UploadMetadata>,
    completed: HashSet<UploadId>,
    terminated: HashSet<UploadId>,
    ruined: HashSet<UploadId>,
}

impl Defective {
    /// Between the two stands a backend that could fail and does not, which must not show.
    fn new(inner: MemoryBackend, defect: Defect) -> Self {
        Self {
            inner: Arc::new(FaultyBackend::new(Arc::new(inner), Faults::default())),
            defect,
            elsewhere: false,
            memory: Arc::default(),
        }
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap()
    }

    fn lease(&self, inner: Box<dyn Lease>) -> Box<dyn Lease> {
        Box::new(DefectiveLease::of(inner, self.clone()))
    }

    /// A lease that is none.
    fn phantom(&self, id: &UploadId) -> Box<dyn Lease> {
        let upload = Upload::new(id.clone(), Some(1), SystemTime::now());
        Box::new(DefectiveLease::phantom(upload, self.clone()))
    }

    /// Fails where somebody wants to go on with what is ruined.
    fn check_ruin(&self, id: &UploadId) -> Result<()> {
        let memory = self.memory();
        match self.defect {
            _ if !memory.ruined.contains(id) || memory.terminated.contains(id) => Ok(()),
            TakesTheRuinedForMissing => Err(Error::new(ErrorKind::NotFound, "it is not there")),
            _ => Err(Error::new(ErrorKind::Gone, "it is ruined")),
        }
    }

    async fn terminate(&self, id: &UploadId) {
        if let Ok(lease) = self.inner.acquire(id, Acquire::Try).await {
            lease.terminate().await.unwrap();
        }
    }

    async fn ask(
        &self,
        id: &UploadId,
        mut intent: Intent,
        mut timeout: Duration,
    ) -> Result<Box<dyn Lease>> {
        let there = self.inner.info(id).await;
        let misplaced = matches!(
            (&there, intent),
            (Ok(upload), Intent::Append { offset }) if upload.offset != offset
        );
        match self.defect {
            AsksNobody => {
                let step = Duration::from_millis(10);
                while !timeout.is_zero() && self.inner.acquire(id, Acquire::Try).await.is_err() {
                    tokio::time::sleep(step).await;
                    timeout = timeout.saturating_sub(step);
                }
            }
            AsksForEver => {
                let (inner, id) = (self.inner.clone(), id.clone());
                let how = Acquire::Ask { intent, timeout };
                let asking = tokio::spawn(async move { inner.acquire(&id, how).await });
                return asking.await.unwrap();
            }
            AsksBeforeItLooks if misplaced => {
                let how = Acquire::Ask {
                    intent: Intent::Terminate,
                    timeout: Duration::from_millis(50),
                };
                drop(self.inner.acquire(id, how).await);
            }
            LooksOnlyOnce if !misplaced => intent = Intent::Terminate,
            IgnoresTheOffset => intent = Intent::Terminate,
            GivesUpAtOnce => timeout = Duration::ZERO,
            WaitsForEver => timeout = Duration::from_secs(1 << 20),
            LetsOneWait if self.memory().asking > 0 => timeout = Duration::ZERO,
            _ => {}
        }
        self.memory().asking += 1;
        let outcome = self
            .inner
            .acquire(id, Acquire::Ask { intent, timeout })
            .await;
        self.memory().asking -= 1;
        match outcome {
            Err(_) if self.has(BringsBackWhatIsWaitedFor) && there.is_ok() => {
                let new = NewUpload::new(id.clone(), Some(9), SystemTime::now());
                self.inner.create(new).await
            }
            Err(_) if self.has(TerminatesTwice) && self.memory().terminated.contains(id) => {
                Ok(self.phantom(id))
            }
            outcome => outcome,
        }
    }
}

#[async_trait]
impl StorageBackend for Defective {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn create(&self, mut new: NewUpload) -> Result<Box<dyn Lease>> {
        let id = new.id.clone();
        match self.defect {
            ForgetsTheTimeToLive => new.time_to_live = None,
            ForgetsTheLimit => new.max_size = None,
            EncodesMetadataAgain => {
                new.metadata = new.metadata.map(|metadata| {
                    let pairs: Vec<_> = metadata.iter().collect();
                    let pairs = pairs.iter().map(|(key, value)| (*key, value.as_slice()));
                    UploadMetadata::from_pairs(pairs).unwrap()
                });
            }
            Overwrites => self.terminate(&id).await,
            LooksBeforeItCreates => {
                let free = self.inner.info(&id).await.is_err();
                tokio::task::yield_now().await;
                if free && self.inner.info(&id).await.is_ok() {
                    return Ok(self.phantom(&id));
                }
            }
            RemembersTheTerminated if self.memory().terminated.contains(&id) => {
                new.metadata = self.memory().metadata.remove(&id);
            }
            RemembersTheTerminated => {
                let described = new.metadata.clone().map(|metadata| (id, metadata));
                self.memory().metadata.extend(described);
            }
            _ => {}
        }
        if let Kind::Final(concatenation) = &mut new.kind {
            let mut parts = concatenation.parts.to_vec();
            match self.defect {
                SortsParts => parts.sort(),
                TakesPartsOnce => parts.dedup(),
                _ => {}
            }
            concatenation.parts = parts.into();
        }
        Ok(self.lease(self.inner.create(new).await?))
    }

    async fn acquire(&self, id: &UploadId, how: Acquire) -> Result<Box<dyn Lease>> {
        if self.has(CreatesWhatIsAskedFor) {
            let new = NewUpload::new(id.clone(), Some(1), SystemTime::now());
            drop(self.inner.create(new).await);
        }
        let appends = matches!(
            how,
            Acquire::Ask {
                intent: Intent::Append { .. },
                ..
            }
        );
        if appends || self.has(GuardsWhatIsRuined) {
            self.check_ruin(id)?;
        }
        let outcome = match how {
            Acquire::Ask { intent, timeout } => self.ask(id, intent, timeout).await,
            Acquire::Try if self.has(AsksWhenItTries) => {
                self.ask(id, Intent::Terminate, Duration::from_millis(50))
                    .await
            }
            Acquire::Try => self.inner.acquire(id, how).await,
        };
        if self.has(LosesAnAbandonedLease) {
            let mut kept = Kept(Some(outcome));
            tokio::task::yield_now().await;
            return Ok(self.lease(kept.0.take().unwrap()?));
        }
        match outcome {
            Err(error) if error.kind() == ErrorKind::Locked => {
                let refused = {
                    let mut memory = self.memory();
                    memory.refused += 1;
                    memory.refused
                };
                match self.defect {
                    SharesLeases => Ok(self.phantom(id)),
                    SharesLeasesAtTimes if refused % 5 == 0 => Ok(self.phantom(id)),
                    _ => Err(error),
                }
            }
            outcome => Ok(self.lease(outcome?)),
        }
    }

    async fn info(&self, id: &UploadId) -> Result<Upload> {
        self.check_ruin(id)?;
        let mut upload = self.inner.info(id).await?;
        let received = upload.phase == Phase::Received;
        match self.defect {
            RunsAhead if upload.phase == Phase::Receiving => upload.offset += 1,
            CommitsForItselfOnly if self.elsewhere => upload.offset = 0,
            IsNeverReceived if received => upload.phase = Phase::Receiving,
            WaitsForNoBytes if received && upload.offset == 0 => upload.phase = Phase::Receiving,
            CompletesTheUnfinished if self.memory().completed.contains(id) => {
                upload.phase = Phase::Complete;
            }
            TakesTheLastLength => {
                upload.length = self.memory().lengths.get(id).copied().or(upload.length);
            }
            _ => {}
        }
        Ok(upload)
    }

    async fn read(&self, id: &UploadId, mut range: ByteRange) -> Result<Download> {
        match self.defect {
            ReadsOneByteMore => range.length = range.length.saturating_add(1),
            IgnoresTheStart => range.start = 0,
            ReadsWhatIsReceived => {
                let upload = self.inner.info(id).await?;
                if upload.phase == Phase::Received {
                    return Ok(Download::new(upload, Box::pin(stream::empty())));
                }
            }
            _ => {}
        }
        self.inner.read(id, range).await
    }

    async fn sweep(
        &self,
        mut now: SystemTime,
        from: Option<Cursor>,
        mut limit: usize,
    ) -> Result<Sweep> {
        match self.defect {
            IgnoresThePresent => now = SystemTime::now(),
            IgnoresTheLimitOfASweep => limit = limit.saturating_mul(2),
            CountsItsWay => {
                let start = from.map_or(0, |cursor| cursor.0.parse().unwrap());
                let all = self.inner.sweep(now, None, usize::MAX).await?.due;
                let next = (start + limit < all.len()).then(|| Cursor((start + limit).to_string()));
                let due = all.into_iter().skip(start).take(limit).collect();
                return Ok(Sweep::new(due, next));
            }
            _ => {}
        }
        let mut sweep = self.inner.sweep(now, from, limit).await?;
        match self.defect {
            NeverEnds => sweep.next = sweep.next.or(Some(Cursor("0".to_owned()))),
            EndsAtTheLimit => sweep.next = None,
            SkipsWhatIsRuined => sweep
                .due
                .retain(|upload| self.check_ruin(&upload.id).is_ok()),
            SkipsOne if sweep.due.len() > 1 => drop(sweep.due.pop()),
            ReportsOneTwice if sweep.due.len() + 1 < limit => {
                sweep.due.extend(sweep.due.first().cloned());
            }
            RemovesWhatIsDue => {
                for upload in &sweep.due {
                    self.terminate(&upload.id).await;
                }
            }
            ExpiresByCreation => {
                let later = now + Duration::from_secs(1 << 32);
                let all = self.inner.sweep(later, None, limit).await?;
                sweep.due = all.due;
                sweep.due.retain(|upload| {
                    let mut upload = upload.clone();
                    upload.last_activity = upload.created;
                    Sweep::concerns(&upload, now)
                });
            }
            _ => {}
        }
        Ok(sweep)
    }
}

/// Never lets go of the lease that it still has when it is dropped.
struct Kept(Option<Result<Box<dyn Lease>>>);

impl Drop for Kept {
    fn drop(&mut self) {
        std::mem::forget(self.0.take());
    }
}
