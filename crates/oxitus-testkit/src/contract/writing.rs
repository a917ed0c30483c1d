//! Clauses 13, 14 and 17: writes, and those that fail.

use bytes::Bytes;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{Append, AppendOptions, ErrorKind};

use super::content::{Random, chunks_of, content, random_chunks};
use super::run::need;
use super::steps::*;
use super::{Fixture, Outcome};

/// 13: neither the size of the chunks, nor how many come in one write.
pub async fn clause_13_how_bytes_are_cut_does_not_matter(fixture: &dyn Fixture) -> Outcome {
    let boundary = fixture.boundary();
    let bytes = content(13, 2 * boundary + 17);
    for (number, size) in [
        boundary - 1,
        boundary,
        boundary + 1,
        2 * boundary + 17,
        4096,
    ]
    .into_iter()
    .enumerate()
    {
        let chunks = chunks_of(size, &bytes);
        same_upload(
            fixture,
            &format!("one-by-one-{number}"),
            &bytes,
            one_by_one(&chunks),
        )
        .await;
        same_upload(fixture, &format!("at-once-{number}"), &bytes, vec![chunks]).await;
    }
    Ok(())
}

/// 13: also a write of more chunks than a system call takes.
pub async fn clause_13_chunks_of_one_byte_are_bytes(fixture: &dyn Fixture) -> Outcome {
    let bytes = content(13, 3000);
    let chunks = chunks_of(1, &bytes);
    same_upload(fixture, "one-by-one", &bytes, one_by_one(&chunks)).await;
    same_upload(fixture, "at-once", &bytes, vec![chunks]).await;
    Ok(())
}

/// 13: empty chunks and empty writes among them.
pub async fn clause_13_chunks_of_random_sizes_are_bytes(fixture: &dyn Fixture) -> Outcome {
    let boundary = fixture.boundary();
    let bytes = content(13, 2 * boundary + 17);
    for seed in 0..8 {
        let mut random = Random(seed);
        let largest = [16, 300, boundary, 2 * boundary][random.below(4)];
        let mut writes = vec![vec![], vec![Bytes::new()]];
        let mut chunks = random_chunks(seed, largest.max(boundary / 500), &bytes).into_iter();
        while chunks.len() > 0 {
            writes.push(chunks.by_ref().take(random.below(40)).collect());
        }
        same_upload(fixture, &format!("seed-{seed}"), &bytes, writes).await;
    }
    Ok(())
}

fn one_by_one(chunks: &[Bytes]) -> Vec<Vec<Bytes>> {
    chunks.iter().map(|chunk| vec![chunk.clone()]).collect()
}

/// Uploads `bytes` by these `writes`, in every mode, and reads them back.
async fn same_upload(fixture: &dyn Fixture, name: &str, bytes: &Bytes, writes: Vec<Vec<Bytes>>) {
    let backend = fixture.backend();
    for mode in modes(&backend) {
        let name = format!("{name}-{mode:?}").to_lowercase();
        let lease = create(&backend, new(&name, Some(bytes.len() as u64))).await;
        let mut writer = begin(lease, mode).await;
        for chunks in writes.clone() {
            writer.write(chunks).await.expect("write");
        }
        finish(writer.commit().await.expect("commit")).await;
        holds(fixture, &id(&name), bytes).await;
    }
}

/// 14: and of the write that went too far not even what would have fitted is kept.
pub async fn clause_14_a_write_beyond_the_length_stores_nothing(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let boundary = fixture.boundary();
    let bytes = content(14, 2 * boundary);
    let beyond =
        |sizes: &[usize]| -> Vec<Bytes> { sizes.iter().map(|size| content(15, *size)).collect() };
    let mut declarations = vec![false];
    if backend.capabilities().deferred_length {
        declarations.push(true);
    }
    for mode in modes(&backend) {
        for declared in &declarations {
            let name = id(&format!("{mode:?}-{declared}").to_lowercase());
            let length = Some(2 * boundary as u64);
            let (known, declared) = if *declared {
                (None, length)
            } else {
                (length, None)
            };
            let lease = create(&backend, new(name.as_str(), known)).await;
            let options = AppendOptions::new(0, mode).declare_length(declared);
            let mut writer = lease.append(options).await.expect("append");
            refuses(&mut writer, beyond(&[2 * boundary + 1])).await;
            refuses(&mut writer, beyond(&[2 * boundary, 1])).await;
            writer.write(vec![bytes.slice(..100)]).await.expect("write");
            refuses(&mut writer, beyond(&[2 * boundary - 99])).await;
            refuses(&mut writer, beyond(&[50, 2 * boundary - 150, 1])).await;
            writer
                .write(vec![bytes.slice(100..150)])
                .await
                .expect("write");
            let lease = writer.commit().await.expect("commit");
            assert_eq!(standing(lease.info()), (150, length, Phase::Receiving));

            let mut writer = begin(lease, mode).await;
            refuses(&mut writer, beyond(&[2 * boundary - 149])).await;
            let lease = writer.rollback().await.expect("rollback");
            assert_eq!(standing(lease.info()), (150, length, Phase::Receiving));

            let mut writer = begin(lease, mode).await;
            writer.write(vec![bytes.slice(150..)]).await.expect("write");
            refuses(&mut writer, beyond(&[1])).await;
            writer.write(vec![Bytes::new()]).await.expect("write");
            finish(writer.commit().await.expect("commit")).await;
            holds(fixture, &name, &bytes).await;
        }
    }
    Ok(())
}

