//! What a crash leaves behind, and what becomes of it.

use std::fs;

use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{
    Acquire, AppendOptions, ByteRange, CommitMode, ErrorKind, StorageBackend as _,
};
use oxitus_fs::Durability;

use crate::support::{
    Place, acquire, append, begin, content, final_of, id, kind, new, offset, read, upload,
};

#[tokio::test(flavor = "multi_thread")]
async fn staged_bytes_never_count_and_are_cut_off_by_the_next_lease() {
    for durability in [
        Durability::Never,
        Durability::Completion,
        Durability::Acknowledgement,
    ] {
        let place = Place::new(durability);
        let backend = place.open();
        let bytes = content(300);
        let lease = backend.create(new("a", 300)).await.unwrap();
        let lease = append(lease, CommitMode::Progressive, &bytes.slice(..100)).await;
        let mut writer = begin(lease, CommitMode::Atomic).await;
        writer.write(vec![content(150)]).await.unwrap();
        assert_eq!(fs::metadata(place.path("a")).unwrap().len(), 250);

        let crashed = place.copy();
        let after = crashed.open();
        assert_eq!(offset(&after, "a").await, 100);
        assert_eq!(fs::metadata(crashed.path("a")).unwrap().len(), 250);
        let lease = acquire(&after, "a").await;
        assert_eq!(lease.info().offset, 100);
        assert_eq!(fs::read(crashed.path("a")).unwrap(), bytes[..100]);
        append(lease, CommitMode::Progressive, &bytes.slice(100..))
            .await
            .complete()
            .await
            .unwrap();
        assert_eq!(read(&after, "a", ByteRange::ALL).await, bytes);

        // And the one that did not crash goes on as if nothing had been.
        drop(writer.commit().await.unwrap());
        assert_eq!(offset(&backend, "a").await, 250);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_progressive_append_survives_as_far_as_it_was_written() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    let bytes = content(1000);
    let lease = backend.create(new("a", 1000)).await.unwrap();
    let mut writer = begin(lease, CommitMode::Progressive).await;
    writer
        .write(vec![bytes.slice(..10), bytes.slice(10..600)])
        .await
        .unwrap();
    let crashed = place.copy();
    drop(writer);

    let backend = crashed.open();
    assert_eq!(offset(&backend, "a").await, 600);
    let mut lease = append(
        acquire(&backend, "a").await,
        CommitMode::Atomic,
        &bytes.slice(600..),
    )
    .await;
    lease.complete().await.unwrap();
    assert_eq!(read(&backend, "a", ByteRange::ALL).await, bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_was_written_by_half_is_the_one_before() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    let lease = backend.create(new("a", 300)).await.unwrap();
    let before = fs::read(place.path("a.info")).unwrap();
    drop(append(lease, CommitMode::Atomic, &content(100)).await);
    let after = fs::read(place.path("a.info")).unwrap();
    assert_ne!(before, after);

    for torn in 0..=after.len() {
        let crashed = place.copy();
        // The mark and its removal: generations 2 and 3 over 0 and 1.
        let marked = [&before[..160], &after[160..320], &before[320..]].concat();
        let mixed = [&after[..torn], &marked[torn..]].concat();
        fs::write(crashed.path("a.info"), &mixed).unwrap();
        let here = offset(&crashed.open(), "a").await;
        assert!(here == 0 || here == 100, "{here}");
        assert!(torn < 160 || here == 100);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_creation_was_never_finished_is_unknown() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    drop(backend.create(new("whole", 300)).await.unwrap());
    let whole = fs::read(place.path("whole.info")).unwrap();
    for length in 0..whole.len() {
        fs::write(place.path("torn"), "").unwrap();
        fs::write(place.path("torn.info"), &whole[..length]).unwrap();
        assert_eq!(kind(backend.info(&id("torn")).await), ErrorKind::NotFound);
        let acquired = backend.acquire(&id("torn"), Acquire::Try).await;
        assert_eq!(kind(acquired), ErrorKind::NotFound);
        assert_eq!(
            kind(backend.create(new("torn", 1)).await),
            ErrorKind::AlreadyExists
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn creation_meets_the_record_of_a_half_removed_upload() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    drop(backend.create(new("a", 300)).await.unwrap());
    fs::remove_file(place.path("a")).unwrap();
    assert_eq!(kind(backend.info(&id("a")).await), ErrorKind::NotFound);
    assert_eq!(
        kind(backend.create(new("a", 1)).await),
        ErrorKind::AlreadyExists
    );
    assert_eq!(place.names(), ["a.info"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assembly_that_was_broken_off_starts_over() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    let bytes = content(200);
    upload(&backend, "p", &bytes.slice(..120)).await;
    upload(&backend, "q", &bytes.slice(120..)).await;
    let lease = backend.create(final_of("f", &["p", "q"])).await.unwrap();
    lease.release().await.unwrap();
    fs::write(
        place.path("f"),
        "more than the parts have together: ".repeat(20),
    )
    .unwrap();

    let seen = backend.info(&id("f")).await.unwrap();
    assert_eq!((seen.offset, seen.phase), (0, Phase::Receiving));
    let mut lease = acquire(&backend, "f").await.assemble().await.unwrap();
    assert_eq!(
        (lease.info().offset, lease.info().phase),
        (200, Phase::Received)
    );
    lease.complete().await.unwrap();
    assert_eq!(read(&backend, "f", ByteRange::ALL).await, bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_upload_that_lost_bytes_is_not_served_until_it_is_completed_anew() {
    for mode in [CommitMode::Progressive, CommitMode::Atomic] {
        let place = Place::new(Durability::Never);
        let backend = place.open();
        upload(&backend, "a", &content(200)).await;
        fs::write(place.path("a"), &content(200)[..150]).unwrap();
        let seen = backend.info(&id("a")).await.unwrap();
        assert_eq!((seen.offset, seen.phase), (150, Phase::Receiving));
        assert_eq!(
            kind(backend.read(&id("a"), ByteRange::ALL).await),
            ErrorKind::NotFound
        );
        let lease = acquire(&backend, "a").await;
        let mut lease = append(lease, mode, &content(200).slice(150..)).await;
        assert_eq!(lease.info().phase, Phase::Received, "{mode:?}");
        assert_eq!(&backend.info(&id("a")).await.unwrap(), lease.info());
        lease.complete().await.unwrap();
        assert_eq!(read(&backend, "a", ByteRange::ALL).await, content(200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_file_takes_no_more_bytes() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    let lease = backend.create(new("a", 300)).await.unwrap();
    let mut writer = lease
        .append(AppendOptions::new(0, CommitMode::Progressive))
        .await
        .unwrap();
    writer.write(vec![content(10)]).await.unwrap();
    fs::remove_file(place.path("a")).unwrap();
    assert_eq!(kind(writer.commit().await), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_go_beyond_four_gibibytes() {
    const OFFSET: u64 = (1 << 32) + 7;
    let place = Place::new(Durability::Never);
    let backend = place.open();
    drop(backend.create(new("a", OFFSET + 100)).await.unwrap());
    fs::File::options()
        .write(true)
        .open(place.path("a"))
        .unwrap()
        .set_len(OFFSET)
        .unwrap();
    let bytes = content(100);
    let lease = append(
        acquire(&backend, "a").await,
        CommitMode::Atomic,
        &bytes.slice(..40),
    )
    .await;
    assert_eq!(lease.info().offset, OFFSET + 40);
    let mut lease = append(lease, CommitMode::Progressive, &bytes.slice(40..)).await;
    lease.complete().await.unwrap();
    let range = ByteRange {
        start: OFFSET - 3,
        length: 50,
    };
    let expected = [&[0; 3], &bytes[..47]].concat();
    assert_eq!(read(&backend, "a", range).await, expected);
    assert_eq!(offset(&backend, "a").await, OFFSET + 100);
}
