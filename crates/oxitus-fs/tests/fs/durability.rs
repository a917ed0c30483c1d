//! What is brought to the disk, and before what.

use std::sync::{Arc, Mutex};

use oxitus_core::storage::{CommitMode, StorageBackend as _};
use oxitus_fs::{Durability, FsBackend, Operation};

use crate::support::{Place, acquire, append, begin, content, id, new};

/// A backend that writes down how it changes the disk.
struct Journal(Arc<Mutex<Vec<Operation>>>);

impl Journal {
    fn open(place: &Place) -> (Self, FsBackend) {
        let journal = Arc::new(Mutex::new(Vec::new()));
        let entries = Arc::clone(&journal);
        let backend = place.open_with(Arc::new(move |operation| {
            entries.lock().unwrap().push(operation);
            Ok(())
        }));
        (Self(journal), backend)
    }

    /// What has been changed and synced since the last time: letters in order.
    fn since(&self) -> String {
        let entries = std::mem::take(&mut *self.0.lock().unwrap());
        let letter = |operation| match operation {
            Operation::Create => Some('C'),
            Operation::Record => Some('R'),
            Operation::Write { .. } => Some('W'),
            Operation::Truncate => Some('T'),
            Operation::Remove => Some('X'),
            Operation::Sync => Some('S'),
            _ => None,
        };
        entries.into_iter().filter_map(letter).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_upload_writes_bytes_and_two_records() {
    for (durability, create, append_, complete, again) in [
        (Durability::Never, "CCR", "W", "R", ""),
        // Data, the directory; the state; the record.
        (Durability::Completion, "CCR", "W", "SSRS", ""),
        // Record, data, the directory; data; and what was found is certain before it is told:
        // data and record.
        (Durability::Acknowledgement, "CCRSSS", "WS", "SSRS", "SS"),
    ] {
        let place = Place::new(durability);
        let (journal, backend) = Journal::open(&place);
        let lease = backend.create(new("a", 100)).await.unwrap();
        assert_eq!(journal.since(), create, "{durability}");
        let lease = append(lease, CommitMode::Progressive, &content(60)).await;
        assert_eq!(journal.since(), append_, "{durability}");
        lease.release().await.unwrap();
        backend.info(&id("a")).await.unwrap();
        assert_eq!(journal.since(), again, "{durability}");
        let lease = acquire(&backend, "a").await;
        assert_eq!(journal.since(), again, "{durability}");
        let mut lease = append(lease, CommitMode::Progressive, &content(40)).await;
        assert_eq!(journal.since(), append_, "{durability}");
        lease.complete().await.unwrap();
        assert_eq!(journal.since(), complete, "{durability}");
        lease.complete().await.unwrap();
        lease.release().await.unwrap();
        backend.info(&id("a")).await.unwrap();
        assert_eq!(journal.since(), "", "{durability}: complete is complete");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mark_is_on_the_disk_before_what_it_marks() {
    for (durability, write, commit, rollback) in [
        (Durability::Never, "RW", "R", "TR"),
        (Durability::Completion, "RSW", "R", "TSR"),
        (Durability::Acknowledgement, "RSW", "SRS", "TSR"),
    ] {
        let place = Place::new(durability);
        let (journal, backend) = Journal::open(&place);
        let lease = backend.create(new("a", 100)).await.unwrap();
        journal.since();
        let mut writer = begin(lease, CommitMode::Atomic).await;
        writer.write(vec![content(20)]).await.unwrap();
        assert_eq!(journal.since(), write, "{durability}");
        writer.write(vec![content(20)]).await.unwrap();
        assert_eq!(journal.since(), "W", "{durability}");
        let lease = writer.commit().await.unwrap();
        assert_eq!(journal.since(), commit, "{durability}");

        let mut writer = begin(lease, CommitMode::Atomic).await;
        writer.write(vec![content(20)]).await.unwrap();
        journal.since();
        let lease = writer.rollback().await.unwrap();
        assert_eq!(journal.since(), rollback, "{durability}");
        assert_eq!(lease.info().offset, 40);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_cut_off_on_the_disk_before_its_mark_goes() {
    for (durability, recovery) in [
        (Durability::Never, "TR"),
        (Durability::Completion, "TSR"),
        (Durability::Acknowledgement, "TSR"),
    ] {
        let place = Place::new(durability);
        let (journal, backend) = Journal::open(&place);
        let lease = backend.create(new("a", 100)).await.unwrap();
        let mut writer = begin(lease, CommitMode::Atomic).await;
        writer.write(vec![content(20)]).await.unwrap();
        drop(writer);
        journal.since();
        drop(acquire(&backend, "a").await);
        assert_eq!(journal.since(), recovery, "{durability}");
        drop(acquire(&backend, "a").await);
        assert_eq!(journal.since(), "", "{durability}");
    }
}

/// Else a power failure brings the mark back, and with it the bytes above it are cut off.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_above_an_old_mark_are_acknowledged_when_it_is_gone_from_the_disk() {
    let place = Place::new(Durability::Acknowledgement);
    let (journal, backend) = Journal::open(&place);
    // The mark goes with a rollback, with the next lease, and with the lease of somebody who died
    // before it was synced.
    for (name, dropped, looked) in [
        ("rolled-back", false, false),
        ("recovered", true, false),
        ("found", true, true),
    ] {
        let lease = backend.create(new(name, 100)).await.unwrap();
        let mut writer = begin(lease, CommitMode::Atomic).await;
        writer.write(vec![content(20)]).await.unwrap();
        let mut lease = if dropped {
            drop(writer);
            acquire(&backend, name).await
        } else {
            writer.rollback().await.unwrap()
        };
        if looked {
            drop(lease);
            lease = acquire(&backend, name).await;
        }
        journal.since();
        let lease = append(lease, CommitMode::Progressive, &content(30)).await;
        assert_eq!(journal.since(), "WSS", "{name}: the bytes and the record");
        append(lease, CommitMode::Progressive, &content(30)).await;
        assert_eq!(journal.since(), "WS", "{name}: the record has not changed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_shards_are_durable_with_what_is_in_them() {
    let mut place = Place::new(Durability::Acknowledgement);
    place.shard_depth = 2;
    let (journal, backend) = Journal::open(&place);
    drop(backend.create(new("abcd", 100)).await.unwrap());
    // The first try, the directories, the second try, the record; two files and three directories.
    assert_eq!(journal.since(), "CCCCRSSSSS");
}
