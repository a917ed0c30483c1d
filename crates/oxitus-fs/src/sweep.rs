//! How all uploads are gone through, a few at a time.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{Cursor, Sweep};

use crate::acquire::take;
use crate::disk::Operation;
use crate::error::{Absent as _, Failure, Result};
use crate::files;
use crate::layout::{Layout, shard};
use crate::lock;
use crate::record::{Record, Unreadable};
use crate::store::Store;

/// How long a file without its other half may be one that is just being made.
const ORPHANED_AFTER: Duration = Duration::from_secs(60 * 60);

/// Looks at the next `limit` uploads behind `from`. Only the directory that they are in is listed,
/// and only their records are read.
pub(crate) async fn sweep(
    store: &Arc<Store>,
    now: SystemTime,
    from: Option<Cursor>,
    limit: usize,
) -> Result<Sweep> {
    let limit = limit.max(1);
    let after = from.and_then(|Cursor(id)| UploadId::parse(&id).ok());
    let (found, last) = store
        .run_long(move |store| {
            let ids = list(store, after.as_ref(), limit)?;
            let last = ids.get(limit - 1).map(|id| Cursor(id.to_string()));
            let found: Vec<_> = ids
                .iter()
                .filter_map(|id| examine(store, id, now))
                .collect();
            Ok((found, last))
        })
        .await?;
    for (upload, _) in found.iter().filter(|(_, unfinished)| *unfinished) {
        // Taking the lease repairs it; where somebody holds it there is nothing to repair.
        match take(store, &upload.id).await {
            Ok(_) | Err(Failure::Locked | Failure::NotFound) => {}
            Err(failure) => tracing::warn!(id = %upload.id, %failure, "could not repair an upload"),
        }
    }
    let due = found
        .into_iter()
        .map(|(upload, _)| upload)
        .filter(|upload| Sweep::concerns(upload, now))
        .collect();
    Ok(Sweep::new(due, last))
}

/// The first `limit` ids behind `after`, in the order of their paths.
fn list(store: &Store, after: Option<&UploadId>, limit: usize) -> Result<Vec<UploadId>> {
    let mut ids = Vec::new();
    collect(store, store.layout.root(), 0, after, limit, &mut ids)?;
    Ok(ids)
}

/// Collects from `directory`, which is at `level`, until there are `limit` ids.
fn collect(
    store: &Store,
    directory: &Path,
    level: u8,
    after: Option<&UploadId>,
    limit: usize,
    ids: &mut Vec<UploadId>,
) -> Result<()> {
    if level == store.layout.shard_depth() {
        let room = limit.saturating_sub(ids.len());
        let mut first = BTreeSet::new();
        for_each_name(store, directory, |name| {
            let Some(id) = Layout::owner(name) else {
                return;
            };
            if after.is_some_and(|after| id <= *after) || store.layout.directory(&id) != directory {
                return;
            }
            first.insert(id);
            if first.len() > room {
                first.pop_last();
            }
        })?;
        ids.extend(first);
        return Ok(());
    }
    let current = after.map(|after| shard(after, level));
    let mut shards = BTreeSet::new();
    for_each_name(store, directory, |name| {
        if current.as_deref().is_none_or(|current| name >= current) && Layout::is_shard(name) {
            shards.insert(name.to_owned());
        }
    })?;
    for name in shards {
        if ids.len() >= limit {
            break;
        }
        let after = after.filter(|_| current.as_deref() == Some(name.as_str()));
        let outcome = collect(store, &directory.join(&name), level + 1, after, limit, ids);
        if let Err(failure) = outcome {
            tracing::warn!(shard = name, %failure, "could not list the uploads of a shard");
        }
    }
    Ok(())
}

fn for_each_name(store: &Store, directory: &Path, mut visit: impl FnMut(&str)) -> Result<()> {
    store.disk.perform(Operation::List, || {
        for entry in fs::read_dir(directory)? {
            if let Some(name) = entry?.file_name().to_str() {
                visit(name);
            }
        }
        Ok(())
    })
}

