//! Clauses 11 and 12: what shows of an append before its end.

use std::time::Duration;

use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{AppendOptions, CommitMode};
use tokio::time;

use super::content::{Random, content};
use super::run::needs;
use super::steps::*;
use super::{Fixture, Outcome};

/// 11: neither to this instance nor to any other, however much was written.
pub async fn clause_11_an_atomic_append_shows_nothing_before_its_commit(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    needs(backend.capabilities().atomic_append, "atomic appends")?;
    let boundary = fixture.boundary();
    let bytes = content(11, 100 + 4 * boundary);
    let end = bytes.len() as u64;
    let mut news = vec![new("known", Some(end))];
    if backend.capabilities().deferred_length {
        news.push(new("deferred", None));
    }
    for new in news {
        let name = new.id.clone();
        let declared = new.length.is_none().then_some(end);
        let lease = append(create(&backend, new).await, &bytes.slice(..100)).await;
        let before = standing(lease.info());
        let options = AppendOptions::new(100, CommitMode::Atomic).declare_length(declared);
        let mut writer = lease.append(options).await.expect("append");
        assert_eq!(standings(fixture, &name).await, [before; 2]);
        for chunk in bytes[100..].chunks(boundary + 1) {
            writer
                .write(vec![bytes.slice_ref(chunk)])
                .await
                .expect("write");
            assert_eq!(standings(fixture, &name).await, [before; 2]);
            writer.checkpoint().await.expect("checkpoint");
            assert_eq!(standings(fixture, &name).await, [before; 2]);
        }
        let lease = writer.commit().await.expect("commit");
        let expected = (end, Some(end), Phase::Received);
        assert_eq!(standing(lease.info()), expected);
        assert_eq!(standings(fixture, &name).await, [expected; 2]);
        lease.release().await.expect("release");
        resume(fixture, &name, &bytes).await;
    }
    Ok(())
}

/// 11: and what is appended next, be it shorter, is what counts.
pub async fn clause_11_a_dropped_atomic_append_is_a_rollback(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    needs(backend.capabilities().atomic_append, "atomic appends")?;
    let boundary = fixture.boundary();
    let bytes = content(11, 120);
    for drops in Drops::ALL {
        for written in [0, 1, 100, boundary, 3 * boundary + 17] {
            for start in [0, 100] {
                let name = id(&format!("{drops:?}-{written}-{start}").to_lowercase());
                let deferred = backend.capabilities().deferred_length;
                let length = (start + written) as u64;
                let known = (!deferred).then_some(120.max(length));
                let lease = create(&backend, new(name.as_str(), known)).await;
                let lease = append(lease, &bytes.slice(..start)).await;
                let before = standing(lease.info());
                let options = AppendOptions::new(start as u64, CommitMode::Atomic);
                let options = options.declare_length(deferred.then_some(length));
                let mut writer = lease.append(options).await.expect("append");
                for chunk in content(12, written).chunks(boundary / 2) {
                    writer
                        .write(vec![chunk.to_vec().into()])
                        .await
                        .expect("write");
                }
                drops.drop(writer);
                let elsewhere = fixture.reopen().await;
                assert_eq!(
                    standing(&elsewhere.info(&name).await.expect("info")),
                    before
                );
                let lease = acquire_soon(&backend, &name).await;
                assert_eq!(standing(lease.info()), before);
                assert_eq!(standings(fixture, &name).await, [before; 2]);
                lease.release().await.expect("release");
                let length = known.map_or(120, |length| length as usize);
                let expected = [&bytes[..start], &content(13, length - start)]
                    .concat()
                    .into();
                resume(fixture, &name, &expected).await;
            }
        }
    }
    Ok(())
}

