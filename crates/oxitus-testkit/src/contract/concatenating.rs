//! Clauses 22 and 23: concatenating.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{ByteRange, ErrorKind};

use super::content::content;
use super::run::{Skipped, needs};
use super::steps::*;
use super::{Fixture, Outcome};

/// The backend under test, with complete parts of sizes around the boundary: `empty`, `one`,
/// `less`, `boundary`, `more` and `many`.
async fn with_parts(fixture: &dyn Fixture) -> Result<(Backend, Parts), Skipped> {
    let backend = fixture.backend();
    needs(backend.capabilities().concatenation, "concatenation")?;
    let boundary = fixture.boundary();
    let parts = [
        ("empty", 0),
        ("one", 1),
        ("less", boundary - 1),
        ("boundary", boundary),
        ("more", boundary + 1),
        ("many", 3 * boundary + 17),
    ];
    let parts = Parts(parts.map(|(name, size)| (name, content(size as u64, size))));
    for (name, bytes) in &parts.0 {
        upload(&backend, partial(name, 0), bytes).await;
    }
    Ok((backend, parts))
}

struct Parts([(&'static str, Bytes); 6]);

impl Parts {
    /// The bytes of the parts of these names, in this order.
    fn joined(&self, names: &[&str]) -> Bytes {
        let bytes = names.iter().map(|name| {
            let part = self.0.iter().find(|(candidate, _)| candidate == name);
            part.expect("a part").1.clone()
        });
        bytes.collect::<Vec<_>>().concat().into()
    }

    /// Checks that every part is as it was.
    async fn are_kept(&self, fixture: &dyn Fixture) {
        for (name, bytes) in &self.0 {
            holds(fixture, &id(name), bytes).await;
        }
    }
}

/// 22: whether the length is told at the creation or not, and whoever assembles and completes it.
pub async fn clause_22_a_final_upload_has_the_bytes_of_its_parts_in_order(
    fixture: &dyn Fixture,
) -> Outcome {
    let (backend, parts) = with_parts(fixture).await?;
    for (number, names) in [
        &["one"][..],
        &["many"],
        &["empty"],
        &["empty", "empty"],
        &["less", "more"],
        &["more", "less"],
        &["boundary", "boundary"],
        &["one", "many", "one", "empty", "boundary", "one"],
        &[
            "empty", "less", "empty", "boundary", "more", "many", "empty",
        ],
        &["one"; 40],
    ]
    .into_iter()
    .enumerate()
    {
        let expected = parts.joined(names);
        let length = expected.len() as u64;
        for told in [None, Some(length)] {
            let name = id(&format!("final-{number}-{}", told.is_some()));
            let lease = create(&backend, final_of(name.as_str(), told, names)).await;
            assert_eq!(standing(lease.info()), (0, told, Phase::Receiving));
            lease.release().await.expect("release");
            let elsewhere = fixture.reopen().await;
            let lease = acquire_soon(&elsewhere, &name).await;
            let lease = lease.assemble().await.expect("assemble");
            let received = (length, Some(length), Phase::Received);
            assert_eq!(standing(lease.info()), received);
            assert_eq!(standings(fixture, &name).await, [received; 2]);
            lease.release().await.expect("release");
            finish(acquire_soon(&backend, &name).await).await;
            holds(fixture, &name, &expected).await;
        }
    }
    parts.are_kept(fixture).await;
    Ok(())
}

/// 22: the parts may go, or be used again; the final upload has its own bytes.
pub async fn clause_22_parts_and_final_upload_are_independent(fixture: &dyn Fixture) -> Outcome {
    let (backend, parts) = with_parts(fixture).await?;
    let names = ["many", "one", "many"];
    let expected = parts.joined(&names);
    for name in ["first", "second"] {
        let lease = create(&backend, final_of(name, None, &names)).await;
        finish(lease.assemble().await.expect("assemble")).await;
    }
    let lease = acquire_soon(&backend, &id("first")).await;
    lease.terminate().await.expect("terminate");
    parts.are_kept(fixture).await;
    for part in ["many", "one"] {
        let lease = acquire_soon(&backend, &id(part)).await;
        lease.terminate().await.expect("terminate");
    }
    holds(fixture, &id("second"), &expected).await;
    if let Some(lease) = create_again(&backend, partial("one", 1000)).await {
        finish(append(lease, &content(22, 1000)).await).await;
        holds(fixture, &id("second"), &expected).await;
    }
    Ok(())
}

/// 22: also at once, of the same parts.
pub async fn clause_22_parts_can_be_shared_at_once(fixture: &dyn Fixture) -> Outcome {
    let (_, parts) = with_parts(fixture).await?;
    let finals = (0..6).map(|number| {
        let backend = fixture.backend();
        let mut names = vec!["many", "more", "one", "less"];
        names.rotate_left(number % 4);
        tokio::spawn(async move {
            let name = id(&format!("final-{number}"));
            let lease = create(&backend, final_of(name.as_str(), None, &names)).await;
            finish(lease.assemble().await.expect("assemble")).await;
            (name, names)
        })
    });
    for joined in future::join_all(finals).await {
        let (name, names) = joined.expect("no panic");
        holds(fixture, &name, &parts.joined(&names)).await;
    }
    parts.are_kept(fixture).await;
    Ok(())
}

/// 22: a part that is removed meanwhile is there as a whole, or missing, or to be tried again.
pub async fn clause_22_a_part_that_goes_away_meanwhile_is_whole_or_missing(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    needs(backend.capabilities().concatenation, "concatenation")?;
    let part = content(22, 4 * fixture.boundary());
    for round in 0..20 {
        let (first, last) = (format!("first-{round}"), format!("last-{round}"));
        for name in [&first, &last] {
            upload(&backend, partial(name, 0), &part).await;
        }
        let name = id(&format!("final-{round}"));
        let lease = create(&backend, final_of(name.as_str(), None, &[&first, &last])).await;
        let before = standing(lease.info());
        let removal = tokio::spawn({
            let backend = Arc::clone(&backend);
            async move {
                let lease = acquire_soon(&backend, &id(&last)).await;
                lease.terminate().await.expect("terminate");
            }
        });
        match lease.assemble().await {
            Ok(lease) => {
                finish(lease).await;
                holds(fixture, &name, &[&part[..], &part].concat().into()).await;
            }
            Err(error) => {
                let missing = error.kind() == ErrorKind::PartMissing;
                assert!(missing || error.is_retryable(), "{error:?}");
                assert_eq!(standings(fixture, &name).await, [before; 2]);
            }
        }
        removal.await.expect("no panic");
    }
    Ok(())
}

/// 23: the upload is as recorded then, its lease is free, and it goes on when the part is there.
pub async fn clause_23_a_part_that_is_not_there_fails_it_until_it_is(
    fixture: &dyn Fixture,
) -> Outcome {
    let (backend, parts) = with_parts(fixture).await?;
    let name = id("waits");
    let names = ["many", "late", "one"];
    let late = content(23, 500);
    let lease = create(&backend, final_of("waits", None, &names)).await;
    let recorded = standing(lease.info());
    lease.release().await.expect("release");
    let fails_with = async |kind| {
        for backend in [fixture.backend(), fixture.reopen().await] {
            let lease = acquire_soon(&backend, &name).await;
            fails(lease.assemble().await, kind);
            assert_eq!(standings(fixture, &name).await, [recorded; 2]);
            fails(
                backend.read(&name, ByteRange::ALL).await,
                ErrorKind::NotFound,
            );
            let lease = acquire_soon(&backend, &name).await;
            assert_eq!(standing(lease.info()), recorded);
            lease.release().await.expect("release");
        }
    };

    fails_with(ErrorKind::PartMissing).await;
    let lease = create(&backend, partial("late", 500)).await;
    let lease = append(lease, &late.slice(..200)).await;
    lease.release().await.expect("release");
    fails_with(ErrorKind::PartUnfinished).await;
    let lease = acquire_soon(&backend, &id("late")).await;
    let lease = append(lease, &late.slice(200..)).await;
    assert_eq!(lease.info().phase, Phase::Received);
    lease.release().await.expect("release");
    fails_with(ErrorKind::PartUnfinished).await;
    finish(acquire_soon(&backend, &id("late")).await).await;

    let lease = acquire_soon(&backend, &name).await;
    finish(lease.assemble().await.expect("assemble")).await;
    let expected = [&parts.joined(&["many"])[..], &late, &parts.joined(&["one"])].concat();
    holds(fixture, &name, &expected.into()).await;
    parts.are_kept(fixture).await;
    Ok(())
}

/// 23: what is received already stays so, whether its parts are still there or not.
pub async fn clause_23_assembling_again_changes_nothing(fixture: &dyn Fixture) -> Outcome {
    let (backend, parts) = with_parts(fixture).await?;
    let name = id("again");
    let names = ["more", "one", "many"];
    let expected = parts.joined(&names);
    let length = expected.len() as u64;
    let lease = create(&backend, final_of("again", None, &names)).await;
    let lease = lease.assemble().await.expect("assemble");
    let mut lease = lease.assemble().await.expect("assemble again");
    for backend in [fixture.backend(), fixture.reopen().await] {
        lease.release().await.expect("release");
        lease = acquire_soon(&backend, &name).await;
        lease = lease.assemble().await.expect("assemble again");
        let received = (length, Some(length), Phase::Received);
        assert_eq!(standing(lease.info()), received);
        assert_eq!(standings(fixture, &name).await, [received; 2]);
    }
    finish(lease).await;
    holds(fixture, &name, &expected).await;
    Ok(())
}

/// 23: wherever an attempt breaks off, the next one makes it whole.
pub async fn clause_23_an_abandoned_attempt_can_be_repeated(fixture: &dyn Fixture) -> Outcome {
    let (backend, parts) = with_parts(fixture).await?;
    let names = ["many", "one", "more", "many", "empty", "less"];
    let expected = parts.joined(&names);
    for polls in 0..20 {
        let name = id(&format!("attempt-{polls}"));
        let lease = create(&backend, final_of(name.as_str(), None, &names)).await;
        abandon(lease.assemble(), polls).await;
        let again = fixture.reopen().await;
        let lease = acquire_soon(&again, &name).await;
        finish(lease.assemble().await.expect("assemble")).await;
        holds(fixture, &name, &expected).await;
        let lease = acquire_soon(&again, &name).await;
        lease.terminate().await.expect("terminate");
    }
    parts.are_kept(fixture).await;
    Ok(())
}
