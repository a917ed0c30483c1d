//! [`Files`]: the two files of an upload: how they are made, locked, read and removed.
//!
//! Everything in here blocks.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;

use crate::disk::{Disk, Operation};
use crate::error::{Absent as _, Failure, Result};
use crate::lock;
use crate::record::{DataFile, HEAD_AT, Head, Record, SLOTS_WIDTH, Slot, Unreadable};
use crate::store::Store;

/// How often a record may change under its reader before the reader gives up.
const LOOKS: usize = 64;

/// The two files of an upload, open, the data locked for one. Clones share the lock.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) data: Arc<File>,
    pub(crate) record: Arc<File>,
}

/// A data file that was just made.
#[derive(Debug)]
pub(crate) struct NewData(File);

impl NewData {
    /// Makes the data file of a new upload, which takes the id.
    ///
    /// # Errors
    /// [`Failure::AlreadyExists`].
    pub(crate) fn create(store: &Store, id: &UploadId) -> Result<Self> {
        let path = store.layout.data(id);
        let create = || create_new(&store.disk, &path);
        match create() {
            Err(failure) if failure.io_kind() == Some(io::ErrorKind::NotFound) => {
                let directory = store.layout.directory(id);
                store
                    .disk
                    .perform(Operation::Create, || fs::create_dir_all(directory))?;
                create()
            }
            outcome => outcome,
        }
        .map(Self)
    }

    /// Locks it. `false` where somebody else came first, who will see that nothing is there yet and
    /// let go.
    pub(crate) fn try_lock(&self, store: &Store) -> Result<bool> {
        store
            .disk
            .perform(Operation::Lock, || lock::try_exclusive(&self.0))
    }

    /// Writes the record of the locked upload. Where that fails, nothing remains of it.
    ///
    /// # Errors
    /// [`Failure::AlreadyExists`] where the record of an earlier upload is still there;
    /// [`Failure::NotFound`] where the data file was removed before it was locked.
    pub(crate) fn record(self, store: &Store, id: &UploadId, record: &Record) -> Result<Files> {
        let path = store.layout.record(id);
        let metadata = store.disk.perform(Operation::Stat, || self.0.metadata())?;
        if !lock::has_name(&metadata) {
            return Err(Failure::NotFound);
        }
        let undo = |failure| {
            let _ = remove(&store.disk, &store.layout.data(id));
            failure
        };
        let bytes = record.encode().map_err(undo)?;
        let file = create_new(&store.disk, &path).map_err(undo)?;
        store
            .disk
            .perform(Operation::Record, || file.write_all_at(&bytes, 0))
            .map_err(|failure| {
                let failure = undo(failure);
                let _ = remove(&store.disk, &path);
                failure
            })?;
        Ok(Files {
            data: Arc::new(self.0),
            record: Arc::new(file),
        })
    }
}

impl Files {
    /// Opens the files of an upload and locks it, now or not at all.
    ///
    /// # Errors
    /// [`Failure::NotFound`], [`Failure::Locked`], [`Failure::Unreadable`].
    pub(crate) fn lock(store: &Store, id: &UploadId) -> Result<(Self, Record, DataFile)> {
        let data = lock_data(store, id)?;
        let record = open(&store.disk, &store.layout.record(id))
            .if_present()?
            .ok_or(Failure::NotFound)?;
        let files = Self {
            data: Arc::new(data),
            record: Arc::new(record),
        };
        let bytes = read_all(&store.disk, &files.record)?;
        let data = files.data_file(&store.disk)?;
        let record = Record::decode(&bytes).map_err(|unreadable| never_made(unreadable, data))?;
        Ok((files, record, data))
    }

    /// What is to be known of the data file.
    ///
    /// # Errors
    /// [`Failure::NotFound`] where it has lost its name.
    pub(crate) fn data_file(&self, disk: &Disk) -> Result<DataFile> {
        let metadata = disk.perform(Operation::Stat, || self.data.metadata())?;
        if lock::has_name(&metadata) {
            data_file(disk, &metadata)
        } else {
            Err(Failure::NotFound)
        }
    }

    /// Records a new state.
    pub(crate) fn write_slot(&self, disk: &Disk, slot: Slot) -> Result<()> {
        let line = slot.encode()?;
        disk.perform(Operation::Record, || {
            self.record.write_all_at(&line, slot.position())
        })
    }

    /// Writes the head again, as it is.
    pub(crate) fn write_head(&self, disk: &Disk, head: &Head) -> Result<()> {
        let line = head.encode()?;
        disk.perform(Operation::Record, || {
            self.record.write_all_at(&line, HEAD_AT as u64)
        })
    }

