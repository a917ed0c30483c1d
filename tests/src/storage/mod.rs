//! [`Storage`]: where servers keep uploads, and what can be seen of it from outside.
//!
//! A directory, unless `OXITUS_TEST_STORAGE` names an S3 server: then all tests of the process are
//! on a bucket of that server, each with a prefix of its own.

mod bucket;
mod directory;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use oxitus_testkit::real_s3::{Implementation, RealS3};

use self::bucket::Bucket;
use self::directory::Directory;
use crate::history::History;

/// A place for uploads, and what clients have been told of them. Several servers may share it. It
/// is removed with the last of its clones.
#[derive(Clone, Debug)]
pub struct Storage {
    place: Arc<Place>,
    history: History,
}

#[derive(Debug)]
enum Place {
    Directory(Directory),
    Bucket(Bucket),
}

impl Storage {
    /// A new one.
    ///
    /// # Panics
    /// Where it cannot be made.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it makes something on disk")]
    pub fn new() -> Self {
        match RealS3::of_this_process() {
            Some(server) => Self::on(server),
            None => Self::of(Place::Directory(Directory::new())),
        }
    }

    /// A new one in a bucket, of versitygw where no S3 server is named. `None`, and a line on
    /// standard error, where there is no versitygw either.
    ///
    /// # Panics
    /// Where the server does not start, or is not there and has to be.
    #[must_use]
    pub fn in_bucket() -> Option<Self> {
        static VERSITYGW: OnceLock<Option<RealS3>> = OnceLock::new();
        let server = RealS3::of_this_process().or_else(|| {
            let server = VERSITYGW.get_or_init(|| RealS3::start(Implementation::Versitygw));
            server.as_ref()
        });
        server.map(Self::on)
    }

    fn on(server: &'static RealS3) -> Self {
        Self::of(Place::Bucket(Bucket::new(server)))
    }

    fn of(place: Place) -> Self {
        Self {
            place: Arc::new(place),
            history: History::default(),
        }
    }

    /// Whether it is a bucket.
    #[must_use]
    pub fn is_bucket(&self) -> bool {
        matches!(*self.place, Place::Bucket(_))
    }

    /// Every file or object in it, at any depth, and its size in bytes. In a bucket, without the
    /// records that say of an id that it is taken for ever; and what is about to be removed without
    /// anybody waiting for it has a moment to go.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, u64> {
        match &*self.place {
            Place::Directory(directory) => directory.files(),
            Place::Bucket(bucket) => bucket.files(),
        }
    }

    /// The files that belong to an upload.
    #[must_use]
    pub fn files_of(&self, id: &str) -> Vec<String> {
        let files = self.files().into_keys();
        files.filter(|path| id_in(path) == id).collect()
    }

    /// What may be ids of uploads: names of files, without what follows the first dot.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<String> {
        let files = self.files();
        let ids = files.keys().map(|path| id_in(path).to_owned());
        ids.filter(|id| !id.is_empty()).collect()
    }

    /// Tells a server of it.
    pub(crate) fn tell(&self, command: &mut Command) {
        match &*self.place {
            Place::Directory(directory) => directory.tell(command),
            Place::Bucket(bucket) => bucket.tell(command),
        }
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }
}

fn id_in(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}
