//! Every fault, as a client sees it, and what it leaves.

use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::put_object::{PutObjectError, PutObjectOutput};
use oxitus_testkit::s3::{
    Attributes, Bucket, Condition, Conditions, Dialect, Failure, Fault, InMemoryS3, Landing,
    Operation, Refusal, Request, S3Error, Selector,
};

use crate::support::{Store, is_broken, refusal, refused};

on_both_front_ends! {
    a_refused_request_is_not_done
    a_lost_request_is_never_done
    a_lost_reply_is_of_a_request_that_was_done
    a_late_request_lands_on_command
    a_late_request_lands_after_a_while
    a_late_request_may_be_too_late
    a_slow_request_is_done_although_the_client_gave_up
    a_slow_reply_is_of_a_request_that_was_done
    a_body_is_cut_off
    a_fault_strikes_the_requests_it_is_meant_for
    two_faults_strike_two_requests
    what_was_forgotten_does_not_strike
    a_hold_orders_a_race
    a_hold_waits_between_check_and_act
    what_is_held_is_done_although_the_client_gave_up
    the_sdk_tries_again
}

impl Store {
    async fn try_put(
        &self,
        key: &str,
        body: &'static str,
    ) -> Result<PutObjectOutput, SdkError<PutObjectError>> {
        let put = self.client.put_object().bucket(&self.bucket).key(key);
        put.body(body.as_bytes().to_vec().into()).send().await
    }

    /// A client that waits for a moment only.
    fn impatient(self) -> Self {
        let moment = Duration::from_secs(2);
        let timeouts = TimeoutConfig::builder().operation_timeout(moment).build();
        let config = self.client.config().to_builder().timeout_config(timeouts);
        self.with(config)
    }
}

/// What is in the bucket.
fn stored(s3: &InMemoryS3, key: &str) -> Option<String> {
    let object = s3.bucket().get(key, &Condition::None).ok()?;
    Some(String::from_utf8(object.content.bytes().into()).unwrap())
}

