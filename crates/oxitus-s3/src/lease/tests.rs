//! What a lease rests on that was remembered, and how far an upload may grow.

use std::collections::HashSet;

use bytes::Bytes;
use oxitus_core::clock::Clock as _;
use oxitus_core::storage::{
    Acquire, AppendOptions, CommitMode, ErrorKind, Intent, Lease, NewUpload, StorageBackend as _,
};
use oxitus_testkit::s3;
use tokio::time::Duration;

use crate::layout::Layout;
use crate::record::{Segment, State};
use crate::testing::place::{PART_SIZE, Place, content, id};

const APPEND: CommitMode = CommitMode::Progressive;

fn place() -> Place {
    Place::new(s3::Dialect::aws(), Layout::under("uploads/"))
}

async fn acquire(place: &Place, name: &str, offset: u64) -> Box<dyn Lease> {
    let how = Acquire::Ask {
        intent: Intent::Append { offset },
        timeout: Duration::from_secs(60),
    };
    place.backend.acquire(&id(name), how).await.unwrap()
}

#[tokio::test]
async fn nothing_is_appended_to_what_has_ended_elsewhere() {
    let place = place();
    place.create("removed", 900).await;
    place.append("removed", &content(20)).await;
    place.create("longer", 900).await;
    place.append("longer", &content(20)).await;
    let other = place.another_node();
    let lease = other.acquire(&id("removed"), Acquire::Try).await.unwrap();
    lease.terminate().await.unwrap();
    let lease = other.acquire(&id("longer"), Acquire::Try).await.unwrap();
    let mut append = lease.append(AppendOptions::new(20, APPEND)).await.unwrap();
    append.write(vec![content(5)]).await.unwrap();
    append.commit().await.unwrap().release().await.unwrap();

    for (name, kind) in [
        ("removed", ErrorKind::NotFound),
        ("longer", ErrorKind::LeaseLost),
    ] {
        let lease = acquire(&place, name, 20).await;
        let append = lease.append(AppendOptions::new(20, APPEND)).await.unwrap();
        assert_eq!(append.commit().await.unwrap_err().kind(), kind, "{name}");
    }
}

async fn create_deferred(place: &Place, name: &str) {
    let new = NewUpload::new(id(name), None, place.clock.now());
    drop(place.backend.create(new).await.unwrap());
}

#[tokio::test]
async fn a_length_that_no_numbers_are_left_for_is_refused() {
    let place = place();
    create_deferred(&place, "late").await;
    for (length, is_taken) in [
        (8_000 * PART_SIZE + 1, false),
        (u64::MAX, false),
        (8_000 * PART_SIZE, true),
    ] {
        let lease = acquire(&place, "late", 0).await;
        let options = AppendOptions::new(0, APPEND).declare_length(Some(length));
        match lease.append(options).await {
            Ok(append) => {
                assert!(is_taken, "{length}");
                append.commit().await.unwrap().release().await.unwrap();
            }
            Err(error) => assert_eq!((error.kind(), is_taken), (ErrorKind::TooLarge, false)),
        }
    }
    assert_eq!(place.record("late").await.length, Some(8_000 * PART_SIZE));
}

#[tokio::test]
async fn bytes_that_no_numbers_are_left_for_are_refused() {
    let place = place();
    create_deferred(&place, "late").await;
    place.append("late", &content(100)).await;
    let version = place.records().load(&id("late")).await.unwrap();
    let mut next = version.record.next();
    // As if all numbers but two had been used.
    next.next_number = 9_999;
    place.records().replace(&version, next).await.unwrap();

    let (left, bytes) = (2 * PART_SIZE - 100, content(2 * PART_SIZE));
    let lease = place.another_node();
    let lease = lease.acquire(&id("late"), Acquire::Try).await.unwrap();
    let mut append = lease.append(AppendOptions::new(100, APPEND)).await.unwrap();
    append.write(vec![bytes.slice(..1_000)]).await.unwrap();
    let refused = append.write(vec![bytes.slice(1_000..)]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::TooLarge);
    let rest = bytes.slice(1_000..usize::try_from(left).unwrap());
    append.write(vec![rest]).await.unwrap();
    let lease = append.commit().await.unwrap();
    assert_eq!(lease.info().offset, 2 * PART_SIZE);

    // The last byte that there is room for is the last of the upload.
    let options = AppendOptions::new(2 * PART_SIZE, APPEND).declare_length(Some(2 * PART_SIZE));
    let append = lease.append(options).await.unwrap();
    let mut lease = append.commit().await.unwrap();
    lease.complete().await.unwrap();
    assert!(matches!(
        place.record("late").await.state,
        State::Complete { .. }
    ));
    let expected = [content(100), bytes.slice(..bytes.len() - 100)].concat();
    assert_eq!(place.read("late").await, Bytes::from(expected));
}

#[tokio::test]
async fn what_is_adopted_has_the_length_that_its_writer_told() {
    let place = place();
    let bytes = content(6 * PART_SIZE);
    for is_steady in [false, true] {
        let name = if is_steady { "steady" } else { "first" };
        create_deferred(&place, name).await;
        // Whoever has had the last few appends has numbers left.
        let mut before = 0;
        while is_steady && before < 5 * PART_SIZE {
            place.append(name, &content(PART_SIZE)).await;
            before += PART_SIZE;
        }
        assert_eq!(place.record(name).await.claim.is_some(), is_steady);
        let length = before + 9 * PART_SIZE;
        let lease = acquire(&place, name, before).await;
        let options = AppendOptions::new(before, APPEND).declare_length(Some(length));
        let mut append = lease.append(options).await.unwrap();
        append.write(vec![bytes.clone()]).await.unwrap();

        let other = place.another_node();
        let adopted = other.info(&id(name)).await.unwrap();
        assert!(adopted.offset > before, "{name}");
        assert_eq!(adopted.length, Some(length), "{name}");
        assert_eq!(
            append.commit().await.unwrap_err().kind(),
            ErrorKind::LeaseLost
        );
    }
}

/// Two nodes append at once, so that one of them loses. What it has stored nobody will reference.
#[tokio::test(start_paused = true)]
async fn whoever_loses_a_race_leaves_nothing_behind() {
    let place = place();
    place.create("raced", 900).await;
    let other = place.another_node();
    let winner = acquire(&place, "raced", 0).await;
    let loser = other.acquire(&id("raced"), Acquire::Try).await.unwrap();
    let options = AppendOptions::new(0, APPEND);
    let mut winner = winner.append(options).await.unwrap();
    let mut loser = loser.append(options).await.unwrap();
    winner.write(vec![content(500)]).await.unwrap();
    loser.write(vec![content(600)]).await.unwrap();
    winner.commit().await.unwrap().release().await.unwrap();
    let lost = loser.commit().await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::LeaseLost);

    let record = place.record("raced").await;
    let [Segment::Object { key, size: 500 }] = &record.pending[..] else {
        panic!("{record:?}");
    };
    let expected = [place.layout.record(&id("raced")), key.clone()];
    // What is removed in the background is removed.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let left: HashSet<_> = place.keys().into_iter().collect();
    assert_eq!(left, HashSet::from(expected));
}
