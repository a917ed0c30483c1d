//! Servers that the program is to start, and cannot.

use tus_reference::Fault;

use crate::support::{Subject, complained, conformance};

/// Nothing listens there.
const URL: &str = "http://127.0.0.1:9/files/";

#[test]
fn a_server_that_is_there_already_is_not_taken_for_the_one_that_is_started() {
    let subject = Subject::start(Fault::none());
    let output = conformance(&[&subject.url(), "--filter=RST-", "--start", "sleep 600"]);
    assert_eq!(output.status.code(), Some(2));
    let complaint = complained(&output);
    assert!(complaint.contains("before `sleep 600`"), "{complaint}");
}

#[test]
fn a_command_that_ends_is_told_of() {
    for (command, status) in [
        ("exit 3", "exit status: 3"),
        ("sleep 600 &", "exit status: 0"),
    ] {
        let output = conformance(&[URL, "--filter=RST-", "--start", command]);
        assert_eq!(output.status.code(), Some(2));
        let complaint = complained(&output);
        assert!(complaint.contains(status), "{complaint}");
    }
}
