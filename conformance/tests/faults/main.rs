//! Each case is seen to fail on a server that breaks its rule, and to pass on one that keeps it.
//!
//! The server is that of the crate `tus-reference`. A [`Row`] switches one fault on and names the
//! cases that must notice; there is a file of rows for each chapter of the catalogue. Each row is a
//! test, and so is each way of running the server without a fault:
//!
//! ```text
//! cargo test -p tus-conformance --test faults               all of them
//! cargo test -p tus-conformance --test faults CORE-17       the rows that break CORE-17
//! ```

mod checksum;
mod choices;
mod clients;
mod concatenation;
mod core;
mod coverage;
mod creation;
mod creation_with_upload;
mod deferred_length;
mod expiration;
mod heads;
mod invariants;
mod process;
mod resilience;
mod restart;
mod row;
mod termination;
mod transport;
mod web;
mod world;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use crate::row::Row;

/// How many tests run side by side where nobody says: they wait more than they work.
const THREADS: usize = 8;

fn main() -> ExitCode {
    if let Some(code) = process::serve_if_asked() {
        return code;
    }
    let mut trials = coverage::trials();
    trials.extend(choices::trials());
    trials.extend(
        rows().into_iter().enumerate().map(|(index, row)| {
            Trial::test(row.name(), move || row.check(index).map_err(Into::into))
        }),
    );
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Every fault, chapter by chapter.
fn rows() -> Vec<Row> {
    [
        core::rows(),
        creation::rows(),
        deferred_length::rows(),
        creation_with_upload::rows(),
        expiration::rows(),
        checksum::rows(),
        termination::rows(),
        concatenation::rows(),
        transport::rows(),
        web::rows(),
        resilience::rows(),
        restart::rows(),
        clients::rows(),
        invariants::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
