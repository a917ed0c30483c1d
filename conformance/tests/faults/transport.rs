//! Faults that the cases of what HTTP does with bytes and connections notice.

use http::{Method, Version};
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks};

pub(crate) fn rows() -> Vec<Row> {
    [
        chunks(),
        framing(),
        expect(),
        connections(),
        heads(),
        http2(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn chunks() -> Vec<Row> {
    vec![
        breaks(
            &["TRN-01.1", "TRN-01.2", "TRN-01.3", "TRN-01.4"],
            Fault::behaviour(Behaviour::SpoilsBytes).with("transfer-encoding"),
        ),
        breaks(
            &["TRN-02.1"],
            Fault::set_header("upload-offset", "5").with("transfer-encoding"),
        ),
        breaks(
            &["TRN-01.5"],
            Fault::set_status(400).with("transfer-encoding"),
        ),
        breaks(
            &["TRN-05.1", "TRN-05.2", "TRN-05.3", "TRN-05.4"],
            Fault::behaviour(Behaviour::AcceptsBrokenBodies),
        ),
    ]
}

fn framing() -> Vec<Row> {
    vec![
        breaks(
            &["TRN-03.1", "TRN-03.2"],
            Fault::request_bytes(|head| remove_lines(head, "transfer-encoding")),
        ),
        breaks(
            &["TRN-04.1", "TRN-04.2", "TRN-04.3", "TRN-04.4"],
            Fault::request_bytes(|head| {
                if contains(head, "Transfer-Encoding") {
                    replace_lines(head, "transfer-encoding", "chunked");
                }
            }),
        ),
        breaks(
            &[
                "TRN-06.1", "TRN-06.2", "TRN-06.3", "TRN-06.4", "TRN-06.5", "TRN-06.6",
            ],
            Fault::request_bytes(|head| {
                if head.starts_with(b"PATCH") {
                    replace_lines(head, "content-length", "5");
                }
            }),
        ),
        breaks(
            &["TRN-06.7"],
            Fault::request_bytes(|head| {
                if head.starts_with(b"PATCH") {
                    replace_lines(head, "content-length", "4");
                }
            }),
        ),
        breaks(
            &["TRN-07.1", "TRN-07.2"],
            Fault::behaviour(Behaviour::IgnoresOverrun),
        ),
        breaks(&["TRN-07.3"], Fault::swap_status(413, 400)),
        breaks(
            &["TRN-23.1"],
            Fault::behaviour(Behaviour::SpoilsBytes).with("content-encoding"),
        ),
    ]
}

fn expect() -> Vec<Row> {
    vec![
        breaks(
            &["TRN-08.1", "TRN-08.2"],
            Fault::response_bytes(|head| replace(head, "100 Continue", "102 Processing")),
        ),
        breaks(
            &["TRN-08.2"],
            Fault::set_status(400)
                .with("expect")
                .with("transfer-encoding"),
        ),
        breaks(
            &["TRN-08.1"],
            Fault::set_header("upload-offset", "0").on(Method::HEAD),
        ),
        breaks(
            &["TRN-09.1", "TRN-09.2", "TRN-09.3", "TRN-09.4"],
            Fault::request_bytes(|head| {
                if contains(head, "100-continue") {
                    replace_lines(head, "content-length", "0");
                }
            }),
        ),
        breaks(
            &["TRN-09.5", "TRN-09.6", "TRN-09.7", "TRN-09.8"],
            Fault::behaviour(Behaviour::ContinuesBeforeChecking),
        ),
        breaks(&["TRN-10.1"], Fault::set_status(400).with("expect")),
        breaks(
            &["TRN-11.1"],
            Fault::response_bytes(|head| {
                if contains(head, " 204 ") {
                    let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
                    head.splice(..0, interim.iter().copied());
                }
            }),
        ),
        breaks(&["TRN-12.1"], Fault::set_status(417).with("expect")).over_http2(),
    ]
}

fn connections() -> Vec<Row> {
    vec![
        breaks(&["TRN-13.1"], Fault::behaviour(Behaviour::ReusesIds)),
        breaks(
            &["TRN-13.2"],
            Fault::set_header("upload-offset", "5").on(Method::HEAD),
        ),
        breaks(&["TRN-13.3"], Fault::request_bytes(forget_refused_content)),
        breaks(
            &["TRN-14.1"],
            Fault::set_status(400).when(|seen| seen.version == Version::HTTP_10),
        ),
        breaks(
            &["TRN-14.2"],
            Fault::request_bytes(|head| replace(head, "HTTP/1.0", "HTTP/1.1\r\nHost: localhost")),
        ),
        breaks(
            &["TRN-14.3"],
            Fault::response_bytes(|head| {
                if head.starts_with(b"HTTP/1.0 200") {
                    replace(head, "\r\n\r\n", "\r\ntransfer-encoding: identity\r\n\r\n");
                }
            }),
        ),
        breaks(
            &["TRN-15.1", "TRN-15.2", "TRN-15.3"],
            Fault::request_bytes(|head| replace_lines(head, "host", "localhost")),
        ),
        breaks(
            &["TRN-19.1"],
            Fault::set_status(404).when(|seen| seen.target.authority().is_some()),
        ),
        breaks(
            &["TRN-24.1"],
            Fault::set_header("connection", "close")
                .on(Method::PATCH)
                .and(Fault::response_bytes(|head| {
                    remove_lines(head, "connection");
                })),
        ),
        breaks(
            &["TRN-24.2"],
            Fault::request_bytes(|head| remove_lines(head, "connection")),
        ),
    ]
}

fn heads() -> Vec<Row> {
    vec![
        breaks(
            &[
                "TRN-20.1", "TRN-20.2", "TRN-20.3", "TRN-20.4", "TRN-20.5", "TRN-20.6",
            ],
            Fault::request_bytes(|head| {
                if head.starts_with(b"PO") {
                    let creation = b"POST /files HTTP/1.1\r\nHost: localhost\r\n\
                        Tus-Resumable: 1.0.0\r\nUpload-Length: 10\r\nContent-Length: 0\r\n\r\n";
                    *head = creation.to_vec();
                }
            }),
        ),
        breaks(
            &["H-08.1", "H-08.2", "H-08.3"],
            Fault::response_bytes(|head| {
                replace(head, " 431 ", " 500 ");
                replace(head, " 414 ", " 500 ");
            }),
        ),
    ]
}

fn http2() -> Vec<Row> {
    vec![
        breaks(
            &["TRN-16.1", "TRN-16.2"],
            Fault::set_header("upload-offset", "6").on(Method::HEAD),
        )
        .over_http2(),
        breaks(&["TRN-16.3"], Fault::behaviour(Behaviour::SpoilsBytes)).over_http2(),
        breaks(&["TRN-17.1"], Fault::behaviour(Behaviour::EndsWithStream)).over_http2(),
    ]
}

/// A server that believes that there is no content where it does not want it.
pub(crate) fn forget_refused_content(head: &mut Vec<u8>) {
    if contains(head, "Upload-Offset: 7\r\n") {
        replace_lines(head, "content-length", "0");
    }
}

fn contains(head: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(head).contains(text)
}

fn replace(head: &mut Vec<u8>, text: &str, other: &str) {
    *head = String::from_utf8_lossy(head)
        .replace(text, other)
        .into_bytes();
}

fn remove_lines(head: &mut Vec<u8>, name: &str) {
    let text = String::from_utf8_lossy(head).into_owned();
    let is_other = |line: &&str| {
        let named = line.split(':').next().unwrap_or_default();
        !named.eq_ignore_ascii_case(name)
    };
    let lines: Vec<_> = text.split("\r\n").filter(is_other).collect();
    *head = lines.join("\r\n").into_bytes();
}

/// One line with this value, whatever there was.
fn replace_lines(head: &mut Vec<u8>, name: &str, value: &str) {
    remove_lines(head, name);
    replace(head, "\r\n\r\n", &format!("\r\n{name}: {value}\r\n\r\n"));
}