/// 12: the offset that shows never goes back, and never runs ahead of what was written.
pub async fn clause_12_a_progressive_append_shows_what_was_written(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let boundary = fixture.boundary();
    let bytes = content(12, 5 * boundary);
    let length = Some(bytes.len() as u64);
    let name = id("progressive");
    let lease = create(&backend, new("progressive", length)).await;
    let mut writer = begin(lease, CommitMode::Progressive).await;
    let (mut written, mut seen) = (0, 0);
    for size in [1, 100, boundary - 1, boundary + 1, 0, 2 * boundary, 7] {
        let piece = bytes.slice(written..written + size);
        writer.write(vec![piece]).await.expect("write");
        written += size;
        for (offset, length_shown, _) in standings_meanwhile(fixture, &name).await {
            assert!(
                (seen..=written as u64).contains(&offset),
                "{seen} {offset} {written}"
            );
            assert_eq!(length_shown, length);
            seen = offset;
        }
    }
    writer.checkpoint().await.expect("checkpoint");
    let expected = (written as u64, length, Phase::Receiving);
    for standing in standings_meanwhile(fixture, &name).await {
        assert_eq!(standing, expected);
    }
    writer
        .write(vec![bytes.slice(written..written + 9)])
        .await
        .expect("write");
    let lease = writer.commit().await.expect("commit");
    assert_eq!(lease.info().offset, written as u64 + 9);
    lease.release().await.expect("release");
    resume(fixture, &name, &bytes).await;
    Ok(())
}

/// 12: at least what showed, at most what was written, and the right bytes.
pub async fn clause_12_a_dropped_progressive_append_keeps_a_right_prefix(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let boundary = fixture.boundary();
    let bytes = content(12, 5 * boundary);
    let length = Some(bytes.len() as u64);
    for drops in Drops::ALL {
        for written in [
            0,
            1,
            boundary - 1,
            boundary,
            2 * boundary + 17,
            5 * boundary,
        ] {
            let name = id(&format!("{drops:?}-{written}").to_lowercase());
            let lease = create(&backend, new(name.as_str(), length)).await;
            let mut writer = begin(lease, CommitMode::Progressive).await;
            for chunk in bytes[..written].chunks(boundary / 2 + 1) {
                writer
                    .write(vec![bytes.slice_ref(chunk)])
                    .await
                    .expect("write");
            }
            let seen = standings(fixture, &name).await.map(|standing| standing.0);
            let seen = seen.into_iter().max().unwrap_or_default();
            drops.drop(writer);
            let lease = acquire_soon(&fixture.reopen().await, &name).await;
            let offset = lease.info().offset;
            assert!(
                (seen..=written as u64).contains(&offset),
                "{seen} {offset} {written}"
            );
            let phase = match Some(offset) == length {
                true => Phase::Received,
                false => Phase::Receiving,
            };
            assert_eq!(standing(lease.info()), (offset, length, phase));
            for (later, its_length, _) in standings(fixture, &name).await {
                // What was still on its way may be there meanwhile. Beyond the scope of the lease
                // that may be recovered, and the lease is lost to it.
                assert!(
                    (offset..=written as u64).contains(&later),
                    "{offset} {later}"
                );
                assert_eq!(its_length, length);
            }
            lease.release().await.expect("release");
            resume(fixture, &name, &bytes).await;
        }
    }
    Ok(())
}

/// 12: also where a write is cut short, and nothing of it lands behind the next writer's back.
pub async fn clause_12_a_write_that_is_cut_short_leaves_a_right_prefix(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let size = 8 * fixture.boundary();
    let (first, second) = (content(12, size), content(13, size));
    for polls in 0..12 {
        let name = id(&format!("cut-{polls}"));
        let lease = create(&backend, new(name.as_str(), Some(size as u64))).await;
        let mut writer = begin(lease, CommitMode::Progressive).await;
        let piece = Random(polls as u64).below(size);
        writer
            .write(vec![first.slice(..piece)])
            .await
            .expect("write");
        abandon(writer.write(vec![first.slice(piece..)]), polls).await;
        drop(writer);
        let lease = acquire_soon(&backend, &name).await;
        let offset = lease.info().offset as usize;
        let lease = append(lease, &second.slice(offset..)).await;
        time::sleep(Duration::from_millis(5)).await;
        lease.release().await.expect("release");
        let expected = [&first[..offset], &second[offset..]].concat().into();
        resume(fixture, &name, &expected).await;
    }
    Ok(())
}