async fn refuses(writer: &mut Box<dyn Append>, chunks: Vec<Bytes>) {
    fails(writer.write(chunks).await, ErrorKind::OffsetMismatch);
}

/// 17: whatever the end that is chosen.
pub async fn clause_17_a_failed_write_leaves_what_was_accepted(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(17, 1000);
    for mode in modes(&backend) {
        for commits in [true, false] {
            let name = id(&format!("{mode:?}-{commits}").to_lowercase());
            let lease = create(&backend, new(name.as_str(), Some(1000))).await;
            let lease = append(lease, &bytes.slice(..100)).await;
            let mut writer = begin(lease, mode).await;
            writer
                .write(vec![bytes.slice(100..300)])
                .await
                .expect("write");
            refuses(&mut writer, vec![content(18, 701)]).await;
            let (lease, expected) = match commits {
                true => (writer.commit().await.expect("commit"), 300),
                false => (writer.rollback().await.expect("rollback"), 100),
            };
            let expected = (expected, Some(1000), Phase::Receiving);
            assert_eq!(standing(lease.info()), expected);
            assert_eq!(standings(fixture, &name).await, [expected; 2]);
            lease.release().await.expect("release");
            resume(fixture, &name, &bytes).await;
        }
    }
    Ok(())
}

/// 17: a place without room refuses more bytes, loses none, and takes them when there is room.
pub async fn clause_17_a_full_place_loses_nothing(fixture: &dyn Fixture) -> Outcome {
    let room = 16 * fixture.boundary();
    let backend = need(
        fixture.cramped(room as u64).await,
        "a fixture with a place that can be full",
    )?;
    let size = room / 2;
    let bytes = content(17, room * 3 / 4);
    for mode in modes(&backend) {
        for commits in [true, false] {
            let name = id(&format!("{mode:?}-{commits}").to_lowercase());
            let ballast = id(&format!("ballast-of-{name}"));
            let lease = create(&backend, new(ballast.as_str(), Some(size as u64))).await;
            let lease = append(lease, &content(18, size)).await;
            lease.release().await.expect("release");
            let lease = create(&backend, new(name.as_str(), Some(bytes.len() as u64))).await;
            let mut writer = begin(lease, mode).await;
            let mut accepted = 0;
            let full = loop {
                let piece = bytes.slice(accepted..(accepted + room / 16).min(room));
                match writer.write(vec![piece]).await {
                    Ok(()) => accepted += room / 16,
                    Err(error) => break error,
                }
                assert!(accepted < bytes.len(), "the place should be full");
            };
            assert_eq!(full.kind(), ErrorKind::Full, "{full:?}");
            let least = match fixture.writes_behind() {
                true => backend.info(&name).await.expect("info").offset,
                false => accepted as u64,
            };
            let kept = match commits {
                true => least..=(accepted + room / 16) as u64,
                false => 0..=0,
            };
            let lease = match commits {
                true => writer.commit().await.expect("commit"),
                false => writer.rollback().await.expect("rollback"),
            };
            assert!(kept.contains(&lease.info().offset), "{kept:?} {lease:?}");
            let shown = backend.info(&name).await.expect("info");
            assert_eq!(standing(&shown), standing(lease.info()));
            lease.release().await.expect("release");

            let lease = acquire_soon(&backend, &ballast).await;
            lease.terminate().await.expect("terminate");
            // What was stored behind in vain may take room until its upload ends.
            if !fixture.writes_behind() {
                resume_on(&backend, &name, &bytes).await;
                holds_on(&backend, &name, &bytes).await;
            }
            let lease = acquire_soon(&backend, &name).await;
            lease.terminate().await.expect("terminate");
        }
    }
    Ok(())
}

/// 17: an append that cannot begin lets the lease go, and changes nothing.
pub async fn clause_17_a_failed_append_lets_the_lease_go(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let name = id("misplaced");
    let bytes = content(17, 1000);
    let lease = create(&backend, new("misplaced", Some(1000))).await;
    let lease = append(lease, &bytes.slice(..300)).await;
    let before = standing(lease.info());
    lease.release().await.expect("release");
    for mode in modes(&backend) {
        for wrong in [0, 299, 301, 1000, 1001, u64::MAX] {
            let lease = acquire_soon(&backend, &name).await;
            let outcome = lease.append(AppendOptions::new(wrong, mode)).await;
            fails(outcome, ErrorKind::OffsetMismatch);
            assert_eq!(standings(fixture, &name).await, [before; 2]);
        }
    }
    resume(fixture, &name, &bytes).await;
    Ok(())
}
