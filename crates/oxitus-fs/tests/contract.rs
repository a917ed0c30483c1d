//! The storage contract, clause by clause, in every durability, and in shards.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{NewUpload, StorageBackend};
use oxitus_fs::{Durability, FsBackend, Operation};
use oxitus_testkit::contract::Fixture;
use tempfile::TempDir;

struct OnDisk {
    durability: Durability,
    shard_depth: u8,
    backend: Arc<FsBackend>,
    directory: TempDir,
}

impl OnDisk {
    fn new(durability: Durability, shard_depth: u8) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let backend = FsBackend::builder(directory.path())
            .durability(durability)
            .shard_depth(shard_depth)
            .open()
            .unwrap();
        Self {
            durability,
            shard_depth,
            backend: Arc::new(backend),
            directory,
        }
    }
}

impl OnDisk {
    /// The file of an upload that has this extension.
    fn path(&self, id: &UploadId, extension: &str) -> PathBuf {
        let name = format!("{id}{extension}");
        files_under(self.directory.path())
            .into_iter()
            .find(|path| path.ends_with(&name))
            .unwrap()
    }
}

#[async_trait]
impl Fixture for OnDisk {
    fn backend(&self) -> Arc<dyn StorageBackend> {
        Arc::clone(&self.backend) as Arc<dyn StorageBackend>
    }

    async fn reopen(&self) -> Arc<dyn StorageBackend> {
        let backend = FsBackend::builder(self.directory.path())
            .durability(self.durability)
            .shard_depth(self.shard_depth)
            .open()
            .unwrap();
        Arc::new(backend)
    }

    async fn traces(&self, id: &UploadId) -> Option<Vec<String>> {
        let names = files_under(self.directory.path())
            .into_iter()
            .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
            .filter(|name| name.split('.').next() == Some(id.as_str()))
            .collect();
        Some(names)
    }

    async fn fast_forward(&self, id: &UploadId, offset: u64) -> bool {
        let data = OpenOptions::new()
            .write(true)
            .open(self.path(id, ""))
            .unwrap();
        data.set_len(offset).unwrap();
        true
    }

    async fn wreck(&self) -> Option<Vec<UploadId>> {
        let record = {
            let id = UploadId::parse("model").unwrap();
            let new = NewUpload::new(id.clone(), Some(10), SystemTime::now());
            drop(self.backend.create(new).await.unwrap());
            self.path(&id, ".info")
        };
        let whole = fs::read(&record).unwrap();
        let directory = record.parent().unwrap();
        let mut ids = Vec::new();
        // The shard of each is that of the model.
        let mut leave = |name: &str, data: Option<&[u8]>, record: Option<&[u8]>| {
            let id = UploadId::parse(&format!("model-{name}")).unwrap();
            for (content, extension) in [(data, ""), (record, ".info")] {
                if let Some(content) = content {
                    fs::write(directory.join(format!("{id}{extension}")), content).unwrap();
                }
            }
            ids.push(id);
        };
        leave("locked", Some(b""), None);
        for length in [0, 1, 159, 160, 320, 321, 352, 353, whole.len() - 1] {
            leave(&format!("torn-{length}"), Some(b""), Some(&whole[..length]));
        }
        leave("zeroed", Some(b""), Some(&vec![0; whole.len()]));
        leave("removed", None, Some(&whole));
        leave("removed-early", None, Some(b""));
        Some(ids)
    }

    async fn cramped(&self, room: u64) -> Option<Arc<dyn StorageBackend>> {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_owned();
        let backend = FsBackend::builder(&root)
            .durability(self.durability)
            .fault(Arc::new(move |operation| {
                let wanted = match operation {
                    Operation::Write { bytes } | Operation::Copy { bytes } => bytes,
                    _ => return Ok(()),
                };
                match used(directory.path()) + wanted > room {
                    true => Err(io::ErrorKind::StorageFull.into()),
                    false => Ok(()),
                }
            }))
            .open()
            .unwrap();
        Some(Arc::new(backend))
    }
}

/// How many bytes of uploads a directory holds.
fn used(directory: &Path) -> u64 {
    files_under(directory)
        .iter()
        .filter(|path| path.extension().is_none())
        .map(|path| fs::metadata(path).unwrap().len())
        .sum()
}

fn files_under(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| match path.is_dir() {
            true => files_under(&path),
            false => vec![path],
        })
        .collect()
}

mod never {
    use super::*;
    oxitus_testkit::contract_tests!(OnDisk::new(Durability::Never, 0));
}

mod completion {
    use super::*;
    oxitus_testkit::contract_tests!(OnDisk::new(Durability::Completion, 0));
}

mod acknowledgement {
    use super::*;
    oxitus_testkit::contract_tests!(OnDisk::new(Durability::Acknowledgement, 0));
}

mod sharded {
    use super::*;
    oxitus_testkit::contract_tests!(OnDisk::new(Durability::Never, 2));
}
