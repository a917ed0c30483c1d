//! What tests of this crate are made with: the bucket of the testkit, without a wire in between.

mod direct;
pub(crate) mod place;
pub(crate) mod wire;

pub(crate) use self::direct::DirectBucket;

use std::sync::Arc;
use std::time::Duration;

use oxitus_core::clock::SystemClock;

use crate::layout::Layout;
use crate::part_size::PartSizes;
use crate::settings::{Downloads, INLINE, Settings};
use crate::store::StoreTraits;

/// Settings for parts of so many bytes.
pub(crate) fn settings(part_size: u64) -> Settings {
    Settings {
        layout: Layout::under("uploads/"),
        part_sizes: PartSizes {
            usual: part_size,
            deferred: part_size,
            largest: part_size * 16,
            largest_object: u64::MAX,
            smallest: 1,
            max_size: None,
        },
        inline: INLINE,
        memory: 64 << 20,
        parts_in_flight: 3,
        concurrency: 32,
        metadata_keys: Arc::default(),
        tombstones_last: Duration::from_secs(24 * 3600),
        orphans_last: Duration::from_secs(24 * 3600),
        downloads: Downloads::Through,
        clock: Arc::new(SystemClock::default()),
        traits: StoreTraits::new(),
    }
}
