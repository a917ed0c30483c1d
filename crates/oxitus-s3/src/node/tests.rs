//! What becomes of pending segments that were stored for a version of the record that has lost.

use std::time::Duration;

use oxitus_testkit::s3;

use crate::layout::Layout;
use crate::record::{Record, Segment};
use crate::testing::place::{Place, id};

/// An upload with a segment of a version that nobody has an answer about, and the version before.
async fn in_doubt() -> (Place, Record, Segment) {
    let place = Place::new(s3::Dialect::aws(), Layout::under("uploads/"));
    place.create("raced", 900).await;
    let base = place.record("raced").await;
    let key = base.segment_key();
    place.put(&key, &[]);
    let size = "late".len() as u64;
    (place, base, Segment::Object { key, size })
}

/// Another version, with these segments.
async fn go_on(place: &Place, pending: Vec<Segment>) {
    let version = place.records().load(&id("raced")).await.unwrap();
    let mut next = version.record.next();
    next.pending = pending;
    next.offset = next.pending_size();
    place.records().replace(&version, next).await.unwrap();
}

/// Whether the segment is still there after it was to be removed, if need be in the background.
async fn stays(place: &Place, base: &Record, segment: &Segment) -> bool {
    let key = segment.key().unwrap();
    place.backend.0.remove_lost(base, vec![key.to_owned()]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    place.has(key)
}

#[tokio::test(start_paused = true)]
async fn what_another_version_does_not_reference_is_removed() {
    let (place, base, segment) = in_doubt().await;
    go_on(&place, Vec::new()).await;
    assert!(!stays(&place, &base, &segment).await);
}

/// The answer was lost, and not the version: another was built upon it.
#[tokio::test(start_paused = true)]
async fn what_another_version_references_stays() {
    let (place, base, segment) = in_doubt().await;
    go_on(&place, vec![segment.clone()]).await;
    go_on(&place, vec![segment.clone()]).await;
    assert!(stays(&place, &base, &segment).await);
}

/// The version may still land.
#[tokio::test(start_paused = true)]
async fn what_may_come_to_be_referenced_stays() {
    let (place, base, segment) = in_doubt().await;
    assert!(stays(&place, &base, &segment).await);
}

/// A store that has the record may say by mistake that it has not.
#[tokio::test(start_paused = true)]
async fn where_no_record_is_found_everything_stays() {
    let (place, base, segment) = in_doubt().await;
    place.records().remove(&id("raced")).await.unwrap();
    assert!(stays(&place, &base, &segment).await);
}
