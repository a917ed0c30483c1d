//! A server without a fault passes, and no case is without a fault that it notices.

use std::collections::HashSet;

use libtest_mimic::Trial;
use tus_conformance::report::{Outcome, Report};
use tus_conformance::{Case, Protocol, Selection};
use tus_reference::Fault;

use crate::row::described;
use crate::world::{World, judged};

/// In which worlds, and over what, a server without a fault is judged. Together they leave no case out.
const RUNS: [(World, Protocol); 8] = [
    (World::Whole, Protocol::Http1),
    (World::Whole, Protocol::Http2),
    (World::Bare, Protocol::Http1),
    (World::Bare, Protocol::Http2),
    (World::Finished, Protocol::Http1),
    (World::Expiring, Protocol::Http1),
    (World::Expiring, Protocol::Http2),
    (World::Process, Protocol::Http1),
];

pub(crate) fn trials() -> Vec<Trial> {
    let named = |name: &str, check: fn() -> Result<(), String>| {
        Trial::test(name, move || check().map_err(Into::into))
    };
    vec![
        named(
            "every case has a fault that it notices",
            every_case_can_fail,
        ),
        named(
            "a server without a fault passes every case",
            every_case_passes,
        ),
    ]
}

fn every_case_can_fail() -> Result<(), String> {
    let rows = crate::rows();
    let broken: HashSet<_> = rows
        .iter()
        .flat_map(|row| row.cases().iter().copied())
        .collect();
    let all: Vec<_> = every_case().iter().map(|case| case.id).collect();
    let spared: Vec<_> = all.into_iter().filter(|id| !broken.contains(id)).collect();
    nothing_left(&spared, "no fault breaks")
}

fn every_case_passes() -> Result<(), String> {
    let mut left: HashSet<_> = every_case().iter().map(|case| case.id).collect();
    for (world, protocol) in RUNS {
        let cases: Vec<_> = every_case()
            .into_iter()
            .filter(|case| belongs(world, case))
            .collect();
        let report = judged(world, protocol, Fault::none(), None, &cases)?;
        nothing_bad(&report).map_err(|bad| format!("{world:?}, {protocol}:\n{bad}"))?;
        for finding in report.findings {
            if finding.outcome == Outcome::Passed {
                left.remove(finding.id.as_str());
            }
        }
    }
    let left: Vec<_> = left.into_iter().collect();
    nothing_left(&left, "in no world is judged")
}

/// Uploads that expire soon, and servers that are killed, are for the cases about that only.
fn belongs(world: World, case: &Case) -> bool {
    match world {
        World::Whole | World::Bare | World::Finished => true,
        World::Expiring | World::Process => World::of(&[case.id]) == world,
    }
}

/// No case objects to the server.
pub(crate) fn nothing_bad(report: &Report) -> Result<(), String> {
    let bad: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.outcome.is_bad())
        .map(described)
        .collect();
    if bad.is_empty() {
        Ok(())
    } else {
        Err(bad.join("\n"))
    }
}

pub(crate) fn every_case() -> Vec<&'static Case> {
    let all = Selection {
        resolutions: true,
        ..Selection::default()
    };
    all.cases()
}

fn nothing_left(ids: &[&str], what: &str) -> Result<(), String> {
    if ids.is_empty() {
        return Ok(());
    }
    Err(format!("{what} {}", ids.join(", ")))
}
