use http::Response;

use super::*;
use crate::fixtures::{SPOKEN, headers, parts, protocol};
use crate::protocol::Protocol;
use crate::request::route;
use crate::response::{Asked, Outcome, respond};

const HERE: (&str, &str) = ("origin", "https://here.example");
const OTHER: (&str, &str) = ("origin", "https://other.example");

fn answer(cors: Option<Cors>, method: &str, lines: &[(&str, &str)]) -> Response<()> {
    let protocol = Protocol { cors, ..protocol() };
    let parts = parts(method, "/files/abc", lines);
    let operation = route(&parts, &protocol).ok();
    respond(
        &Outcome::Options,
        &Asked::new(&parts, operation.as_ref()),
        &protocol,
    )
}

fn header<'r>(response: &'r Response<()>, name: &str) -> Option<&'r str> {
    Some(response.headers().get(name)?.to_str().unwrap())
}

fn listed() -> Cors {
    Cors::default().origins([HERE.1])
}

#[test]
fn browsers_are_told_whether_their_origin_may() {
    let any = Cors::default;
    #[rustfmt::skip]
    let rows = [
        ("H-03", Some(any()), vec![OTHER], Some("*"), None),
        ("H-03", Some(any()), vec![], None, None),
        ("H-04", Some(any().credentials(true)), vec![OTHER], Some(OTHER.1), Some("true")),
        ("H-04", Some(listed()), vec![HERE], Some(HERE.1), None),
        ("H-04", Some(listed()), vec![OTHER], None, None),
        ("H-04", Some(listed()), vec![("origin", "https://here.example.evil")], None, None),
        ("H-04", Some(listed().credentials(true)), vec![HERE], Some(HERE.1), Some("true")),
        ("H-04", Some(listed().credentials(true)), vec![OTHER], None, None),
        ("H-04", Some(listed()), vec![], None, None),
        ("H-03", None, vec![HERE], None, None),
    ];
    for (id, cors, lines, origin, credentials) in rows {
        let vary = cors.is_some().then_some("Origin");
        let response = answer(cors, "OPTIONS", &lines);
        let header = |name| header(&response, name);
        assert_eq!(
            header("access-control-allow-origin"),
            origin,
            "{id} {lines:?}"
        );
        let allowed = header("access-control-allow-credentials");
        assert_eq!(allowed, credentials, "{id} {lines:?}");
        assert_eq!(header("vary"), vary, "H-04 {lines:?}");
        let exposed = header("access-control-expose-headers");
        assert_eq!(exposed.is_some(), origin.is_some(), "{id} {lines:?}");
    }
}

#[test]
fn browsers_ask_before_they_send() {
    let preflight = ("access-control-request-method", "PATCH");
    let response = answer(Some(Cors::default()), "OPTIONS", &[HERE, preflight]);
    assert_eq!(response.status(), 204, "H-01");
    let told = |name| header(&response, name);
    assert_eq!(
        told("access-control-allow-methods"),
        Some("POST, HEAD, PATCH, GET, DELETE, OPTIONS"),
        "H-01"
    );
    assert_eq!(told("access-control-max-age"), Some("86400"), "H-01");
    assert_eq!(told("access-control-expose-headers"), None, "H-01");
    let allowed = told("access-control-allow-headers").unwrap();
    #[rustfmt::skip]
    let values = [
        "Authorization", "Content-Type", "Origin", "X-Requested-With", "X-Request-ID",
        "X-HTTP-Method-Override", "Tus-Resumable", "Upload-Length", "Upload-Offset",
        "Upload-Metadata", "Upload-Defer-Length", "Upload-Concat", "Upload-Checksum",
        "Upload-Complete", "Upload-Draft-Interop-Version", "Content-Digest", "Repr-Digest",
        "If-Match", "Range",
    ];
    for name in values {
        assert!(
            allowed.split(", ").any(|allowed| allowed == name),
            "H-01 {name}"
        );
    }
    #[rustfmt::skip]
    let rows = [
        ("H-01", "OPTIONS", [HERE, SPOKEN]),
        ("H-02", "PATCH", [HERE, preflight]),
        ("H-04", "OPTIONS", [SPOKEN, preflight]),
    ];
    for (id, method, lines) in rows {
        let response = answer(Some(listed()), method, &lines);
        assert_eq!(
            header(&response, "access-control-allow-methods"),
            None,
            "{id}"
        );
    }
}

#[test]
fn scripts_see_the_headers_that_they_need() {
    let response = answer(Some(Cors::default()), "PATCH", &[HERE]);
    let exposed = header(&response, "access-control-expose-headers").unwrap();
    #[rustfmt::skip]
    let values = [
        "Location", "Upload-Offset", "Upload-Length", "Upload-Defer-Length", "Upload-Metadata",
        "Upload-Expires", "Upload-Concat", "Tus-Resumable", "Tus-Version", "Tus-Extension",
        "Tus-Max-Size", "Tus-Checksum-Algorithm", "Upload-Complete", "Upload-Limit",
        "Upload-Draft-Interop-Version", "Retry-After", "ETag", "Content-Disposition",
        "Content-Range",
    ];
    for name in values {
        assert!(
            exposed.split(", ").any(|exposed| exposed == name),
            "H-02 {name}"
        );
    }
}

#[test]
fn other_reasons_to_vary_stay() {
    let mut answer = headers(&[("vary", "Range")]);
    Cors::default().apply(&headers(&[HERE]), false, &mut answer);
    let vary: Vec<_> = answer.get_all(VARY).iter().collect();
    assert_eq!(vary, ["Range", "Origin"], "H-04");
}
