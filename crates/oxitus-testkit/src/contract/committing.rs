//! Clauses 9 and 10: the two ends of an append.

use futures_util::future;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{AppendOptions, ByteRange};

use super::content::content;
use super::run::needs;
use super::steps::*;
use super::{Fixture, Outcome};

/// 9: in the eyes of every instance, and append after append.
pub async fn clause_09_what_is_committed_is_part_of_the_upload(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let boundary = fixture.boundary();
    let sizes = [
        1,
        boundary - 1,
        0,
        boundary,
        boundary + 1,
        3 * boundary + 17,
        10,
    ];
    let bytes = content(9, sizes.iter().sum());
    let length = Some(bytes.len() as u64);
    for mode in modes(&backend) {
        let name = id(&format!("{mode:?}").to_lowercase());
        create(&backend, new(name.as_str(), length))
            .await
            .release()
            .await
            .expect("release");
        let mut rest = bytes.clone();
        for size in sizes {
            let somewhere = fixture.reopen().await;
            let mut writer = begin(acquire_soon(&somewhere, &name).await, mode).await;
            writer
                .write(vec![rest.split_to(size)])
                .await
                .expect("write");
            let lease = writer.commit().await.expect("commit");
            let phase = if rest.is_empty() {
                Phase::Received
            } else {
                Phase::Receiving
            };
            let expected = ((bytes.len() - rest.len()) as u64, length, phase);
            assert_eq!(standing(lease.info()), expected);
            assert_eq!(standings(fixture, &name).await, [expected; 2]);
            lease.release().await.expect("release");
        }
        finish(acquire_soon(&backend, &name).await).await;
        holds(fixture, &name, &bytes).await;
    }
    Ok(())
}

/// 9: each upload has its own bytes, also where many come at once.
pub async fn clause_09_uploads_at_once_do_not_mix(fixture: &dyn Fixture) -> Outcome {
    let boundary = fixture.boundary();
    let uploads = (0..8).map(|number| {
        let backend = fixture.backend();
        tokio::spawn(async move {
            let bytes = content(900 + number, 4 * boundary + number as usize);
            let modes = modes(&backend);
            let mode = modes[number as usize % modes.len()];
            let name = format!("upload-{number}");
            let mut lease = create(&backend, new(&name, Some(bytes.len() as u64))).await;
            for append in bytes.chunks(boundary + 1) {
                let mut writer = begin(lease, mode).await;
                for chunk in append.chunks(boundary / 3) {
                    writer
                        .write(vec![bytes.slice_ref(chunk)])
                        .await
                        .expect("write");
                    tokio::task::yield_now().await;
                }
                lease = writer.commit().await.expect("commit");
            }
            finish(lease).await;
            (id(&name), bytes)
        })
    });
    for upload in future::join_all(uploads).await {
        let (name, bytes) = upload.expect("no panic");
        holds(fixture, &name, &bytes).await;
    }
    Ok(())
}

/// 9: more or fewer bytes than expected may come.
pub async fn clause_09_the_expected_number_of_bytes_is_only_a_hint(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(9, 3000);
    for mode in modes(&backend) {
        for expected in [0, 999, 1000, 3000, 1 << 50, u64::MAX] {
            let name = id(&format!("{mode:?}-{expected}").to_lowercase());
            let lease = create(&backend, new(name.as_str(), Some(3000))).await;
            let options = AppendOptions::new(0, mode).expected(Some(expected));
            let mut writer = lease.append(options).await.expect("append");
            writer
                .write(vec![bytes.slice(..1000)])
                .await
                .expect("write");
            let lease = writer.commit().await.expect("commit");
            assert_eq!(lease.info().offset, 1000);
            lease.release().await.expect("release");
            assert_eq!(
                standings(fixture, &name).await,
                [(1000, Some(3000), Phase::Receiving); 2]
            );
            resume(fixture, &name, &bytes).await;
        }
    }
    Ok(())
}

