//! [`Oracle`]: sees all, and says when something is not as it was promised.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Kind, Phase, Upload};
use oxitus_core::storage::{ErrorKind, Result};
use oxitus_testkit::s3;

use super::story::{Story, Tally};
use super::trace::Trace;

/// See the [module](self). Clones are the same oracle.
#[derive(Clone, Debug)]
pub(super) struct Oracle {
    trace: Trace,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    stories: BTreeMap<UploadId, Story>,
    violation: Option<String>,
}

impl Seen {
    /// The bytes that a final upload may have, nothing as long as its parts are not complete.
    fn joined(&self, id: &UploadId) -> Option<Bytes> {
        let parts = &self.stories.get(id)?.parts_joined;
        let parts: Option<Vec<_>> = parts
            .iter()
            .map(|part| self.stories.get(part).filter(|part| part.is_complete()))
            .collect();
        let contents = parts.unwrap_or_default().into_iter();
        let joined = contents
            .map(|part| part.content.clone())
            .collect::<Vec<_>>();
        let is_final = !self.stories.get(id)?.parts_joined.is_empty();
        is_final.then(|| joined.concat().into())
    }
}

/// What was promised when a request began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Promised {
    offset: u64,
    is_removed: bool,
}

impl Oracle {
    pub(super) fn new(trace: Trace) -> Self {
        Self {
            trace,
            seen: Arc::default(),
        }
    }

    pub(super) fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Watches an upload from now on.
    pub(super) fn watch(&self, id: UploadId, story: Story) {
        self.lock().stories.insert(id, story);
    }

    /// What has gone wrong first.
    pub(super) fn violation(&self) -> Option<String> {
        self.lock().violation.clone()
    }

    pub(super) fn blame(&self, violation: impl Into<String>) {
        let violation = violation.into();
        self.trace
            .note("oracle", format_args!("VIOLATION: {violation}"));
        self.lock().violation.get_or_insert(violation);
    }

    /// Looks at the bucket after a request of `author` was carried out.
    pub(super) fn look(&self, bucket: &s3::Bucket, author: &str) {
        let mut seen = self.lock();
        let mut looked = Vec::new();
        let ids: Vec<_> = seen.stories.keys().cloned().collect();
        for id in ids {
            let joined = seen.joined(&id);
            if let Some(story) = seen.stories.get_mut(&id) {
                story.expected = joined;
                looked.push(story.look(bucket, author));
            }
        }
        drop(seen);
        for looked in looked {
            match looked {
                Ok(Some(news)) => self.trace.note("bucket", news),
                Ok(None) => {}
                Err(violation) => self.blame(violation),
            }
        }
    }

    /// What stands for all who ask from now on.
    pub(super) fn promised(&self, id: &UploadId) -> Promised {
        self.of(id, |story| Promised {
            offset: story.acknowledged,
            is_removed: story.is_removed(),
        })
    }

    /// A client was shown an upload.
    pub(super) fn shown(&self, id: &UploadId, promised: Promised, shown: &Result<Upload>) {
        match shown {
            Ok(_) if promised.is_removed => self.blame("a removed upload is shown"),
            Ok(upload) => {
                let offset = upload.offset;
                if offset < promised.offset {
                    self.blame(format!("shows {offset} after {}", promised.offset));
                }
                if offset > self.of(id, |story| story.content.len() as u64) {
                    self.blame(format!("shows {offset}, which is not recorded"));
                }
                let is_final = matches!(upload.kind, Kind::Final(_));
                let is_full = upload.length == Some(offset) && !is_final;
                if upload.phase == Phase::Receiving && is_full {
                    self.blame("shows every byte of an open upload");
                }
                self.acknowledge(id, offset);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let exists = self.of(id, Story::exists);
                if exists {
                    self.blame("an upload is not found");
                }
            }
            Err(_) if promised.is_removed => {}
            Err(error) if error.is_retryable() => {}
            Err(error) => self.blame(format!("an upload is not shown: {error:?}")),
        }
    }

    /// A client was told that its bytes are stored, as far as `upload` says.
    pub(super) fn committed(&self, id: &UploadId, from: u64, sent: &Bytes, upload: &Upload) {
        let offset = upload.offset;
        let content = self.of(id, |story| story.content.clone());
        let (Ok(start), Ok(end)) = (usize::try_from(from), usize::try_from(offset)) else {
            return;
        };
        let stored = content.get(start..end);
        let told = end.checked_sub(start).and_then(|size| sent.get(..size));
        if stored.is_none() || stored != told {
            self.blame(format!(
                "{sent:?} committed at {from} up to {offset}: {stored:?} is there"
            ));
        }
        self.acknowledge(id, offset);
    }

    /// A client was told that the upload is removed.
    pub(super) fn removed(&self, id: &UploadId) {
        if !self.of(id, |story| story.is_removed()) {
            self.blame("removed, but for the record");
        }
    }

    /// A client has read an upload.
    pub(super) fn read(&self, id: &UploadId, bytes: &Bytes) {
        let content = self.of(id, |story| story.content.clone());
        if *bytes != content {
            self.blame(format!("reads {bytes:?} instead of {content:?}"));
        }
    }

    pub(super) fn letter(&self, id: &UploadId) -> u8 {
        self.of(id, Story::letter)
    }

    pub(super) fn reject(&self, id: &UploadId, letter: u8) {
        self.of(id, |story| story.reject(letter));
    }

    pub(super) fn tally(&self) -> Tally {
        let seen = self.lock();
        let tallies = seen.stories.values().map(|story| story.tally);
        tallies.fold(Tally::default(), |mut sum, tally| {
            sum += tally;
            sum
        })
    }

    pub(super) fn of<T>(&self, id: &UploadId, ask: impl FnOnce(&mut Story) -> T) -> T {
        let mut seen = self.lock();
        ask(seen.stories.get_mut(id).expect("an upload that is watched"))
    }

    fn acknowledge(&self, id: &UploadId, offset: u64) {
        self.of(id, |story| {
            story.acknowledged = story.acknowledged.max(offset)
        });
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
