//! Measures the file system backend without a network.
//!
//! ```text
//! cargo run --release -p oxitus-fs --example throughput [DIRECTORY]
//! ```
//!
//! Every run has a fresh directory below the given one, and all are removed at the end only: a file
//! system may make the next creations pay for what was just deleted.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{AppendOptions, CommitMode, NewUpload, StorageBackend as _};
use oxitus_fs::{Durability, FsBackend};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const SMALL: usize = 16 * 1024;
const SMALL_UPLOADS: usize = 3000;
const SYNCED_UPLOADS: usize = 300;
const LARGE: u64 = 1 << 30;
/// What the engine gathers into one write.
const GATHERED: usize = 256 * 1024;
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> Result<()> {
    let below = std::env::args_os()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = tempfile::tempdir_in(below)?;
    let mut runs = 0..;
    let mut fresh = || {
        let run = runs.next().unwrap_or_default();
        directory.path().join(run.to_string())
    };
    for _ in 0..ROUNDS {
        for durability in [Durability::Never, Durability::Completion] {
            for at_once in [1, 8] {
                let uploads = match durability {
                    Durability::Never => SMALL_UPLOADS,
                    _ => SYNCED_UPLOADS,
                };
                let took = small(&fresh(), durability, uploads, at_once).await?;
                let rate = uploads as f64 / took.as_secs_f64();
                println!("16 KiB uploads, {durability}, {at_once} at once: {rate:.0}/s");
            }
        }
        for mode in [CommitMode::Progressive, CommitMode::Atomic] {
            let took = large(&fresh(), mode).await?;
            let rate = LARGE as f64 / 1e9 / took.as_secs_f64();
            println!("one upload of 1 GiB, {mode:?}: {rate:.2} GB/s");
        }
    }
    Ok(())
}

/// Creates, fills and completes many uploads.
async fn small(
    root: &Path,
    durability: Durability,
    uploads: usize,
    at_once: usize,
) -> Result<Duration> {
    let backend = FsBackend::builder(root).durability(durability).open()?;
    let began = Instant::now();
    let tasks: Vec<_> = (0..at_once)
        .map(|task| {
            let backend = backend.clone();
            tokio::spawn(async move {
                for number in (task..uploads).step_by(at_once) {
                    let id = UploadId::from_random_bits(number as u128 | 1 << 100);
                    let new = NewUpload::new(id, Some(SMALL as u64), SystemTime::now());
                    let lease = backend.create(new).await?;
                    let options = AppendOptions::new(0, CommitMode::Progressive);
                    let mut append = lease.append(options).await?;
                    append.write(vec![Bytes::from(vec![7; SMALL])]).await?;
                    let mut lease = append.commit().await?;
                    lease.complete().await?;
                    lease.release().await?;
                }
                Result::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(began.elapsed())
}

/// Writes one upload, as gathered from frames of 64 KiB.
async fn large(root: &Path, mode: CommitMode) -> Result<Duration> {
    let backend = FsBackend::builder(root)
        .durability(Durability::Never)
        .open()?;
    let frame = Bytes::from(vec![7; 64 * 1024]);
    tokio::spawn(async move {
        let id = UploadId::from_random_bits(1);
        let new = NewUpload::new(id, Some(LARGE), SystemTime::now());
        let lease = backend.create(new).await?;
        let mut append = lease.append(AppendOptions::new(0, mode)).await?;
        let began = Instant::now();
        for _ in 0..LARGE / GATHERED as u64 {
            append
                .write(vec![frame.clone(); GATHERED / frame.len()])
                .await?;
        }
        let mut lease = append.commit().await?;
        lease.complete().await?;
        Ok(began.elapsed())
    })
    .await?
}
