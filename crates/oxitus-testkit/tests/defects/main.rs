//! The clauses of the contract suite can fail: here is a backend that breaks them, by one small
//! defect at a time, and is found out each time.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod defective;

use std::thread;
use std::time::Duration;

use oxitus_testkit::contract::{self, Fixture, Outcome};
use tokio::runtime::Builder;
use tokio::time;

use self::defective::Defect::{self, *};
use self::defective::Place;

/// Without a defect the backend keeps every clause, so it is the defects that are found.
mod without_a_defect {
    oxitus_testkit::contract_tests!(super::Place::with(super::Sound));
}

macro_rules! found_out {
    ($($clause:ident: $($defect:ident)+;)+) => {
        $(
            #[test]
            fn $clause() {
                $(assert_found($defect, contract::$clause);)+
            }
        )+
    };
}

found_out! {
    clause_01_a_new_upload_is_visible_as_it_was_made: ForgetsTheTimeToLive ForgetsTheLimit;
    clause_02_a_taken_id_is_refused_and_its_upload_unchanged: Overwrites;
    clause_02_of_many_who_create_one_id_one_succeeds: LooksBeforeItCreates;
    clause_03_an_unknown_id_is_not_found: CreatesWhatIsAskedFor;
    clause_04_metadata_and_concat_come_back_byte_for_byte: EncodesMetadataAgain SortsParts;
    clause_05_a_second_lease_is_refused: SharesLeases;
    clause_05_of_many_who_acquire_one_upload_one_succeeds: SharesLeases SharesLeasesAtTimes;
    clause_06_release_lets_the_next_in_at_once: ReleasesLater;
    clause_06_drop_lets_the_next_in: KeepsWhatIsDropped NeedsARuntimeToDrop;
    clause_06_an_abandoned_acquire_leaves_no_lease: LosesAnAbandonedLease;
    clause_07_asking_reaches_the_holder_of_a_lease: AsksNobody AlwaysAsksToTerminate;
    clause_07_asking_reaches_the_holder_of_an_append: AsksNobody IsDeafWhileItAppends;
    clause_07_asking_reaches_a_holder_that_looks_only_briefly: LooksAfterAWhile;
    clause_07_asking_ends_at_the_deadline: GivesUpAtOnce WaitsForEver;
    clause_07_asking_that_is_dropped_ends: AsksForEver;
    clause_07_everybody_who_waits_has_a_turn: LetsOneWait;
    clause_07_nobody_is_asked_by_a_try: AsksWhenItTries;
    clause_08_another_offset_is_refused_and_disturbs_no_holder: IgnoresTheOffset AsksBeforeItLooks;
    clause_08_whoever_waits_learns_that_the_offset_moved: IgnoresTheOffset LooksOnlyOnce;
    clause_09_what_is_committed_is_part_of_the_upload: CommitsNothing CommitsForItselfOnly;
    clause_09_uploads_at_once_do_not_mix: MixesUploads;
    clause_09_the_expected_number_of_bytes_is_only_a_hint: ReservesWhatIsExpected;
    clause_10_a_rollback_leaves_all_as_before: KeepsWhatIsRolledBack;
    clause_10_a_rollback_takes_back_the_declared_length: KeepsTheLengthThatIsRolledBack;
    clause_10_a_rollback_after_a_checkpoint_keeps_nothing_later: KeepsWhatFollowsACheckpoint;
    clause_11_an_atomic_append_shows_nothing_before_its_commit: ShowsAtomicAppends;
    clause_11_a_dropped_atomic_append_is_a_rollback: ShowsAtomicAppends CommitsWhatIsDropped;
    clause_12_a_progressive_append_shows_what_was_written: RunsAhead HidesProgress;
    clause_12_a_dropped_progressive_append_keeps_a_right_prefix:
        RollsBackWhatIsDropped DamagesWhatIsDropped;
    clause_12_a_write_that_is_cut_short_leaves_a_right_prefix: WritesTheEndFirst;
    clause_13_how_bytes_are_cut_does_not_matter: LosesAByteAtTheBoundary;
    clause_13_chunks_of_one_byte_are_bytes: TakesAThousandChunks;
    clause_13_chunks_of_random_sizes_are_bytes: StopsAtAnEmptyChunk;
    clause_14_a_write_beyond_the_length_stores_nothing: KeepsWhatFits RefusesInOtherWords;
    clause_15_a_declared_length_is_recorded_by_commit: RecordsTheLengthAtOnce;
    clause_15_a_declared_length_comes_with_the_first_byte:
        RecordsTheLengthAtOnce RecordsTheLengthAtTheEnd;
    clause_15_a_length_is_declared_once: TakesTheLastLength;
    clause_16_the_last_byte_makes_it_received: IsNeverReceived;
    clause_16_a_declared_length_that_is_reached_makes_it_received: OverlooksALengthThatIsReached;
    clause_16_an_upload_of_no_bytes_is_received_at_once: WaitsForNoBytes;
    clause_17_a_failed_write_leaves_what_was_accepted: FailsFromThenOn;
    clause_17_a_failed_append_lets_the_lease_go: KeepsTheLeaseWhereItFails;
    clause_17_a_full_place_loses_nothing: LosesAllWhenFull;
    clause_17_a_fault_at_any_call_loses_nothing: DamagesWhatIsDropped CompletesOnce;
    clause_18_complete_can_be_repeated: CompletesOnce;
    clause_18_an_unfinished_upload_cannot_be_completed: CompletesTheUnfinished;
    clause_18_complete_can_be_tried_again_after_a_failure: CompletesOnce;
    clause_19_any_range_of_a_complete_upload_can_be_read: ReadsOneByteMore IgnoresTheStart;
    clause_19_an_upload_that_is_not_complete_cannot_be_read: ReadsWhatIsReceived;
    clause_19_a_final_upload_that_is_not_complete_cannot_be_read: ReadsWhatIsReceived;
    clause_20_a_complete_upload_takes_no_more_bytes: RefusesInOtherWords;
    clause_21_a_terminated_upload_is_unknown: OnlyReleases RemembersTheTerminated;
    clause_21_the_space_of_a_terminated_upload_is_free: KeepsTheSpace;
    clause_21_whoever_waits_learns_that_it_is_gone: BringsBackWhatIsWaitedFor;
    clause_21_it_is_terminated_once: TerminatesTwice;
    clause_22_a_final_upload_has_the_bytes_of_its_parts_in_order: SortsParts TakesPartsOnce;
    clause_22_parts_and_final_upload_are_independent: TakesTheParts;
    clause_22_parts_can_be_shared_at_once: TakesTheParts;
    clause_23_a_part_that_is_not_there_fails_it_until_it_is:
        TakesTheUnfinishedForMissing RemovesWhatCannotBeAssembled;
    clause_23_assembling_again_changes_nothing: AssemblesOnce;
    clause_23_assembling_can_be_tried_again_after_a_failure: AssemblesOnce;
    clause_24_a_sweep_reports_what_is_due:
        NeverEnds IgnoresTheLimitOfASweep SkipsOne ReportsOneTwice EndsAtTheLimit
        IgnoresThePresent;
    clause_24_arriving_bytes_put_the_expiry_off: ExpiresByCreation;
    clause_24_a_sweep_takes_nothing_away: RemovesWhatIsDue;
    clause_24_a_sweep_goes_on_while_uploads_come_and_go: CountsItsWay;
    clause_25_an_upload_that_can_never_be_completed_can_be_removed:
        TakesTheRuinedForMissing GuardsWhatIsRuined SkipsWhatIsRuined;
}

/// Checks that the clause panics, or waits in vain, because of the defect.
fn assert_found(
    defect: Defect,
    clause: impl AsyncFnOnce(&dyn Fixture) -> Outcome + Send + 'static,
) {
    // On a clock that jumps over every wait, so that whatever never comes is missed at once.
    let attempt = thread::spawn(move || {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let deadline = Duration::from_secs(300);
            time::timeout(deadline, clause(&Place::with(defect))).await
        })
    });
    match attempt.join() {
        Err(_) | Ok(Err(_)) => {}
        Ok(Ok(Ok(()))) => panic!("the clause overlooks a backend that {defect:?}"),
        Ok(Ok(Err(skipped))) => panic!("{defect:?}: {skipped:?}"),
    }
}
