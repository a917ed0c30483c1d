//! What a client does not see through the SDK, and how the SDK may be set.

use std::io;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use oxitus_testkit::clock::ManualClock;
use oxitus_testkit::s3::{Bucket, Condition, InMemoryS3, Operation};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Store, refusal, refused};

on_both_front_ends! {
    time_is_what_the_clock_says
    streams_with_checksums_in_trailers
    a_body_that_breaks_off_is_not_stored
    signed_payloads_and_checksums_in_headers
    hollow_objects_count
    requests_and_bytes_are_counted
    the_bucket_is_there_already
}

async fn time_is_what_the_clock_says(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let clock = ManualClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    let s3 = InMemoryS3::new(Bucket::builder().clock(clock.clone()).build());
    let store = connect(&s3).await;
    store.put("key", "x").await;
    clock.advance(Duration::from_secs(90));
    for _ in 0..2 {
        let head = store.client.head_object().bucket(&store.bucket).key("key");
        let head = head.send().await.unwrap();
        assert_eq!(head.last_modified().unwrap().secs(), 1_000_000_000);
    }
    let missing = store
        .client
        .get_object()
        .bucket(&store.bucket)
        .key("missing");
    let error = missing.send().await.unwrap_err();
    let date = error.raw_response().unwrap().headers().get("date").unwrap();
    assert_eq!(date, "Sun, 09 Sep 2001 01:48:10 GMT");
}

async fn streams_with_checksums_in_trailers(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let config = store.client.config().to_builder();
    let config = config.request_checksum_calculation(RequestChecksumCalculation::WhenSupported);
    let store = store.with(config);
    let chunks = [
        Ok::<_, io::Error>(http_body::Frame::data(bytes::Bytes::from_static(b"hello "))),
        Ok(http_body::Frame::data(bytes::Bytes::from_static(b"world"))),
    ];
    let body = http_body_util::StreamBody::new(futures_util::stream::iter(chunks));
    let put = store
        .client
        .put_object()
        .bucket(&store.bucket)
        .key("key")
        .content_length(11);
    let put = put.body(ByteStream::new(SdkBody::from_body_1_x(body)));
    put.send().await.unwrap();
    let object = s3.bucket().get("key", &Condition::None).unwrap();
    assert_eq!(object.content.bytes(), "hello world");
    assert_eq!(object.attributes.content_encoding, None);
}

async fn a_body_that_breaks_off_is_not_stored(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let chunks = [
        Ok(http_body::Frame::data(bytes::Bytes::from_static(b"hello "))),
        Err(io::Error::other("the client is gone")),
    ];
    let body = http_body_util::StreamBody::new(futures_util::stream::iter(chunks));
    let put = store.client.put_object().bucket(&store.bucket).key("key");
    let put = put
        .content_length(11)
        .body(ByteStream::new(SdkBody::from_body_1_x(body)));
    let unsigned = put.customize().disable_payload_signing();
    unsigned.send().await.unwrap_err();
    assert!(s3.bucket().list("", None, 1).objects.is_empty());
    assert_eq!(s3.counters().snapshot().total(), 0);
    store.put("key", "hello world").await;
}

async fn signed_payloads_and_checksums_in_headers(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let config = store.client.config().to_builder();
    let config = config
        .request_checksum_calculation(RequestChecksumCalculation::WhenSupported)
        .response_checksum_validation(ResponseChecksumValidation::WhenSupported);
    let store = store.with(config);
    store.put("key", "hello").await;
    let id = store.begin("key").await;
    let part = store.part("key", &id, 1, "world").await;
    store.complete("key", &id, [part]).send().await.unwrap();
    assert_eq!(store.get("key").await, "world");

    let put = store.client.put_object().bucket(&store.bucket).key("key");
    let put = put.body(ByteStream::from_static(b"unsigned"));
    put.customize()
        .disable_payload_signing()
        .send()
        .await
        .unwrap();
    assert_eq!(store.get("key").await, "unsigned");
}

async fn hollow_objects_count(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let bucket = Bucket::builder()
        .hollow(|key| !key.ends_with(".info"))
        .build();
    let s3 = InMemoryS3::new(bucket);
    let store = connect(&s3).await;
    let large = vec![7; 5 << 20];
    let etag = store.put("data", large.clone()).await;
    assert_eq!(
        etag,
        InMemoryS3::default().put_for_comparison(large.clone())
    );
    store.put("data.info", "kept").await;
    assert_eq!(store.get("data.info").await, "kept");
    let id = store.begin("data").await;
    let parts = [
        store.part("data", &id, 1, large.clone()).await,
        store.part("data", &id, 2, "end").await,
    ];
    assert_eq!(
        store.parts("data", &id).await[1].2,
        "\"7f021a1415b86f2d013b2618fb31ae53\""
    );
    store.complete("data", &id, parts).send().await.unwrap();
    let bytes = store.get("data").await;
    assert!(bytes == vec![0; large.len() + 3]);
}

trait PutForComparison {
    fn put_for_comparison(&self, bytes: Vec<u8>) -> String;
}

