//! The uploads: all of them behind one lock that is held for moments only.
//!
//! What is on disk is at least what was acknowledged: files are written before memory changes. An
//! error of the disk ends the request with a panic, which the client sees as 500; a server for
//! tests has no better answer.

mod disk;
mod join;
mod lock;
mod upload;
mod writer;

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use crate::fault::{Behaviour, Fault};
use crate::settings::{Extension, Settings};
use disk::Disk;
pub(crate) use join::BadPart;
pub(crate) use lock::Denied;
pub(crate) use upload::{Kind, Record, Upload};
pub(crate) use writer::{Overtaken, Writer};

/// Why there is no upload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Missing {
    /// There never was one, or it was deleted.
    Unknown,
    /// Its time was over.
    Expired,
}

/// All uploads.
#[derive(Debug)]
pub(crate) struct Store {
    state: Mutex<State>,
    /// Changes whenever a writer moves on, comes or goes.
    changes: watch::Sender<()>,
    time_to_live: Option<Duration>,
    stale_after: Duration,
    lock_timeout: Duration,
    fault: Fault,
}

#[derive(Debug)]
struct State {
    uploads: HashMap<String, Upload>,
    expired: HashSet<String>,
    disk: Disk,
    tickets: u64,
    created: u64,
}

impl Store {
    /// Opens the store with what is in the directory, if there is one.
    pub(crate) fn open(settings: &Settings, fault: &Fault) -> io::Result<Self> {
        let disk = Disk::open(settings.directory.clone())?;
        let mut uploads: HashMap<_, _> = disk.load()?.into_iter().collect();
        if fault.has(Behaviour::ForgetsUploads) {
            uploads.clear();
        }
        for upload in uploads.values_mut() {
            if fault.has(Behaviour::ForgetsMetadata) {
                upload.record.metadata = None;
            }
            if fault.has(Behaviour::ForgetsDeferral) && upload.record.length.is_none() {
                upload.record.length = Some(upload.offset());
            }
            if fault.has(Behaviour::ForgetsLengths) && !upload.is_complete() {
                upload.record.length = None;
            }
            if fault.has(Behaviour::LosesTails) && !upload.is_complete() {
                upload.content.pop();
            }
        }
        let created = uploads.len() as u64;
        let state = State {
            uploads,
            expired: HashSet::new(),
            disk,
            tickets: 0,
            created,
        };
        let time_to_live = settings
            .offers(Extension::Expiration)
            .then_some(settings.time_to_live);
        Ok(Self {
            state: Mutex::new(state),
            changes: watch::Sender::new(()),
            time_to_live,
            stale_after: settings.stale_after,
            lock_timeout: settings.lock_timeout,
            fault: fault.clone(),
        })
    }

    /// Adds an upload and returns its id.
    pub(crate) fn create(
        &self,
        mut record: Record,
        content: &[u8],
        behaviours: &[Behaviour],
    ) -> String {
        let mut state = self.lock();
        let id = if behaviours.contains(&Behaviour::ReusesIds) {
            format!("{:032x}", 1)
        } else if behaviours.contains(&Behaviour::CountsIds) {
            format!("{:032x}", state.created + 1)
        } else {
            random_id()
        };
        state.created += 1;
        record.expires = self.time_to_live.map(|time| SystemTime::now() + time);
        must(state.disk.write(&id, content));
        must(state.disk.write_record(&id, &record));
        state
            .uploads
            .insert(id.clone(), Upload::new(record, content.to_vec()));
        id
    }

    /// Looks at an upload.
    pub(crate) fn with<T>(&self, id: &str, look: impl FnOnce(&Upload) -> T) -> Result<T, Missing> {
        self.find(&mut self.lock(), id).map(|upload| look(upload))
    }

    /// Removes an upload, whoever writes to it.
    pub(crate) fn remove(&self, id: &str, behaviours: &[Behaviour]) -> Result<(), Missing> {
        let mut state = self.lock();
        let upload = self.find(&mut state, id)?;
        if let Some(writer) = upload
            .writer
            .take()
            .filter(|_| !behaviours.contains(&Behaviour::RevivesDeleted))
        {
            writer.stop.cancel();
        }
        let removed = state.uploads.remove(id);
        if behaviours.contains(&Behaviour::DeletesOthers) {
            state.uploads.clear();
        }
        if !self.fault.has(Behaviour::RevivesFiles) {
            must(state.disk.remove(id));
        }
        if behaviours.contains(&Behaviour::DeletesParts)
            && let Some(Kind::Final { parts, .. }) = removed.map(|upload| upload.record.kind)
        {
            state.uploads.retain(|part, _| !parts.contains(part));
        }
        if behaviours.contains(&Behaviour::SharesParts) {
            state.empty_finals_of(id);
        }
        drop(state);
        self.changes.send_replace(());
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What a panic has interrupted is one upload at most; the others are to go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An upload that is there, and whose time is not over.
    fn find<'state>(
        &self,
        state: &'state mut State,
        id: &str,
    ) -> Result<&'state mut Upload, Missing> {
        self.sweep(state);
        let missing = if state.expired.contains(id) {
            Missing::Expired
        } else {
            Missing::Unknown
        };
        state.uploads.get_mut(id).ok_or(missing)
    }

    /// Removes what has expired, and final uploads that wait for a part that is gone.
    fn sweep(&self, state: &mut State) {
        let now = SystemTime::now();
        let is_over = |upload: &Upload| {
            let is_late = upload.record.expires.is_some_and(|expires| expires < now);
            let may_go = !upload.is_complete() || self.fault.has(Behaviour::ExpiresFinished);
            is_late && may_go && !upload.is_final() && upload.writer.is_none()
        };
        let is_gone = |upload: &Upload| {
            is_over(upload) && !self.fault.has(Behaviour::KeepsExpired)
                || state.has_lost_a_part(upload)
        };
        let gone: Vec<_> = state
            .uploads
            .iter()
            .filter(|(_, upload)| is_gone(upload))
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            state.uploads.remove(&id);
            must(state.disk.remove(&id));
            state.expired.insert(id);
        }
    }
}

/// An id that cannot be guessed: 128 random bits.
fn random_id() -> String {
    let mut bits = [0; 16];
    must(getrandom::fill(&mut bits));
    format!("{:032x}", u128::from_ne_bytes(bits))
}

/// Fails the request when the machine fails.
#[track_caller]
fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the store does not work: {error}"),
    }
}
