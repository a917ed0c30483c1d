//! Every operation, by the rules that servers agree on: the same tests run in process, over TCP,
//! and against servers of others.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::CompletedPart;
use bytes::Bytes;
use oxitus_testkit::real_s3::{Implementation, RealS3};
use oxitus_testkit::s3::InMemoryS3;

use crate::support::{BOGUS, Store, named, refusal, refused};

macro_rules! operations {
    ($($name:ident)*) => {
        mod in_process {
            $(#[tokio::test]
            async fn $name() {
                let store = super::Store::in_process(&super::InMemoryS3::default()).await;
                super::$name(&store).await;
            })*
        }

        mod over_tcp {
            $(#[tokio::test]
            async fn $name() {
                let store = super::Store::over_tcp(&super::InMemoryS3::default()).await;
                super::$name(&store).await;
            })*
        }

        async fn all(server: &RealS3) {
            $(
                eprintln!("{}", stringify!($name));
                $name(&Store::real(server, stringify!($name))).await;
            )*
        }
    };
}

#[tokio::test]
async fn versitygw() {
    if let Some(server) = RealS3::start(Implementation::Versitygw) {
        all(&server).await;
    }
}

#[tokio::test]
async fn minio() {
    if let Some(server) = RealS3::start(Implementation::Minio) {
        all(&server).await;
    }
}

#[tokio::test]
async fn the_server_of_the_environment() {
    if let Some(server) = RealS3::from_environment() {
        all(&server).await;
    }
}

operations! {
    an_object_comes_back_as_it_was_put
    an_object_is_read_in_ranges
    an_object_that_is_not_there
    reading_under_a_condition
    creating_what_must_be_new
    replacing_what_must_be_the_same
    conditions_only_one_writer_meets
    deleting
    listing_objects_in_pages
    another_bucket
    a_wrong_signature
    damaged_bytes
    an_upload_of_parts
    an_upload_with_gaps_and_parts_left_over
    parts_are_replaced
    listing_parts_in_pages
    copying_ranges_into_parts
    completing_wrongly
    completing_under_a_condition
    an_upload_that_is_no_more
    part_numbers_out_of_range
    listing_open_uploads
}

const MINIMUM: usize = 5 << 20;

fn large(byte: u8) -> Vec<u8> {
    vec![byte; MINIMUM]
}

async fn an_object_comes_back_as_it_was_put(store: &Store) {
    let (client, key) = (&store.client, store.key("a/b c+ü&<>%.bin"));
    let put = client.put_object().bucket(&store.bucket).key(&key);
    let put = put
        .body(ByteStream::from_static(b"hello"))
        .content_type("text/x-test; charset=utf-8")
        .content_disposition("attachment; filename=\"x\"")
        .metadata("tus-token", "t0ken")
        .metadata("other", "a b");
    let etag = put.send().await.unwrap().e_tag.unwrap();
    assert_eq!(etag, "\"5d41402abc4b2a76b9719d911017c592\"");

    let got = client
        .get_object()
        .bucket(&store.bucket)
        .key(&key)
        .send()
        .await
        .unwrap();
    let head = client
        .head_object()
        .bucket(&store.bucket)
        .key(&key)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (got.content_length(), head.content_length()),
        (Some(5), Some(5))
    );
    assert_eq!((got.e_tag(), head.e_tag()), (Some(&*etag), Some(&*etag)));
    assert_eq!(got.last_modified(), head.last_modified());
    let written = SystemTime::try_from(*got.last_modified().unwrap()).unwrap();
    assert!(written.elapsed().unwrap_or_default() < Duration::from_secs(60));
    assert_eq!(
        (got.metadata(), got.content_type()),
        (head.metadata(), head.content_type())
    );
    assert_eq!(got.content_disposition(), head.content_disposition());
    assert_eq!(head.content_type(), Some("text/x-test; charset=utf-8"));
    assert_eq!(
        head.content_disposition(),
        Some("attachment; filename=\"x\"")
    );
    assert_eq!(head.metadata().unwrap()["tus-token"], "t0ken");
    assert_eq!(head.metadata().unwrap()["other"], "a b");
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "hello");

    store.put(&key, "").await;
    assert_eq!(store.get(&key).await, "");
}

