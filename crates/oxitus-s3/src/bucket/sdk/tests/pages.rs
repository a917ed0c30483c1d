//! Listings that have more than one page.

use bytes::Bytes;
use futures_util::future::try_join_all;
use oxitus_testkit::s3::{BUCKET, Dialect};

use crate::bucket::{Attributes, Bucket, Condition, Result};
use crate::store::StoreTraits;
use crate::testing::wire;

/// More than the 1,000 of a page.
const MANY: u16 = 1_050;

#[tokio::test]
async fn every_part_is_listed() {
    for dialect in [Dialect::aws(), Dialect::minio()] {
        let server = wire::server(dialect);
        let bucket = wire::bucket(&wire::in_memory(&server), BUCKET, StoreTraits::new());
        let attributes = Attributes::default();
        let upload = bucket.create_multipart("a", &attributes).await.unwrap();
        let numbers: Vec<_> = (0..MANY).map(|index| 2 * index + 1).collect();
        let parts = numbers
            .iter()
            .map(|number| bucket.upload_part(&upload, *number, Bytes::from_static(b"1")));
        try_join_all(parts).await.unwrap();
        for after in [0, 7, 8, 2_001] {
            let listed = bucket.list_parts(&upload, after).await.unwrap();
            let listed: Vec<_> = listed.iter().map(|part| part.number).collect();
            let expected = numbers.iter().copied().filter(|number| *number > after);
            assert_eq!(listed, expected.collect::<Vec<_>>(), "after {after}");
        }
    }
}

#[tokio::test]
async fn every_open_upload_is_listed() {
    for (dialect, by_prefix) in [(Dialect::aws(), true), (Dialect::minio(), false)] {
        let server = wire::server(dialect);
        let traits = StoreTraits::new().lists_multiparts_by_prefix(by_prefix);
        let bucket = wire::bucket(&wire::in_memory(&server), BUCKET, traits);
        let attributes = Attributes::default();
        let keys: Vec<_> = (0..MANY).map(|index| format!("a {}", index / 2)).collect();
        let uploads = keys
            .iter()
            .map(|key| bucket.create_multipart(key, &attributes));
        let mut made = try_join_all(uploads).await.unwrap();
        bucket.create_multipart("b", &attributes).await.unwrap();
        let listed = bucket.list_multiparts("a ").await.unwrap();
        let mut listed: Vec<_> = listed.into_iter().map(|open| open.multipart).collect();
        for uploads in [&mut made, &mut listed] {
            uploads.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        }
        assert_eq!(listed, made);
    }
}

#[tokio::test]
async fn objects_are_listed_page_by_page() -> Result<()> {
    let server = wire::server(Dialect::aws());
    let bucket = wire::bucket(&wire::in_memory(&server), BUCKET, StoreTraits::new());
    let attributes = Attributes::default();
    let keys: Vec<_> = (0..MANY).map(|index| format!("a+b/{index:04} ü")).collect();
    let objects = keys
        .iter()
        .map(|key| bucket.put(key, Bytes::new(), Condition::None, &attributes));
    try_join_all(objects).await?;
    let first = bucket.list("a+b/", None).await?;
    assert!(first.truncated);
    let last = first.objects.last().map(|object| object.key.clone());
    let second = bucket.list("a+b/", last.as_deref()).await?;
    assert!(!second.truncated);
    let listed = first.objects.into_iter().chain(second.objects);
    let listed: Vec<_> = listed.map(|object| object.key).collect();
    assert_eq!(listed, keys);
    Ok(())
}
