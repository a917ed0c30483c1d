//! The matrix: several servers side by side, in Markdown.

use super::{Finding, Outcome, Report};
use crate::catalogue::{CHAPTERS, Chapter, statement_of};

/// A summary by chapter, and every case in which some server is not as it should be. Reports with the
/// same name, over the same version of HTTP, are of one server that was set up in several ways.
pub(crate) fn matrix(reports: &[Report]) -> String {
    let reports = &joined(reports);
    let names: Vec<_> = reports.iter().map(name).collect();
    let mut text = head("Passed of those that apply", &names);
    for chapter in CHAPTERS {
        row(&mut text, chapter.name, reports, |report| {
            share(report, Some(chapter))
        });
    }
    row(&mut text, "**all**", reports, |report| share(report, None));
    text.push('\n');
    text.push_str(&head("Case", &names));
    for case in crate::catalogue::cases() {
        let is_bad =
            |report: &Report| find(report, case.id).is_some_and(|finding| finding.outcome.is_bad());
        if reports.iter().any(is_bad) {
            let strength = case
                .strength
                .or(statement_of(case).map(|statement| statement.strength));
            let strength = strength.map(|strength| strength.to_string());
            let strength = strength.unwrap_or_default();
            let title = format!("`{}` {strength} {}", case.id, escape(case.about));
            row(&mut text, &title, reports, |report| {
                mark(find(report, case.id))
            });
        }
    }
    text
}

/// One report for each server: of a case that ran several times, what came out when it applied, and the
/// worse where that differs.
fn joined(reports: &[Report]) -> Vec<Report> {
    let mut all: Vec<Report> = Vec::new();
    for report in reports {
        let is_same = |other: &&mut Report| name(other) == name(report);
        match all.iter_mut().find(is_same) {
            Some(other) => join(other, report),
            None => all.push(report.clone()),
        }
    }
    all
}

fn join(report: &mut Report, other: &Report) {
    for finding in &other.findings {
        match report.findings.iter_mut().find(|has| has.id == finding.id) {
            None => report.findings.push(finding.clone()),
            Some(has) if outweighs(&finding.outcome, &has.outcome) => has.clone_from(finding),
            Some(_) => {}
        }
    }
}

/// Whether an outcome counts where another one of the same case is there: bad ones do, and then those
/// of cases that applied.
const fn outweighs(outcome: &Outcome, other: &Outcome) -> bool {
    !other.is_bad() && (outcome.is_bad() || matches!(other, Outcome::NotApplicable { .. }))
}

fn name(report: &Report) -> String {
    match report.protocol {
        crate::http::Protocol::Http1 => report.name.clone(),
        crate::http::Protocol::Http2 => format!("{} ({})", report.name, report.protocol),
    }
}

fn head(title: &str, names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| escape(name)).collect();
    format!(
        "| {title} | {} |\n|---|{}\n",
        names.join(" | "),
        "---|".repeat(names.len())
    )
}

fn row(text: &mut String, title: &str, reports: &[Report], cell: impl Fn(&Report) -> String) {
    let cells: Vec<_> = reports.iter().map(cell).collect();
    text.push_str(&format!("| {title} | {} |\n", cells.join(" | ")));
}

fn share(report: &Report, chapter: Option<&Chapter>) -> String {
    let findings = report.findings.iter();
    let counted =
        findings.filter(|finding| chapter.is_none_or(|chapter| finding.chapter == chapter.name));
    let (mut passed, mut judged) = (0, 0);
    for finding in counted {
        judged += usize::from(!matches!(finding.outcome, Outcome::NotApplicable { .. }));
        passed += usize::from(finding.outcome == Outcome::Passed);
    }
    match judged {
        0 => "–".to_owned(),
        _ => format!("{passed} of {judged}"),
    }
}

fn find<'a>(report: &'a Report, id: &str) -> Option<&'a Finding> {
    report.findings.iter().find(|finding| finding.id == id)
}

fn mark(finding: Option<&Finding>) -> String {
    match finding.map(|finding| &finding.outcome) {
        Some(Outcome::Passed) => "yes".to_owned(),
        Some(Outcome::Failed { .. }) => "**no**".to_owned(),
        Some(Outcome::Blocked { .. }) => "**blocked**".to_owned(),
        Some(Outcome::NotApplicable { .. }) | None => "–".to_owned(),
    }
}

pub(super) fn escape(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
