//! What every [`Bucket`] does, as tests of any.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt;

use super::{
    Attributes, Bucket, CompletedPart, Condition, ETag, ErrorKind, Multipart, Result, Source,
};

/// Calls every test, with parts of so many bytes.
pub(crate) async fn holds_for(bucket: &dyn Bucket, part_size: usize) {
    objects_are_what_was_put(bucket).await;
    nothing_is_no_object(bucket).await;
    conditions_are_kept(bucket).await;
    parts_make_an_object(bucket, part_size).await;
    wrong_parts_make_none(bucket).await;
    parts_can_be_copied(bucket, part_size).await;
    an_aborted_upload_is_gone(bucket).await;
    keys_are_listed_in_order(bucket).await;
    open_uploads_are_listed(bucket).await;
}

async fn objects_are_what_was_put(bucket: &dyn Bucket) {
    let key = "objects/one with a space, a + and an ü";
    let body = pattern(300_000);
    let attributes = Attributes {
        content_type: Some("text/plain".to_owned()),
        metadata: vec![
            ("a".to_owned(), "1".to_owned()),
            ("b".to_owned(), "two words".to_owned()),
        ],
        is_data: true,
    };
    let put = bucket.put(key, body.clone(), Condition::None, &attributes);
    let etag = put.await.unwrap();

    let object = bucket.get(key).await.unwrap();
    assert_eq!((object.etag, object.body), (etag.clone(), body.clone()));
    let head = bucket.head(key).await.unwrap();
    assert_eq!((head.etag, head.size), (etag.clone(), 300_000));
    assert_eq!(head.metadata, attributes.metadata);
    for range in [0..300_000, 1..2, 299_999..300_000, 5..5] {
        let read = read(bucket, key, &etag, range.clone()).await.unwrap();
        let expected = body.slice(range.start as usize..range.end as usize);
        assert_eq!(read, expected);
    }
    let wrong = read(bucket, key, &some_etag(), 0..10).await.unwrap_err();
    assert_eq!(wrong, ErrorKind::Precondition);
    let short = read(bucket, key, &etag, 299_990..300_010)
        .await
        .unwrap_err();
    assert_eq!(short, ErrorKind::Unknown);

    bucket.delete(key).await.unwrap();
    assert_eq!(kind(bucket.get(key).await), ErrorKind::NoSuchKey);
}

async fn nothing_is_no_object(bucket: &dyn Bucket) {
    assert_eq!(kind(bucket.get("nothing").await), ErrorKind::NoSuchKey);
    assert_eq!(kind(bucket.head("nothing").await), ErrorKind::NoSuchKey);
    bucket.delete("nothing").await.unwrap();

    put(bucket, "empty", Bytes::new(), Condition::None)
        .await
        .unwrap();
    assert_eq!(bucket.get("empty").await.unwrap().body, Bytes::new());
}

async fn conditions_are_kept(bucket: &dyn Bucket) {
    let key = "condition";
    let first = put(bucket, key, pattern(1), Condition::Absent)
        .await
        .unwrap();
    for wrong in [Condition::Absent, Condition::Is(some_etag())] {
        let refused = put(bucket, key, pattern(2), wrong).await.unwrap_err();
        assert_eq!(refused, ErrorKind::Precondition);
    }
    let is_first = Condition::Is(first);
    let second = put(bucket, key, pattern(3), is_first.clone())
        .await
        .unwrap();
    let late = put(bucket, key, pattern(4), is_first).await.unwrap_err();
    assert_eq!(late, ErrorKind::Precondition);
    let object = bucket.get(key).await.unwrap();
    assert_eq!((object.etag, object.body), (second.clone(), pattern(3)));

    bucket.delete(key).await.unwrap();
    let gone = put(bucket, key, pattern(5), Condition::Is(second))
        .await
        .unwrap_err();
    assert!(matches!(
        gone,
        ErrorKind::NoSuchKey | ErrorKind::Precondition
    ));
    assert_eq!(kind(bucket.get(key).await), ErrorKind::NoSuchKey);
}

