use std::time::Duration;

use oxitus_testkit::real_s3::{Implementation, RealS3};
use oxitus_testkit::s3::{
    BUCKET, Conditions, Dialect, ETags, Fault, InMemoryS3, MissingKey, Operation, PartNumbers,
    Refusal, Selector,
};

use super::probe;
use crate::bucket::Bucket;
use crate::layout::Layout;
use crate::open_error::{OpenError, Unsuitable};
use crate::store::{EtagForm, StoreTraits};
use crate::testing::wire;

#[tokio::test]
async fn the_traits_of_stores_are_found() {
    let most = StoreTraits::new()
        .etags_are_md5(true)
        .lists_multiparts_by_prefix(true);
    let unquoted = most.clone().etag_form(EtagForm::Unquoted);
    for (dialect, traits) in [
        (Dialect::aws(), most.clone()),
        (Dialect::versitygw(), most.clone()),
        (
            Dialect::minio(),
            most.clone().lists_multiparts_by_prefix(false),
        ),
        (Dialect::r2(), most.clone()),
        (Dialect::ceph(), unquoted),
        (
            Dialect {
                etags: ETags::Random,
                missing_key: MissingKey::PreconditionFailed,
                ..Dialect::ceph()
            },
            most.clone()
                .etag_form(EtagForm::Unquoted)
                .etags_are_md5(false),
        ),
    ] {
        let server = wire::server(dialect.clone());
        assert_eq!(run(&server, true).await.unwrap(), traits, "{dialect:?}");
        assert_tidy(&server).await;
    }
}

#[tokio::test]
async fn unsuitable_stores_are_refused() {
    let aws = Dialect::aws();
    for (dialect, reason) in [
        (
            Dialect {
                conditions: Conditions::Unsupported,
                ..aws.clone()
            },
            Unsuitable::ConditionsUnknown("If-None-Match"),
        ),
        (
            Dialect {
                conditions: Conditions::Ignored,
                ..aws.clone()
            },
            Unsuitable::ConditionsIgnored("If-None-Match"),
        ),
        (
            Dialect {
                keeps_metadata: false,
                ..aws.clone()
            },
            Unsuitable::MetadataDropped,
        ),
        (
            Dialect {
                part_numbers: PartNumbers::Consecutive,
                ..aws.clone()
            },
            Unsuitable::GapsRefused,
        ),
    ] {
        let server = wire::server(dialect);
        assert_eq!(unsuitable(&server).await, reason);
        assert_tidy(&server).await;
    }
}

#[tokio::test]
async fn a_store_that_checks_and_then_acts_is_refused() {
    let server = wire::server(Dialect {
        conditions: Conditions::CheckThenAct,
        ..Dialect::aws()
    });
    let reason = unsuitable(&server).await;
    assert!(
        matches!(
            reason,
            Unsuitable::ConditionsNotAtomic {
                condition: "If-Match",
                writers: 16,
                ..
            }
        ),
        "{reason}"
    );
    assert_tidy(&server).await;
}

#[tokio::test]
async fn a_store_that_completes_with_wrong_parts_is_refused() {
    let config = wire::scripted(&wire::server(Dialect::aws()), |request| {
        let body = request.body().bytes().unwrap_or_default();
        let wrong = String::from_utf8_lossy(body).contains("9a0364b9e99bb480dd25e1f0284c8555");
        let answer =
            "<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>";
        wrong.then(|| wire::answer(200, answer))
    });
    let bucket = wire::bucket(&config, BUCKET, StoreTraits::new());
    let error = probe(bucket, &Layout::under(""), true).await.unwrap_err();
    assert!(matches!(
        error,
        OpenError::Unsuitable(Unsuitable::WrongPartsAccepted)
    ));
}

#[tokio::test]
async fn a_store_that_shows_what_was_before_is_refused() {
    let code = "<Error><Code>NoSuchKey</Code></Error>";
    let listing = "<ListBucketResult/>";
    for (method, status, answer) in [
        ("HEAD", 404, code),
        ("GET", 404, code),
        ("GET", 200, listing),
    ] {
        let config = wire::scripted(&wire::server(Dialect::aws()), move |request| {
            let is_listing = request.uri().contains("list-type");
            let is_meant = request.uri().contains(".info") && is_listing == (answer == listing);
            (is_meant && request.method() == method).then(|| wire::answer(status, answer))
        });
        let bucket = wire::bucket(&config, BUCKET, StoreTraits::new());
        let error = probe(bucket, &Layout::under(""), true).await.unwrap_err();
        assert!(
            matches!(error, OpenError::Unsuitable(Unsuitable::Inconsistent)),
            "{error:?}"
        );
    }
}

