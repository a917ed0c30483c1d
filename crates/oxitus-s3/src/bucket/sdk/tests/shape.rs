//! What the requests look like.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_smithy_runtime_api::box_error::BoxError;
use bytes::Bytes;
use oxitus_testkit::s3::{BUCKET, Dialect};

use crate::bucket::{
    Attributes, Bucket, CompletedPart, Condition, ETag, ErrorKind, SdkBucket, Source, Writing,
};
use crate::settings::{Encryption, Integrity};
use crate::store::{EtagForm, StoreTraits};
use crate::testing::wire;

/// The MD5 of `123456789`, as a header has it, and its SHA-256.
const MD5: &str = "JfnnlDI7RTiF9RgfG2JNCw==";
const SHA256: &str = "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225";

const BODY: Bytes = Bytes::from_static(b"123456789");

#[tokio::test]
async fn nothing_is_sent_that_only_amazon_knows() {
    let (bucket, sent) = bucket(wire::writing(Integrity::Md5), EtagForm::Quoted);
    every_operation(&bucket).await;
    let sent = sent.take();
    assert_eq!(sent.len(), 12);
    for request in &sent {
        for name in [
            "content-encoding",
            "transfer-encoding",
            "x-amz-checksum-algorithm",
            "x-amz-checksum-crc32",
            "x-amz-checksum-mode",
            "x-amz-checksum-type",
            "x-amz-decoded-content-length",
            "x-amz-sdk-checksum-algorithm",
            "x-amz-trailer",
        ] {
            assert_eq!(request.header(name), None, "{request:?}");
        }
    }
    let bodies: Vec<_> = sent
        .iter()
        .filter(|it| it.header("content-md5").is_some())
        .collect();
    assert_eq!(bodies.len(), 2);
    for request in bodies {
        assert_eq!(request.header("content-md5"), Some(MD5));
        assert_eq!(request.header("content-length"), Some("9"));
        assert_eq!(
            request.header("x-amz-content-sha256"),
            Some("UNSIGNED-PAYLOAD")
        );
    }
}

#[tokio::test]
async fn bodies_are_checked_as_the_setting_says() {
    for (integrity, md5, sha256) in [
        (Integrity::Md5, Some(MD5), "UNSIGNED-PAYLOAD"),
        (Integrity::Sha256, None, SHA256),
        (Integrity::None, None, "UNSIGNED-PAYLOAD"),
    ] {
        let (bucket, sent) = bucket(wire::writing(integrity), EtagForm::Quoted);
        let attributes = Attributes::default();
        let put = bucket.put("a", BODY, Condition::None, &attributes);
        put.await.unwrap();
        let upload = bucket.create_multipart("b", &attributes).await.unwrap();
        bucket.upload_part(&upload, 1, BODY).await.unwrap();
        let sent = sent.take();
        for request in [&sent[0], &sent[2]] {
            assert_eq!(request.header("content-md5"), md5);
            assert_eq!(request.header("x-amz-content-sha256"), Some(sha256));
        }
    }
}

