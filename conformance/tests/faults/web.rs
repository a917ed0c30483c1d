//! Faults that the cases of what is expected of servers on the web notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks};

/// More than a few times what is downloaded.
static MANY_BYTES: [u8; 300_000] = [0; 300_000];

pub(crate) fn rows() -> Vec<Row> {
    [pages(), methods(), answers(), downloads(), conditions()]
        .into_iter()
        .flatten()
        .collect()
}

fn pages() -> Vec<Row> {
    vec![
        breaks(
            &[
                "H-01.1", "H-01.2", "H-01.3", "H-01.4", "H-01.5", "H-01.6", "H-01.7",
            ],
            Fault::set_header("access-control-allow-headers", "X-Other"),
        ),
        breaks(
            &["H-01.1", "H-01.4"],
            Fault::set_header("access-control-allow-methods", "GET, HEAD, POST"),
        ),
        breaks(
            &["H-02.1", "H-02.2", "H-02.3", "H-02.4", "H-02.5"],
            Fault::set_header("access-control-expose-headers", "X-Other"),
        ),
        breaks(
            &["H-03.1", "H-03.2", "H-03.3", "H-03.4", "H-03.5"],
            Fault::drop_header("access-control-allow-origin")
                .without("access-control-request-method"),
        ),
        breaks(&["H-04.1"], Fault::drop_header("vary")),
        breaks(
            &["H-04.2"],
            Fault::set_header("access-control-allow-origin", "*").and(Fault::set_header(
                "access-control-allow-credentials",
                "true",
            )),
        ),
    ]
}

fn methods() -> Vec<Row> {
    vec![
        breaks(&["H-05.1", "H-05.2"], Fault::drop_header("allow")),
        breaks(
            &["H-06.1"],
            Fault::read_method_as(Method::PATCH).on(Method::PUT),
        ),
        breaks(
            &["H-06.2"],
            Fault::set_status(204)
                .on(Method::PATCH)
                .when(|seen| !seen.is_below("/files")),
        ),
        breaks(&["H-06.3"], Fault::swap_status(405, 400)),
        breaks(&["H-06.4", "H-06.5"], Fault::swap_status(405, 404)),
    ]
}

fn answers() -> Vec<Row> {
    vec![
        breaks(&["H-12.1"], Fault::drop_header("content-type")),
        breaks(
            &["H-26.1"],
            Fault::set_header("content-type", "text/html")
                .and(Fault::set_body(b"<script>alert(1)</script>"))
                .at(400),
        ),
        breaks(
            &["H-19.1", "H-19.2"],
            Fault::set_header("date", "yesterday"),
        ),
        breaks(
            &["H-24.1"],
            Fault::response_bytes(|head| go_on(head, " 200 ")),
        ),
        breaks(
            &["H-24.2"],
            Fault::response_bytes(|head| go_on(head, " 404 ")),
        ),
        breaks(
            &["H-24.3"],
            Fault::response_bytes(|head| go_on(head, " 204 ")),
        ),
    ]
}

fn downloads() -> Vec<Row> {
    let get = Method::GET;
    vec![
        breaks(&["H-14.1"], Fault::behaviour(Behaviour::SpoilsBytes)),
        breaks(
            &["H-25.1", "H-25.2"],
            Fault::swap_status(404, 200).on(get.clone()),
        ),
        breaks(
            &["H-17.1", "H-17.2", "H-17.3"],
            Fault::drop_header("content-security-policy")
                .and(Fault::set_header("content-disposition", "inline"))
                .on(get.clone()),
        ),
        breaks(
            &["H-17.4"],
            Fault::set_header("x-injected", "1").on(get.clone()),
        ),
        breaks(
            &["H-18.1", "H-18.2", "H-18.3", "H-18.4"],
            Fault::set_header("content-disposition", "attachment; filename=\"a\\\"").on(get),
        ),
    ]
}

fn conditions() -> Vec<Row> {
    vec![
        breaks(&["H-15.1"], Fault::set_header("etag", "no quotes")),
        breaks(&["H-15.2"], Fault::ignore_header("if-none-match")),
        breaks(&["H-15.3"], Fault::set_status(304).with("if-none-match")),
        breaks(&["H-15.4"], Fault::set_status(412).with("if-match")),
        breaks(&["H-15.5"], Fault::ignore_header("if-match")),
        breaks(
            &["H-16.1", "H-16.2", "H-16.3", "H-16.4"],
            Fault::set_body(b"other bytes").at(206),
        ),
        breaks(
            &["H-16.1", "H-16.2", "H-16.3", "H-16.4"],
            Fault::swap_status(206, 200).when(|seen| seen.header("range") != Some("bytes=0-0")),
        ),
        breaks(&["H-16.5"], Fault::drop_header("content-range").at(416)),
        breaks(
            &["H-16.6"],
            Fault::rewrite_header("range", |range| range.replace("words", "bytes")),
        ),
        breaks(
            &["H-16.7"],
            Fault::set_body(&MANY_BYTES).when(|seen| {
                let ranges = seen.header("range");
                ranges.is_some_and(|ranges| ranges.contains(','))
            }),
        ),
        breaks(&["H-16.8"], Fault::ignore_header("if-range")),
    ]
}

/// Content behind the head of an answer with this status, of which the head says nothing.
fn go_on(head: &mut Vec<u8>, status: &str) {
    if String::from_utf8_lossy(head).contains(status) {
        head.extend_from_slice(b"content");
    }
}
