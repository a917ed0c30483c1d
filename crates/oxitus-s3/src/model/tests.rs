//! The runs, and the proof that they would notice.
//!
//! `OXITUS_MODEL_RUNS` is how many seeds each scenario is run with.

use super::scenario::{Scenario, run};
use super::story::Tally;
use crate::rules::{Rule, broken};

/// How many seeds are tried if nobody says otherwise.
const RUNS: u64 = 500;

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
    what_a_lost_request_references_may_not_be_deleted: LostIsUnknown in Parts, 5_000;
    segments_must_have_keys_of_their_own: SegmentsAreUnique in Parts, 1_000;
    numbers_must_be_claimed: NumbersAreClaimed in Parts, 1_000;
    numbers_must_be_burned: NumbersAreBurned in Parts, 5_000;
    foreign_claims_must_end: ForeignClaimsEnd in Parts, 5_000;
    what_is_not_verified_may_not_be_adopted: UnverifiedIsNotAdopted in Parts, 1_000;
    what_a_head_shows_must_be_recorded: HeadIsRecorded in Parts, 1_000;
    the_object_may_not_be_made_first: ObjectFollowsRecord in Small, 1_000;
    tombstones_must_stay: TombstonesStay in Removed, 1_000;
}
