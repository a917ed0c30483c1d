//! What the clauses do to a backend again and again.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Concatenation, Kind};
use oxitus_core::storage::{
    Acquire, Append, AppendOptions, ByteRange, CommitMode, ErrorKind, Intent, Lease, NewUpload,
    Result, Scope, StorageBackend,
};
use tokio::time;

use super::Fixture;

pub(super) type Backend = Arc<dyn StorageBackend>;

/// How long something that happens "a little later" may take on a slow machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How long a test looks on to see that something does not happen.
pub(super) const A_WHILE: Duration = Duration::from_millis(400);

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

/// Appends bytes where the upload stands.
pub(super) async fn append(lease: Box<dyn Lease>, bytes: &Bytes) -> Box<dyn Lease> {
    let mut append = begin(lease, CommitMode::Progressive).await;
    append.write(vec![bytes.clone()]).await.expect("write");
    append.commit().await.expect("commit")
}

/// Completes an upload that is received, and lets it go.
pub(super) async fn finish(mut lease: Box<dyn Lease>) {
    lease.complete().await.expect("complete");
    lease.release().await.expect("release");
}

/// Makes a complete upload of `bytes`.
pub(super) async fn upload(backend: &Backend, mut new: NewUpload, bytes: &Bytes) {
    new.length = Some(bytes.len() as u64);
    let lease = create(backend, new).await;
    finish(append(lease, bytes).await).await;
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

/// What `range` of a complete upload holds.
pub(super) async fn read(backend: &Backend, id: &UploadId, range: ByteRange) -> Bytes {
    let download = backend.read(id, range).await.expect("read");
    let chunks: Vec<Bytes> = download.bytes.try_collect().await.expect("the bytes");
    chunks.concat().into()
}

/// Checks that a complete upload holds `expected`.
#[track_caller]
pub(super) fn same_bytes(read: &Bytes, expected: &Bytes) {
    let differs = read
        .iter()
        .zip(expected)
        .position(|(read, expected)| read != expected);
    assert_eq!(differs, None, "the first byte that is wrong");
    assert_eq!(read.len(), expected.len(), "the number of bytes");
}

/// Checks that a complete upload holds `expected`, in the eyes of every instance.
pub(super) async fn holds(fixture: &dyn Fixture, id: &UploadId, expected: &Bytes) {
    for backend in [fixture.backend(), fixture.reopen().await] {
        let read = read(&backend, id, ByteRange::ALL).await;
        same_bytes(&read, expected);
    }
}

/// Checks that it failed, and how.
#[track_caller]
pub(super) fn fails<T: Debug>(outcome: Result<T>, kind: ErrorKind) {
    match outcome {
        Ok(success) => panic!("should fail with {kind:?}, gave {success:?}"),
        Err(error) => assert_eq!(error.kind(), kind, "{error:?}"),
    }
}
