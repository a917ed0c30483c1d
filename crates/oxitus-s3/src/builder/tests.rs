use oxitus_testkit::s3::{BUCKET, Conditions, Dialect, InMemoryS3, Operation};

use super::*;
use crate::testing::wire;

#[tokio::test]
async fn settings_that_cannot_be_are_refused() {
    type Change = fn(S3Builder) -> S3Builder;
    let wrong: [(Change, &str); 9] = [
        (|it| it.part_size(1 << 20), "5 MiB"),
        (|it| it.memory(255 << 20), "memory"),
        (|it| it.largest_part_size(65 << 20), "memory"),
        (|it| it.parts_in_flight(0), "at least one"),
        (|it| it.concurrency(0), "at least one"),
        (|it| it.prefix("a\nb"), "prefix"),
        (|it| it.record_prefix("a".repeat(513)), "prefix"),
        (|it| redirecting(it, Duration::ZERO), "7 days"),
        (|it| redirecting(it, LONGEST_REDIRECT + DAY), "7 days"),
    ];
    for (change, told) in wrong {
        let server = wire::server(Dialect::aws());
        let error = change(builder(&server)).open().await.unwrap_err();
        assert!(matches!(error, OpenError::Settings(_)), "{error:?}");
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(server.counters().snapshot().total(), 0);
    }
}

#[tokio::test]
async fn a_store_is_probed_once() {
    let server = wire::server(Dialect::aws());
    builder(&server).open().await.unwrap();
    let requests = server.counters().snapshot();
    assert!(requests.of(Operation::UploadPart) == 1, "{requests:?}");
    assert!(requests.total() < 150, "{requests:?}");
}

#[tokio::test]
async fn a_store_whose_traits_are_declared_is_not_probed() {
    let server = wire::server(Dialect {
        conditions: Conditions::Ignored,
        ..Dialect::aws()
    });
    let declared = builder(&server).store_traits(StoreTraits::r2());
    declared.open().await.unwrap();
    assert_eq!(server.counters().snapshot().total(), 0);

    let gapless = builder(&server).store_traits(StoreTraits::new().gaps_allowed(false));
    let error = gapless.open().await.unwrap_err();
    assert!(matches!(
        error,
        OpenError::Unsuitable(Unsuitable::GapsRefused)
    ));
}

/// No small requests find it out.
#[tokio::test]
async fn parts_of_one_size_can_be_asked_for_of_a_store_that_is_probed() {
    let server = wire::server(Dialect::r2());
    let found = builder(&server).open().await.unwrap();
    assert!(!found.0.settings.traits.equal_parts);
    let told = builder(&server).equal_parts(true).open().await.unwrap();
    assert!(told.0.settings.traits.equal_parts);
    let declared = builder(&server).store_traits(StoreTraits::r2());
    let declared = declared.open().await.unwrap();
    assert!(declared.0.settings.traits.equal_parts);
}

#[tokio::test]
async fn the_longest_redirect_is_taken() {
    let server = wire::server(Dialect::aws());
    let longest = redirecting(builder(&server), LONGEST_REDIRECT);
    longest.open().await.unwrap();
}

#[tokio::test]
async fn a_store_without_conditional_writes_must_be_asked_for() {
    for conditions in [Conditions::Ignored, Conditions::Unsupported] {
        let server = wire::server(Dialect {
            conditions,
            ..Dialect::aws()
        });
        let error = builder(&server).open().await.unwrap_err();
        assert!(error.to_string().contains("SingleProcess"), "{error}");
        let alone = builder(&server).coordination(Coordination::SingleProcess);
        alone.open().await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_told_of_credentials() {
    let server = wire::server(Dialect::aws());
    let builder = builder(&server);
    let told = format!("{builder:?} {:?}", builder.clone().open().await.unwrap());
    assert!(!told.contains(oxitus_testkit::s3::SECRET_ACCESS_KEY));
    assert!(!told.contains(oxitus_testkit::s3::ACCESS_KEY_ID));
}

fn redirecting(builder: S3Builder, lasts: Duration) -> S3Builder {
    builder.downloads(Downloads::Redirect(lasts))
}

fn builder(server: &InMemoryS3) -> S3Builder {
    S3Backend::builder(wire::in_memory(server), BUCKET)
}
