//! The place where uploads are kept, as the command line chose it.

use std::path::Path;
use std::sync::Arc;

use oxitus::storage::StorageBackend;
use oxitus::{Durability, FsBackend};

use crate::bucket;
use crate::cli::Cli;
use crate::failure::Failure;

/// A place for uploads that is ready.
#[derive(Debug)]
pub(crate) struct Storage {
    pub(crate) backend: Arc<dyn StorageBackend>,
    /// What people call it: the path of a directory, the address of a bucket.
    pub(crate) place: String,
}

/// Opens it.
pub(crate) async fn open(cli: &Cli) -> Result<Storage, Failure> {
    match &cli.s3 {
        Some(options) => bucket::open(options, cli.max_size).await,
        None => open_directory(&cli.dir, cli.durability),
    }
}

fn open_directory(path: &Path, durability: Durability) -> Result<Storage, Failure> {
    let backend = FsBackend::builder(path)
        .durability(durability)
        .open()
        .map_err(|source| Failure::directory(path, &source))?;
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(Storage {
        backend: Arc::new(backend),
        place: path.display().to_string(),
    })
}
