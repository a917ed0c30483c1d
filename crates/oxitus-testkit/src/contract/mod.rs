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

mod content;
mod creating;
mod fixture;
mod leasing;
mod run;
mod steps;

pub use self::creating::*;
pub use self::fixture::Fixture;
pub use self::leasing::*;
pub use self::run::{Outcome, Skipped, run};

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