impl PutForComparison for InMemoryS3 {
    fn put_for_comparison(&self, bytes: Vec<u8>) -> String {
        let put = self
            .bucket()
            .put("key", bytes, Default::default(), &Condition::None);
        put.unwrap().to_string()
    }
}

async fn requests_and_bytes_are_counted(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    store.put("key", "hello").await;
    let before = s3.counters().snapshot();
    let id = store.begin("key").await;
    let part = store.part("key", &id, 1, "hello world").await;
    store.parts("key", &id).await;
    store.complete("key", &id, [part]).send().await.unwrap();
    store.get("key").await;
    let part = store
        .client
        .get_object()
        .bucket(&store.bucket)
        .key("key")
        .range("bytes=0-2");
    part.send().await.unwrap().body.collect().await.unwrap();
    let abort = store
        .client
        .abort_multipart_upload()
        .bucket(&store.bucket)
        .key("key");
    abort.upload_id(&id).send().await.unwrap_err();
    let delete = store
        .client
        .delete_object()
        .bucket(&store.bucket)
        .key("key");
    delete.send().await.unwrap();
    store
        .client
        .head_object()
        .bucket(&store.bucket)
        .key("key")
        .send()
        .await
        .unwrap_err();
    let traffic = s3.counters().snapshot().since(&before);
    let expected = [
        (Operation::AbortMultipartUpload, 1),
        (Operation::CompleteMultipartUpload, 1),
        (Operation::CreateMultipartUpload, 1),
        (Operation::DeleteObject, 1),
        (Operation::GetObject, 2),
        (Operation::HeadObject, 1),
        (Operation::ListParts, 1),
        (Operation::UploadPart, 1),
    ];
    assert_eq!(traffic.requests().collect::<Vec<_>>(), expected);
    assert_eq!((traffic.total(), traffic.total_without_deletes()), (9, 7));
    assert_eq!((traffic.bytes_in, traffic.bytes_out), (11, 14));
}

async fn the_bucket_is_there_already(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let store = connect(&InMemoryS3::default()).await;
    let create = |name: &str| store.client.create_bucket().bucket(name).send();
    let again = create(&store.bucket).await;
    assert_eq!(refusal(again), refused(409, "BucketAlreadyOwnedByYou"));
    let another = create("another").await;
    assert_eq!(refusal(another), refused(403, "AccessDenied"));
}

#[tokio::test]
async fn the_counters_are_read_over_http() {
    let s3 = InMemoryS3::default();
    let server = s3.serve().await.unwrap();
    s3.bucket()
        .put("key", "x", Default::default(), &Condition::None)
        .unwrap();
    let request = oxitus_testkit::s3::Request::new(Operation::PutObject, "key").with_bytes(7);
    s3.request(request, |_, _| Ok(())).await.unwrap();
    let fetched = fetch(&format!("{}/-/counters", server.endpoint_url())).await;
    let expected = concat!(
        r#"{"bytes_in":7,"bytes_out":0,"requests":{"PutObject":1},"#,
        r#""total":1,"total_without_deletes":1}"#,
        "\n"
    );
    assert_eq!((fetched.status, &*fetched.body), (200, expected));
}

#[tokio::test]
async fn presigned_reading() {
    let s3 = InMemoryS3::default();
    let store = Store::over_tcp(&s3).await;
    let put = store.client.put_object().bucket(&store.bucket).key("key");
    let put = put
        .content_type("text/x-own")
        .body(ByteStream::from_static(b"hello"));
    put.send().await.unwrap();
    let get = store.client.get_object().bucket(&store.bucket).key("key");
    let get = get.response_content_type("text/x-overridden");
    let presigning = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let presigned = get.presigned(presigning).await.unwrap();
    let fetched = fetch(presigned.uri()).await;
    assert_eq!((fetched.status, &*fetched.body), (200, "hello"));
    assert!(
        fetched.head.contains("content-type: text/x-overridden\r\n"),
        "{}",
        fetched.head
    );
    let tampered = presigned.uri().replace("/key?", "/keys?");
    assert_eq!(fetch(&tampered).await.status, 403);
    let bare = presigned.uri().split('?').next().unwrap();
    assert_eq!(fetch(bare).await.status, 403);
}

#[tokio::test]
async fn a_server_that_is_dropped_is_gone() {
    let s3 = InMemoryS3::default();
    let server = s3.serve().await.unwrap();
    let address = server.endpoint_url().replace("http://", "");
    let mut connection = TcpStream::connect(&address).await.unwrap();
    connection
        .write_all(b"GET /-/counters HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let mut some = [0; 8];
    connection.read_exact(&mut some).await.unwrap();
    drop(server);
    let mut rest = Vec::new();
    // An end or a reset: this returns at all.
    drop(connection.read_to_end(&mut rest).await);
    loop {
        match TcpStream::connect(&address).await {
            Err(_) => break,
            Ok(_) => tokio::task::yield_now().await,
        }
    }
}

struct Fetched {
    status: u16,
    head: String,
    body: String,
}

async fn fetch(url: &str) -> Fetched {
    let rest = url.strip_prefix("http://").unwrap();
    let (address, path) = rest.split_once('/').unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    Fetched {
        status: head[9..12].parse().unwrap(),
        head: format!("{head}\r\n"),
        body: body.to_owned(),
    }
}
