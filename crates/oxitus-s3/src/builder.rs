//! [`S3Builder`]: how a bucket is to be used.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oxitus_core::clock::{Clock, SystemClock};

use crate::backend::S3Backend;
use crate::bucket::{SdkBucket, Writing};
use crate::coordination::Coordination;
use crate::layout::Layout;
use crate::open_error::{OpenError, Unsuitable};
use crate::part_size::PartSizes;
use crate::probe::probe;
use crate::settings::{Downloads, Encryption, INLINE, Integrity, Settings};
use crate::store::StoreTraits;

const MIB: u64 = 1 << 20;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// For how long a store takes a presigned URL, at least and at most.
const SHORTEST_REDIRECT: Duration = Duration::from_secs(1);
const LONGEST_REDIRECT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How many connections are kept beside those of parts, for small requests.
const OTHER_CONNECTIONS: usize = 32;

/// The longest prefix, in bytes: a key has 1,024 at most.
const LONGEST_PREFIX: usize = 512;

/// How a bucket is to be used. Made by [`S3Backend::builder`].
///
/// All nodes that share a bucket should have the same settings. Those that matter to an upload are
/// kept with it, so it can be finished by nodes that have others.
#[derive(Clone)]
#[must_use]
pub struct S3Builder {
    config: aws_sdk_s3::Config,
    bucket: String,
    layout: Prefixes,
    part_sizes: PartSizes,
    memory: u64,
    parts_in_flight: usize,
    concurrency: usize,
    writing: Writing,
    metadata_keys: Vec<String>,
    tombstones_last: Duration,
    orphans_last: Duration,
    downloads: Downloads,
    clock: Arc<dyn Clock>,
    traits: Option<StoreTraits>,
    equal_parts: bool,
    coordination: Coordination,
}

#[derive(Clone, Debug, Default)]
struct Prefixes {
    data: String,
    record: Option<String>,
    pending: Option<String>,
}

impl S3Builder {
    pub(crate) fn new(config: aws_sdk_s3::Config, bucket: String) -> Self {
        Self {
            config,
            bucket,
            layout: Prefixes::default(),
            part_sizes: PartSizes::default(),
            memory: 256 * MIB,
            parts_in_flight: 3,
            concurrency: 32,
            writing: Writing {
                integrity: Integrity::Md5,
                storage_class: None,
                encryption: Encryption::Bucket,
            },
            metadata_keys: Vec::new(),
            tombstones_last: DAY,
            orphans_last: DAY,
            downloads: Downloads::Through,
            clock: Arc::new(SystemClock::default()),
            traits: None,
            equal_parts: false,
            coordination: Coordination::Conditional,
        }
    }