#[tokio::test]
async fn only_objects_of_uploads_have_the_class_and_the_key() {
    let writing = Writing {
        integrity: Integrity::None,
        storage_class: Some("GLACIER_IR".to_owned()),
        encryption: Encryption::Kms(Some("a key".to_owned())),
    };
    let (bucket, sent) = bucket(writing, EtagForm::Quoted);
    for is_data in [true, false] {
        let attributes = Attributes {
            is_data,
            ..Attributes::default()
        };
        // The server in memory may not know the class; what is sent is what counts.
        let _ = bucket.put("a", BODY, Condition::None, &attributes).await;
        let _ = bucket.create_multipart("b", &attributes).await;
        let mut sent = sent.take();
        sent.dedup_by_key(|request| request.method.clone());
        assert_eq!(sent.len(), 2);
        for request in sent {
            for (name, value) in [
                ("x-amz-storage-class", "GLACIER_IR"),
                ("x-amz-server-side-encryption", "aws:kms"),
                ("x-amz-server-side-encryption-aws-kms-key-id", "a key"),
            ] {
                assert_eq!(request.header(name), is_data.then_some(value), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn etags_are_written_as_the_store_wants_them() {
    let etag = ETag("\"25f9e794323b453885f5181f1b624d0b\"".to_owned());
    for (form, written) in [
        (EtagForm::Quoted, etag.0.as_str()),
        (EtagForm::Unquoted, etag.0.trim_matches('"')),
    ] {
        let (bucket, sent) = bucket(wire::writing(Integrity::Md5), form);
        let attributes = Attributes::default();
        let absent = bucket.put("a b", BODY, Condition::Absent, &attributes);
        assert_eq!(absent.await.unwrap(), etag);
        let is = bucket.put("a b", BODY, Condition::Is(etag.clone()), &attributes);
        is.await.unwrap();
        drop(bucket.read("a b", &etag, 2..5).await.unwrap());
        let upload = bucket.create_multipart("b", &attributes).await.unwrap();
        let source = Source {
            key: "a b".to_owned(),
            etag: etag.clone(),
            range: Some(2..5),
        };
        bucket.copy_part(&upload, 1, &source).await.unwrap();
        let whole = Source {
            range: None,
            ..source
        };
        bucket.copy_part(&upload, 2, &whole).await.unwrap();

        let sent = sent.take();
        assert_eq!(sent[0].header("if-none-match"), Some("*"));
        assert_eq!(sent[1].header("if-match"), Some(written));
        assert_eq!(sent[2].header("if-match"), Some(written));
        assert_eq!(sent[2].header("range"), Some("bytes=2-4"));
        let copy = &sent[4];
        assert_eq!(copy.header("x-amz-copy-source-if-match"), Some(written));
        assert_eq!(copy.header("x-amz-copy-source-range"), Some("bytes=2-4"));
        assert_eq!(sent[5].header("x-amz-copy-source-range"), None);
        let source = format!("{BUCKET}/a%20b");
        assert_eq!(copy.header("x-amz-copy-source"), Some(source.as_str()));
    }
}

/// Sends one request of each operation.
async fn every_operation(bucket: &SdkBucket) {
    let attributes = Attributes::default();
    let put = bucket.put("a", BODY, Condition::Absent, &attributes);
    let etag = put.await.unwrap();
    bucket.get("a").await.unwrap();
    bucket.head("a").await.unwrap();
    drop(bucket.read("a", &etag, 0..1).await.unwrap());
    bucket.list("", None).await.unwrap();
    let upload = bucket.create_multipart("b", &attributes).await.unwrap();
    let part = bucket.upload_part(&upload, 1, BODY).await.unwrap();
    let source = Source {
        key: "a".to_owned(),
        etag,
        range: Some(0..9),
    };
    bucket.copy_part(&upload, 1, &source).await.unwrap();
    bucket.list_parts(&upload, 0).await.unwrap();
    bucket.list_multiparts("").await.unwrap();
    let parts = [CompletedPart {
        number: 2,
        etag: part,
    }];
    let completed = bucket.complete_multipart(&upload, &parts).await;
    assert_eq!(completed.unwrap_err().kind, ErrorKind::InvalidPart);
    bucket.delete("a").await.unwrap();
}

fn bucket(writing: Writing, form: EtagForm) -> (SdkBucket, Sent) {
    let server = wire::server(Dialect::aws());
    let sent = Sent::default();
    let config = wire::in_memory(&server).to_builder();
    let config = config.interceptor(sent.clone()).build();
    let traits = StoreTraits::new().etag_form(form);
    let bucket = SdkBucket::new(&config, BUCKET.to_owned(), writing, traits, 1);
    (bucket, sent)
}

/// The requests that were sent.
#[derive(Clone, Debug, Default)]
struct Sent(Arc<Mutex<Vec<Request>>>);

#[derive(Debug)]
struct Request {
    method: String,
    headers: Vec<(String, String)>,
}

impl Sent {
    fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(other, _)| other == name);
        named.next().map(|(_, value)| value.as_str())
    }
}

impl Intercept for Sent {
    fn name(&self) -> &'static str {
        "Sent"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let header = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        self.0.lock().unwrap().push(Request {
            method: request.method().to_owned(),
            headers: request.headers().iter().map(header).collect(),
        });
        Ok(())
    }
}
