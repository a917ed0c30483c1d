//! What the clauses do to a backend again and again.

use std::fmt::Debug;
use std::pin::pin;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::{FutureExt as _, TryStreamExt as _};
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Concatenation, Kind, Phase, Upload};
use oxitus_core::storage::{
    Acquire, Append, AppendOptions, ByteRange, ByteStream, CommitMode, ErrorKind, Intent, Lease,
    NewUpload, Result, Scope, StorageBackend,
};
use tokio::task::JoinHandle;
use tokio::time::{self, Instant};

use super::Fixture;

pub(super) type Backend = Arc<dyn StorageBackend>;

/// How long something that happens "a little later" may take on a slow machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How long a test looks on to see that something does not happen.
pub(super) const A_WHILE: Duration = Duration::from_millis(400);

/// A clause that waits so long has failed by its own deadline.
pub(super) const FOREVER: Duration = Duration::from_secs(24 * 3600);

pub(super) fn id(name: &str) -> UploadId {
    UploadId::parse(name).expect("an id")
}

/// This very second.
pub(super) fn now() -> SystemTime {
    let since = SystemTime::UNIX_EPOCH.elapsed().expect("a sane clock");
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

/// An upload of `length` bytes.
pub(super) fn new(name: &str, length: Option<u64>) -> NewUpload {
    NewUpload::new(id(name), length, now())
}

/// A partial upload of `length` bytes.
pub(super) fn partial(name: &str, length: u64) -> NewUpload {
    let mut new = new(name, Some(length));
    new.kind = Kind::Partial;
    new
}

/// A final upload made of `parts`.
pub(super) fn final_of(name: &str, length: Option<u64>, parts: &[&str]) -> NewUpload {
    let raw = format!("final;/files/{}", parts.join(" /files/"));
    let parts: Vec<_> = parts.iter().map(|part| id(part)).collect();
    let mut new = new(name, length);
    new.kind = Kind::Final(Concatenation::new(raw, parts));
    new
}

pub(super) async fn create(backend: &Backend, new: NewUpload) -> Box<dyn Lease> {
    backend.create(new).await.expect("create")
}

/// Makes an upload with the id of one that was terminated, which may stay taken. Nothing of the old
/// one shows.
pub(super) async fn create_again(backend: &Backend, new: NewUpload) -> Option<Box<dyn Lease>> {
    let expected = new.snapshot();
    match backend.create(new).await {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fails(backend.info(&expected.id).await, ErrorKind::NotFound);
            None
        }
        outcome => {
            let lease = outcome.expect("create");
            assert_eq!(*lease.info(), expected);
            Some(lease)
        }
    }
}

/// The modes of appending that a backend has.
pub(super) fn modes(backend: &Backend) -> Vec<CommitMode> {
    match backend.capabilities().atomic_append {
        true => vec![CommitMode::Progressive, CommitMode::Atomic],
        false => vec![CommitMode::Progressive],
    }
}

/// The backends among which a lease is exclusive: the one under test, which another engine may
/// share, and where the scope says so, another instance.
pub(super) async fn rivals(fixture: &dyn Fixture) -> Vec<Backend> {
    let backend = fixture.backend();
    match backend.capabilities().scope {
        Scope::Process => vec![backend],
        _ => vec![backend, fixture.reopen().await],
    }
}

/// Begins to append where the upload stands.
pub(super) async fn begin(lease: Box<dyn Lease>, mode: CommitMode) -> Box<dyn Append> {
    let options = AppendOptions::new(lease.info().offset, mode);
    lease.append(options).await.expect("append")
}

/// Begins to append where the upload stands, progressively but for what `how` changes.
pub(super) async fn begin_with(
    lease: Box<dyn Lease>,
    how: impl FnOnce(AppendOptions) -> AppendOptions,
) -> Box<dyn Append> {
    let options = AppendOptions::new(lease.info().offset, CommitMode::Progressive);
    lease.append(how(options)).await.expect("append")
}