    /// What the keys of objects begin with, slash included where one is wanted; nothing unless told
    /// otherwise. At most 512 bytes.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.layout.data = prefix.into();
        self
    }

    /// What the keys of records begin with; the [prefix](Self::prefix) unless told otherwise. It is
    /// the same on every node and for ever: an upload whose record is elsewhere is not known.
    /// Records are written over and over, so on a bucket with versions they are better off under a
    /// prefix whose old versions expire.
    pub fn record_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.layout.record = Some(prefix.into());
        self
    }

    /// What the keys of bytes begin with that are not enough for a part; the
    /// [prefix](Self::prefix) unless told otherwise. A lifecycle rule can then tell them from
    /// objects.
    pub fn pending_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.layout.pending = Some(prefix.into());
        self
    }

    /// How many bytes a part of an upload has that is not larger than 5,000 such parts; 8 MiB unless
    /// told otherwise, and between 5 MiB and 5 GiB. Larger uploads have larger parts. Clients whose
    /// chunks are a multiple of it cause the fewest requests.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_sizes.usual = bytes;
        self
    }

    /// How many bytes a part of an upload has whose length is told later; 16 MiB unless told
    /// otherwise. Such an upload can have 8,000 parts.
    pub fn deferred_part_size(mut self, bytes: u64) -> Self {
        self.part_sizes.deferred = bytes;
        self
    }

    /// How many bytes a part has at most; 64 MiB unless told otherwise, which makes uploads of up to
    /// 312 GiB possible. The [memory](Self::memory) must have room for four such parts.
    pub fn largest_part_size(mut self, bytes: u64) -> Self {
        self.part_sizes.largest = bytes;
        self
    }

    /// The largest object that the store takes, in bytes; 5 TiB unless told otherwise.
    pub fn largest_object(mut self, bytes: u64) -> Self {
        self.part_sizes.largest_object = bytes;
        self
    }

    /// What the server lets no upload exceed, in bytes, where it has such a limit: the `max_size` of its
    /// configuration. Uploads whose length is told later have parts that are large enough for it.
    pub fn max_size(mut self, bytes: Option<u64>) -> Self {
        self.part_sizes.max_size = bytes;
        self
    }

    /// How small a part may be that is not the last, for stores of tests.
    #[doc(hidden)]
    pub fn smallest_part_size(mut self, bytes: u64) -> Self {
        self.part_sizes.smallest = bytes;
        self
    }

    /// How many bytes of uploads may be in memory, in all; 256 MiB unless told otherwise. Clients
    /// wait where there is no room.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// How many parts of one upload are sent to the store at once; 3 unless told otherwise.
    pub fn parts_in_flight(mut self, parts: usize) -> Self {
        self.parts_in_flight = parts;
        self
    }

    /// How many parts are sent to the store at once, in all; 32 unless told otherwise.
    pub fn concurrency(mut self, parts: usize) -> Self {
        self.concurrency = parts;
        self
    }

    /// How the store checks that bytes arrived as they were sent; [`Integrity::Md5`] unless told
    /// otherwise.
    pub fn integrity(mut self, integrity: Integrity) -> Self {
        self.writing.integrity = integrity;
        self
    }

    /// The storage class of objects, such as `STANDARD_IA`; the store's default unless told
    /// otherwise. What the backend keeps for itself has that one in any case.
    pub fn storage_class(mut self, class: impl Into<String>) -> Self {
        self.writing.storage_class = Some(class.into());
        self
    }

    /// With which key the store encrypts objects; [`Encryption::Bucket`] unless told otherwise. What
    /// the backend keeps for itself is encrypted as the bucket is set up.
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.writing.encryption = encryption;
        self
    }

    /// Which keys of `Upload-Metadata` objects carry as user metadata; none unless told otherwise.
    pub fn metadata_keys<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.metadata_keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// How long the record of a removed upload stays, so that no request which is still on its way
    /// brings the upload back; a day unless told otherwise. Longer than any request may take.
    pub fn tombstones_last(mut self, duration: Duration) -> Self {
        self.tombstones_last = duration;
        self
    }

    /// How old something must be that no record references before it is removed; a day unless told
    /// otherwise. Longer than any request may take.
    pub fn orphans_last(mut self, duration: Duration) -> Self {
        self.orphans_last = duration;
        self
    }

    /// How completed uploads are given to those who download them; [`Downloads::Through`] unless
    /// told otherwise.
    pub fn downloads(mut self, downloads: Downloads) -> Self {
        self.downloads = downloads;
        self
    }

    /// What time it is, for tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Declares the manners of the store, which are not found out then. Nor is it found out whether
    /// conditional writes are atomic: on a store where they are not, uploads are corrupted.
    pub fn store_traits(mut self, traits: StoreTraits) -> Self {
        self.traits = Some(traits);
        self
    }

    /// Whether the store wants every part but the last to have the same size, as Cloudflare R2 does,
    /// which the probe cannot find out; not unless told otherwise. Uploads are sent so in any case, and
    /// [final](oxitus_core::proto::upload::Kind::Final) ones are made of such parts then, for which
    /// more of their sources has to be downloaded.
    pub fn equal_parts(mut self, whether: bool) -> Self {
        self.equal_parts = whether;
        self
    }

    /// What keeps two that change one upload from overwriting each other's records;
    /// [`Coordination::Conditional`] unless told otherwise.
    pub fn coordination(mut self, coordination: Coordination) -> Self {
        self.coordination = coordination;
        self
    }

    /// Opens the bucket. Unless its [traits](Self::store_traits) are declared, the store is probed
    /// with about 130 small requests under keys of their own, which takes about a second.
    ///
    /// # Errors
    /// [`OpenError`] where the settings cannot be, the bucket cannot be used, or the store is not
    /// one for uploads.
    pub async fn open(self) -> Result<S3Backend, OpenError> {
        self.check()?;
        let bucket = SdkBucket::new(
            &self.config,
            self.bucket.clone(),
            self.writing.clone(),
            StoreTraits::new(),
            self.concurrency.saturating_add(OTHER_CONNECTIONS),
        );
        let conditional = matches!(self.coordination, Coordination::Conditional);
        let traits = match self.traits.clone() {
            Some(traits) => traits,
            None => probe(bucket.clone(), &self.layout(), conditional).await?,
        };
        let equal_parts = traits.equal_parts || self.equal_parts;
        let traits = traits.equal_parts(equal_parts);
        if !traits.gaps_allowed {
            return Err(Unsuitable::GapsRefused.into());
        }
        let bucket = bucket.with_traits(traits.clone());
        let bucket = self.coordination.clone().over(Arc::new(bucket));
        Ok(S3Backend::new(bucket, self.settings(traits)))
    }

    fn check(&self) -> Result<(), OpenError> {
        if self.bucket.is_empty() {
            return Err(OpenError::Settings("the bucket has no name"));
        }
        let prefixes = self.layout();
        if prefixes
            .prefixes()
            .iter()
            .any(|prefix| prefix.len() > LONGEST_PREFIX || prefix.contains(char::is_control))
        {
            return Err(OpenError::Settings(
                "a prefix has at most 512 bytes, and no control characters",
            ));
        }
        if self.parts_in_flight == 0 || self.concurrency == 0 {
            return Err(OpenError::Settings(
                "at least one part must be sent at once",
            ));
        }
        if let Downloads::Redirect(lasts) = self.downloads
            && !(SHORTEST_REDIRECT..=LONGEST_REDIRECT).contains(&lasts)
        {
            return Err(OpenError::Settings(
                "a presigned URL is good for 7 days at most, and a second at least",
            ));
        }
        self.part_sizes
            .check(self.memory)
            .map_err(OpenError::Settings)
    }

    fn layout(&self) -> Layout {
        let Prefixes {
            data,
            record,
            pending,
        } = self.layout.clone();
        Layout {
            record_prefix: record.unwrap_or_else(|| data.clone()),
            pending_prefix: pending.unwrap_or_else(|| data.clone()),
            data_prefix: data,
        }
    }

    fn settings(self, traits: StoreTraits) -> Settings {
        Settings {
            layout: self.layout(),
            part_sizes: self.part_sizes,
            inline: INLINE,
            memory: self.memory,
            parts_in_flight: self.parts_in_flight,
            concurrency: self.concurrency,
            metadata_keys: self.metadata_keys.into(),
            tombstones_last: self.tombstones_last,
            orphans_last: self.orphans_last,
            downloads: self.downloads,
            clock: self.clock,
            traits,
        }
    }
}

impl fmt::Debug for S3Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("S3Builder")
            .field("bucket", &self.bucket)
            .field("layout", &self.layout)
            .field("part_sizes", &self.part_sizes)
            .field("memory", &self.memory)
            .field("parts_in_flight", &self.parts_in_flight)
            .field("concurrency", &self.concurrency)
            .field("writing", &self.writing)
            .field("metadata_keys", &self.metadata_keys)
            .field("tombstones_last", &self.tombstones_last)
            .field("orphans_last", &self.orphans_last)
            .field("downloads", &self.downloads)
            .field("traits", &self.traits)
            .field("equal_parts", &self.equal_parts)
            .field("coordination", &self.coordination)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
