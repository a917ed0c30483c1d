//! Clauses 15 and 16: lengths, and what it means to reach them.

use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{AppendOptions, CommitMode};

use super::content::content;
use super::run::needs;
use super::steps::*;
use super::{Fixture, Outcome};

/// 15: with bytes or without, in every mode.
pub async fn clause_15_a_declared_length_is_recorded_by_commit(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    needs(backend.capabilities().deferred_length, "deferred lengths")?;
    let bytes = content(15, 500);
    for mode in modes(&backend) {
        for start in [0, 100] {
            for written in [0, 50] {
                let name = id(&format!("{mode:?}-{start}-{written}").to_lowercase());
                let lease = append(
                    create(&backend, new(name.as_str(), None)).await,
                    &bytes.slice(..start),
                )
                .await;
                assert_eq!(lease.info().length, None);
                let offset = start as u64;
                let options = AppendOptions::new(offset, mode).declare_length(Some(500));
                let mut writer = lease.append(options).await.expect("append");
                let unknown = (offset, None, Phase::Receiving);
                for standing in standings_meanwhile(fixture, &name).await {
                    assert_eq!(standing, unknown);
                }
                writer
                    .write(vec![bytes.slice(start..start + written)])
                    .await
                    .expect("write");
                let lease = writer.commit().await.expect("commit");
                let expected = (offset + written as u64, Some(500), Phase::Receiving);
                assert_eq!(standing(lease.info()), expected);
                assert_eq!(standings(fixture, &name).await, [expected; 2]);
                lease.release().await.expect("release");
                resume(fixture, &name, &bytes).await;
            }
        }
    }
    Ok(())
}

/// 15: with the first byte that shows, so that no byte is ever seen without it.
pub async fn clause_15_a_declared_length_comes_with_the_first_byte(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    needs(backend.capabilities().deferred_length, "deferred lengths")?;
    let bytes = content(15, 500);
    for drops in Drops::ALL {
        for written in [0, 1, 400] {
            let name = id(&format!("{drops:?}-{written}").to_lowercase());
            let lease = create(&backend, new(name.as_str(), None)).await;
            let lease = append(lease, &bytes.slice(..100)).await;
            let options = AppendOptions::new(100, CommitMode::Progressive);
            let options = options.declare_length(Some(500));
            let mut writer = lease.append(options).await.expect("append");
            writer
                .write(vec![bytes.slice(100..100 + written)])
                .await
                .expect("write");
            for (offset, length, _) in standings_meanwhile(fixture, &name).await {
                assert_eq!(length, (offset > 100).then_some(500), "at {offset}");
            }
            writer.checkpoint().await.expect("checkpoint");
            let expected = (100 + written as u64, (written > 0).then_some(500));
            for (offset, length, _) in standings(fixture, &name).await {
                assert_eq!((offset, length), expected);
            }
            drops.drop(writer);
            let lease = acquire_soon(&fixture.reopen().await, &name).await;
            assert_eq!((lease.info().offset, lease.info().length), expected);
            lease.release().await.expect("release");
            resume(fixture, &name, &bytes).await;
        }
    }
    Ok(())
}

/// 15: a second declaration of another length changes nothing, however it ends.
pub async fn clause_15_a_length_is_declared_once(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    needs(backend.capabilities().deferred_length, "deferred lengths")?;
    let bytes = content(15, 500);
    for mode in modes(&backend) {
        for known in [false, true] {
            for another in [50, 499, 501, 9000] {
                let name = id(&format!("{mode:?}-{known}-{another}").to_lowercase());
                let length = known.then_some(500);
                let lease = create(&backend, new(name.as_str(), length)).await;
                let options = AppendOptions::new(0, mode);
                let options = options.declare_length((!known).then_some(500));
                let mut writer = lease.append(options).await.expect("append");
                writer.write(vec![bytes.slice(..100)]).await.expect("write");
                let lease = writer.commit().await.expect("commit");
                let before = standing(lease.info());
                assert_eq!(before, (100, Some(500), Phase::Receiving));
                let options = AppendOptions::new(100, mode).declare_length(Some(another));
                if let Ok(writer) = lease.append(options).await {
                    drop(writer.commit().await);
                }
                drop(acquire_soon(&backend, &name).await);
                assert_eq!(standings(fixture, &name).await, [before; 2]);
                resume(fixture, &name, &bytes).await;
            }
        }
    }
    Ok(())
}

/// 16: in every mode; one byte less does not.
pub async fn clause_16_the_last_byte_makes_it_received(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(16, 500);
    for mode in modes(&backend) {
        let name = id(&format!("{mode:?}").to_lowercase());
        let mut lease = create(&backend, new(name.as_str(), Some(500))).await;
        for (piece, phase) in [
            (0..499, Phase::Receiving),
            (499..499, Phase::Receiving),
            (499..500, Phase::Received),
        ] {
            let expected = (piece.end as u64, Some(500), phase);
            let mut writer = begin(lease, mode).await;
            writer.write(vec![bytes.slice(piece)]).await.expect("write");
            lease = writer.commit().await.expect("commit");
            assert_eq!(standing(lease.info()), expected);
            assert_eq!(standings(fixture, &name).await, [expected; 2]);
        }
        lease.release().await.expect("release");
        let lease = acquire_soon(&fixture.reopen().await, &name).await;
        assert_eq!(lease.info().phase, Phase::Received);
        finish(lease).await;
        holds(fixture, &name, &bytes).await;
    }
    Ok(())
}

/// 16: with the last bytes, after them, or where there are none.
pub async fn clause_16_a_declared_length_that_is_reached_makes_it_received(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    needs(backend.capabilities().deferred_length, "deferred lengths")?;
    for mode in modes(&backend) {
        for (before, with) in [(0, 0), (100, 0), (0, 100), (100, 100)] {
            let name = id(&format!("{mode:?}-{before}-{with}").to_lowercase());
            let bytes = content(16, before + with);
            let lease = create(&backend, new(name.as_str(), None)).await;
            let lease = append(lease, &bytes.slice(..before)).await;
            assert_eq!(lease.info().phase, Phase::Receiving);
            let end = bytes.len() as u64;
            let options = AppendOptions::new(before as u64, mode).declare_length(Some(end));
            let mut writer = lease.append(options).await.expect("append");
            if with > 0 {
                writer
                    .write(vec![bytes.slice(before..)])
                    .await
                    .expect("write");
            }
            let lease = writer.commit().await.expect("commit");
            let expected = (end, Some(end), Phase::Received);
            assert_eq!(standing(lease.info()), expected);
            assert_eq!(standings(fixture, &name).await, [expected; 2]);
            finish(lease).await;
            holds(fixture, &name, &bytes).await;
        }
    }
    Ok(())
}

/// 16: an upload of no bytes has them all.
pub async fn clause_16_an_upload_of_no_bytes_is_received_at_once(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let mut uploads = vec![new("whole", Some(0))];
    if backend.capabilities().concatenation {
        uploads.push(partial("partial", 0));
    }
    for new in uploads {
        let name = new.id.clone();
        let lease = create(&backend, new).await;
        let expected = (0, Some(0), Phase::Received);
        assert_eq!(standing(lease.info()), expected);
        assert_eq!(standings(fixture, &name).await, [expected; 2]);
        lease.release().await.expect("release");
        let lease = acquire_soon(&fixture.reopen().await, &name).await;
        assert_eq!(standing(lease.info()), expected);
        finish(lease).await;
        holds(fixture, &name, &content(16, 0)).await;
    }
    Ok(())
}