/// Appends bytes where the upload stands.
pub(super) async fn append(lease: Box<dyn Lease>, bytes: &Bytes) -> Box<dyn Lease> {
    let mut append = begin(lease, CommitMode::Progressive).await;
    append.write(vec![bytes.clone()]).await.expect("write");
    append.commit().await.expect("commit")
}

/// Where an upload stands: its offset, its length, its phase.
pub(super) type Standing = (u64, Option<u64>, Phase);

pub(super) fn standing(upload: &Upload) -> Standing {
    (upload.offset, upload.length, upload.phase)
}

/// Where an upload stands in the eyes of the instance under test, and of a fresh one.
pub(super) async fn standings(fixture: &dyn Fixture, id: &UploadId) -> [Standing; 2] {
    let here = fixture.backend().info(id).await.expect("info");
    let elsewhere = fixture.reopen().await.info(id).await.expect("info");
    [standing(&here), standing(&elsewhere)]
}

/// Where an upload stands to which somebody is writing: in the eyes of those that may look at it
/// without taking it away from the writer.
pub(super) async fn standings_meanwhile(fixture: &dyn Fixture, id: &UploadId) -> Vec<Standing> {
    let mut standings = Vec::new();
    for onlooker in rivals(fixture).await {
        standings.push(standing(&onlooker.info(id).await.expect("info")));
    }
    standings
}

/// Goes on with an upload of `bytes` from where it stands, completes it, and checks its bytes.
pub(super) async fn resume(fixture: &dyn Fixture, id: &UploadId, bytes: &Bytes) {
    resume_on(&fixture.backend(), id, bytes).await;
    holds(fixture, id, bytes).await;
}

/// Goes on with an upload of `bytes` from where it stands, and completes it.
pub(super) async fn resume_on(backend: &Backend, id: &UploadId, bytes: &Bytes) {
    let mut lease = acquire_soon(backend, id).await;
    if !lease.info().is_received() {
        let length = Some(bytes.len() as u64);
        let declared = lease.info().length.is_none().then_some(length).flatten();
        let rest = bytes.slice(lease.info().offset as usize..);
        let mut writer = begin_with(lease, |options| options.declare_length(declared)).await;
        writer.write(vec![rest]).await.expect("write");
        lease = writer.commit().await.expect("commit");
    }
    finish(lease).await;
}

/// Completes an upload that is received, and lets it go.
pub(super) async fn finish(mut lease: Box<dyn Lease>) {
    lease.complete().await.expect("complete");
    lease.release().await.expect("release");
}

/// Makes a complete upload of `bytes`.
pub(super) async fn upload(backend: &Backend, mut new: NewUpload, bytes: &Bytes) {
    new.length = Some(bytes.len() as u64);
    let id = new.id.clone();
    create(backend, new).await.release().await.expect("release");
    resume_on(backend, &id, bytes).await;
}

/// Takes the lease that somebody gives up about now.
pub(super) async fn acquire_soon(backend: &Backend, id: &UploadId) -> Box<dyn Lease> {
    let started = Instant::now();
    loop {
        match backend.acquire(id, Acquire::Try).await {
            Err(error) if error.kind() == ErrorKind::Locked && started.elapsed() < PATIENCE => {
                time::sleep(Duration::from_millis(5)).await;
            }
            outcome => return outcome.expect("acquire"),
        }
    }
}

/// Asks for the upload, to append at `offset`.
pub(super) fn to_append(offset: u64, timeout: Duration) -> Acquire {
    Acquire::Ask {
        intent: Intent::Append { offset },
        timeout,
    }
}

/// Asks for the upload, to remove it.
pub(super) fn to_terminate(timeout: Duration) -> Acquire {
    Acquire::Ask {
        intent: Intent::Terminate,
        timeout,
    }
}

/// Polls a future so many times, about a millisecond apart, and drops it.
pub(super) async fn abandon<T>(future: impl Future<Output = T>, polls: usize) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().now_or_never().is_some() {
            return;
        }
        time::sleep(Duration::from_millis(1)).await;
    }
}