    /// Cuts the data off.
    pub(crate) fn truncate(&self, disk: &Disk, length: u64) -> Result<()> {
        disk.perform(Operation::Truncate, || self.data.set_len(length))
    }

    /// Removes the upload: with the name of its data it is gone, and its space with the last of
    /// `self`.
    pub(crate) fn remove(self, store: &Store, id: &UploadId) -> Result<()> {
        remove(&store.disk, &store.layout.data(id))?;
        remove(&store.disk, &store.layout.record(id))
    }
}

/// What is recorded of an upload, and the state of its data file at that same moment.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) record: Record,
    pub(crate) data: DataFile,
}

impl Seen {
    pub(crate) fn upload(&self, id: &UploadId) -> Upload {
        self.record.snapshot(id, self.data)
    }
}

/// Looks at an upload without a lock.
///
/// Read once, record and length may belong to different moments: a staged byte would count that was
/// written in between, or a truncated one. So the record is read until it is the same before and
/// after.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Unreadable`].
pub(crate) fn look(store: &Store, id: &UploadId) -> Result<Seen> {
    let Store { disk, layout, .. } = store;
    let found = open_to_read(disk, &layout.record(id)).if_present()?;
    let file = found.ok_or(Failure::NotFound)?;
    let bytes = read_all(disk, &file)?;
    let path = layout.data(id);
    let stat = || -> Result<DataFile> {
        let metadata = disk.perform(Operation::Stat, || fs::metadata(&path));
        data_file(disk, &metadata.if_present()?.ok_or(Failure::NotFound)?)
    };
    let mut data = stat()?;
    let head = Head::decode(&bytes).map_err(|unreadable| never_made(unreadable, data))?;
    let mut slot = Slot::present(&bytes);
    let mut slots = [0; SLOTS_WIDTH];
    for _ in 0..LOOKS {
        disk.perform(Operation::Read, || file.read_exact_at(&mut slots, 0))?;
        let before = std::mem::replace(&mut slot, Slot::present(&slots));
        match slot {
            Some(slot) if Some(slot) == before => {
                let head = Arc::new(head);
                return Ok(Seen {
                    record: Record { head, slot },
                    data,
                });
            }
            _ => data = stat()?,
        }
    }
    Err(slot.map_or(Unreadable::Slots.into(), |_| Failure::Restless))
}

/// Opens and locks the data file of an upload, now or not at all.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Locked`].
pub(crate) fn lock_data(store: &Store, id: &UploadId) -> Result<File> {
    let disk = &store.disk;
    let data = open(disk, &store.layout.data(id))
        .if_present()?
        .ok_or(Failure::NotFound)?;
    if !disk.perform(Operation::Lock, || lock::try_exclusive(&data))? {
        return Err(Failure::Locked);
    }
    let metadata = disk.perform(Operation::Stat, || data.metadata())?;
    if lock::has_name(&metadata) {
        Ok(data)
    } else {
        Err(Failure::NotFound)
    }
}

/// Opens a file to read and write.
pub(crate) fn open(disk: &Disk, path: &Path) -> Result<File> {
    disk.perform(Operation::Open, || {
        OpenOptions::new().read(true).write(true).open(path)
    })
}

/// Opens a file to read.
pub(crate) fn open_to_read(disk: &Disk, path: &Path) -> Result<File> {
    disk.perform(Operation::Open, || File::open(path))
}

/// Reads a record.
pub(crate) fn read_all(disk: &Disk, file: &File) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(4096);
    // As a stream without a known end: a file would be asked for its length first.
    let mut stream = file.take(u64::MAX);
    disk.perform(Operation::Read, || stream.read_to_end(&mut bytes))?;
    Ok(bytes)
}

/// Removes a file that may be gone already.
pub(crate) fn remove(disk: &Disk, path: &Path) -> Result<()> {
    disk.perform(Operation::Remove, || fs::remove_file(path))
        .if_present()
        .map(drop)
}

fn create_new(disk: &Disk, path: &Path) -> Result<File> {
    disk.perform(Operation::Create, || {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)
    })
    .map_err(|failure| match failure.io_kind() {
        Some(io::ErrorKind::AlreadyExists) => Failure::AlreadyExists,
        _ => failure,
    })
}

/// A record that is not whole, of an upload without a byte, is of an upload that is being made, or
/// never was: nobody has been told of it.
fn never_made(unreadable: Unreadable, data: DataFile) -> Failure {
    match unreadable {
        Unreadable::Unfinished if data.length == 0 => Failure::NotFound,
        _ => unreadable.into(),
    }
}

fn data_file(disk: &Disk, metadata: &Metadata) -> Result<DataFile> {
    let modified: SystemTime = disk.perform(Operation::Stat, || metadata.modified())?;
    Ok(DataFile {
        length: metadata.len(),
        modified,
    })
}