/// An upload, and whether a crash left something of it to repair. Removes what is none.
fn examine(store: &Store, id: &UploadId, now: SystemTime) -> Option<(Upload, bool)> {
    let outcome = match files::look(store, id) {
        Ok(seen) => {
            let staged_from = seen.record.slot.state.staged_from;
            let unfinished = staged_from.is_some_and(|mark| mark < seen.data.length);
            return Some((seen.upload(id), unfinished));
        }
        Err(Failure::NotFound | Failure::Unreadable(_)) => remove_orphan(store, id, now),
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(()) | Err(Failure::NotFound | Failure::Locked) => {}
        Err(failure) => tracing::warn!(%id, %failure, "an upload can be neither used nor removed"),
    }
    None
}

/// Removes what a crash left of a creation or a removal, once it is old.
///
/// # Errors
/// [`Failure::Unreadable`] where it is not known what it is; it stays.
fn remove_orphan(store: &Store, id: &UploadId, now: SystemTime) -> Result<()> {
    let data = stat(store, &store.layout.data(id))?;
    let record = stat(store, &store.layout.record(id))?;
    let changed = |file: &Option<Metadata>| file.as_ref().and_then(|file| file.modified().ok());
    let Some(changed) = changed(&data).max(changed(&record)) else {
        return Ok(());
    };
    let age = now.duration_since(changed).unwrap_or_default();
    match data {
        _ if age < ORPHANED_AFTER => Ok(()),
        Some(_) => remove_unrecorded(store, id),
        None => remove_record(store, id),
    }
}

/// Removes a data file without a byte whose record is missing or was never whole. One with bytes but
/// without a record is not of our making: an upload gets its record before its first byte, and is
/// removed before its record.
fn remove_unrecorded(store: &Store, id: &UploadId) -> Result<()> {
    let Store { disk, layout, .. } = store;
    let data = files::lock_data(store, id)?;
    let length = disk.perform(Operation::Stat, || data.metadata())?.len();
    let record = files::open_to_read(disk, &layout.record(id)).if_present()?;
    if record.is_none() && length > 0 {
        return Ok(());
    }
    if let Some(record) = record {
        match Record::decode(&files::read_all(disk, &record)?) {
            Err(Unreadable::Version(version)) => return Err(Unreadable::Version(version).into()),
            Err(unreadable) if length > 0 => return Err(unreadable.into()),
            Err(_) => {}
            Ok(_) => return Ok(()),
        }
    }
    tracing::info!(%id, "removing what a crash left of a creation");
    files::remove(disk, &layout.data(id))?;
    files::remove(disk, &layout.record(id))
}

/// Removes a record without data. The lock on it keeps other sweepers out, and the record itself
/// keeps out whoever would create the upload anew.
fn remove_record(store: &Store, id: &UploadId) -> Result<()> {
    let Store { disk, layout, .. } = store;
    let path = layout.record(id);
    let record = files::open(disk, &path)
        .if_present()?
        .ok_or(Failure::NotFound)?;
    if !disk.perform(Operation::Lock, || lock::try_exclusive(&record))? {
        return Err(Failure::Locked);
    }
    let metadata = disk.perform(Operation::Stat, || record.metadata())?;
    if !lock::has_name(&metadata) || stat(store, &layout.data(id))?.is_some() {
        return Ok(());
    }
    if let Err(Unreadable::Version(version)) = Record::decode(&files::read_all(disk, &record)?) {
        return Err(Unreadable::Version(version).into());
    }
    tracing::info!(%id, "removing what a crash left of a removal");
    files::remove(disk, &path)
}

fn stat(store: &Store, path: &Path) -> Result<Option<Metadata>> {
    store
        .disk
        .perform(Operation::Stat, || fs::metadata(path))
        .if_present()
}
