//! Several processes on one directory. One of them is this test binary, run again.
//!
//! A program of its own, because a lock is held by every copy of its descriptor: from the fork of a
//! child to its exec, all that the other tests of the same program let go of would stay locked.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

#[path = "fs/support.rs"]
#[allow(dead_code, reason = "the other test program uses the rest")]
mod support;

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use oxitus_core::storage::{
    Acquire, ByteRange, CommitMode, ErrorKind, Intent, StorageBackend as _,
};
use oxitus_fs::{Durability, FsBackend};

use support::{Place, acquire, append, begin, content, id, kind, new, offset, read};

const PATIENCE: Duration = Duration::from_secs(60);

/// Tells the process where to work, and so that it is the other one.
const ROOT: &str = "OXITUS_FS_TEST_ROOT";

/// What the other process does: writes into `progressive` and `atomic`, and lets go of the first
/// when it is asked.
#[test]
fn the_other_process() {
    let Some(root) = env::var_os(ROOT) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let backend = FsBackend::builder(root).open().unwrap();
        let mut first = begin(
            acquire(&backend, "progressive").await,
            CommitMode::Progressive,
        )
        .await;
        let mut second = begin(acquire(&backend, "atomic").await, CommitMode::Atomic).await;
        for append in [&mut first, &mut second] {
            append.write(vec![content(100).slice(..60)]).await.unwrap();
        }
        println!("\nwritten");
        let intent = first.wanted().await;
        println!("\nwanted: {intent:?}");
        first.commit().await.unwrap().release().await.unwrap();
        second.wanted().await;
        unreachable!("nobody asks for this one");
    });
}

/// The other process, killed when dropped.
struct Other {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Other {
    async fn start(place: &Place) -> Self {
        let backend = place.open();
        for name in ["progressive", "atomic"] {
            drop(backend.create(new(name, 100)).await.unwrap());
        }
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["the_other_process", "--exact", "--nocapture"])
            .env(ROOT, place.directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut other = Self { child, output };
        other.says("written");
        other
    }

    fn says(&mut self, expected: &str) {
        let mut lines = self.output.by_ref().lines().map(Result::unwrap);
        assert!(
            lines.any(|line| line == expected),
            "it should say {expected}"
        );
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_exclusive_among_processes_and_ends_with_its_process() {
    let place = Place::new(Durability::Completion);
    let other = Other::start(&place).await;
    let backend = place.open();
    for name in ["progressive", "atomic"] {
        let attempt = backend.acquire(&id(name), Acquire::Try).await;
        assert_eq!(kind(attempt), ErrorKind::Locked);
    }
    assert_eq!(offset(&backend, "progressive").await, 60);
    assert_eq!(offset(&backend, "atomic").await, 0);

    drop(other);
    for (name, here) in [("progressive", 60), ("atomic", 0)] {
        let lease = acquire(&backend, name).await;
        assert_eq!(lease.info().offset, here as u64);
        assert_eq!(fs::metadata(place.path(name)).unwrap().len(), here as u64);
        let rest = content(100).slice(here..);
        let mut lease = append(lease, CommitMode::Progressive, &rest).await;
        lease.complete().await.unwrap();
        assert_eq!(read(&backend, name, ByteRange::ALL).await, content(100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_can_ask_another() {
    let place = Place::new(Durability::Completion);
    let mut other = Other::start(&place).await;
    let backend = place.open();
    let ask = |offset| Acquire::Ask {
        intent: Intent::Append { offset },
        timeout: PATIENCE,
    };
    let attempt = backend.acquire(&id("progressive"), ask(30)).await;
    assert_eq!(kind(attempt), ErrorKind::OffsetMismatch);
    let lease = backend.acquire(&id("progressive"), ask(60)).await.unwrap();
    assert_eq!(lease.info().offset, 60);
    other.says("wanted: Append { offset: 60 }");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_what_is_removed_learns_it() {
    let place = Place::new(Durability::Never);
    let (here, there) = (place.open(), place.open());
    let mut lease = here.create(new("a", 100)).await.unwrap();
    let waiting = tokio::spawn(async move {
        let how = Acquire::Ask {
            intent: Intent::Append { offset: 0 },
            timeout: PATIENCE,
        };
        there.acquire(&id("a"), how).await
    });
    assert_eq!(lease.wanted().await, Intent::Append { offset: 0 });
    lease.terminate().await.unwrap();
    assert_eq!(kind(waiting.await.unwrap()), ErrorKind::NotFound);
    assert!(place.names().is_empty());
}

/// The holder makes progress and would not stop for an append: it must learn of the removal.
#[tokio::test(flavor = "multi_thread")]
async fn a_removal_goes_before_an_append_that_waits() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    let mut lease = backend.create(new("a", 100)).await.unwrap();
    let wait = |intent| {
        let backend = place.open();
        tokio::spawn(async move {
            let how = Acquire::Ask {
                intent,
                timeout: PATIENCE,
            };
            backend
                .acquire(&id("a"), how)
                .await
                .unwrap()
                .info()
                .id
                .clone()
        })
    };
    let appending = wait(Intent::Append { offset: 0 });
    assert_eq!(lease.wanted().await, Intent::Append { offset: 0 });
    let removing = wait(Intent::Terminate);
    while lease.wanted().await != Intent::Terminate {
        assert!(!appending.is_finished() && !removing.is_finished());
    }
    lease.release().await.unwrap();
    appending.await.unwrap();
    removing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_in_use_elsewhere_are_unfinished() {
    let place = Place::new(Durability::Never);
    let (here, there) = (place.open(), place.open());
    crate::support::upload(&here, "p", &content(100)).await;
    let held = acquire(&there, "p").await;
    drop(
        here.create(crate::support::final_of("f", &["p"]))
            .await
            .unwrap(),
    );
    let outcome = acquire(&here, "f").await.assemble().await;
    assert_eq!(kind(outcome), ErrorKind::PartUnfinished);
    drop(held);
    drop(acquire(&here, "f").await.assemble().await.unwrap());
}