/// Gateways add metadata, and quote ETags in one answer and not in another.
#[tokio::test]
async fn what_does_not_matter_is_let_pass() {
    for unquoted in ["GET", "PUT", "HEAD"] {
        let server = wire::server(Dialect::aws());
        let config = wire::altered(&server, move |method, response| {
            let headers = response.headers_mut();
            let etag = headers.get("etag").map(|etag| etag.replace('"', ""));
            if let (true, Some(etag)) = (method == unquoted, etag) {
                headers.insert("etag", etag);
            }
            if method == "HEAD" {
                headers.insert("x-amz-meta-gateway", "7");
            }
        });
        let bucket = wire::bucket(&config, BUCKET, StoreTraits::new());
        let traits = probe(bucket, &Layout::under(""), true).await.unwrap();
        assert_eq!(traits.etag_form, EtagForm::Quoted, "{unquoted}");
        assert_tidy(&server).await;
    }
}

async fn unsuitable(server: &InMemoryS3) -> Unsuitable {
    match run(server, true).await {
        Err(OpenError::Unsuitable(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn conditions_that_are_made_up_for_do_not_matter() {
    for conditions in [
        Conditions::Unsupported,
        Conditions::Ignored,
        Conditions::CheckThenAct,
    ] {
        let server = wire::server(Dialect {
            conditions,
            ..Dialect::ceph()
        });
        let traits = run(&server, false).await.unwrap();
        assert_eq!(traits.etag_form, EtagForm::Unquoted);
        assert_tidy(&server).await;
    }
}

#[tokio::test]
async fn real_stores_are_recognised() {
    for (implementation, traits) in [
        (
            Implementation::Versitygw,
            StoreTraits::new()
                .etags_are_md5(true)
                .lists_multiparts_by_prefix(true),
        ),
        (
            Implementation::Minio,
            StoreTraits::new().etags_are_md5(true),
        ),
    ] {
        let Some(server) = RealS3::start(implementation) else {
            continue;
        };
        let bucket = wire::bucket(&wire::real(&server), &server.bucket, StoreTraits::new());
        let layout = Layout::under("some/where/");
        let found = probe(bucket.clone(), &layout, true).await.unwrap();
        assert_eq!(found, traits, "{implementation:?}");
        assert!(bucket.list("", None).await.unwrap().objects.is_empty());
        assert!(bucket.list_multiparts("").await.unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_busy_is_given_time() {
    let server = wire::server(Dialect::aws());
    for later in [2, 4] {
        let busy = Fault::Refused(Refusal::SlowDown);
        server.faults().plan(Operation::PutObject, later, busy);
    }
    server
        .faults()
        .plan(Operation::PutObject, 5, Fault::ReplyLost);
    assert!(run(&server, true).await.is_ok());
    assert_eq!(server.faults().remaining(), 0);
    assert_tidy(&server).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_is_given_up_and_tidied() {
    let server = wire::server(Dialect::aws());
    let records = Selector::from(Operation::PutObject).keys(|key| key.ends_with(".info"));
    let refused = Fault::Refused(Refusal::InternalError);
    server.faults().plan_each(records, 1.0, refused);
    let error = run(&server, true).await.unwrap_err();
    assert!(matches!(error, OpenError::Unavailable { .. }), "{error:?}");
    assert_tidy(&server).await;

    let server = wire::server(Dialect::aws());
    let slow = Fault::SlowReply(Duration::from_secs(9));
    server.faults().plan_each(Selector::any(), 1.0, slow);
    let error = run(&server, true).await.unwrap_err();
    assert!(matches!(error, OpenError::Slow(120)), "{error:?}");
    server.faults().clear();
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_nothing_behind() {
    let server = wire::server(Dialect::aws());
    let hold = server.faults().hold(Operation::UploadPart);
    let probing = tokio::spawn({
        let server = server.clone();
        async move { run(&server, true).await }
    });
    hold.arrived(1).await;
    probing.abort();
    drop(hold);
    let tidy = async {
        while !is_tidy(&server).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), tidy)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told() {
    let server = wire::server(Dialect::aws());
    let bucket = wire::bucket(&wire::in_memory(&server), "elsewhere", StoreTraits::new());
    let error = probe(bucket, &Layout::under(""), true).await.unwrap_err();
    assert!(matches!(error, OpenError::Refused { .. }), "{error:?}");
    let source = std::error::Error::source(&error).unwrap();
    let cause = source.source().unwrap().to_string();
    assert!(cause.contains("NoSuchBucket"), "{cause}");
}

async fn run(server: &InMemoryS3, conditional: bool) -> Result<StoreTraits, OpenError> {
    let bucket = wire::bucket(&wire::in_memory(server), BUCKET, StoreTraits::new());
    probe(bucket, &Layout::under("some/where/"), conditional).await
}

async fn assert_tidy(server: &InMemoryS3) {
    assert!(is_tidy(server).await);
}

async fn is_tidy(server: &InMemoryS3) -> bool {
    let bucket = wire::bucket(&wire::in_memory(server), BUCKET, StoreTraits::new());
    let objects = bucket.list("", None).await.unwrap().objects;
    let uploads = bucket.list_multiparts("").await.unwrap();
    objects.is_empty() && uploads.is_empty()
}