async fn parts_make_an_object(bucket: &dyn Bucket, part_size: usize) {
    let attributes = Attributes {
        metadata: vec![("token".to_owned(), "0123".to_owned())],
        is_data: true,
        ..Attributes::default()
    };
    let upload = bucket.create_multipart("parts", &attributes).await.unwrap();
    let (large, small) = (pattern(part_size), pattern(10));
    let last = bucket.upload_part(&upload, 7, small.clone()).await.unwrap();
    let unused = bucket.upload_part(&upload, 4, pattern(3)).await.unwrap();
    bucket.upload_part(&upload, 2, pattern(3)).await.unwrap();
    let first = bucket.upload_part(&upload, 2, large.clone()).await.unwrap();

    let listed = bucket.list_parts(&upload, 0).await.unwrap();
    let shown: Vec<_> = listed
        .iter()
        .map(|part| (part.number, part.size, &part.etag))
        .collect();
    assert_eq!(
        shown,
        [
            (2, part_size as u64, &first),
            (4, 3, &unused),
            (7, 10, &last)
        ]
    );
    for (after, shown) in [(2, &listed[1..]), (3, &listed[1..]), (7, &listed[3..])] {
        assert_eq!(bucket.list_parts(&upload, after).await.unwrap(), shown);
    }

    let parts = [part(2, &first), part(7, &last)];
    let etag = bucket.complete_multipart(&upload, &parts).await.unwrap();
    let head = bucket.head("parts").await.unwrap();
    assert_eq!((&head.etag, head.size), (&etag, part_size as u64 + 10));
    assert_eq!(head.metadata, attributes.metadata);
    let read = read(bucket, "parts", &etag, 0..head.size).await.unwrap();
    assert_eq!(read, [large, small].concat());
    bucket.abort_multipart(&upload).await.unwrap();
    assert!(bucket.head("parts").await.is_ok());
}

async fn wrong_parts_make_none(bucket: &dyn Bucket) {
    let upload = create(bucket, "wrong").await;
    let etag = bucket.upload_part(&upload, 1, pattern(10)).await.unwrap();
    for parts in [[part(1, &some_etag())], [part(2, &etag)]] {
        let refused = bucket.complete_multipart(&upload, &parts).await;
        assert_eq!(kind(refused), ErrorKind::InvalidPart);
    }
    assert_eq!(kind(bucket.head("wrong").await), ErrorKind::NoSuchKey);
    bucket.abort_multipart(&upload).await.unwrap();
}

async fn parts_can_be_copied(bucket: &dyn Bucket, part_size: usize) {
    let key = "source with a space, a + and an ü";
    let body = pattern(part_size + 100);
    let etag = put(bucket, key, body.clone(), Condition::None)
        .await
        .unwrap();
    let upload = create(bucket, "copy").await;
    let source = Source {
        key: key.to_owned(),
        etag,
        range: Some(50..part_size as u64 + 50),
    };
    let copied = bucket.copy_part(&upload, 1, &source).await.unwrap();
    let other = Source {
        etag: some_etag(),
        ..source
    };
    let refused = bucket.copy_part(&upload, 2, &other).await;
    assert_eq!(kind(refused), ErrorKind::Precondition);
    let tail = bucket.upload_part(&upload, 3, pattern(1)).await.unwrap();
    let parts = [part(1, &copied), part(3, &tail)];
    let made = bucket.complete_multipart(&upload, &parts).await.unwrap();
    let read = read(bucket, "copy", &made, 0..part_size as u64 + 1)
        .await
        .unwrap();
    assert_eq!(read, [body.slice(50..part_size + 50), pattern(1)].concat());
}

async fn an_aborted_upload_is_gone(bucket: &dyn Bucket) {
    let upload = create(bucket, "aborted").await;
    let etag = bucket.upload_part(&upload, 1, pattern(10)).await.unwrap();
    bucket.abort_multipart(&upload).await.unwrap();
    bucket.abort_multipart(&upload).await.unwrap();
    let gone = ErrorKind::NoSuchUpload;
    assert_eq!(kind(bucket.upload_part(&upload, 2, pattern(1)).await), gone);
    assert_eq!(kind(bucket.list_parts(&upload, 0).await), gone);
    let parts = [part(1, &etag)];
    assert_eq!(kind(bucket.complete_multipart(&upload, &parts).await), gone);
}