/// 9: also where the offset needs more than 32 bits.
pub async fn clause_09_bytes_beyond_4_gib_are_right(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let name = id("large");
    let offset = (4 << 30) + 7;
    let bytes = content(9, 5000);
    create(&backend, new("large", Some(offset + 5000)))
        .await
        .release()
        .await
        .expect("release");
    needs(
        fixture.fast_forward(&name, offset).await,
        "a fixture that can fast-forward an upload",
    )?;
    assert_eq!(
        standings(fixture, &name).await,
        [(offset, Some(offset + 5000), Phase::Receiving); 2],
    );
    let mut lease = acquire_soon(&backend, &name).await;
    for (mode, piece) in modes(&backend)
        .into_iter()
        .cycle()
        .zip([0..2000, 2000..5000])
    {
        let mut writer = begin(lease, mode).await;
        writer.write(vec![bytes.slice(piece)]).await.expect("write");
        lease = writer.commit().await.expect("commit");
    }
    finish(lease).await;
    for (start, expected) in [
        (offset, bytes.clone()),
        (offset + 1234, bytes.slice(1234..)),
        (offset - 2, [&[0, 0], &*bytes].concat().into()),
    ] {
        let range = ByteRange {
            start,
            length: u64::MAX,
        };
        same_bytes(&read(&backend, &name, range).await, &expected);
    }
    Ok(())
}

/// 10: in the eyes of every instance; and what is appended next, be it shorter, is what counts.
pub async fn clause_10_a_rollback_leaves_all_as_before(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let boundary = fixture.boundary();
    let bytes = content(10, 700 + 20);
    for mode in modes(&backend) {
        for taken_back in [0, 1, 100, boundary, 3 * boundary + 17] {
            let name = id(&format!("{mode:?}-{taken_back}").to_lowercase());
            let length = 700 + 4 * boundary as u64;
            let mut lease = create(&backend, new(name.as_str(), Some(length))).await;
            for kept in [bytes.slice(..0), bytes.slice(..700)] {
                let lease_before = append(lease, &kept).await;
                let before = standing(lease_before.info());
                let mut writer = begin(lease_before, mode).await;
                for chunk in content(11, taken_back).chunks(boundary / 2) {
                    writer
                        .write(vec![chunk.to_vec().into()])
                        .await
                        .expect("write");
                }
                lease = writer.rollback().await.expect("rollback");
                assert_eq!(standing(lease.info()), before);
                assert_eq!(standings(fixture, &name).await, [before; 2]);
            }
            let rest = content(12, length as usize - 700);
            lease = append(lease, &rest.slice(..9)).await;
            assert_eq!(lease.info().offset, 709);
            finish(append(lease, &rest.slice(9..)).await).await;
            let expected = [&bytes[..700], &rest].concat().into();
            holds(fixture, &name, &expected).await;
        }
    }
    Ok(())
}

/// 10: a length that came with the bytes goes with them, and another may be declared.
pub async fn clause_10_a_rollback_takes_back_the_declared_length(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    needs(backend.capabilities().deferred_length, "deferred lengths")?;
    let bytes = content(10, 50);
    for mode in modes(&backend) {
        for taken_back in [0, 1, 100] {
            let name = id(&format!("{mode:?}-{taken_back}").to_lowercase());
            let mut lease = create(&backend, new(name.as_str(), None)).await;
            for kept in [0..0, 0..20] {
                lease = append(lease, &bytes.slice(kept)).await;
                let before = standing(lease.info());
                let end = before.0 + 100;
                let options = AppendOptions::new(before.0, mode).declare_length(Some(end));
                let mut writer = lease.append(options).await.expect("append");
                writer
                    .write(vec![content(11, taken_back)])
                    .await
                    .expect("write");
                lease = writer.rollback().await.expect("rollback");
                assert_eq!(standing(lease.info()), before);
                assert_eq!(standings(fixture, &name).await, [before; 2]);
            }
            let writer = begin_with(lease, |options| options.declare_length(Some(50))).await;
            drop(writer.commit().await.expect("commit"));
            resume(fixture, &name, &bytes).await;
        }
    }
    Ok(())
}

/// 10: what a checkpoint has made visible may stay, and is right then.
pub async fn clause_10_a_rollback_after_a_checkpoint_keeps_nothing_later(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let name = id("checkpoint");
    let bytes = content(10, 1000);
    let lease = create(&backend, new("checkpoint", Some(1000))).await;
    let lease = append(lease, &bytes.slice(..100)).await;
    let mut writer = begin_with(lease, |options| options).await;
    writer
        .write(vec![bytes.slice(100..300)])
        .await
        .expect("write");
    writer.checkpoint().await.expect("checkpoint");
    writer.write(vec![content(11, 500)]).await.expect("write");
    let lease = writer.rollback().await.expect("rollback");
    let offset = lease.info().offset;
    assert!(
        [100, 300].contains(&offset),
        "neither before the append nor the checkpoint: {offset}"
    );
    lease.release().await.expect("release");
    resume(fixture, &name, &bytes).await;
    Ok(())
}
