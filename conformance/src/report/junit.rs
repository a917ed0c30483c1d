//! The report for JUnit, which most CI systems can read.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as JunitReport, TestCase, TestCaseStatus, TestSuite};

use super::{Finding, Outcome, Report};
use crate::catalogue::CHAPTERS;

/// One suite for each chapter.
pub(crate) fn junit(report: &Report) -> Result<String, quick_junit::SerializeError> {
    let mut junit = JunitReport::new(format!("{}, {}", report.name, report.protocol));
    junit.set_time(Duration::from_secs_f64(report.seconds));
    for chapter in CHAPTERS {
        let findings = report
            .findings
            .iter()
            .filter(|finding| finding.chapter == chapter.name);
        let cases: Vec<_> = findings.map(case).collect();
        if !cases.is_empty() {
            let mut suite = TestSuite::new(chapter.name);
            suite.add_test_cases(cases);
            junit.add_test_suite(suite);
        }
    }
    junit.to_string()
}

fn case(finding: &Finding) -> TestCase {
    let status = match &finding.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed { expected, observed } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(format!("expected {expected}, observed {observed}"));
            status.set_description(transcript(finding));
            status
        }
        Outcome::Blocked { reason } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(reason.clone());
            status.set_description(transcript(finding));
            status
        }
        Outcome::NotApplicable { reason } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason.clone());
            status
        }
    };
    let mut case = TestCase::new(format!("{} {}", finding.id, finding.about), status);
    case.set_classname(finding.chapter.clone());
    case.set_time(Duration::from_secs_f64(finding.seconds));
    case
}

fn transcript(finding: &Finding) -> String {
    let mut text = format!(
        "{} {}: {}\n",
        finding.strength, finding.section, finding.statement
    );
    for entry in &finding.transcript {
        text.push_str(&format!("\n{}\n\n{}\n", entry.sent, entry.received));
    }
    text
}
