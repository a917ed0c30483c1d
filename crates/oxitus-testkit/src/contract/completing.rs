//! Clauses 18 to 20: completing and reading.

use futures_util::{StreamExt as _, future};
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{AppendOptions, ByteRange, ErrorKind};

use super::content::{Random, content};
use super::run::needs;
use super::steps::*;
use super::{Fixture, Outcome};

/// 18: for every instance, and as often as one likes, whoever does it.
pub async fn clause_18_complete_can_be_repeated(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(18, 500);
    for length in [0, 500] {
        let name = id(&format!("{length}-bytes"));
        let bytes = bytes.slice(..length);
        let length = length as u64;
        let lease = create(&backend, new(name.as_str(), Some(length))).await;
        let mut lease = match length {
            0 => lease,
            _ => append(lease, &bytes).await,
        };
        assert_eq!(lease.info().phase, Phase::Received);
        let expected = (length, Some(length), Phase::Complete);
        for _ in 0..3 {
            lease.complete().await.expect("complete");
            assert_eq!(standing(lease.info()), expected);
            assert_eq!(standings(fixture, &name).await, [expected; 2]);
        }
        lease.release().await.expect("release");
        holds(fixture, &name, &bytes).await;
        let mut lease = acquire_soon(&fixture.reopen().await, &name).await;
        assert_eq!(standing(lease.info()), expected);
        lease.complete().await.expect("complete");
        assert_eq!(standing(lease.info()), expected);
        lease.release().await.expect("release");
        holds(fixture, &name, &bytes).await;
    }
    Ok(())
}

/// 18: it turns nothing but `Received` into `Complete`.
pub async fn clause_18_an_unfinished_upload_cannot_be_completed(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(18, 500);
    let mut uploads = vec![new("known", Some(500))];
    if backend.capabilities().deferred_length {
        uploads.push(new("deferred", None));
    }
    for new in uploads {
        let name = new.id.clone();
        let mut lease = create(&backend, new).await;
        for piece in [0..0, 0..200] {
            lease = append(lease, &bytes.slice(piece)).await;
            let before = standing(lease.info());
            drop(lease.complete().await);
            assert_eq!(standing(lease.info()), before);
            assert_eq!(standings(fixture, &name).await, [before; 2]);
        }
        lease.release().await.expect("release");
        resume(fixture, &name, &bytes).await;
    }
    Ok(())
}

/// 19: the whole, the first and the last byte, whatever lies between, and nothing beyond the end.
pub async fn clause_19_any_range_of_a_complete_upload_can_be_read(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let boundary = fixture.boundary() as u64;
    let length = 3 * boundary + 17;
    let bytes = content(19, length as usize);
    upload(&backend, new("read", Some(length)), &bytes).await;
    let mut ranges = vec![
        (0, u64::MAX),
        (0, length),
        (0, length + 1),
        (0, 0),
        (0, 1),
        (5, 0),
        (length - 1, 1),
        (length - 1, u64::MAX),
        (length, 0),
        (length, 5),
        (length + 100, 5),
        (u64::MAX, u64::MAX),
        (boundary - 1, 2),
        (boundary, boundary),
        (boundary + 1, boundary - 2),
    ];
    let mut random = Random(19);
    ranges.extend((0..20).map(|_| {
        let start = random.below(length as usize);
        (start as u64, random.below(length as usize) as u64)
    }));
    for backend in [&backend, &fixture.reopen().await] {
        for (start, count) in ranges.iter().copied() {
            let end = start.saturating_add(count).min(length);
            let expected = bytes.slice(start.min(end) as usize..end as usize);
            let range = ByteRange {
                start,
                length: count,
            };
            let download = backend.read(&id("read"), range).await.expect("read");
            let info = backend.info(&id("read")).await.expect("info");
            assert_eq!(download.upload, info);
            same_bytes(&read(backend, &id("read"), range).await, &expected);
        }
    }
    Ok(())
}

/// 19: also by many at once, one of whom stops, while somebody holds the lease.
pub async fn clause_19_many_can_read_at_once(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(19, 5 * fixture.boundary());
    upload(&backend, new("popular", None), &bytes).await;
    let lease = acquire_soon(&backend, &id("popular")).await;
    let mut stops = open(&backend, &id("popular"), ByteRange::ALL).await;
    stops
        .next()
        .await
        .expect("a first chunk")
        .expect("the bytes");
    let readers = (0..8).map(|_| {
        let backend = fixture.backend();
        tokio::spawn(async move { read(&backend, &id("popular"), ByteRange::ALL).await })
    });
    let readers = future::join_all(readers).await;
    drop(stops);
    for read in readers {
        same_bytes(&read.expect("no panic"), &bytes);
    }
    lease.release().await.expect("release");
    Ok(())
}

/// 19: not one that is received, either.
pub async fn clause_19_an_upload_that_is_not_complete_cannot_be_read(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(19, 500);
    let name = id("unread");
    let refused = async || {
        for backend in [fixture.backend(), fixture.reopen().await] {
            for length in [0, 1, u64::MAX] {
                let range = ByteRange { start: 0, length };
                fails(backend.read(&name, range).await, ErrorKind::NotFound);
            }
        }
    };
    let mut lease = create(&backend, new("unread", Some(500))).await;
    refused().await;
    for mode in modes(&backend) {
        let options = AppendOptions::new(lease.info().offset, mode);
        let mut writer = lease.append(options).await.expect("append");
        writer.write(vec![bytes.slice(..100)]).await.expect("write");
        refused().await;
        lease = writer.rollback().await.expect("rollback");
    }
    lease = append(lease, &bytes).await;
    assert_eq!(lease.info().phase, Phase::Received);
    refused().await;
    finish(lease).await;
    holds(fixture, &name, &bytes).await;
    Ok(())
}

/// 19: a final upload neither before it is assembled, nor before it is complete.
pub async fn clause_19_a_final_upload_that_is_not_complete_cannot_be_read(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    needs(backend.capabilities().concatenation, "concatenation")?;
    let bytes = content(19, 500);
    upload(&backend, partial("part", 500), &bytes).await;
    let lease = create(&backend, final_of("whole", Some(500), &["part"])).await;
    let read = backend.read(&id("whole"), ByteRange::ALL).await;
    fails(read, ErrorKind::NotFound);
    let lease = lease.assemble().await.expect("assemble");
    let read = backend.read(&id("whole"), ByteRange::ALL).await;
    fails(read, ErrorKind::NotFound);
    finish(lease).await;
    holds(fixture, &id("whole"), &bytes).await;
    Ok(())
}

/// 20: at no offset, in no mode, by no instance; and the lease is let go.
pub async fn clause_20_a_complete_upload_takes_no_more_bytes(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    for length in [0, 500] {
        let name = id(&format!("{length}-bytes"));
        let bytes = content(20, length);
        upload(&backend, new(name.as_str(), None), &bytes).await;
        let length = length as u64;
        for backend in [fixture.backend(), fixture.reopen().await] {
            for mode in modes(&backend) {
                for offset in [0, length, length + 1] {
                    for declared in [None, Some(length), Some(length + 1)] {
                        let options = AppendOptions::new(offset, mode).declare_length(declared);
                        let lease = acquire_soon(&backend, &name).await;
                        fails(lease.append(options).await, ErrorKind::OffsetMismatch);
                    }
                }
            }
        }
        drop(acquire_soon(&backend, &name).await);
        holds(fixture, &name, &bytes).await;
    }
    Ok(())
}
