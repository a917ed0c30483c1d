use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::future::join_all;
use oxitus_testkit::s3::{BUCKET, Conditions, Dialect, InMemoryS3, Operation};

use super::*;
use crate::bucket::{Attributes, Condition, ErrorKind, contract};
use crate::store::StoreTraits;
use crate::testing::wire;

const WORTHLESS: [Conditions; 3] = [
    Conditions::Ignored,
    Conditions::Unsupported,
    Conditions::CheckThenAct,
];

#[tokio::test]
async fn locks_make_up_for_conditions() {
    for conditions in WORTHLESS {
        let bucket = Coordination::SingleProcess.over(bucket(&server(conditions)));
        contract::holds_for(&*bucket, 1_000).await;
        assert_eq!(winners(&[bucket]).await, 1);
    }
}

#[tokio::test]
async fn a_shared_locker_makes_up_for_conditions_between_processes() {
    for conditions in WORTHLESS {
        let server = server(conditions);
        let locker: Arc<dyn Locker> = Arc::new(ProcessLocker::default());
        let buckets =
            [(); 4].map(|()| Coordination::Locker(Arc::clone(&locker)).over(bucket(&server)));
        assert_eq!(winners(&buckets).await, 1);
    }
}

/// Else the tests above would say nothing.
#[tokio::test]
async fn without_locks_many_win() {
    let server = server(Conditions::CheckThenAct);
    let bucket = Coordination::Conditional.over(bucket(&server));
    assert!(winners(&[bucket]).await > 1);
}

#[tokio::test]
async fn without_the_lock_nothing_is_written() {
    let server = server(Conditions::Ignored);
    let coordination = Coordination::Locker(Arc::new(OutOfOrder));
    let bucket = coordination.over(bucket(&server));
    let attributes = Attributes::default();
    let put = bucket.put("a", Bytes::new(), Condition::Absent, &attributes);
    assert_eq!(put.await.unwrap_err().kind, ErrorKind::Unknown);
    assert_eq!(server.counters().snapshot().total(), 0);
}

#[tokio::test]
async fn locks_are_forgotten() {
    let locker = ProcessLocker::default();
    for name in 0..100 {
        drop(locker.lock(&name.to_string()).await.unwrap());
    }
    let held = locker.lock("held").await.unwrap();
    let other = locker.lock("other").await.unwrap();
    assert_eq!(locker.locks.lock().unwrap().len(), 2);
    drop((held, other));
}

#[tokio::test]
async fn a_request_keeps_its_lock_when_its_caller_goes_away() {
    let server = server(Conditions::Ignored);
    let bucket = Coordination::SingleProcess.over(bucket(&server));
    let put = |body: &'static [u8]| {
        let bucket = Arc::clone(&bucket);
        async move {
            let (body, attributes) = (Bytes::from_static(body), Attributes::default());
            let put = bucket.put("a", body, Condition::Absent, &attributes);
            put.await
        }
    };
    let hold = server.faults().hold(Operation::PutObject);
    let first = tokio::spawn(put(b"first"));
    hold.arrived(1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let second = tokio::spawn(put(b"second"));
    drop(hold);
    let refused = second.await.unwrap().unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Precondition);
    assert_eq!(&*bucket.get("a").await.unwrap().body, b"first");
}

/// How many of many win that write at once, through one bucket after the other.
async fn winners(buckets: &[Arc<dyn Bucket>]) -> usize {
    let attributes = Attributes::default();
    let won = AtomicUsize::new(0);
    let writers = (0..16_usize).map(|index| {
        let bucket = &buckets[index % buckets.len()];
        let body = Bytes::from(index.to_string());
        let (attributes, won) = (&attributes, &won);
        async move {
            let put = bucket.put("race", body, Condition::Absent, attributes);
            if put.await.is_ok() {
                won.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    join_all(writers).await;
    won.into_inner()
}

fn server(conditions: Conditions) -> InMemoryS3 {
    wire::server(Dialect {
        conditions,
        minimum_part_size: 1_000,
        ..Dialect::aws()
    })
}

fn bucket(server: &InMemoryS3) -> Arc<dyn Bucket> {
    let config = wire::in_memory(server);
    Arc::new(wire::bucket(&config, BUCKET, StoreTraits::new()))
}

/// A service that is not there.
#[derive(Debug)]
struct OutOfOrder;

#[async_trait]
impl Locker for OutOfOrder {
    async fn lock(&self, _: &str) -> Result<Box<dyn Send>, Box<dyn StdError + Send + Sync>> {
        Err("out of order".into())
    }
}
