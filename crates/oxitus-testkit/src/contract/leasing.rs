//! Clauses 5 to 8: leases.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{Acquire, AppendOptions, CommitMode, ErrorKind, Intent, Lease, Result};
use tokio::time::{self, Instant};

use super::content::content;
use super::run::needs;
use super::steps::*;
use super::{Fixture, Outcome};

/// 5: whatever the first one is doing.
pub async fn clause_05_a_second_lease_is_refused(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let rivals = rivals(fixture).await;
    let name = id("held");
    let bytes = content(5, 1000);
    let refused_everywhere = async || {
        for rival in &rivals {
            fails(rival.acquire(&name, Acquire::Try).await, ErrorKind::Locked);
        }
    };

    let lease = create(&backend, new("held", Some(1000))).await;
    refused_everywhere().await;
    lease.release().await.expect("release");
    let mut lease = acquire_soon(&backend, &name).await;
    refused_everywhere().await;
    for (mode, half) in modes(&backend).into_iter().cycle().zip([0..500, 500..1000]) {
        let mut writer = begin(lease, mode).await;
        refused_everywhere().await;
        writer.write(vec![bytes.slice(half)]).await.expect("write");
        refused_everywhere().await;
        lease = writer.commit().await.expect("commit");
        refused_everywhere().await;
    }
    lease.complete().await.expect("complete");
    refused_everywhere().await;
    let other = create(&backend, new("another", Some(1))).await;
    other.release().await.expect("release");
    lease.release().await.expect("release");
    holds(fixture, &name, &bytes).await;
    Ok(())
}

/// 5: also where they come at once, by way of several instances.
pub async fn clause_05_of_many_who_acquire_one_upload_one_succeeds(
    fixture: &dyn Fixture,
) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("wanted-by-many");
    drop(create(&rivals[0], new("wanted-by-many", Some(1))).await);
    for _ in 0..20 {
        let lease = acquire_soon(&rivals[0], &name).await;
        lease.release().await.expect("release");
        let attempts = (0..8).map(|attempt| {
            let (rival, name) = (Arc::clone(&rivals[attempt % rivals.len()]), name.clone());
            tokio::spawn(async move { rival.acquire(&name, Acquire::Try).await })
        });
        // Nobody lets go before everybody has tried.
        let mut winners = Vec::new();
        for attempt in future::join_all(attempts).await {
            match attempt.expect("no panic") {
                Ok(lease) => winners.push(lease),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Locked, "{error:?}"),
            }
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
    }
    Ok(())
}

/// 5: beyond the scope, where the later lease has changed the upload, whatever the earlier holder
/// has begun by then.
pub async fn clause_05_a_lease_that_was_taken_away_changes_nothing(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let (mine, theirs) = (content(5, 300), content(6, 600));
    for mode in modes(&backend) {
        for begun in [0, 1, 300] {
            for change in ["append", "complete", "terminate"] {
                let name = id(&format!("{mode:?}-{begun}-{change}").to_lowercase());
                let lease = create(&backend, new(name.as_str(), Some(600))).await;
                let mut earlier = match begun {
                    0 => Err(lease),
                    _ => Ok(begin(lease, mode).await),
                };
                if let Ok(writer) = &mut earlier {
                    writer
                        .write(vec![mine.slice(..begun)])
                        .await
                        .expect("write");
                }
                let later = fixture.reopen().await.acquire(&name, Acquire::Try).await;
                let later = match later {
                    Err(error) if error.kind() == ErrorKind::Locked => {
                        return needs(false, "instances that take leases away from each other");
                    }
                    later => later.expect("acquire"),
                };
                let kept = later.info().offset as usize;
                assert!(kept <= begun, "{kept} of {begun}");
                let later = append(later, &theirs.slice(kept..)).await;
                later.release().await.expect("release");
                let outcome = match (earlier, change) {
                    (Ok(mut writer), "append") => match writer.write(vec![mine.clone()]).await {
                        Ok(()) => writer.commit().await.map(drop),
                        Err(error) => Err(error),
                    },
                    (Ok(writer), _) => writer.commit().await.map(drop),
                    (Err(lease), "append") => write_all(lease, mode, &mine).await,
                    (Err(mut lease), "complete") => lease.complete().await,
                    (Err(lease), _) => lease.terminate().await,
                };
                fails(outcome, ErrorKind::LeaseLost);
                let received = (600, Some(600), Phase::Received);
                assert_eq!(standings(fixture, &name).await, [received; 2]);
                let expected = [&mine[..kept], &theirs[kept..]].concat().into();
                resume(fixture, &name, &expected).await;
            }
        }
    }
    Ok(())
}

