//! Where uploads are: where the server says, and nowhere else.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::support::{Subject, conformance, printed};

/// The path stays as it is, whatever the authority before it.
fn elsewhere(authority: &'static str) -> Fault {
    Fault::edit_header("location", move |location| {
        let path = location
            .find("/files")
            .and_then(|start| location.get(start..));
        format!("http://{authority}{}", path.unwrap_or_default())
    })
    .on(Method::POST)
}

#[test]
fn an_upload_on_another_host_is_followed_there() {
    // Nothing listens at either of them; the server that was asked has the upload all the same.
    for authority in ["127.0.0.1:9", "upload.invalid"] {
        let subject = Subject::start(elsewhere(authority));
        let output = conformance(&[&subject.url(), "--filter=CORE-17.1"]);
        assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    }
}

#[test]
fn the_rest_is_done_where_an_upload_is() {
    let other = Subject::start(Fault::none());
    let authority: &'static str = other.server.address().to_string().leak();
    let subject = Subject::start(elsewhere(authority));
    // The other server has no such upload, and says so itself.
    let output = conformance(&[&subject.url(), "--filter=CORE-17.1"]);
    assert!(
        printed(&output).contains("< HTTP/1.1 404"),
        "{}",
        printed(&output)
    );
    // What needs one connection for all says nothing.
    let output = conformance(&[&subject.url(), "--filter=TRN-13.1"]);
    assert!(
        printed(&output).contains("1 not applicable"),
        "{}",
        printed(&output)
    );
}

#[test]
fn nothing_is_far_from_ids_that_are_counted() {
    let subject = Subject::start(Fault::behaviour(Behaviour::CountsIds));
    let output = conformance(&[&subject.url(), "--filter=CORE-19", "--filter=CORE-28"]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
}
