//! What becomes of requests that fail.

use std::error::Error as StdError;
use std::time::Duration;

use aws_sdk_s3::Config;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Credentials, StalledStreamProtectionConfig};
use bytes::Bytes;
use futures_util::TryStreamExt;
use oxitus_testkit::real_s3::{Implementation, RealS3};
use oxitus_testkit::s3::{
    self, BUCKET, Dialect, ETags, Fault, InMemoryS3, Operation, Refusal, Selector,
};
use tokio::time::Instant;

use crate::bucket::{
    Attributes, Bucket, CompletedPart, Condition, ETag, Error, ErrorKind, Multipart, Result,
    SdkBucket,
};
use crate::store::StoreTraits;
use crate::testing::wire;

const BODY: Bytes = Bytes::from_static(b"123456789");

#[tokio::test(start_paused = true)]
async fn what_has_no_condition_is_tried_again() {
    for fault in [
        Fault::Refused(Refusal::InternalError),
        Fault::Refused(Refusal::SlowDown),
        Fault::RequestLost,
        Fault::ReplyLost,
    ] {
        let (server, bucket) = in_memory();
        server.faults().plan(Operation::PutObject, 0, fault);
        server.faults().plan(Operation::PutObject, 0, fault);
        put(&bucket, Condition::None).await.unwrap();
        assert_eq!(requests(&server, Operation::PutObject), 3, "{fault:?}");

        server.faults().plan_each(Operation::GetObject, 1.0, fault);
        assert_eq!(kind(bucket.get("a").await), ErrorKind::Unknown);
        assert_eq!(requests(&server, Operation::GetObject), 3, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_a_condition_is_tried_once() {
    for fault in [
        Fault::Refused(Refusal::InternalError),
        Fault::Refused(Refusal::SlowDown),
        Fault::RequestLost,
        Fault::ReplyLost,
        Fault::SlowReply(Duration::from_secs(3600)),
    ] {
        let (server, bucket) = in_memory();
        let etag = put(&bucket, Condition::None).await.unwrap();
        bucket.delete("a").await.unwrap();
        for condition in [Condition::Absent, Condition::Is(etag)] {
            let before = requests(&server, Operation::PutObject);
            server.faults().plan(Operation::PutObject, 0, fault);
            let put = put(&bucket, condition).await;
            assert_eq!(kind(put), ErrorKind::Unknown, "{fault:?}");
            assert_eq!(requests(&server, Operation::PutObject), before + 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_told_from_a_condition_that_does_not_hold() {
    let (server, bucket) = in_memory();
    for (refusal, kind_of_it) in [
        (Refusal::ConditionalRequestConflict, ErrorKind::Conflict),
        (Refusal::PreconditionFailed, ErrorKind::Precondition),
    ] {
        let fault = Fault::Refused(refusal);
        server.faults().plan(Operation::PutObject, 0, fault);
        assert_eq!(kind(put(&bucket, Condition::Absent).await), kind_of_it);
    }
    assert_eq!(requests(&server, Operation::PutObject), 2);
}

/// The habits that an embedder has for other buckets are none of ours.
#[tokio::test(start_paused = true)]
async fn nothing_is_inherited() {
    let server = wire::server(Dialect::aws());
    let impatient = TimeoutConfig::builder()
        .operation_timeout(Duration::from_millis(1))
        .operation_attempt_timeout(Duration::from_millis(1))
        .read_timeout(Duration::from_millis(1));
    let config = wire::in_memory(&server)
        .to_builder()
        .retry_config(RetryConfig::standard().with_max_attempts(9))
        .timeout_config(impatient.build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    let bucket = bucket(&config);
    let slow = Fault::SlowReply(Duration::from_secs(5));
    server.faults().plan_each(Selector::any(), 1.0, slow);
    put(&bucket, Condition::Absent).await.unwrap();

    server.faults().clear();
    let refused = Fault::Refused(Refusal::InternalError);
    server.faults().plan_each(Selector::any(), 1.0, refused);
    assert_eq!(kind(bucket.head("a").await), ErrorKind::Unknown);
    assert_eq!(requests(&server, Operation::HeadObject), 3);
}

#[tokio::test(start_paused = true)]
async fn each_operation_has_the_time_that_it_needs() {
    let (server, bucket) = in_memory();
    let attributes = Attributes::default();
    let large = Bytes::from(vec![7; 16 << 20]);
    let upload = bucket.create_multipart("b", &attributes).await.unwrap();
    let etag = bucket.upload_part(&upload, 1, large.clone()).await.unwrap();

    let delay = |seconds| {
        server.faults().clear();
        let slow = Fault::SlowReply(Duration::from_secs(seconds));
        server.faults().plan_each(Selector::any(), 1.0, slow);
    };
    delay(11);
    let begun = Instant::now();
    assert_eq!(kind(bucket.head("a").await), ErrorKind::Unknown);
    let waited = begun.elapsed().as_secs();
    assert!((30..50).contains(&waited), "{waited} s");
    let put = put(&bucket, Condition::Absent).await;
    assert_eq!(kind(put), ErrorKind::Unknown);

    delay(60);
    assert!(bucket.upload_part(&upload, 2, large.clone()).await.is_ok());
    delay(70);
    let part = bucket.upload_part(&upload, 2, large).await;
    assert_eq!(kind(part), ErrorKind::Unknown);

    delay(590);
    let parts = [CompletedPart { number: 1, etag }];
    bucket.complete_multipart(&upload, &parts).await.unwrap();
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_short_object() {
    let (server, in_process) = in_memory();
    let body = Bytes::from(vec![7; 500_000]);
    let attributes = Attributes::default();
    let put = in_process.put("a", body.clone(), Condition::None, &attributes);
    let etag = put.await.unwrap();
    let tcp = server.serve().await.unwrap();
    let config = wire::in_memory(&server).to_builder();
    let client = aws_smithy_http_client::Builder::new().build_http();
    let config = config
        .http_client(client)
        .endpoint_url(tcp.endpoint_url())
        .build();
    for bucket in [in_process, bucket(&config)] {
        for bytes in [1, 499_999] {
            let cut_off = Fault::CutOff(bytes);
            server
                .faults()
                .plan_each(Operation::GetObject, 1.0, cut_off);
            assert_eq!(kind(bucket.get("a").await), ErrorKind::Unknown);
            let read = async {
                let stream = bucket.read("a", &etag, 0..500_000).await?;
                stream.try_collect::<Vec<_>>().await
            };
            assert_eq!(kind(read.await), ErrorKind::Unknown);
            server.faults().clear();
        }
        assert_eq!(bucket.get("a").await.unwrap().body, body);
    }
}

#[tokio::test]
async fn an_etag_that_is_another_md5_is_noticed() {
    let server = wire::server(Dialect {
        etags: ETags::Random,
        ..Dialect::aws()
    });
    let config = wire::in_memory(&server);
    for (told, outcome) in [(true, Err(ErrorKind::Unknown)), (false, Ok(()))] {
        let traits = StoreTraits::new().etags_are_md5(told);
        let bucket = wire::bucket(&config, BUCKET, traits);
        let stored = put(&bucket, Condition::None).await;
        assert_eq!(stored.map(drop).map_err(|error| error.kind), outcome);
        let attributes = Attributes::default();
        let upload = bucket.create_multipart("b", &attributes).await.unwrap();
        let part = bucket.upload_part(&upload, 1, BODY).await;
        assert_eq!(part.map(drop).map_err(|error| error.kind), outcome);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_mean_what_their_codes_say() {
    use ErrorKind::*;
    for (status, code, meaning) in [
        (404, "NoSuchKey", NoSuchKey),
        (404, "NoSuchBucket", Refused),
        (404, "NoSuchUpload", NoSuchUpload),
        (404, "", Unknown),
        (412, "PreconditionFailed", Precondition),
        (412, "", Precondition),
        (409, "ConditionalRequestConflict", Conflict),
        (409, "OperationAborted", Conflict),
        (409, "", Conflict),
        (409, "InvalidBucketState", Refused),
        (400, "InvalidPart", InvalidPart),
        (400, "InvalidPartOrder", InvalidPart),
        (400, "EntityTooSmall", InvalidPart),
        (507, "XMinioStorageFull", Full),
        (507, "", Full),
        (403, "QuotaExceeded", Full),
        (403, "AccessDenied", Refused),
        (400, "InvalidRequest", Refused),
        (501, "NotImplemented", Refused),
        (301, "PermanentRedirect", Refused),
        (400, "RequestTimeout", Unknown),
        (400, "BadDigest", Unknown),
        (408, "", Unknown),
        (429, "TooManyRequests", Unknown),
        (500, "InternalError", Unknown),
        (503, "SlowDown", Unknown),
        (502, "", Unknown),
    ] {
        let body = match code {
            "" => "<html>Something else than S3.</html>".to_owned(),
            code => format!("<Error><Code>{code}</Code><Message>words</Message></Error>"),
        };
        let body: &'static str = body.leak();
        let server = wire::server(Dialect::aws());
        let config = wire::scripted(&server, move |_| Some(wire::answer(status, body)));
        let bucket = bucket(&config);
        let upload = Multipart {
            key: "a".to_owned(),
            id: "1".to_owned(),
        };
        let attributes = Attributes::default();
        let answers = [
            put(&bucket, Condition::Absent).await.map(drop),
            bucket.get("a").await.map(drop),
            bucket.list("a", None).await.map(drop),
            bucket.upload_part(&upload, 1, BODY).await.map(drop),
            bucket.complete_multipart(&upload, &[]).await.map(drop),
            bucket.create_multipart("a", &attributes).await.map(drop),
        ];
        for answer in answers {
            let error = answer.unwrap_err();
            assert_eq!(error.kind, meaning, "{status} {code}: {error:?}");
            let cause = error.source().unwrap().to_string();
            assert!(cause.contains(&status.to_string()), "{cause}");
            assert!(cause.contains(code), "{cause}");
        }
    }
}

#[tokio::test]
async fn only_a_head_is_believed_a_404_without_a_code() {
    for body in ["", "<html>no backend</html>"] {
        let server = wire::server(Dialect::aws());
        let config = wire::scripted(&server, move |_| Some(wire::answer(404, body)));
        let bucket = bucket(&config);
        assert_eq!(kind(bucket.get("a").await), ErrorKind::Unknown, "{body}");
        assert_eq!(kind(bucket.delete("a").await), ErrorKind::Unknown, "{body}");
        assert_eq!(kind(bucket.head("a").await), ErrorKind::NoSuchKey, "{body}");
    }
}

#[tokio::test]
async fn a_success_that_is_an_error_is_one() {
    let answer = "<Error><Code>InternalError</Code></Error>";
    let server = wire::server(Dialect::aws());
    let config = wire::scripted(&server, move |_| Some(wire::answer(200, answer)));
    let upload = Multipart {
        key: "a".to_owned(),
        id: "1".to_owned(),
    };
    let completed = bucket(&config).complete_multipart(&upload, &[]).await;
    assert_eq!(kind(completed), ErrorKind::Unknown);
}

#[tokio::test]
async fn a_full_store_says_so() {
    let server = wire::server(Dialect {
        capacity: Some(8),
        ..Dialect::aws()
    });
    let bucket = bucket(&wire::in_memory(&server));
    assert_eq!(kind(put(&bucket, Condition::None).await), ErrorKind::Full);
}

#[tokio::test]
async fn what_is_forbidden_is_refused_and_no_secret_told() {
    const SECRET: &str = "wrong-secret-for-the-test";
    let server = wire::server(Dialect::aws());
    let wrong = Credentials::new(s3::ACCESS_KEY_ID, SECRET, None, None, "test");
    refusal_tells_no_secret(&wire::in_memory(&server), BUCKET, wrong).await;
    for implementation in [Implementation::Versitygw, Implementation::Minio] {
        if let Some(server) = RealS3::start(implementation) {
            let wrong = Credentials::new(&server.access_key, SECRET, None, None, "test");
            refusal_tells_no_secret(&wire::real(&server), &server.bucket, wrong).await;
        }
    }
}

async fn refusal_tells_no_secret(config: &Config, name: &str, wrong: Credentials) {
    let config = config
        .to_builder()
        .credentials_provider(wrong.clone())
        .build();
    let bucket = wire::bucket(&config, name, StoreTraits::new());
    let errors = [
        put(&bucket, Condition::Absent).await.unwrap_err(),
        bucket.get("a").await.unwrap_err(),
        bucket.head("a").await.unwrap_err(),
        bucket.list("", None).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind, ErrorKind::Refused, "{error:?}");
        let told = format!("{error} {} {error:?} {bucket:?}", error.source().unwrap());
        assert!(told.contains("403"), "{told}");
        for secret in [
            wrong.secret_access_key(),
            "Signature=",
            "signature=",
            "AWS4-HMAC",
        ] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[tokio::test]
async fn a_store_that_is_not_there_is_unknown() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let server = wire::server(Dialect::aws());
    let client = aws_smithy_http_client::Builder::new().build_http();
    let config = wire::in_memory(&server)
        .to_builder()
        .http_client(client)
        .endpoint_url(format!("http://{address}"))
        .build();
    let error = put(&bucket(&config), Condition::Absent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unknown);
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("refused"), "{cause}");
}

fn in_memory() -> (InMemoryS3, SdkBucket) {
    let server = wire::server(Dialect::aws());
    let bucket = bucket(&wire::in_memory(&server));
    (server, bucket)
}

fn bucket(config: &Config) -> SdkBucket {
    wire::bucket(config, BUCKET, StoreTraits::new())
}

async fn put(bucket: &SdkBucket, condition: Condition) -> Result<ETag> {
    bucket
        .put("a", BODY, condition, &Attributes::default())
        .await
}

fn requests(server: &InMemoryS3, operation: Operation) -> u64 {
    server.counters().snapshot().of(operation)
}

fn kind<T>(result: Result<T, Error>) -> ErrorKind {
    result.map(drop).unwrap_err().kind
}
