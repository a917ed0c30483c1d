//! Uploads as files: `{id}.data` has the bytes, `{id}.json` the rest.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;

use super::upload::{Record, Upload};

/// A directory of uploads, or none at all, in which case nothing happens here.
#[derive(Debug)]
pub(crate) struct Disk {
    directory: Option<PathBuf>,
}

impl Disk {
    pub(crate) fn open(directory: Option<PathBuf>) -> io::Result<Self> {
        if let Some(directory) = &directory {
            fs::create_dir_all(directory)?;
        }
        Ok(Self { directory })
    }

    /// All uploads that are there. A file of bytes without a record was never announced.
    pub(crate) fn load(&self) -> io::Result<Vec<(String, Upload)>> {
        let Some(directory) = &self.directory else {
            return Ok(Vec::new());
        };
        let mut uploads = Vec::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let record = serde_json::from_slice(&fs::read(&path)?)?;
            let content = fs::read(path.with_extension("data"))?;
            let id = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            uploads.push((id, Upload::new(record, content)));
        }
        Ok(uploads)
    }

    /// Writes the record; the one that was there is replaced as a whole.
    pub(crate) fn write_record(&self, id: &str, record: &Record) -> io::Result<()> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        let unfinished = directory.join(format!("{id}.unfinished"));
        fs::write(&unfinished, serde_json::to_vec(record)?)?;
        fs::rename(unfinished, directory.join(format!("{id}.json")))
    }

    /// Writes all of the bytes.
    pub(crate) fn write(&self, id: &str, bytes: &[u8]) -> io::Result<()> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        fs::write(directory.join(format!("{id}.data")), bytes)
    }

    /// Adds bytes to those that are there.
    pub(crate) fn append(&self, id: &str, bytes: &[u8]) -> io::Result<()> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(directory.join(format!("{id}.data")))?
            .write_all(bytes)
    }

    /// Removes an upload: first what makes it one.
    pub(crate) fn remove(&self, id: &str) -> io::Result<()> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        fs::remove_file(directory.join(format!("{id}.json")))?;
        fs::remove_file(directory.join(format!("{id}.data")))
    }
}