async fn an_object_is_read_in_ranges(store: &Store) {
    let key = store.key("ranges");
    store.put(&key, "0123456789").await;
    let range = |range: &str| {
        let get = store.client.get_object().bucket(&store.bucket).key(&key);
        get.range(range).send()
    };
    for (asked, bytes, content_range) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=3-6", "3456", "bytes 3-6/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=7-99", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
    ] {
        let got = range(asked).await.unwrap();
        assert_eq!(got.content_range(), Some(content_range));
        assert_eq!(got.content_length(), Some(bytes.len() as i64));
        assert_eq!(
            got.body.collect().await.unwrap().into_bytes(),
            bytes,
            "{asked}"
        );
    }
    assert_eq!(
        refusal(range("bytes=10-").await),
        refused(416, "InvalidRange")
    );
}

async fn an_object_that_is_not_there(store: &Store) {
    let key = store.key("missing");
    let (client, bucket) = (&store.client, &store.bucket);
    let got = client.get_object().bucket(bucket).key(&key).send().await;
    assert_eq!(refusal(got), refused(404, "NoSuchKey"));
    let head = client.head_object().bucket(bucket).key(&key).send().await;
    let head = head.unwrap_err();
    let response = head.raw_response().unwrap();
    assert_eq!(response.status().as_u16(), 404);
    assert_eq!(response.body().bytes(), Some(b"".as_slice()));
    client
        .delete_object()
        .bucket(bucket)
        .key(&key)
        .send()
        .await
        .unwrap();
}

async fn reading_under_a_condition(store: &Store) {
    let key = store.key("read");
    let etag = store.put(&key, "one").await;
    let get = || store.client.get_object().bucket(&store.bucket).key(&key);
    get().if_match(&etag).send().await.unwrap();
    get().if_none_match(BOGUS).send().await.unwrap();
    let other = get().if_match(BOGUS).send().await;
    assert_eq!(refusal(other), refused(412, "PreconditionFailed"));
    assert_eq!(refusal(get().if_none_match(&etag).send().await).0, 304);
}

async fn creating_what_must_be_new(store: &Store) {
    let key = store.key("new");
    let create = || {
        let put = store.client.put_object().bucket(&store.bucket).key(&key);
        put.if_none_match("*")
            .body(ByteStream::from_static(b"x"))
            .send()
    };
    create().await.unwrap();
    assert_eq!(refusal(create().await), refused(412, "PreconditionFailed"));
    assert_eq!(store.get(&key).await, "x");
}

async fn replacing_what_must_be_the_same(store: &Store) {
    let key = store.key("same");
    let replace = |etag: &str, body: &'static [u8]| {
        let put = store.client.put_object().bucket(&store.bucket).key(&key);
        put.if_match(etag)
            .body(ByteStream::from_static(body))
            .send()
    };
    assert_eq!(
        refusal(replace(BOGUS, b"x").await),
        refused(404, "NoSuchKey")
    );
    let first = store.put(&key, "one").await;
    assert_eq!(
        refusal(replace(BOGUS, b"x").await),
        refused(412, "PreconditionFailed")
    );
    let second = replace(&first, b"two").await.unwrap().e_tag.unwrap();
    assert_eq!(
        refusal(replace(&first, b"x").await),
        refused(412, "PreconditionFailed")
    );
    replace(second.trim_matches('"'), b"three").await.unwrap();
    assert_eq!(store.get(&key).await, "three");
}

async fn conditions_only_one_writer_meets(store: &Store) {
    for round in 0..3 {
        let key = store.key(&format!("race-{round}"));
        let first = store.put(&key, "first").await;
        let race = (0..16).map(|writer| {
            let put = store.client.put_object().bucket(&store.bucket).key(&key);
            let body = Bytes::from(vec![writer; 4096]);
            tokio::spawn(put.if_match(&first).body(ByteStream::from(body)).send())
        });
        let outcomes = futures_util::future::join_all(race.collect::<Vec<_>>()).await;
        let won = outcomes
            .into_iter()
            .filter(|outcome| outcome.as_ref().unwrap().is_ok());
        assert_eq!(won.count(), 1);
    }
}

async fn deleting(store: &Store) {
    let key = store.key("deleted");
    store.put(&key, "x").await;
    let delete = || store.client.delete_object().bucket(&store.bucket).key(&key);
    delete().send().await.unwrap();
    let got = store
        .client
        .get_object()
        .bucket(&store.bucket)
        .key(&key)
        .send()
        .await;
    assert_eq!(refusal(got), refused(404, "NoSuchKey"));
    delete().send().await.unwrap();
    delete().if_match(BOGUS).send().await.unwrap();
}

