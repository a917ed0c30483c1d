//! The runs, and the proof that they would notice.
//!
//! `OXITUS_MODEL_RUNS` is how many seeds each scenario is run with.

use std::sync::Arc;
use std::time::Duration;

use oxitus_core::clock::Clock as _;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{AppendOptions, CommitMode, NewUpload, StorageBackend as _};
use oxitus_testkit::s3;

use super::clock::VirtualClock;
use super::scenario::{Scenario, run};
use super::story::Tally;
use crate::backend::S3Backend;
use crate::rules::{Rule, broken};
use crate::settings::Settings;
use crate::testing::{DirectBucket, settings};

/// How many seeds are tried if nobody says otherwise.
const RUNS: u64 = 250;

fn runs() -> u64 {
    let asked = std::env::var("OXITUS_MODEL_RUNS").ok();
    asked.and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)
}

/// Runs a scenario with every seed, and says how often what is rare has happened.
fn all(scenario: Scenario) -> Tally {
    let mut sum = Tally::default();
    for seed in 0..runs() {
        match run(scenario, seed) {
            Ok(tally) => sum += tally,
            Err(violation) => panic!("{violation:?}"),
        }
    }
    println!("{scenario:?}: {sum:?}");
    sum
}

/// Whether a seed out of so many shows that a rule is broken.
fn is_noticed(rule: Rule, scenarios: &[Scenario], seeds: u64) -> bool {
    broken(Some(rule), || {
        (0..seeds).any(|seed| {
            scenarios.iter().any(|scenario| match run(*scenario, seed) {
                Ok(_) => false,
                Err(violation) => {
                    println!("{rule:?}: {scenario:?}, seed {seed}: {}", violation.text);
                    true
                }
            })
        })
    })
}

#[test]
fn nothing_is_lost_of_uploads_with_parts() {
    let tally = all(Scenario::Parts);
    assert!(tally.adoptions * 10 > runs(), "{tally:?}");
    assert!(tally.numbers_returned * 10 > runs(), "{tally:?}");
    assert!(tally.segments * 10 > runs(), "{tally:?}");
}

#[test]
fn nothing_is_lost_of_parts_that_are_late() {
    let tally = all(Scenario::LateParts);
    assert!(tally.adoptions * 10 > runs(), "{tally:?}");
}

#[test]
fn nothing_is_lost_by_records_that_are_late() {
    all(Scenario::LateRecords);
}

#[test]
fn nothing_is_lost_of_uploads_that_are_joined() {
    all(Scenario::Joined);
}

#[test]
fn nothing_is_lost_of_small_uploads() {
    let tally = all(Scenario::Small);
    assert!(tally.objects * 2 > runs(), "{tally:?}");
}

#[test]
fn nothing_that_is_removed_comes_back() {
    let tally = all(Scenario::Removed);
    assert!(tally.tombstones * 2 > runs(), "{tally:?}");
}

macro_rules! every_rule_matters {
    ($($name:ident: $rule:ident in $scenario:ident, $seeds:literal;)*) => {$(
        #[test]
        fn $name() {
            assert!(is_noticed(Rule::$rule, &[Scenario::$scenario], $seeds));
        }
    )*};
}

every_rule_matters! {
    what_a_lost_request_references_may_not_be_deleted: LostIsUnknown in LateRecords, 5_000;
    segments_must_have_keys_of_their_own: SegmentsAreUnique in Parts, 1_000;
    numbers_must_be_claimed: NumbersAreClaimed in Parts, 1_000;
    numbers_must_be_burned: NumbersAreBurned in LateParts, 5_000;
    foreign_claims_must_end: ForeignClaimsEnd in Parts, 5_000;
    what_is_not_verified_may_not_be_adopted: UnverifiedIsNotAdopted in Parts, 1_000;
    what_a_head_shows_must_be_recorded: HeadIsRecorded in Parts, 1_000;
    the_object_may_not_be_made_first: ObjectFollowsRecord in Small, 1_000;
    the_object_may_not_be_replaced: ObjectsAreNotReplaced in Small, 1_000;
    tombstones_must_stay: TombstonesStay in Removed, 1_000;
}

/// Random runs meet with this too rarely.
#[tokio::test(start_paused = true)]
async fn an_append_that_renews_when_all_is_there_has_received_it() {
    let clock = VirtualClock::start();
    let settings = Settings {
        clock: Arc::new(clock),
        ..settings(4)
    };
    let dialect = s3::Dialect {
        minimum_part_size: 0,
        ..s3::Dialect::aws()
    };
    let bucket = DirectBucket(s3::Bucket::with_dialect(dialect));
    let backend = S3Backend::new(Arc::new(bucket), settings);
    let id = UploadId::parse("upload").expect("an id");
    let mut new = NewUpload::new(id.clone(), Some(8), clock.now());
    new.time_to_live = Some(Duration::from_secs(8));
    let lease = backend.create(new).await.expect("an upload");
    let options = AppendOptions::new(0, CommitMode::Progressive);
    let mut append = lease.append(options).await.expect("an append");
    append.write(vec!["8 bytes!".into()]).await.expect("room");
    tokio::time::sleep(Duration::from_secs(3)).await;
    append.write(Vec::new()).await.expect("a renewal");
    let upload = backend.info(&id).await.expect("an upload");
    assert_eq!((upload.offset, upload.phase), (8, Phase::Received));
    let mut lease = append.commit().await.expect("a commit");
    lease.complete().await.expect("completion");
}