/// Waits until something is in the bucket.
async fn stored_at_last(s3: &InMemoryS3, key: &str) -> String {
    loop {
        if let Some(stored) = stored(s3, key) {
            return stored;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

const AN_AGE: Duration = Duration::from_secs(3600);

async fn a_refused_request_is_not_done(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    for (refusal_, status, code) in [
        (Refusal::InternalError, 500, "InternalError"),
        (Refusal::SlowDown, 503, "SlowDown"),
        (
            Refusal::ConditionalRequestConflict,
            409,
            "ConditionalRequestConflict",
        ),
        (Refusal::PreconditionFailed, 412, "PreconditionFailed"),
    ] {
        s3.faults()
            .plan(Operation::PutObject, 0, Fault::Refused(refusal_));
        assert_eq!(
            refusal(store.try_put("key", "x").await),
            refused(status, code)
        );
        assert_eq!(stored(&s3, "key"), None);
    }
    store.try_put("key", "x").await.unwrap();
    assert_eq!(s3.counters().snapshot().of(Operation::PutObject), 5);
}

async fn a_lost_request_is_never_done(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    s3.faults()
        .plan(Operation::PutObject, 0, Fault::RequestLost);
    assert!(is_broken(&store.try_put("key", "x").await));
    assert_eq!((stored(&s3, "key"), s3.faults().late()), (None, 0));
    store.try_put("key", "x").await.unwrap();
}

async fn a_lost_reply_is_of_a_request_that_was_done(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    s3.faults().plan(Operation::PutObject, 0, Fault::ReplyLost);
    assert!(is_broken(&store.try_put("key", "x").await));
    assert_eq!(stored(&s3, "key").as_deref(), Some("x"));
    s3.faults().plan(Operation::HeadObject, 0, Fault::ReplyLost);
    let head = store.client.head_object().bucket(&store.bucket).key("key");
    assert!(is_broken(&head.send().await));
}

async fn a_late_request_lands_on_command(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let late = Fault::Late(Landing::OnCommand);
    s3.faults().plan(Operation::PutObject, 0, late);
    s3.faults().plan(Operation::PutObject, 1, late);
    assert!(is_broken(&store.try_put("key", "first").await));
    assert!(is_broken(&store.try_put("key", "second").await));
    store.put("key", "third").await;
    assert_eq!(s3.faults().late(), 2);
    let landed = s3.faults().land(1).unwrap();
    assert_eq!(
        (landed.operation, &*landed.key),
        (Operation::PutObject, "key")
    );
    assert_eq!(landed.outcome, Ok(()));
    assert_eq!(store.get("key").await, "second");
    assert_eq!(s3.faults().land_all().len(), 1);
    assert_eq!(store.get("key").await, "first");
    assert_eq!(s3.faults().land_next(), None);
}

async fn a_late_request_lands_after_a_while(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let late = Fault::Late(Landing::After(Duration::from_millis(20)));
    s3.faults().plan(Operation::PutObject, 0, late);
    assert!(is_broken(&store.try_put("key", "x").await));
    assert_eq!(stored_at_last(&s3, "key").await, "x");
}

async fn a_late_request_may_be_too_late(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    s3.faults()
        .plan(Operation::PutObject, 0, Fault::Late(Landing::OnCommand));
    let put = store.client.put_object().bucket(&store.bucket).key("key");
    assert!(is_broken(&put.if_none_match("*").send().await));
    store.put("key", "x").await;
    let landed = s3.faults().land_next().unwrap();
    assert_eq!(landed.outcome, Err(S3Error::PreconditionFailed));
    assert_eq!(store.get("key").await, "x");
}

async fn a_slow_request_is_done_although_the_client_gave_up(
    connect: impl AsyncFn(&InMemoryS3) -> Store,
) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await.impatient();
    s3.faults().plan(
        Operation::PutObject,
        0,
        Fault::SlowRequest(Duration::from_secs(4)),
    );
    let put = store.try_put("key", "x").await;
    assert!(matches!(put, Err(SdkError::TimeoutError(_))), "{put:?}");
    assert_eq!(stored_at_last(&s3, "key").await, "x");
}

async fn a_slow_reply_is_of_a_request_that_was_done(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await.impatient();
    s3.faults()
        .plan(Operation::PutObject, 0, Fault::SlowReply(AN_AGE));
    let put = store.try_put("key", "x").await;
    assert!(matches!(put, Err(SdkError::TimeoutError(_))), "{put:?}");
    assert_eq!(stored(&s3, "key").as_deref(), Some("x"));
}

async fn a_body_is_cut_off(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    store.put("key", "0123456789").await;
    for after in [0, 4, 10] {
        s3.faults()
            .plan(Operation::GetObject, 0, Fault::CutOff(after));
        let before = s3.counters().snapshot();
        let get = store.client.get_object().bucket(&store.bucket).key("key");
        // Over TCP the headers may be lost with the connection.
        if let Ok(mut got) = get.send().await {
            assert_eq!(got.content_length(), Some(10));
            let mut received = Vec::new();
            let broken = loop {
                match got.body.next().await {
                    Some(Ok(chunk)) => received.extend(chunk),
                    Some(Err(_)) => break true,
                    None => break false,
                }
            };
            assert!(b"0123456789"[..after as usize].starts_with(&received));
            assert!(broken || after == 10);
        }
        assert_eq!(s3.counters().snapshot().since(&before).bytes_out, after);
    }
    s3.faults().plan(Operation::PutObject, 0, Fault::CutOff(3));
    assert!(is_broken(&store.try_put("key", "x").await));
    assert_eq!(stored(&s3, "key").as_deref(), Some("x"));
}

async fn a_fault_strikes_the_requests_it_is_meant_for(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let slow_down = Fault::Refused(Refusal::SlowDown);
    let records = Selector::from(Operation::PutObject).keys(|key| key.ends_with(".info"));
    s3.faults().plan(records, 1, slow_down);
    s3.faults().plan(Selector::any().key("that"), 0, slow_down);
    assert_eq!(s3.faults().remaining(), 2);
    for (key, strikes) in [
        ("a", false),
        ("a.info", false),
        ("a", false),
        ("this", false),
        ("that", true),
        ("b.info", true),
        ("that", false),
        ("a.info", false),
    ] {
        assert_eq!(store.try_put(key, "x").await.is_err(), strikes, "{key}");
    }
    assert_eq!(s3.faults().remaining(), 0);
}

async fn two_faults_strike_two_requests(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let (conflict, slow_down) = (Refusal::ConditionalRequestConflict, Refusal::SlowDown);
    s3.faults()
        .plan(Operation::PutObject, 0, Fault::Refused(conflict));
    s3.faults()
        .plan(Selector::any(), 0, Fault::Refused(slow_down));
    assert_eq!(refusal(store.try_put("key", "x").await).0, 409);
    assert_eq!(refusal(store.try_put("key", "x").await).0, 503);
    store.try_put("key", "x").await.unwrap();
}

async fn what_was_forgotten_does_not_strike(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    s3.faults()
        .plan_each(Selector::any(), 1.0, Fault::RequestLost);
    s3.faults().plan(Selector::any(), 5, Fault::RequestLost);
    for _ in 0..3 {
        assert!(is_broken(&store.try_put("key", "x").await));
    }
    s3.faults().clear();
    for _ in 0..3 {
        store.try_put("key", "x").await.unwrap();
    }
}

async fn a_hold_orders_a_race(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let hold = s3.faults().hold(Operation::PutObject);
    let create = async |body: &'static str| {
        let put = store.client.put_object().bucket(&store.bucket).key("key");
        let put = put.if_none_match("*").body(body.as_bytes().to_vec().into());
        put.send().await.is_ok()
    };
    let control = async {
        hold.arrived(1).await;
        assert_eq!(hold.waiting(), [(Operation::PutObject, "key".to_owned())]);
        let second = create("second");
        let control = async {
            hold.arrived(2).await;
            assert_eq!(stored(&s3, "key"), None);
            assert!(hold.release(1));
            assert_eq!(stored_at_last(&s3, "key").await, "second");
            assert!(hold.release_next());
            assert!(!hold.release_next());
        };
        futures_util::join!(second, control).0
    };
    let (first, second) = futures_util::join!(create("first"), control);
    assert_eq!((first, second), (false, true));
    assert_eq!(stored(&s3, "key").as_deref(), Some("second"));
    drop(hold);
    store.put("key", "third").await;
}

async fn a_hold_waits_between_check_and_act(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let conditions = Conditions::CheckThenAct;
    let dialect = Dialect {
        conditions,
        ..Dialect::aws()
    };
    let s3 = InMemoryS3::new(Bucket::with_dialect(dialect));
    let store = connect(&s3).await;
    let hold = s3.faults().hold(Operation::PutObject);
    let create = async || {
        let put = store.client.put_object().bucket(&store.bucket).key("key");
        put.if_none_match("*").send().await.is_ok()
    };
    let open = async {
        hold.arrived(2).await;
        drop(hold);
    };
    assert_eq!(
        futures_util::join!(create(), create(), open),
        (true, true, ())
    );
    assert!(!create().await);
}

async fn what_is_held_is_done_although_the_client_gave_up(
    connect: impl AsyncFn(&InMemoryS3) -> Store,
) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let hold = s3.faults().hold(Operation::PutObject);
    let put = store.try_put("key", "zombie");
    tokio::select! {
        _ = put => panic!("it is held"),
        () = hold.arrived(1) => {}
    }
    assert_eq!(stored(&s3, "key"), None);
    drop(hold);
    assert_eq!(stored_at_last(&s3, "key").await, "zombie");
}