async fn keys_are_listed_in_order(bucket: &dyn Bucket) {
    let keys = ["list/a b", "list/a+b", "list/b", "list/c%20", "list/ü"];
    for key in keys.iter().rev() {
        put(bucket, key, pattern(1), Condition::None).await.unwrap();
    }
    let page = bucket.list("list/", None).await.unwrap();
    let listed: Vec<_> = page
        .objects
        .iter()
        .map(|object| object.key.as_str())
        .collect();
    assert_eq!(
        (listed.as_slice(), page.truncated),
        (keys.as_slice(), false)
    );
    let head = bucket.head(keys[0]).await.unwrap();
    assert_eq!(page.objects[0].etag, head.etag);
    let now = page.date.expect("the store tells the time");
    for time in [page.objects[0].modified, SystemTime::now()] {
        let apart = now
            .duration_since(time)
            .unwrap_or_else(|early| early.duration());
        assert!(apart < Duration::from_secs(60), "{apart:?}");
    }
    for (index, key) in keys.iter().enumerate() {
        let rest = bucket.list("list/", Some(key)).await.unwrap().objects;
        let listed: Vec<_> = rest.iter().map(|object| object.key.as_str()).collect();
        assert_eq!(listed, &keys[index + 1..], "after {key}");
    }
}

async fn open_uploads_are_listed(bucket: &dyn Bucket) {
    let mut open = vec![
        create(bucket, "open/b").await,
        create(bucket, "open/a").await,
        create(bucket, "open/a").await,
    ];
    let elsewhere = create(bucket, "elsewhere").await;
    let listed = bucket.list_multiparts("open/").await.unwrap();
    let mut found: Vec<_> = listed.into_iter().map(|upload| upload.multipart).collect();
    let order = |upload: &Multipart| (upload.key.clone(), upload.id.clone());
    found.sort_unstable_by_key(order);
    open.sort_unstable_by_key(order);
    assert_eq!(found, open);
    let mut of_key = bucket.multiparts_of("open/a").await.unwrap();
    of_key.sort_unstable_by_key(order);
    assert_eq!(of_key, open[..2]);
    assert_eq!(bucket.multiparts_of("open/").await.unwrap(), []);
    for upload in open.iter().chain([&elsewhere]) {
        bucket.abort_multipart(upload).await.unwrap();
    }
    assert!(bucket.list_multiparts("open/").await.unwrap().is_empty());
}

async fn put(
    bucket: &dyn Bucket,
    key: &str,
    body: Bytes,
    condition: Condition,
) -> Result<ETag, ErrorKind> {
    let attributes = Attributes::default();
    let put = bucket.put(key, body, condition, &attributes);
    put.await.map_err(|error| error.kind)
}

async fn read(
    bucket: &dyn Bucket,
    key: &str,
    etag: &ETag,
    range: std::ops::Range<u64>,
) -> Result<Bytes, ErrorKind> {
    let read = async {
        let stream = bucket.read(key, etag, range).await?;
        stream.try_collect::<Vec<Bytes>>().await
    };
    let chunks = read.await.map_err(|error| error.kind)?;
    Ok(chunks.concat().into())
}

async fn create(bucket: &dyn Bucket, key: &str) -> Multipart {
    let attributes = Attributes::default();
    bucket.create_multipart(key, &attributes).await.unwrap()
}

fn part(number: u16, etag: &ETag) -> CompletedPart {
    CompletedPart {
        number,
        etag: etag.clone(),
    }
}

/// One that no object has.
fn some_etag() -> ETag {
    ETag("\"00112233445566778899aabbccddeeff\"".to_owned())
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind
}

/// Bytes of which no two neighbouring ranges are alike.
fn pattern(length: usize) -> Bytes {
    (0..length as u64)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 16) as u8)
        .collect()
}