async fn write_all(lease: Box<dyn Lease>, mode: CommitMode, bytes: &Bytes) -> Result<()> {
    let mut writer = lease.append(AppendOptions::new(0, mode)).await?;
    writer.write(vec![bytes.clone()]).await?;
    writer.commit().await.map(drop)
}

/// 6: from every instance to every other, whatever the lease came from.
pub async fn clause_06_release_lets_the_next_in_at_once(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("released");
    let bytes = content(6, 30);
    let mut lease = create(&rivals[0], new("released", Some(30))).await;
    for next in rivals.iter().chain(&rivals) {
        lease.release().await.expect("release");
        lease = next.acquire(&name, Acquire::Try).await.expect("acquire");
    }
    for mode in modes(&rivals[0]) {
        for commits in [true, false] {
            let mut writer = begin(lease, mode).await;
            writer.write(vec![bytes.slice(..7)]).await.expect("write");
            lease = match commits {
                true => writer.commit().await.expect("commit"),
                false => writer.rollback().await.expect("rollback"),
            };
            for next in &rivals {
                lease.release().await.expect("release");
                lease = next.acquire(&name, Acquire::Try).await.expect("acquire");
            }
        }
    }
    Ok(())
}

/// 6: a lease and an append, within the runtime and on a thread that knows none.
pub async fn clause_06_drop_lets_the_next_in(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("dropped");
    drop(create(&rivals[0], new("dropped", Some(1000))).await);
    for rival in &rivals {
        for drops in Drops::ALL {
            drops.drop(acquire_soon(rival, &name).await);
            for mode in modes(rival) {
                let mut writer = begin(acquire_soon(rival, &name).await, mode).await;
                writer.write(vec![content(6, 10)]).await.expect("write");
                drops.drop(writer);
            }
        }
    }
    for rival in &rivals {
        drop(acquire_soon(rival, &name).await);
    }
    Ok(())
}

/// 6: `acquire` is cancel-safe, wherever it is dropped.
pub async fn clause_06_an_abandoned_acquire_leaves_no_lease(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("abandoned");
    let lease = create(&rivals[0], new("abandoned", Some(1))).await;
    lease.release().await.expect("release");
    for polls in 0..20 {
        for rival in &rivals {
            for how in [Acquire::Try, to_append(0, FOREVER), to_terminate(FOREVER)] {
                abandon(rival.acquire(&name, how), polls).await;
                let lease = acquire_soon(rival, &name).await;
                abandon(rival.acquire(&name, how), polls).await;
                lease.release().await.expect("release");
                let lease = acquire_soon(rival, &name).await;
                lease.release().await.expect("release");
            }
        }
    }
    Ok(())
}

/// 7: with the intent, as long as somebody waits; and who waits has the lease next.
pub async fn clause_07_asking_reaches_the_holder_of_a_lease(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("asked");
    let mut lease = create(&rivals[0], new("asked", Some(9))).await;
    lease = append(lease, &content(7, 4)).await;
    for rival in rivals.iter().chain(&rivals) {
        for intent in [Intent::Append { offset: 4 }, Intent::Terminate] {
            let waiting = ask(rival, &name, intent);
            assert_eq!(wanted(lease.wanted()).await, intent);
            lease.release().await.expect("release");
            lease = waiting.await.expect("no panic").expect("acquire");
            assert_eq!(lease.info().offset, 4);
        }
    }
    Ok(())
}

