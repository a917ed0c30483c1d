//! Uploads in a directory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

#[derive(Debug)]
pub(super) struct Directory(TempDir);

impl Directory {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory can be made"))
    }

    pub(super) fn tell(&self, command: &mut Command) {
        command.arg("--dir").arg(self.0.path());
    }

    pub(super) fn files(&self) -> BTreeMap<String, u64> {
        let mut files = BTreeMap::new();
        collect(self.0.path(), self.0.path(), &mut files);
        files
    }
}

/// Files may vanish while they are listed.
fn collect(root: &Path, directory: &Path, files: &mut BTreeMap<String, u64>) {
    let entries = fs::read_dir(directory).expect("the directory can be read");
    for entry in entries.flatten() {
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => collect(root, &entry.path(), files),
            Ok(metadata) => {
                let path = entry.path();
                let path = path.strip_prefix(root).expect("it lies in the directory");
                files.insert(path.to_string_lossy().into_owned(), metadata.len());
            }
            Err(_) => {}
        }
    }
}
