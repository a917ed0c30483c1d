//! The report for people at a terminal.

use std::fmt::Write;

use console::{StyledObject, style};

use super::{Finding, Outcome, Report};
use crate::case::Case;
use crate::catalogue::{CHAPTERS, statement_of};
use crate::spec::Strength;

/// How many exchanges of a failed case are shown: the last ones.
const SHOWN: usize = 3;

/// One line for each case.
pub(crate) fn list(cases: &[&Case]) -> String {
    let mut text = String::new();
    for case in cases {
        let Some(statement) = statement_of(case) else {
            continue;
        };
        let strength = case.strength.unwrap_or(statement.strength);
        let resolution = case
            .resolution
            .map(|point| format!(" [{point}]"))
            .unwrap_or_default();
        line(
            &mut text,
            format_args!("{:<10} {strength:<6} {}{resolution}", case.id, case.about),
        );
    }
    line(&mut text, format_args!("{} cases", cases.len()));
    text
}

/// The failures, explained, and how many cases ended how.
pub(crate) fn summary(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        explain(&mut text, finding);
    }
    let server = format!("{}, {}", report.url, report.protocol);
    line(&mut text, format_args!("{}", style(server).bold()));
    if report.extensions.is_empty() {
        line(&mut text, format_args!("it offers no extensions"));
    } else {
        line(
            &mut text,
            format_args!("it offers {}", report.extensions.join(", ")),
        );
    }
    for chapter in CHAPTERS {
        count(&mut text, chapter.name, report, |finding| {
            finding.chapter == chapter.name
        });
    }
    for strength in [Strength::Must, Strength::Should, Strength::May] {
        let name = strength.to_string();
        count(&mut text, &name, report, |finding| {
            finding.strength == strength
        });
    }
    count(&mut text, "all", report, |_| true);
    line(&mut text, format_args!("in {:.1} s", report.seconds));
    text
}

/// A word for how a case ended.
pub(crate) fn mark(outcome: &Outcome) -> StyledObject<&'static str> {
    match outcome {
        Outcome::Passed => style("passed").green(),
        Outcome::Failed { .. } => style("FAILED").red(),
        Outcome::Blocked { .. } => style("BLOCKED").yellow(),
        Outcome::NotApplicable { .. } => style("not applicable").dim(),
    }
}

fn explain(text: &mut String, finding: &Finding) {
    if !finding.outcome.is_bad() {
        return;
    }
    let mark = mark(&finding.outcome);
    let (id, about) = (style(&finding.id).bold(), &finding.about);
    line(
        text,
        format_args!("{mark} {id} {} {about}", finding.strength),
    );
    match &finding.outcome {
        Outcome::Failed { expected, observed } => {
            line(text, format_args!("  expected  {expected}"));
            line(text, format_args!("  observed  {observed}"));
        }
        Outcome::Blocked { reason } => line(text, format_args!("  {reason}")),
        Outcome::Passed | Outcome::NotApplicable { .. } => {}
    }
    line(
        text,
        format_args!("  {}  {}", finding.section, finding.statement),
    );
    if let Some(point) = &finding.resolution {
        line(
            text,
            format_args!("  the documents leave a choice here, and our answer is {point}"),
        );
    }
    let skipped = finding.transcript.len().saturating_sub(SHOWN);
    if skipped > 0 {
        line(text, format_args!("  … {skipped} earlier"));
    }
    for entry in finding.transcript.iter().skip(skipped) {
        for sent in entry.sent.lines() {
            line(text, format_args!("  {} {sent}", style(">").dim()));
        }
        for received in entry.received.lines() {
            line(text, format_args!("  {} {received}", style("<").dim()));
        }
    }
    line(text, format_args!(""));
}

fn count(text: &mut String, name: &str, report: &Report, is_counted: impl Fn(&Finding) -> bool) {
    let counted: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| is_counted(finding))
        .collect();
    if counted.is_empty() {
        return;
    }
    let of = |is_meant: fn(&Outcome) -> bool| {
        counted
            .iter()
            .filter(|finding| is_meant(&finding.outcome))
            .count()
    };
    let passed = of(|outcome| matches!(outcome, Outcome::Passed));
    let failed = of(|outcome| matches!(outcome, Outcome::Failed { .. }));
    let blocked = of(|outcome| matches!(outcome, Outcome::Blocked { .. }));
    let skipped = of(|outcome| matches!(outcome, Outcome::NotApplicable { .. }));
    let mut parts = vec![format!("{passed:>3} passed")];
    for (number, word) in [
        (failed, "failed"),
        (blocked, "blocked"),
        (skipped, "not applicable"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    line(text, format_args!("{name:<16}{}", parts.join(", ")));
}

/// Writing to a string does not fail.
fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{arguments}");
}
