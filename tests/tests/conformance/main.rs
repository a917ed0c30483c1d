//! The server is judged by the conformance tool: everything that the specification says, and our
//! answers where it leaves a choice. On a directory, or on the S3 server that `OXITUS_TEST_STORAGE`
//! names.

#![expect(clippy::unwrap_used, reason = "tests")]

mod command_line;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use oxitus_tests::server::Settings;
use oxitus_tests::storage::Storage;
use tokio::runtime::Runtime;
use tus_conformance::report::{Finding, Outcome, Report};
use tus_conformance::{Case, Options, Protocol, Selection, judge};

#[test]
fn the_server_passes_every_case_that_applies_to_it() {
    let lasting = Settings::default().option("--max-size", "100MB");
    let expiring = Settings::default().option("--expire-after", "8s");
    let mut reports = Vec::new();
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let where_uploads_last = judged(&lasting, protocol, &every_case());
        let rest = cases_that_do_not_apply(&where_uploads_last);
        reports.push(where_uploads_last);
        reports.push(judged(&expiring, protocol, &rest));
    }
    for report in &reports {
        eprintln!("{}", told(report));
    }
    let findings = || reports.iter().flat_map(|report| &report.findings);
    let bad: Vec<_> = findings()
        .filter(|finding| finding.outcome.is_bad())
        .map(described)
        .collect();
    assert!(bad.is_empty(), "{}", bad.join("\n\n"));

    // What never applies is what the server is not about, and is known.
    let mut skipped: BTreeMap<_, _> = findings().map(|finding| (&*finding.id, finding)).collect();
    for passed in findings().filter(|finding| finding.outcome == Outcome::Passed) {
        skipped.remove(&*passed.id);
    }
    let unexpected: Vec<_> = skipped
        .into_values()
        .filter(|finding| !is_about_others(finding))
        .map(described)
        .collect();
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n\n"));
}

/// The server has every extension, and lets every origin in without naming it: there is nothing to see
/// of servers that do otherwise.
fn is_about_others(finding: &Finding) -> bool {
    let Outcome::NotApplicable { reason } = &finding.outcome else {
        return false;
    };
    reason.ends_with("is offered") || reason == "it does not repeat the origin"
}

fn every_case() -> Vec<&'static Case> {
    let everything = Selection {
        resolutions: true,
        ..Selection::default()
    };
    everything.cases()
}

fn cases_that_do_not_apply(report: &Report) -> Vec<&'static Case> {
    let applies = |case: &Case| {
        let mut findings = report.findings.iter();
        let finding = findings.find(|finding| finding.id == case.id).unwrap();
        !matches!(finding.outcome, Outcome::NotApplicable { .. })
    };
    let cases = every_case().into_iter();
    cases.filter(|case| !applies(case)).collect()
}

/// Judges the server, which the judge starts, kills and starts again.
fn judged(settings: &Settings, protocol: Protocol, cases: &[&'static Case]) -> Report {
    let storage = Storage::new();
    let address = free_address();
    let mut options = Options::new(format!("http://{address}/files/").parse().unwrap());
    options.protocol = protocol;
    let mut command = settings.command(&storage, address);
    command.env("RUST_LOG", "warn");
    options.start = Some(command_line::of(&command));
    let judging = judge(options, cases, |_| {});
    Runtime::new().unwrap().block_on(judging).unwrap()
}

fn told(report: &Report) -> String {
    let passed = report.count(|outcome| *outcome == Outcome::Passed);
    let all = report.findings.len();
    format!(
        "{}: {passed} of {all} cases passed in {:.0} s",
        report.protocol, report.seconds
    )
}

fn described(finding: &Finding) -> String {
    let mut text = format!("{} {}\n{:?}", finding.id, finding.about, finding.outcome);
    for entry in &finding.transcript {
        text.push_str(&format!("\n> {}\n< {}", entry.sent, entry.received));
    }
    text
}

/// It may be taken by somebody else before the server has it; nobody else takes ports by number.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}