async fn listing_objects_in_pages(store: &Store) {
    let prefix = store.key("list-");
    let names: Vec<String> = ["a", "b", "b.info", "b.pending.1", "c&<d", "é"]
        .map(|name| format!("{prefix}{name}"))
        .into();
    for name in &names {
        store.put(name, name.clone()).await;
    }
    store.put(&store.key("lisu"), "after").await;
    let list = || {
        let list = store.client.list_objects_v2().bucket(&store.bucket);
        list.prefix(&prefix)
    };
    let mut listed = Vec::new();
    let mut token = None;
    loop {
        let page = list().max_keys(4).set_continuation_token(token.take());
        let page = page.send().await.unwrap();
        for object in page.contents() {
            let head = store.client.head_object().bucket(&store.bucket);
            let head = head.key(object.key().unwrap()).send().await.unwrap();
            assert_eq!(object.e_tag(), head.e_tag());
            assert_eq!(object.size(), head.content_length());
            let seconds = |time: &aws_sdk_s3::primitives::DateTime| time.secs();
            assert_eq!(
                object.last_modified().map(seconds),
                head.last_modified().map(seconds)
            );
            listed.push(object.key().unwrap().to_owned());
        }
        assert_eq!(page.is_truncated(), Some(listed.len() < names.len()));
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(listed, names);
    let rest = list().start_after(&names[3]).send().await.unwrap();
    let rest: Vec<_> = rest
        .contents()
        .iter()
        .map(|object| object.key().unwrap())
        .collect();
    assert_eq!(rest, &names[4..]);
}

async fn another_bucket(store: &Store) {
    let put = store.client.put_object().bucket("no-such-bucket").key("x");
    let put = put.body(ByteStream::from_static(b"x")).send().await;
    assert_eq!(refusal(put), refused(404, "NoSuchBucket"));
    let head = store
        .client
        .head_bucket()
        .bucket("no-such-bucket")
        .send()
        .await;
    assert_eq!(refusal(head).0, 404);
    store
        .client
        .head_bucket()
        .bucket(&store.bucket)
        .send()
        .await
        .unwrap();
}

async fn a_wrong_signature(store: &Store) {
    let credentials = Credentials::new(&store.key_id, "guessed", None, None, "test");
    let config = store
        .client
        .config()
        .to_builder()
        .credentials_provider(credentials);
    let stranger = Client::from_conf(config.build());
    let put = stranger
        .put_object()
        .bucket(&store.bucket)
        .key(store.key("x"));
    let outcome = put.body(ByteStream::from_static(b"x")).send().await;
    assert_eq!(refusal(outcome), refused(403, "SignatureDoesNotMatch"));
}

async fn damaged_bytes(store: &Store) {
    let key = store.key("damaged");
    let put = || {
        let put = store.client.put_object().bucket(&store.bucket).key(&key);
        put.body(ByteStream::from_static(b"x"))
    };
    let of_nothing = "1B2M2Y8AsgTpgAmY7PhCfg==";
    let damaged = put().content_md5(of_nothing).send().await;
    assert_eq!(refusal(damaged), refused(400, "BadDigest"));
    let damaged = put().checksum_crc32("AAAAAA==").send().await;
    assert_eq!(refusal(damaged).0, 400);
    assert_eq!(
        refusal(
            store
                .client
                .get_object()
                .bucket(&store.bucket)
                .key(&key)
                .send()
                .await
        )
        .0,
        404
    );
    put().checksum_crc32("jNwWgw==").send().await.unwrap();
    put()
        .checksum_crc64_nvme("Lb1nAmRU5LE=")
        .send()
        .await
        .unwrap();
    put()
        .content_md5("ndTkYSaMgDT1yFZOFVxnpg==")
        .send()
        .await
        .unwrap();

    let id = store.begin(&key).await;
    let part = store
        .client
        .upload_part()
        .bucket(&store.bucket)
        .key(&key)
        .upload_id(&id);
    let part = part.part_number(1).body(ByteStream::from_static(b"x"));
    let damaged = part.content_md5(of_nothing).send().await;
    assert_eq!(refusal(damaged), refused(400, "BadDigest"));
    assert!(store.parts(&key, &id).await.is_empty());
}

async fn an_upload_of_parts(store: &Store) {
    let key = store.key("upload");
    let create = store
        .client
        .create_multipart_upload()
        .bucket(&store.bucket)
        .key(&key);
    let create = create
        .content_type("video/x-test")
        .metadata("tus-token", "t0ken");
    let id = create.send().await.unwrap().upload_id.unwrap();
    let parts = [
        store.part(&key, &id, 1, large(1)).await,
        store.part(&key, &id, 2, large(2)).await,
        store.part(&key, &id, 3, "end").await,
    ];
    let got = store
        .client
        .get_object()
        .bucket(&store.bucket)
        .key(&key)
        .send()
        .await;
    assert_eq!(refusal(got), refused(404, "NoSuchKey"));
    let size = 2 * MINIMUM + 3;
    let complete = store
        .complete(&key, &id, parts)
        .mpu_object_size(size as i64);
    let etag = complete.send().await.unwrap().e_tag.unwrap();
    assert!(etag.starts_with('"') && etag.ends_with("-3\""), "{etag}");

    let head = store
        .client
        .head_object()
        .bucket(&store.bucket)
        .key(&key)
        .send()
        .await
        .unwrap();
    assert_eq!(head.e_tag(), Some(&*etag));
    assert_eq!(head.content_length(), Some(size as i64));
    assert_eq!(head.content_type(), Some("video/x-test"));
    assert_eq!(head.metadata().unwrap()["tus-token"], "t0ken");
    let bytes = store.get(&key).await;
    assert!(bytes == [large(1), large(2), b"end".to_vec()].concat());
    let middle = store.client.get_object().bucket(&store.bucket).key(&key);
    let middle = middle
        .range(format!("bytes={}-{}", MINIMUM - 1, MINIMUM))
        .send()
        .await;
    assert_eq!(
        middle.unwrap().body.collect().await.unwrap().into_bytes(),
        [1, 2].as_slice()
    );
}

async fn an_upload_with_gaps_and_parts_left_over(store: &Store) {
    let key = store.key("gaps");
    let id = store.begin(&key).await;
    let late = store.part(&key, &id, 9_999, "z").await;
    store.part(&key, &id, 40, "not used").await;
    let early = store.part(&key, &id, 7, large(7)).await;
    let etag = store
        .complete(&key, &id, [early, late])
        .send()
        .await
        .unwrap()
        .e_tag
        .unwrap();
    assert!(etag.ends_with("-2\""), "{etag}");
    assert!(store.get(&key).await == [large(7), b"z".to_vec()].concat());

    let id = store.begin(&key).await;
    let empty = store.part(&key, &id, 1, "").await;
    store.complete(&key, &id, [empty]).send().await.unwrap();
    assert_eq!(store.get(&key).await, "");
}

async fn parts_are_replaced(store: &Store) {
    let key = store.key("replaced");
    let id = store.begin(&key).await;
    let first = store.part(&key, &id, 1, "first").await;
    let second = store.part(&key, &id, 1, "second").await;
    let stale = store.complete(&key, &id, [first]).send().await;
    assert_eq!(refusal(stale), refused(400, "InvalidPart"));
    store.complete(&key, &id, [second]).send().await.unwrap();
    assert_eq!(store.get(&key).await, "second");
}

async fn listing_parts_in_pages(store: &Store) {
    let key = store.key("parts");
    let id = store.begin(&key).await;
    let mut expected = Vec::new();
    for number in [2, 4, 7, 11] {
        let body = "x".repeat(number as usize);
        let part = store.part(&key, &id, number, body).await;
        expected.push((number, i64::from(number), part.e_tag.unwrap()));
    }
    assert_eq!(store.parts(&key, &id).await, expected);
    let list = || {
        store
            .client
            .list_parts()
            .bucket(&store.bucket)
            .key(&key)
            .upload_id(&id)
    };
    let page = list().max_parts(3).send().await.unwrap();
    assert_eq!((page.parts().len(), page.is_truncated()), (3, Some(true)));
    assert_eq!(page.next_part_number_marker(), Some("7"));
    let page = list().part_number_marker("7").send().await.unwrap();
    assert_eq!(
        page.parts()
            .iter()
            .map(|part| part.part_number)
            .collect::<Vec<_>>(),
        [Some(11)]
    );
    assert_eq!(page.is_truncated(), Some(false));
    let page = list().part_number_marker("11").send().await.unwrap();
    assert_eq!(page.parts().len(), 0);
}

async fn copying_ranges_into_parts(store: &Store) {
    let (source, key) = (store.key("source ü"), store.key("copy"));
    let etag = store
        .put(&source, [large(1), b"0123456789".to_vec()].concat())
        .await;
    let id = store.begin(&key).await;
    let copy = |number, range: Option<String>| {
        let copy = store
            .client
            .upload_part_copy()
            .bucket(&store.bucket)
            .key(&key)
            .upload_id(&id);
        let encoded = source.replace(' ', "%20").replace('ü', "%C3%BC");
        let copy = copy
            .part_number(number)
            .copy_source(format!("{}/{encoded}", store.bucket));
        copy.set_copy_source_range(range)
    };
    let range = |first, last| Some(format!("bytes={}-{}", MINIMUM + first, MINIMUM + last));
    let first = copy(1, Some(format!("bytes=0-{}", MINIMUM - 1))).copy_source_if_match(&etag);
    let first = first
        .send()
        .await
        .unwrap()
        .copy_part_result
        .unwrap()
        .e_tag
        .unwrap();
    let second = copy(2, range(2, 5))
        .send()
        .await
        .unwrap()
        .copy_part_result
        .unwrap()
        .e_tag
        .unwrap();
    let beyond = copy(3, range(2, 10)).send().await;
    assert_eq!(refusal(beyond), refused(400, "InvalidArgument"));
    let other = copy(3, range(2, 5))
        .copy_source_if_match(BOGUS)
        .send()
        .await;
    assert_eq!(refusal(other), refused(412, "PreconditionFailed"));
    let missing = copy(3, None)
        .copy_source(format!("{}/no-such-key", store.bucket))
        .send()
        .await;
    assert_eq!(refusal(missing), refused(404, "NoSuchKey"));
    let parts = [named(1, &first), named(2, &second)];
    store.complete(&key, &id, parts).send().await.unwrap();
    assert!(store.get(&key).await == [large(1), b"2345".to_vec()].concat());

    let id = store.begin(&key).await;
    let whole = store
        .client
        .upload_part_copy()
        .bucket(&store.bucket)
        .key(&key)
        .upload_id(&id);
    let whole = whole
        .part_number(1)
        .copy_source(format!("{}/{key}", store.bucket));
    let whole = whole
        .send()
        .await
        .unwrap()
        .copy_part_result
        .unwrap()
        .e_tag
        .unwrap();
    store
        .complete(&key, &id, [named(1, &whole)])
        .send()
        .await
        .unwrap();
    assert!(store.get(&key).await == [large(1), b"2345".to_vec()].concat());
}

async fn completing_wrongly(store: &Store) {
    let key = store.key("wrong");
    let id = store.begin(&key).await;
    let one = store.part(&key, &id, 1, large(1)).await;
    let two = store.part(&key, &id, 2, "small").await;
    let three = store.part(&key, &id, 3, large(3)).await;
    let complete = |parts: Vec<CompletedPart>| store.complete(&key, &id, parts).send();
    assert_eq!(refusal(complete(vec![]).await).0, 400);
    let descending = complete(vec![three.clone(), one.clone()]).await;
    assert_eq!(refusal(descending), refused(400, "InvalidPartOrder"));
    let missing = complete(vec![one.clone(), named(4, three.e_tag().unwrap())]).await;
    assert_eq!(refusal(missing), refused(400, "InvalidPart"));
    let other = complete(vec![named(1, BOGUS)]).await;
    assert_eq!(refusal(other), refused(400, "InvalidPart"));
    let small = complete(vec![one.clone(), two.clone(), three.clone()]).await;
    assert_eq!(refusal(small), refused(400, "EntityTooSmall"));
    let got = store
        .client
        .get_object()
        .bucket(&store.bucket)
        .key(&key)
        .send()
        .await;
    assert_eq!(refusal(got), refused(404, "NoSuchKey"));
    complete(vec![one, three]).await.unwrap();
}

async fn completing_under_a_condition(store: &Store) {
    let key = store.key("conditional");
    let id = store.begin(&key).await;
    let part = store.part(&key, &id, 1, "new").await;
    let complete = || store.complete(&key, &id, [part.clone()]);
    let old = store.put(&key, "old").await;
    let exists = complete().if_none_match("*").send().await;
    assert_eq!(refusal(exists), refused(412, "PreconditionFailed"));
    let other = complete().if_match(BOGUS).send().await;
    assert_eq!(refusal(other), refused(412, "PreconditionFailed"));
    assert_eq!(store.get(&key).await, "old");
    complete().if_match(&old).send().await.unwrap();
    assert_eq!(store.get(&key).await, "new");
}

async fn an_upload_that_is_no_more(store: &Store) {
    let key = store.key("dead");
    let completed = store.begin(&key).await;
    let part = store.part(&key, &completed, 1, "x").await;
    store
        .complete(&key, &completed, [part.clone()])
        .send()
        .await
        .unwrap();
    let aborted = store.begin(&key).await;
    store.part(&key, &aborted, 1, "y").await;
    let abort = store
        .client
        .abort_multipart_upload()
        .bucket(&store.bucket)
        .key(&key);
    abort.upload_id(&aborted).send().await.unwrap();
    let open = store.begin(&key).await;
    let elsewhere = store.key("dead too");

    for (key, id) in [(&key, &completed), (&key, &aborted), (&elsewhere, &open)] {
        let upload = store
            .client
            .upload_part()
            .bucket(&store.bucket)
            .key(key)
            .upload_id(id);
        let upload = upload
            .part_number(2)
            .body(ByteStream::from_static(b"z"))
            .send()
            .await;
        assert_eq!(refusal(upload), refused(404, "NoSuchUpload"));
        let list = store
            .client
            .list_parts()
            .bucket(&store.bucket)
            .key(key)
            .upload_id(id);
        assert_eq!(refusal(list.send().await), refused(404, "NoSuchUpload"));
        let copy = store
            .client
            .upload_part_copy()
            .bucket(&store.bucket)
            .key(key)
            .upload_id(id);
        let copy = copy
            .part_number(1)
            .copy_source(format!("{}/{key}", store.bucket));
        assert_eq!(refusal(copy.send().await).0, 404);
    }
    assert_eq!(store.get(&key).await, "x");
    let nothing = store.key("nothing");
    let complete = store.complete(&nothing, &aborted, [part]).send().await;
    assert_eq!(refusal(complete), refused(404, "NoSuchUpload"));
}

async fn part_numbers_out_of_range(store: &Store) {
    let key = store.key("numbers");
    let id = store.begin(&key).await;
    for number in [0, 10_001] {
        let upload = store
            .client
            .upload_part()
            .bucket(&store.bucket)
            .key(&key)
            .upload_id(&id);
        let upload = upload
            .part_number(number)
            .body(ByteStream::from_static(b"z"))
            .send()
            .await;
        assert_eq!(refusal(upload).0, 400);
    }
    store.part(&key, &id, 10_000, "last").await;
}

async fn listing_open_uploads(store: &Store) {
    let (one, other) = (store.key("open"), store.key("opened"));
    let mut ids = vec![store.begin(&one).await, store.begin(&one).await];
    ids.sort();
    let third = store.begin(&other).await;
    let list = |prefix: &str| {
        let list = store.client.list_multipart_uploads().bucket(&store.bucket);
        list.prefix(prefix).send()
    };
    let listed = list(&other).await.unwrap();
    assert_eq!(listed.uploads().len(), 1);
    assert_eq!(listed.uploads()[0].key(), Some(&*other));
    assert_eq!(listed.uploads()[0].upload_id(), Some(&*third));
    assert!(listed.uploads()[0].initiated().is_some());
    let listed = list("").await.unwrap();
    let mut found: Vec<_> = listed
        .uploads()
        .iter()
        .filter(|upload| upload.key() == Some(&*one))
        .map(|upload| upload.upload_id().unwrap())
        .collect();
    found.sort_unstable();
    assert_eq!(found, ids);
    for id in &ids {
        let abort = store
            .client
            .abort_multipart_upload()
            .bucket(&store.bucket)
            .key(&one);
        abort.upload_id(id).send().await.unwrap();
    }
    let abort = store
        .client
        .abort_multipart_upload()
        .bucket(&store.bucket)
        .key(&other);
    abort.upload_id(third).send().await.unwrap();
    assert_eq!(list(&other).await.unwrap().uploads().len(), 0);
}