async fn the_sdk_tries_again(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let s3 = InMemoryS3::default();
    let store = connect(&s3).await;
    let moment = Duration::from_millis(1);
    let retries = RetryConfig::standard()
        .with_initial_backoff(moment)
        .with_max_attempts(6);
    let config = store.client.config().to_builder().retry_config(retries);
    let store = store.with(config);
    for (later, fault) in [
        Fault::RequestLost,
        Fault::Refused(Refusal::SlowDown),
        Fault::Refused(Refusal::InternalError),
        Fault::ReplyLost,
    ]
    .into_iter()
    .enumerate()
    {
        s3.faults().plan(Operation::PutObject, later, fault);
    }
    store.try_put("key", "hello").await.unwrap();
    let traffic = s3.counters().snapshot();
    assert_eq!(
        (traffic.of(Operation::PutObject), traffic.bytes_in),
        (5, 25)
    );
    let conflict = Fault::Refused(Refusal::ConditionalRequestConflict);
    s3.faults().plan(Operation::PutObject, 0, conflict);
    assert_eq!(refusal(store.try_put("key", "x").await).0, 409);
    let traffic = s3.counters().snapshot().since(&traffic);
    assert_eq!(traffic.total(), 1);
}

#[tokio::test]
async fn chance_repeats_itself() {
    let outcomes = async |seed| {
        let s3 = InMemoryS3::default();
        s3.faults().seed(seed);
        s3.faults()
            .plan_each(Selector::any(), 0.5, Fault::RequestLost);
        let mut outcomes = Vec::new();
        for _ in 0..64 {
            let request = Request::new(Operation::HeadObject, "key");
            outcomes.push(s3.request(request, |_, _| Ok(())).await.is_ok());
        }
        outcomes
    };
    let first = outcomes(1).await;
    assert_eq!(outcomes(1).await, first);
    assert_ne!(outcomes(2).await, first);
    let struck = first.iter().filter(|is_ok| !**is_ok).count();
    assert!((16..48).contains(&struck), "{struck}");
}

#[tokio::test(start_paused = true)]
async fn slowness_is_measured_by_a_clock_that_may_be_paused() {
    let s3 = InMemoryS3::default();
    let store = Store::in_process(&s3).await;
    let started = tokio::time::Instant::now();
    s3.faults()
        .plan(Operation::PutObject, 0, Fault::SlowRequest(AN_AGE));
    s3.faults()
        .plan(Operation::PutObject, 1, Fault::SlowReply(AN_AGE));
    store.put("key", "x").await;
    store.put("key", "x").await;
    assert_eq!(started.elapsed(), 2 * AN_AGE);
}

#[tokio::test]
async fn requests_without_http_go_wrong_in_the_same_way() {
    let s3 = InMemoryS3::default();
    let put = async || {
        let request = Request::new(Operation::PutObject, "key")
            .when(Condition::absent())
            .with_bytes(1);
        s3.request(request, |bucket, condition| {
            bucket.put("key", "x", Attributes::default(), condition)
        })
        .await
    };
    s3.faults()
        .plan(Operation::PutObject, 0, Fault::RequestLost);
    s3.faults().plan(Operation::PutObject, 1, Fault::ReplyLost);
    assert_eq!(put().await, Err(Failure::Broken));
    assert_eq!(stored(&s3, "key"), None);
    assert_eq!(put().await, Err(Failure::Broken));
    assert_eq!(stored(&s3, "key").as_deref(), Some("x"));
    assert_eq!(
        put().await,
        Err(Failure::Refused(S3Error::PreconditionFailed))
    );
    let traffic = s3.counters().snapshot();
    assert_eq!((traffic.of(Operation::PutObject), traffic.bytes_in), (3, 3));
}
