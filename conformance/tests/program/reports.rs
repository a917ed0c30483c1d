//! What the program says, and how.

use http::Method;
use tempfile::TempDir;
use tus_conformance::report::{Outcome, Report};
use tus_reference::Fault;

use crate::support::{Subject, complained, conformance, printed};

fn without_offsets() -> Fault {
    Fault::drop_header("upload-offset").on(Method::HEAD)
}

#[test]
fn a_server_that_is_right_is_a_success() {
    let subject = Subject::start(Fault::none());
    let output = conformance(&[&subject.url(), "--filter", "CORE-17"]);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    assert!(
        printed(&output).contains("4 passed"),
        "{}",
        printed(&output)
    );
}

#[test]
fn a_failure_is_explained() {
    let subject = Subject::start(without_offsets());
    let output = conformance(&[&subject.url(), "--filter", "CORE-17.2"]);
    assert_eq!(output.status.code(), Some(1));
    let text = printed(&output);
    for part in [
        "FAILED CORE-17.2 MUST",
        "expected  `upload-offset: 3`",
        "observed  no field `upload-offset`",
        "Core Protocol: HEAD",
        "> HEAD /files/",
        "< HTTP/1.1 200",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_server_that_does_not_answer_cannot_be_judged() {
    let output = conformance(&["http://127.0.0.1:9/files/"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complained(&output).contains("nothing answers at http://127.0.0.1:9/files/"));
}

#[test]
fn what_is_no_url_of_a_server_is_refused() {
    for url in ["files", "ftp://host/", "http://"] {
        assert_eq!(conformance(&[url]).status.code(), Some(2), "{url}");
    }
}

#[test]
fn filters_that_leave_nothing_are_a_mistake() {
    let output = conformance(&["--list", "--filter", "no case has this text"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn cases_are_listed_by_strength_and_text() {
    let listed = |arguments: &[&str]| printed(&conformance(arguments)).lines().count();
    let all = listed(&["--list", "--resolutions"]);
    let by_the_documents = listed(&["--list"]);
    let requirements = listed(&["--list", "--strength", "must"]);
    assert!(requirements < by_the_documents && by_the_documents < all);
    assert_eq!(listed(&["--list", "--filter", "core-17.1"]), 2);
}

#[test]
fn a_report_can_be_read_again() {
    let subject = Subject::start(without_offsets());
    let directory = TempDir::new().unwrap();
    let json = directory.path().join("report.json");
    let junit = directory.path().join("report.xml");
    let output = conformance(&[
        &subject.url(),
        "--filter=CORE-17.1",
        "--filter=CORE-18.1",
        "--name=broken",
        "--json",
        json.to_str().unwrap(),
        "--junit",
        junit.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));

    let report: Report = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(report.name, "broken");
    assert_eq!(report.findings.len(), 2);
    assert!(matches!(report.findings[0].outcome, Outcome::Failed { .. }));
    assert!(
        report.findings[0].transcript[1]
            .sent
            .starts_with("HEAD /files/")
    );
    assert_eq!(report.findings[1].outcome, Outcome::Passed);
    assert!(report.findings[1].transcript.is_empty());

    let junit = std::fs::read_to_string(&junit).unwrap();
    assert!(
        junit.contains(r#"tests="2""#) && junit.contains(r#"failures="1""#),
        "{junit}"
    );

    let matrix = conformance(&["matrix", json.to_str().unwrap(), json.to_str().unwrap()]);
    let matrix = printed(&matrix);
    // Two reports with one name are of one server.
    assert!(matrix.contains("apply | broken |\n"), "{matrix}");
    assert!(matrix.contains("| Core protocol | 1 of 2 |\n"), "{matrix}");
    assert!(
        matrix.contains("| `CORE-17.1` MUST the offset of an empty upload is 0 | **no** |"),
        "{matrix}"
    );
    assert!(!matrix.contains("CORE-18.1"), "{matrix}");
}

#[test]
fn fields_are_added_to_each_request() {
    let subject = Subject::start(Fault::set_status(401).without("authorization"));
    let without = conformance(&[&subject.url(), "--filter", "CORE-17"]);
    assert_eq!(without.status.code(), Some(1));
    let with = conformance(&[
        &subject.url(),
        "--filter",
        "CORE-17",
        "--header",
        "Authorization: Bearer of-a-test",
    ]);
    assert_eq!(with.status.code(), Some(0), "{}", printed(&with));
}

#[test]
fn the_values_of_added_fields_are_not_told() {
    let directory = TempDir::new().unwrap();
    let json = directory.path().join("report.json");
    let subject = Subject::start(Fault::set_status(500));
    let url = subject.url().replace("http://", "http://of-a:test@");
    let output = conformance(&[
        &url,
        // One writes its requests by hand.
        "--filter=CORE-17.1",
        "--filter=TRN-20.1",
        "--header=Authorization: Bearer \"of-a-test\"",
        "--json",
        json.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    let json = std::fs::read_to_string(&json).unwrap();
    for text in [printed(&output), json] {
        assert!(text.contains("Authorization: (not shown)"), "{text}");
        assert!(!text.contains("of-a"), "{text}");
    }
}

#[test]
fn answers_to_get_that_are_no_downloads_are_none() {
    let conclusion = |content: &'static [u8]| {
        let subject = Subject::start(Fault::set_body(content).on(Method::GET));
        printed(&conformance(&[&subject.url(), "--filter=CWU-02.2"]))
    };
    let other = conclusion(b"{\"offset\":5}");
    assert!(other.contains("1 not applicable"), "{other}");
    let spoilt = conclusion(b"HELLO");
    assert!(spoilt.contains("FAILED CWU-02.2"), "{spoilt}");
}

#[test]
fn a_matrix_keeps_what_failed_in_any_report() {
    let directory = TempDir::new().unwrap();
    let report = |name: &str, fault: Fault| {
        let subject = Subject::start(fault);
        let file = directory.path().join(name);
        let file = file.to_str().unwrap().to_owned();
        conformance(&[
            &subject.url(),
            "--filter=CORE-17.1",
            "--name=x",
            "--json",
            &file,
        ]);
        file
    };
    let (good, bad) = (
        report("good", Fault::none()),
        report("bad", without_offsets()),
    );
    for reports in [[&good, &bad], [&bad, &good]] {
        let matrix = printed(&conformance(&["matrix", reports[0], reports[1]]));
        assert!(matrix.contains("is 0 | **no** |"), "{matrix}");
    }
}