/// Where something is dropped.
#[derive(Clone, Copy, Debug)]
pub(super) enum Drops {
    /// In a task.
    InTheRuntime,
    /// On a thread that knows no runtime.
    OnAThread,
}

impl Drops {
    pub(super) const ALL: [Self; 2] = [Self::InTheRuntime, Self::OnAThread];

    pub(super) fn drop(self, thing: impl Send + 'static) {
        match self {
            Self::InTheRuntime => drop(thing),
            Self::OnAThread => thread::spawn(|| drop(thing)).join().expect("no panic"),
        }
    }
}

/// Asks for an upload in a task of its own, and waits as long as it takes.
pub(super) fn ask(
    backend: &Backend,
    name: &UploadId,
    intent: Intent,
) -> JoinHandle<Result<Box<dyn Lease>>> {
    let (backend, name) = (Arc::clone(backend), name.clone());
    let how = Acquire::Ask {
        intent,
        timeout: FOREVER,
    };
    tokio::spawn(async move { backend.acquire(&name, how).await })
}

/// What a holder is wanted for.
pub(super) async fn wanted(asked: impl Future<Output = Intent>) -> Intent {
    time::timeout(PATIENCE, asked)
        .await
        .expect("the holder should be told that somebody waits")
}

/// Sweeps every upload in steps of `limit`; what was due, in the order in which it came.
pub(super) async fn sweep(backend: &Backend, now: SystemTime, limit: usize) -> Vec<Upload> {
    let mut due = Vec::new();
    let mut cursor = None;
    for _ in 0..100_000 {
        let step = backend.sweep(now, cursor, limit).await.expect("sweep");
        assert!(
            step.due.len() <= limit,
            "{} in a step of {limit}",
            step.due.len()
        );
        due.extend(step.due);
        cursor = step.next;
        if cursor.is_none() {
            return due;
        }
    }
    panic!("the sweep never ends: {cursor:?}");
}

/// What `range` of a complete upload holds.
pub(super) async fn read(backend: &Backend, id: &UploadId, range: ByteRange) -> Bytes {
    let chunks = open(backend, id, range).await.try_collect();
    let chunks: Vec<Bytes> = chunks.await.expect("the bytes");
    chunks.concat().into()
}

/// Begins to read `range` of a complete upload.
pub(super) async fn open(backend: &Backend, id: &UploadId, range: ByteRange) -> ByteStream {
    let download = backend.read(id, range).await.expect("read");
    let bytes = download.into_bytes();
    bytes.expect("the backend of a fixture should give the bytes itself")
}

/// Checks that these are the right bytes.
#[track_caller]
pub(super) fn same_bytes(read: &Bytes, expected: &Bytes) {
    let differs = read
        .iter()
        .zip(expected)
        .position(|(read, expected)| read != expected);
    assert_eq!(differs, None, "the first byte that is wrong");
    assert_eq!(read.len(), expected.len(), "the number of bytes");
}

/// Checks that a complete upload holds `expected`, in the eyes of the instance under test, and of
/// a fresh one.
pub(super) async fn holds(fixture: &dyn Fixture, id: &UploadId, expected: &Bytes) {
    holds_on(&fixture.backend(), id, expected).await;
    holds_on(&fixture.reopen().await, id, expected).await;
}

/// Checks that a complete upload holds `expected`.
pub(super) async fn holds_on(backend: &Backend, id: &UploadId, expected: &Bytes) {
    let info = backend.info(id).await.expect("info");
    let length = expected.len() as u64;
    assert_eq!(standing(&info), (length, Some(length), Phase::Complete));
    same_bytes(&read(backend, id, ByteRange::ALL).await, expected);
}

/// Checks that it failed, and how.
#[track_caller]
pub(super) fn fails<T: Debug>(outcome: Result<T>, kind: ErrorKind) {
    match outcome {
        Ok(success) => panic!("should fail with {kind:?}, gave {success:?}"),
        Err(error) => assert_eq!(error.kind(), kind, "{error:?}"),
    }
}
