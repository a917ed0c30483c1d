//! Steps that the tests share.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Concatenation, Kind};
use oxitus_core::storage::{
    Acquire, Append, AppendOptions, ByteRange, CommitMode, Error, ErrorKind, Lease, NewUpload,
    StorageBackend as _,
};
use oxitus_fs::{Durability, Fault, FsBackend};
use tempfile::TempDir;

/// A directory for uploads, and how it is opened.
pub(crate) struct Place {
    pub(crate) directory: TempDir,
    pub(crate) durability: Durability,
    pub(crate) shard_depth: u8,
}

impl Place {
    pub(crate) fn new(durability: Durability) -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            durability,
            shard_depth: 0,
        }
    }

    /// A copy of it, as a crash at this moment would leave it.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new(self.durability);
        for entry in fs::read_dir(self.directory.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path(entry.file_name().to_str().unwrap())).unwrap();
        }
        copy
    }

    pub(crate) fn open(&self) -> FsBackend {
        self.builder().open().unwrap()
    }

    pub(crate) fn open_with(&self, fault: Fault) -> FsBackend {
        self.builder().fault(fault).open().unwrap()
    }

    fn builder(&self) -> oxitus_fs::FsBackendBuilder {
        FsBackend::builder(self.directory.path())
            .durability(self.durability)
            .shard_depth(self.shard_depth)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The names of all files but the settings.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "oxitus.json")
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn id(text: &str) -> UploadId {
    UploadId::parse(text).unwrap()
}

pub(crate) fn new(name: &str, length: u64) -> NewUpload {
    NewUpload::new(id(name), Some(length), SystemTime::now())
}

pub(crate) fn final_of(name: &str, parts: &[&str]) -> NewUpload {
    let mut new = NewUpload::new(id(name), None, SystemTime::now());
    let parts: Vec<_> = parts.iter().map(|part| id(part)).collect();
    new.kind = Kind::Final(Concatenation::new("final;/some /urls", parts));
    new
}

/// Bytes of which no two stretches are alike.
pub(crate) fn content(length: usize) -> Bytes {
    (0u32..)
        .flat_map(|word| word.wrapping_mul(2_654_435_761).to_be_bytes())
        .take(length)
        .collect()
}

pub(crate) async fn acquire(backend: &FsBackend, name: &str) -> Box<dyn Lease> {
    backend.acquire(&id(name), Acquire::Try).await.unwrap()
}

pub(crate) async fn begin(lease: Box<dyn Lease>, mode: CommitMode) -> Box<dyn Append> {
    let offset = lease.info().offset;
    lease
        .append(AppendOptions::new(offset, mode))
        .await
        .unwrap()
}

/// Appends all of `bytes` in one write.
pub(crate) async fn append(
    lease: Box<dyn Lease>,
    mode: CommitMode,
    bytes: &Bytes,
) -> Box<dyn Lease> {
    let mut append = begin(lease, mode).await;
    append.write(vec![bytes.clone()]).await.unwrap();
    append.commit().await.unwrap()
}

/// Makes a complete upload.
pub(crate) async fn upload(backend: &FsBackend, name: &str, bytes: &Bytes) {
    let lease = backend.create(new(name, bytes.len() as u64)).await.unwrap();
    let mut lease = append(lease, CommitMode::Progressive, bytes).await;
    lease.complete().await.unwrap();
    lease.release().await.unwrap();
}

pub(crate) async fn offset(backend: &FsBackend, name: &str) -> u64 {
    backend.info(&id(name)).await.unwrap().offset
}

pub(crate) async fn read(backend: &FsBackend, name: &str, range: ByteRange) -> Vec<u8> {
    let download = backend.read(&id(name), range).await.unwrap();
    let chunks: Vec<Bytes> = download.into_bytes().unwrap().try_collect().await.unwrap();
    chunks.concat()
}

/// The kind of error that something ended with.
#[track_caller]
pub(crate) fn kind<T>(outcome: Result<T, Error>) -> ErrorKind {
    match outcome {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.kind(),
    }
}

/// Makes a file as old as this.
pub(crate) fn age(path: &Path, age: Duration) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}
