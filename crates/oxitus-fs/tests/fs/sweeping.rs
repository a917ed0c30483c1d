//! Sweeps: every upload once, and what is none is removed when it is old.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, SystemTime};

use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{CommitMode, StorageBackend as _};
use oxitus_fs::{Durability, FsBackend};

use crate::support::{Place, age, append, begin, content, id, new};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Everything that sweeps report, in the order of their steps.
async fn sweep(backend: &FsBackend, limit: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut from = None;
    loop {
        let step = backend.sweep(SystemTime::now(), from, limit).await.unwrap();
        assert!(step.due.len() <= limit);
        found.extend(step.due.iter().map(|upload| upload.id.to_string()));
        from = step.next;
        if from.is_none() {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_upload_comes_once_whatever_the_layout() {
    for shard_depth in 0..=3 {
        let mut place = Place::new(Durability::Never);
        place.shard_depth = shard_depth;
        let backend = place.open();
        let names: BTreeSet<_> = (0..60)
            .map(|n| match n % 3 {
                0 => format!("{n}"),
                1 => format!("ab{n}"),
                _ => format!("{}-_{n}", n % 7),
            })
            .collect();
        for name in &names {
            drop(backend.create(new(name, 0)).await.unwrap());
        }
        drop(backend.create(new("not-due", 10)).await.unwrap());
        fs::write(place.path("stray"), "").unwrap();
        fs::write(place.path("zz"), "").unwrap();
        for limit in [1, 7, 59, 60, 61, 1000] {
            let found = sweep(&backend, limit).await;
            assert_eq!(
                found.len(),
                names.len(),
                "depth {shard_depth}, limit {limit}"
            );
            assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), names);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_old_orphans_are_removed() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    drop(backend.create(new("good", 0)).await.unwrap());
    let record = fs::read_to_string(place.path("good.info")).unwrap();
    let newer = record.replace("{\"version\":1", "{\"version\":2");
    let broken = record.replace("\"kind\"", "\"mind\"");
    assert!(newer != record && broken != record);
    let cases = [
        // (name, data, record, whether it goes)
        ("unrecorded", Some(""), None, true),
        ("unrecorded-data", Some("data"), None, false),
        ("unfinished", Some(""), Some(&record[..100]), true),
        ("unfinished-data", Some("data"), Some(&record[..100]), false),
        ("broken", Some(""), Some(&*broken), true),
        ("broken-data", Some("data"), Some(&*broken), false),
        ("newer", Some(""), Some(&*newer), false),
        ("newer-data", Some("data"), Some(&*newer), false),
        ("newer-record", None, Some(&*newer), false),
        ("record", None, Some(&*record), true),
        ("good", Some(""), Some(&*record), false),
    ];
    for (name, data, record, _) in &cases {
        let files = [(data, (*name).to_owned()), (record, format!("{name}.info"))];
        for (content, file) in files {
            if let Some(content) = content {
                fs::write(place.path(&file), content).unwrap();
                age(&place.path(&file), HOUR - Duration::from_secs(60));
            }
        }
    }
    let all = place.names();
    assert_eq!(sweep(&backend, 100).await, ["good"]);
    assert_eq!(place.names(), all, "nothing is old enough");

    for name in &all {
        age(&place.path(name), HOUR + Duration::from_secs(60));
    }
    assert_eq!(sweep(&backend, 100).await, ["good"]);
    let mut left: Vec<_> = all
        .iter()
        .filter(|file| {
            let name = file.trim_end_matches(".info");
            cases.iter().any(|(case, .., goes)| *case == name && !goes)
        })
        .cloned()
        .collect();
    left.sort();
    assert_eq!(place.names(), left);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_that_is_locked_is_being_made() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    let held = backend.create(new("a", 10)).await.unwrap();
    fs::remove_file(place.path("a.info")).unwrap();
    age(&place.path("a"), 2 * HOUR);
    sweep(&backend, 10).await;
    assert_eq!(place.names(), ["a"]);
    drop(held);
    sweep(&backend, 10).await;
    assert!(place.names().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn staged_bytes_of_the_dead_are_dropped_and_those_of_the_living_kept() {
    let place = Place::new(Durability::Completion);
    let backend = place.open();
    let mut writers = Vec::new();
    for name in ["alive", "dead"] {
        let lease = backend.create(new(name, 100)).await.unwrap();
        let lease = append(lease, CommitMode::Progressive, &content(20)).await;
        let mut writer = begin(lease, CommitMode::Atomic).await;
        writer.write(vec![content(50)]).await.unwrap();
        writers.push(writer);
    }
    drop(writers.pop());
    let length = |name| fs::metadata(place.path(name)).unwrap().len();
    assert_eq!((length("alive"), length("dead")), (70, 70));
    sweep(&backend, 10).await;
    assert_eq!((length("alive"), length("dead")), (70, 20));
    let lease = writers.pop().unwrap().commit().await.unwrap();
    assert_eq!(
        (lease.info().offset, lease.info().phase),
        (70, Phase::Receiving)
    );
    assert_eq!(backend.info(&id("dead")).await.unwrap().offset, 20);
}
