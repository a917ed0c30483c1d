//! How a final upload is made of its parts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};

use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Concatenation, Kind, Phase};

use crate::disk::Operation;
use crate::error::{Absent as _, Failure, Result};
use crate::files::{self, Files};
use crate::lease::Held;
use crate::lock;
use crate::record::State;
use crate::store::Store;

/// The most parts: all are open at once, and a process often may have no more than 1,024 files.
pub(crate) const MOST_PARTS: usize = 256;

/// Joins the parts of a final upload, which is `Received` then. On one that is that already it does
/// nothing.
pub(crate) async fn assemble(mut held: Held) -> Result<Held> {
    let Kind::Final(concatenation) = held.upload().kind.clone() else {
        return Err(Failure::NotFinal);
    };
    if held.upload().phase != Phase::Receiving {
        return Ok(held);
    }
    held.recover().await?;
    let declared = held.state().length;
    let files = held.files().clone();
    let length = held
        .store()
        .run_long(move |store| {
            join(store, &files, &concatenation, declared).inspect_err(|_| {
                // What was copied does not count, but takes space.
                if let Err(failure) = files.truncate(&store.disk, 0) {
                    tracing::warn!(%failure, "could not drop what was copied of a final upload");
                }
            })
        })
        .await?;
    let state = State {
        length: Some(length),
        phase: Phase::Received,
        ..held.state()
    };
    held.put(state).await?;
    held.refresh().await?;
    Ok(held)
}

/// Copies the parts, in order, over whatever is in the data file. Says how many bytes they have.
fn join(
    store: &Store,
    files: &Files,
    concatenation: &Concatenation,
    declared: Option<u64>,
) -> Result<u64> {
    let Concatenation { parts, .. } = concatenation;
    // In the order of the ids, each once, and kept until all is copied.
    let mut locked: BTreeMap<&UploadId, Option<Part>> = parts.iter().map(|id| (id, None)).collect();
    for (id, part) in &mut locked {
        *part = Some(Part::lock(store, id)?);
    }
    let in_order = || parts.iter().filter_map(|id| locked.get(id)?.as_ref());
    let length = in_order().map(|part| part.length).sum();
    if let Some(expected) = declared.filter(|declared| *declared != length) {
        return Err(Failure::PartsChanged {
            expected,
            found: length,
        });
    }
    files.truncate(&store.disk, 0)?;
    let mut target = &*files.data;
    store
        .disk
        .perform(Operation::Copy { bytes: 0 }, || target.rewind())?;
    for part in in_order() {
        part.copy(store, target)?;
    }
    Ok(length)
}

/// A part, locked for many.
struct Part {
    data: File,
    length: u64,
}

impl Part {
    fn lock(store: &Store, id: &UploadId) -> Result<Self> {
        let missing = || Failure::PartMissing(id.clone());
        let unfinished = || Failure::PartUnfinished(id.clone());
        let Store { disk, layout, .. } = store;
        let data = files::open_to_read(disk, &layout.data(id))
            .if_present()?
            .ok_or_else(missing)?;
        if !disk.perform(Operation::Lock, || lock::try_shared(&data))? {
            return Err(unfinished());
        }
        let metadata = disk.perform(Operation::Stat, || data.metadata())?;
        if !lock::has_name(&metadata) {
            return Err(missing());
        }
        let upload = files::look(store, id)
            .map_err(|failure| match failure {
                Failure::NotFound => missing(),
                _ => failure,
            })?
            .upload(id);
        if upload.phase != Phase::Complete {
            return Err(unfinished());
        }
        Ok(Self {
            data,
            length: upload.offset,
        })
    }

    /// Copies it behind the cursor of `target`, within the file system where it can do that.
    fn copy(&self, store: &Store, mut target: &File) -> Result<()> {
        let mut source = &self.data;
        store
            .disk
            .perform(Operation::Copy { bytes: self.length }, || {
                source.rewind()?;
                let copied = io::copy(&mut source.take(self.length), &mut target)?;
                if copied == self.length {
                    Ok(())
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                }
            })
    }
}
