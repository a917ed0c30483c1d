//! [`run`]: one clause as one test.

use std::io::{self, Write as _};
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time;

use super::Fixture;

/// How a clause that did not panic ended.
pub type Outcome = Result<(), Skipped>;

/// Why a clause was not tested.
#[derive(Debug)]
pub struct Skipped(&'static str);

/// Skips a clause where what it needs is not there.
pub(super) fn needs(there: bool, what: &'static str) -> Outcome {
    if there { Ok(()) } else { Err(Skipped(what)) }
}

/// What a clause needs, or a reason to skip it.
pub(super) fn need<T>(thing: Option<T>, what: &'static str) -> Result<T, Skipped> {
    thing.ok_or(Skipped(what))
}

/// A clause that has not ended by then hangs. Some upload gigabytes, to a server on the same machine.
const DEADLINE: Duration = Duration::from_secs(1_200);

/// Runs a clause against a fixture on a runtime of its own. What
/// [`contract_tests!`](crate::contract_tests) calls.
///
/// # Panics
/// Where the backend breaks the clause.
pub fn run<F: Fixture>(
    name: &str,
    fixture: impl Future<Output = F>,
    clause: impl AsyncFnOnce(&dyn Fixture) -> Outcome,
) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let outcome = runtime.block_on(async {
        let fixture = fixture.await;
        time::timeout(DEADLINE, clause(&fixture))
            .await
            .expect("the clause should end")
    });
    if let Err(Skipped(what)) = outcome {
        // Straight to the stream: the test harness hides what the macros print.
        let _ = writeln!(io::stderr(), "{name} ... skipped: needs {what}");
    }
}
