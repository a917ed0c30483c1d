//! Final uploads whose parts become complete at awkward moments, or larger than they may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::scripted::{Script, Scripted};
use super::support::*;
use async_trait::async_trait;
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;
use oxitus_core::event::EventKind;
use oxitus_core::proto::upload::{Kind, Upload};
use oxitus_core::storage::{Error, ErrorKind, Result};
use tokio::sync::{Barrier, Semaphore};

const PARTIAL: (&str, &str) = ("upload-concat", "partial");

#[tokio::test]
async fn a_final_upload_has_a_maximum_whenever_its_length_turns_out() {
    let engine = engine(|config| config.max_size(Some(10)));
    let mut events = engine.events();
    let part = create(&engine, &[PARTIAL, ("upload-defer-length", "1")]).await;
    let concat = format!("final;{part} {part} {part}");
    let path = create(&engine, &[("upload-concat", &concat)]).await;
    let answer = patch(&engine, &part, 0, &[("upload-length", "5")], "hello").await;
    assert_eq!(answer.status, 204);
    eventually(|| async { head(&engine, &path).await.status == 404 }).await;
    let kinds: Vec<_> = std::iter::from_fn(|| events.try_recv().ok())
        .map(|event| event.kind)
        .collect();
    assert_eq!(kinds.last(), Some(&EventKind::Failed));

    let concat = format!("final;{part} {part}");
    assert_eq!(
        post(&engine, &[("upload-concat", &concat)]).await.status,
        201
    );
}

/// The last lease of a part is let go of a moment after it is complete: until then the parts cannot
/// be joined.
#[derive(Debug, Default)]
struct Reluctant {
    refusals: AtomicUsize,
}

#[async_trait]
impl Script for Reluctant {
    async fn assembling(&self, _: &Upload) -> Result<()> {
        let refused = self
            .refusals
            .try_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        match refused {
            Ok(_) => Err(Error::new(ErrorKind::PartUnfinished, "a part is in use")),
            Err(_) => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_part_that_is_still_in_use_is_waited_for() {
    let script = Arc::new(Reluctant::default());
    let engine = Engine::new(Arc::new(Scripted::new(&script)), Config::new("/files"));
    let part = create(&engine, &[PARTIAL, ("upload-length", "5")]).await;
    assert_eq!(patch(&engine, &part, 0, &[], "hello").await.status, 204);
    let concat = format!("final;{part}");
    for refusals in [1, 2] {
        script.refusals.store(refusals, Ordering::SeqCst);
        let path = create(&engine, &[("upload-concat", &concat)]).await;
        assert_eq!(get(&engine, &path).await.body, "hello");
    }
}

/// Holds the second look at a part back that the creation of a final upload takes.
#[derive(Debug)]
struct LateLook {
    looks: AtomicUsize,
    is_late: Semaphore,
    goes_on: Semaphore,
}

#[async_trait]
impl Script for LateLook {
    async fn looked(&self, upload: &Upload) {
        if upload.kind == Kind::Partial && self.looks.fetch_add(1, Ordering::SeqCst) == 1 {
            self.is_late.add_permits(1);
            self.goes_on.acquire().await.unwrap().forget();
        }
    }
}

#[tokio::test]
async fn a_part_that_is_complete_while_its_final_upload_is_made_is_noticed() {
    let script = Arc::new(LateLook {
        looks: AtomicUsize::new(0),
        is_late: Semaphore::new(0),
        goes_on: Semaphore::new(0),
    });
    let engine = Engine::new(Arc::new(Scripted::new(&script)), Config::new("/files"));
    let mut events = engine.events();
    let part = create(&engine, &[PARTIAL, ("upload-length", "5")]).await;
    let making = tokio::spawn({
        let engine = engine.clone();
        async move { create(&engine, &[("upload-concat", &format!("final;{part}"))]).await }
    });
    script.is_late.acquire().await.unwrap().forget();
    let part = loop {
        let event = events.recv().await.unwrap();
        if event.upload.kind == Kind::Partial {
            break format!("/files/{}", event.upload.id);
        }
    };
    assert_eq!(patch(&engine, &part, 0, &[], "hello").await.status, 204);
    // Gives whoever was woken by the part its chance.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    script.goes_on.add_permits(1);
    making.await.unwrap();
    let joined = async {
        loop {
            let event = events.recv().await.unwrap();
            if event.kind == EventKind::Completed && event.upload.kind != Kind::Partial {
                break;
            }
        }
    };
    within(joined).await;
}

#[tokio::test]
async fn a_final_upload_fails_with_one_part_while_others_are_unfinished() {
    let engine = engine(|config| config);
    let mut parts = Vec::new();
    for _ in 0..8 {
        parts.push(create(&engine, &[PARTIAL, ("upload-length", "5")]).await);
    }
    let concat = format!("final;{}", parts.join(" "));
    let path = create(&engine, &[("upload-concat", &concat)]).await;
    assert_eq!(delete(&engine, &parts[3]).await.status, 204);
    assert_eq!(head(&engine, &path).await.status, 404);
}

/// Lets a look at a part end when so many are looked at.
#[derive(Debug)]
struct Together(Barrier);

#[async_trait]
impl Script for Together {
    async fn looked(&self, upload: &Upload) {
        if upload.kind == Kind::Partial {
            self.0.wait().await;
        }
    }
}

#[tokio::test]
async fn parts_are_looked_at_together() {
    let script = Arc::new(Together(Barrier::new(8)));
    let engine = Engine::new(Arc::new(Scripted::new(&script)), Config::new("/files"));
    let mut parts = Vec::new();
    for _ in 0..8 {
        parts.push(create(&engine, &[PARTIAL, ("upload-length", "1")]).await);
    }
    let concat = format!("final;{}", parts.join(" "));
    let concat = [("upload-concat", concat.as_str())];
    let path = within(create(&engine, &concat)).await;
    assert_eq!(within(head(&engine, &path)).await.offset(), None);
}
