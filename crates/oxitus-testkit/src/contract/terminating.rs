//! Clause 21: ending.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future;
use oxitus_core::proto::header::UploadMetadata;
use oxitus_core::storage::{Acquire, ByteRange, CommitMode, ErrorKind, Intent};

use super::content::content;
use super::run::need;
use super::steps::*;
use super::{Fixture, Outcome};

/// 21: to every instance, however far it had come; and if another may have its id, nothing of it
/// shows there.
pub async fn clause_21_a_terminated_upload_is_unknown(fixture: &dyn Fixture) -> Outcome {
    let bytes = content(21, 500);
    for (number, backend) in rivals(fixture).await.into_iter().enumerate() {
        for progress in ["new", "begun", "received", "complete"] {
            let name = id(&format!("{progress}-{number}"));
            let mut described = new(name.as_str(), Some(500));
            described.metadata = Some(UploadMetadata::parse(b"old dg==").expect("metadata"));
            described.time_to_live = Some(Duration::from_secs(60));
            described.max_size = Some(600);
            let lease = create(&backend, described).await;
            let lease = match progress {
                "new" => lease,
                "begun" => append(lease, &bytes.slice(..200)).await,
                "received" => append(lease, &bytes).await,
                _ => {
                    lease.release().await.expect("release");
                    resume(fixture, &name, &bytes).await;
                    acquire_soon(&backend, &name).await
                }
            };
            lease.terminate().await.expect("terminate");
            for backend in [fixture.backend(), fixture.reopen().await] {
                fails(backend.info(&name).await, ErrorKind::NotFound);
                fails(
                    backend.read(&name, ByteRange::ALL).await,
                    ErrorKind::NotFound,
                );
                for how in [Acquire::Try, to_append(0, FOREVER), to_terminate(FOREVER)] {
                    fails(backend.acquire(&name, how).await, ErrorKind::NotFound);
                }
                let far_away = now() + Duration::from_secs(1 << 32);
                let due = sweep(&backend, far_away, 10).await;
                assert!(due.is_empty(), "{due:?}");
            }

            let another = new(name.as_str(), Some(300));
            if let Some(lease) = create_again(&backend, another).await {
                lease.release().await.expect("release");
                resume(fixture, &name, &content(22, 300)).await;
                let lease = acquire_soon(&backend, &name).await;
                lease.terminate().await.expect("terminate");
            }
            fails(backend.info(&name).await, ErrorKind::NotFound);
        }
    }
    Ok(())
}

/// 21: files, objects and whatever else the backend made of it.
pub async fn clause_21_a_terminated_upload_leaves_no_trace(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(21, 2 * fixture.boundary());
    let length = Some(bytes.len() as u64);
    for part in [0, 100, bytes.len()] {
        let name = id(&format!("{part}-bytes"));
        let mut lease = create(&backend, new(name.as_str(), length)).await;
        lease = append(lease, &bytes.slice(..part)).await;
        let traces = need(fixture.traces(&name).await, "a fixture that finds traces")?;
        assert!(!traces.is_empty(), "the fixture should find what there is");
        lease.terminate().await.expect("terminate");
        assert_eq!(fixture.traces(&name).await, Some(Vec::new()));
    }
    Ok(())
}

/// 21: as often as one likes.
pub async fn clause_21_the_space_of_a_terminated_upload_is_free(fixture: &dyn Fixture) -> Outcome {
    let room = 8 * fixture.boundary();
    let backend = need(
        fixture.cramped(room as u64).await,
        "a fixture with a place that can be full",
    )?;
    for round in 0..5 {
        let name = format!("round-{round}");
        upload(&backend, new(&name, None), &content(round, room * 3 / 4)).await;
        let lease = acquire_soon(&backend, &id(&name)).await;
        lease.terminate().await.expect("terminate");
    }
    Ok(())
}

/// 21: they get no lease of what is gone.
pub async fn clause_21_whoever_waits_learns_that_it_is_gone(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    for round in 0..10 {
        let name = id(&format!("round-{round}"));
        let mut lease = create(&rivals[0], new(name.as_str(), Some(9))).await;
        let waiting: Vec<_> = (0..4)
            .map(|number| {
                let intent = match number / 2 {
                    0 => Intent::Append { offset: 0 },
                    _ => Intent::Terminate,
                };
                ask(&rivals[number % rivals.len()], &name, intent)
            })
            .collect();
        wanted(lease.wanted()).await;
        lease.terminate().await.expect("terminate");
        for outcome in future::join_all(waiting).await {
            fails(outcome.expect("no panic"), ErrorKind::NotFound);
        }
    }
    Ok(())
}

/// 21: of many who want to remove it, one does, and none of the others holds anything.
pub async fn clause_21_it_is_terminated_once(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    for round in 0..10 {
        let name = id(&format!("round-{round}"));
        drop(create(&rivals[0], new(name.as_str(), Some(9))).await);
        let removals = (0..6).map(|number| {
            let (rival, name) = (Arc::clone(&rivals[number % rivals.len()]), name.clone());
            tokio::spawn(async move {
                let lease = rival.acquire(&name, to_terminate(FOREVER)).await?;
                lease.terminate().await
            })
        });
        let outcomes = future::join_all(removals).await.into_iter();
        let (removed, refused): (Vec<_>, Vec<_>) = outcomes
            .map(|outcome| outcome.expect("no panic"))
            .partition(Result::is_ok);
        assert_eq!(removed.len(), 1);
        for outcome in refused {
            fails(outcome, ErrorKind::NotFound);
        }
        fails(rivals[0].info(&name).await, ErrorKind::NotFound);
    }
    Ok(())
}

/// 21: not a write that was under way, either, also where another upload takes the id at once.
pub async fn clause_21_nothing_in_flight_brings_it_back(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let size = 8 * fixture.boundary();
    let (first, second) = (content(21, size), content(22, size / 2));
    for polls in 0..12 {
        let name = id(&format!("gone-{polls}"));
        let lease = create(&backend, new(name.as_str(), Some(size as u64))).await;
        let mut writer = begin(lease, CommitMode::Progressive).await;
        abandon(writer.write(vec![first.clone()]), polls).await;
        drop(writer);
        let lease = acquire_soon(&backend, &name).await;
        lease.terminate().await.expect("terminate");
        fails(backend.info(&name).await, ErrorKind::NotFound);
        let another = new(name.as_str(), Some(second.len() as u64));
        if let Some(lease) = create_again(&backend, another).await {
            lease.release().await.expect("release");
            resume(fixture, &name, &second).await;
            let lease = acquire_soon(&backend, &name).await;
            lease.terminate().await.expect("terminate");
        }
        fails(backend.info(&name).await, ErrorKind::NotFound);
    }
    Ok(())
}
