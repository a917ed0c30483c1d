//! Servers of which a case asks more than they offer.

use http::Method;
use tus_reference::Fault;

use crate::support::{Subject, conformance, printed};

/// A case that makes an upload of five bytes does not judge this server.
fn is_not_judged(fault: Fault) {
    let subject = Subject::start(fault);
    let output = conformance(&[&subject.url(), "--filter=CORE-17.1", "--filter=CWU-04.1"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("2 not applicable"), "{text}");
}

#[test]
fn an_upload_that_is_too_large_for_the_server() {
    is_not_judged(Fault::edit_header("tus-max-size", |_| "3".to_owned()));
}

#[test]
fn a_server_that_makes_no_uploads() {
    let unannounced = Fault::edit_header("tus-extension", |_| "termination".to_owned());
    is_not_judged(unannounced.and(Fault::set_status(405).on(Method::POST)));
}
