//! [`State`]: what the mutex guards.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use super::multipart::{Ended, Upload};
use super::{ETag, Object, Result, S3Error};
use crate::s3::dialect::ETags;

pub(super) struct State {
    pub(super) objects: BTreeMap<String, Arc<Object>>,
    /// Open uploads by key and by id, so that ids count only with the key they were made for.
    pub(super) uploads: BTreeMap<String, BTreeMap<String, Upload>>,
    /// What became of uploads that are no more.
    pub(super) ended: HashMap<String, Ended>,
    /// Bytes of objects and parts.
    pub(super) used: u64,
    capacity: u64,
    uploads_begun: u64,
    chance: SmallRng,
}

impl State {
    pub(super) fn new(capacity: Option<u64>, seed: u64) -> Self {
        Self {
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
            ended: HashMap::new(),
            used: 0,
            capacity: capacity.unwrap_or(u64::MAX),
            uploads_begun: 0,
            chance: SmallRng::seed_from_u64(seed),
        }
    }

    /// Takes room for `added` bytes, and gives back that of `removed`.
    pub(super) fn account(&mut self, added: u64, removed: u64) -> Result<()> {
        let used = self.used.saturating_sub(removed).saturating_add(added);
        if added > removed && used > self.capacity {
            return Err(S3Error::StorageFull);
        }
        self.used = used;
        Ok(())
    }

    /// The ETag of bytes that were written now.
    pub(super) fn etag(&mut self, etags: ETags, md5: [u8; 16]) -> ETag {
        ETag::of_digest(match etags {
            ETags::Md5 => md5,
            ETags::Random => {
                let mut digest = [0; 16];
                self.chance.fill_bytes(&mut digest);
                digest
            }
        })
    }

    /// An id that no upload had before; ids sort as the uploads began.
    pub(super) fn next_upload_id(&mut self) -> String {
        self.uploads_begun += 1;
        format!("upload-{:010}", self.uploads_begun)
    }
}