/// 7: and what it has not committed stays as it decides.
pub async fn clause_07_asking_reaches_the_holder_of_an_append(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("asked");
    let bytes = content(7, 9000);
    let mut lease = create(&rivals[0], new("asked", Some(9000))).await;
    for rival in rivals.iter().chain(&rivals) {
        for mode in modes(rival) {
            let start = lease.info().offset;
            let mut writer = begin(lease, mode).await;
            let waiting = ask(rival, &name, Intent::Append { offset: start });
            let intent = wanted(writer.wanted()).await;
            assert_eq!(intent, Intent::Append { offset: start });
            let lease_again = writer.rollback().await.expect("rollback");
            lease_again.release().await.expect("release");
            lease = waiting.await.expect("no panic").expect("acquire");

            let mut writer = begin(lease, mode).await;
            let waiting = ask(rival, &name, Intent::Terminate);
            let piece = bytes.slice(start as usize..start as usize + 1000);
            writer.write(vec![piece]).await.expect("write");
            assert_eq!(wanted(writer.wanted()).await, Intent::Terminate);
            let lease_again = writer.commit().await.expect("commit");
            lease_again.release().await.expect("release");
            lease = waiting.await.expect("no panic").expect("acquire");
            assert_eq!(lease.info().offset, start + 1000);
        }
    }
    let rest = bytes.slice(lease.info().offset as usize..);
    finish(append(lease, &rest).await).await;
    holds(fixture, &name, &bytes).await;
    Ok(())
}

/// 7: a holder need not look all the time, since `wanted` is cancel-safe.
pub async fn clause_07_asking_reaches_a_holder_that_looks_only_briefly(
    fixture: &dyn Fixture,
) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("busy");
    let mut lease = create(&rivals[0], new("busy", Some(9))).await;
    for rival in &rivals {
        let waiting = ask(rival, &name, Intent::Terminate);
        let started = Instant::now();
        let glance = Duration::from_millis(20);
        while time::timeout(glance, lease.wanted()).await.is_err() {
            assert!(started.elapsed() < PATIENCE, "the holder was never told");
        }
        lease.release().await.expect("release");
        lease = waiting.await.expect("no panic").expect("acquire");
    }
    Ok(())
}

/// 7: one after the other, and nobody is forgotten.
pub async fn clause_07_everybody_who_waits_has_a_turn(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("queue");
    let mut lease = create(&rivals[0], new("queue", Some(9))).await;
    let waiting: Vec<_> = (0..6)
        .map(|number| {
            let waiting = ask(
                &rivals[number % rivals.len()],
                &name,
                Intent::Append { offset: 0 },
            );
            tokio::spawn(async move {
                let lease = waiting.await.expect("no panic").expect("acquire");
                lease.release().await.expect("release");
            })
        })
        .collect();
    wanted(lease.wanted()).await;
    lease.release().await.expect("release");
    for turn in waiting {
        turn.await.expect("everybody gets the lease");
    }
    Ok(())
}

/// 7: which the holder may let pass; it keeps its lease.
pub async fn clause_07_asking_ends_at_the_deadline(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("kept");
    let bytes = content(7, 20);
    let mut lease = create(&rivals[0], new("kept", Some(20))).await;
    for rival in &rivals {
        for how in [to_append, |_, timeout| to_terminate(timeout)] {
            for timeout in [Duration::ZERO, Duration::from_millis(300)] {
                let started = Instant::now();
                let offset = lease.info().offset;
                fails(
                    rival.acquire(&name, how(offset, timeout)).await,
                    ErrorKind::Locked,
                );
                assert!(started.elapsed() >= timeout, "it gave up early");
            }
        }
        let offset = lease.info().offset as usize;
        lease = append(lease, &bytes.slice(offset..offset + 5)).await;
    }
    let rest = bytes.slice(lease.info().offset as usize..);
    finish(append(lease, &rest).await).await;
    for rival in &rivals {
        let lease = rival.acquire(&name, to_terminate(Duration::ZERO)).await;
        lease
            .expect("nobody holds it")
            .release()
            .await
            .expect("release");
    }
    holds(fixture, &name, &bytes).await;
    Ok(())
}

