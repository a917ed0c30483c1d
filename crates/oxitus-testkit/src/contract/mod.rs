//! The storage contract as a test suite.
//!
//! `oxitus_core::storage` numbers the clauses that every backend keeps. Each has one or more
//! functions here, named by its number; [`contract_tests!`](crate::contract_tests) makes a test
//! of each of them:
//!
//! ```
//! use std::sync::Arc;
//!
//! use oxitus_core::memory::MemoryBackend;
//! use oxitus_core::storage::StorageBackend;
//! use oxitus_testkit::contract::Fixture;
//!
//! #[derive(Default)]
//! struct InMemory(MemoryBackend);
//!
//! #[async_trait::async_trait]
//! impl Fixture for InMemory {
//!     fn backend(&self) -> Arc<dyn StorageBackend> {
//!         Arc::new(self.0.clone())
//!     }
//!
//!     async fn reopen(&self) -> Arc<dyn StorageBackend> {
//!         Arc::new(self.0.clone())
//!     }
//! }
//!
//! oxitus_testkit::contract_tests!(InMemory::default());
//! # fn main() {}
//! ```
//!
//! A clause panics where the backend breaks it. Where the backend's capabilities, or the fixture,
//! do not allow the test, the clause is skipped, which its line on standard error says.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test reports"
)]

mod committing;
mod completing;
mod concatenating;
mod content;
mod creating;
mod fixture;
mod leasing;
mod losing;
mod measuring;
mod recovering;
mod run;
mod showing;
mod steps;
mod sweeping;
mod terminating;
mod writing;

pub use self::committing::*;
pub use self::completing::*;
pub use self::concatenating::*;
pub use self::creating::*;
pub use self::fixture::Fixture;
pub use self::leasing::*;
pub use self::losing::*;
pub use self::measuring::*;
pub use self::recovering::*;
pub use self::run::{Outcome, Skipped, run};
pub use self::showing::*;
pub use self::sweeping::*;
pub use self::terminating::*;
pub use self::writing::*;

/// Makes a test of every clause of the storage contract.
///
/// The argument is an expression for a [`Fixture`](crate::contract::Fixture), evaluated anew in
/// each test; it may `.await`.
#[macro_export]
macro_rules! contract_tests {
    ($fixture:expr) => {
        $crate::contract_tests! {
            $fixture =>
            clause_01_a_new_upload_is_visible_as_it_was_made
            clause_02_a_taken_id_is_refused_and_its_upload_unchanged
            clause_02_of_many_who_create_one_id_one_succeeds
            clause_03_an_unknown_id_is_not_found
            clause_04_metadata_and_concat_come_back_byte_for_byte
            clause_05_a_second_lease_is_refused
            clause_05_of_many_who_acquire_one_upload_one_succeeds
            clause_05_a_lease_that_was_taken_away_changes_nothing
            clause_06_release_lets_the_next_in_at_once
            clause_06_drop_lets_the_next_in
            clause_06_an_abandoned_acquire_leaves_no_lease
            clause_07_asking_reaches_the_holder_of_a_lease
            clause_07_asking_reaches_the_holder_of_an_append
            clause_07_asking_reaches_a_holder_that_looks_only_briefly
            clause_07_everybody_who_waits_has_a_turn
            clause_07_asking_ends_at_the_deadline
            clause_07_asking_that_is_dropped_ends
            clause_07_nobody_is_asked_by_a_try
            clause_08_another_offset_is_refused_and_disturbs_no_holder
            clause_08_whoever_waits_learns_that_the_offset_moved
            clause_09_what_is_committed_is_part_of_the_upload
            clause_09_uploads_at_once_do_not_mix
            clause_09_the_expected_number_of_bytes_is_only_a_hint
            clause_09_bytes_beyond_4_gib_are_right
            clause_10_a_rollback_leaves_all_as_before
            clause_10_a_rollback_takes_back_the_declared_length
            clause_10_a_rollback_after_a_checkpoint_keeps_nothing_later
            clause_11_an_atomic_append_shows_nothing_before_its_commit
            clause_11_a_dropped_atomic_append_is_a_rollback
            clause_12_a_progressive_append_shows_what_was_written
            clause_12_a_dropped_progressive_append_keeps_a_right_prefix
            clause_12_a_write_that_is_cut_short_leaves_a_right_prefix
            clause_13_how_bytes_are_cut_does_not_matter
            clause_13_chunks_of_one_byte_are_bytes
            clause_13_chunks_of_random_sizes_are_bytes
            clause_14_a_write_beyond_the_length_stores_nothing
            clause_15_a_declared_length_is_recorded_by_commit
            clause_15_a_declared_length_comes_with_the_first_byte
            clause_15_a_length_is_declared_once
            clause_16_the_last_byte_makes_it_received
            clause_16_a_declared_length_that_is_reached_makes_it_received
            clause_16_an_upload_of_no_bytes_is_received_at_once
            clause_17_a_failed_write_leaves_what_was_accepted
            clause_17_a_full_place_loses_nothing
            clause_17_a_failed_append_lets_the_lease_go
            clause_17_a_fault_at_any_call_loses_nothing
            clause_18_complete_can_be_repeated
            clause_18_an_unfinished_upload_cannot_be_completed
            clause_18_complete_can_be_tried_again_after_a_failure
            clause_19_any_range_of_a_complete_upload_can_be_read
            clause_19_many_can_read_at_once
            clause_19_an_upload_that_is_not_complete_cannot_be_read
            clause_19_a_final_upload_that_is_not_complete_cannot_be_read
            clause_20_a_complete_upload_takes_no_more_bytes
            clause_21_a_terminated_upload_is_unknown
            clause_21_a_terminated_upload_leaves_no_trace
            clause_21_the_space_of_a_terminated_upload_is_free
            clause_21_whoever_waits_learns_that_it_is_gone
            clause_21_it_is_terminated_once
            clause_21_nothing_in_flight_brings_it_back
            clause_22_a_final_upload_has_the_bytes_of_its_parts_in_order
            clause_22_parts_and_final_upload_are_independent
            clause_22_parts_can_be_shared_at_once
            clause_22_a_part_that_goes_away_meanwhile_is_whole_or_missing
            clause_23_a_part_that_is_not_there_fails_it_until_it_is
            clause_23_assembling_again_changes_nothing
            clause_23_an_abandoned_attempt_can_be_repeated
            clause_23_assembling_can_be_tried_again_after_a_failure
            clause_24_a_sweep_reports_what_is_due
            clause_24_arriving_bytes_put_the_expiry_off
            clause_24_a_sweep_takes_nothing_away
            clause_24_a_sweep_goes_on_while_uploads_come_and_go
            clause_24_a_sweep_repairs_what_crashes_left_behind
            clause_25_an_upload_that_can_never_be_completed_can_be_removed
        }
    };
    ($fixture:expr => $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                $crate::contract::run(
                    stringify!($clause),
                    async { $fixture },
                    $crate::contract::$clause,
                );
            }
        )*
    };
}