/// 7: a dropped `acquire` asks nobody.
pub async fn clause_07_asking_that_is_dropped_ends(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("asked-in-vain");
    let mut lease = create(&rivals[0], new("asked-in-vain", Some(9))).await;
    for rival in &rivals {
        let waiting = ask(rival, &name, Intent::Terminate);
        wanted(lease.wanted()).await;
        waiting.abort();
        waiting.await.expect_err("it was aborted");
        let started = Instant::now();
        while time::timeout(A_WHILE, lease.wanted()).await.is_ok() {
            assert!(
                started.elapsed() < PATIENCE,
                "the holder is asked for nobody"
            );
            time::sleep(Duration::from_millis(10)).await;
        }
        lease.release().await.expect("release");
        lease = rivals[0]
            .acquire(&name, Acquire::Try)
            .await
            .expect("acquire");
    }
    Ok(())
}

/// 7: and none of those who only look.
pub async fn clause_07_nobody_is_asked_by_a_try(fixture: &dyn Fixture) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("undisturbed");
    let mut lease = create(&rivals[0], new("undisturbed", Some(9))).await;
    for rival in &rivals {
        let look_on = async {
            fails(rival.acquire(&name, Acquire::Try).await, ErrorKind::Locked);
            rival.info(&name).await.expect("info");
            rival.sweep(now(), None, 10).await.expect("sweep");
        };
        let (_, disturbed) = future::join(look_on, time::timeout(A_WHILE, lease.wanted())).await;
        assert!(disturbed.is_err(), "nobody asked, but it got {disturbed:?}");
    }
    Ok(())
}

/// 8: at once, whether somebody holds the upload or not.
pub async fn clause_08_another_offset_is_refused_and_disturbs_no_holder(
    fixture: &dyn Fixture,
) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("elsewhere");
    let lease = create(&rivals[0], new("elsewhere", Some(9))).await;
    let mut lease = append(lease, &content(8, 4)).await;
    for rival in &rivals {
        for wrong in [0, 3, 5, 9, 10, u64::MAX] {
            let asking = rival.acquire(&name, to_append(wrong, FOREVER));
            let glance = Duration::from_millis(150);
            let (outcome, disturbed) =
                future::join(asking, time::timeout(glance, lease.wanted())).await;
            fails(outcome, ErrorKind::OffsetMismatch);
            assert!(disturbed.is_err(), "the holder was asked: {disturbed:?}");
        }
        lease.release().await.expect("release");
        for wrong in [0, 3, 5, 9, 10, u64::MAX] {
            let outcome = rival.acquire(&name, to_append(wrong, FOREVER)).await;
            fails(outcome, ErrorKind::OffsetMismatch);
        }
        let outcome = rival.acquire(&name, to_append(4, Duration::ZERO)).await;
        lease = outcome.expect("that is where it stands");
    }
    Ok(())
}

/// 8: who waited while the holder went on is not let in at the old offset.
pub async fn clause_08_whoever_waits_learns_that_the_offset_moved(
    fixture: &dyn Fixture,
) -> Outcome {
    let rivals = rivals(fixture).await;
    let name = id("moving");
    let mut lease = create(&rivals[0], new("moving", Some(1000))).await;
    for rival in &rivals {
        for mode in modes(rival) {
            let offset = lease.info().offset;
            let waiting = ask(rival, &name, Intent::Append { offset });
            wanted(lease.wanted()).await;
            let mut writer = begin(lease, mode).await;
            writer.write(vec![content(8, 10)]).await.expect("write");
            let moved = writer.commit().await.expect("commit");
            moved.release().await.expect("release");
            fails(waiting.await.expect("no panic"), ErrorKind::OffsetMismatch);
            lease = acquire_soon(&rivals[0], &name).await;
            assert_eq!(lease.info().offset, offset + 10);
        }
    }
    Ok(())
}
