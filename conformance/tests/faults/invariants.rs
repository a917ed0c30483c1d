//! Faults that the cases notice which look at every answer.

use http::Method;
use tus_reference::Fault;

use crate::row::{Row, breaks};

pub(crate) fn rows() -> Vec<Row> {
    let head = Method::HEAD;
    [
        breaks(
            &["INV-1.1"],
            Fault::drop_header("tus-resumable").on(head.clone()),
        ),
        breaks(&["INV-2.1"], Fault::set_status(500).on(head.clone())),
        breaks(&["INV-3.1"], Fault::response_bytes(claims_content)),
        breaks(
            &["INV-5.1"],
            Fault::set_header("upload-offset", "0").on(head.clone()),
        ),
        breaks(
            &["INV-5.2"],
            Fault::set_header("upload-offset", "6").on(head.clone()),
        ),
        breaks(
            &["INV-6.1"],
            Fault::set_header("upload-length", "+5").on(head),
        ),
    ]
    .into_iter()
    .map(|row| row.beside(&["CORE-17.2"]))
    .collect()
}

/// 204 with a length, which no HTTP library lets out.
fn claims_content(head: &mut Vec<u8>) {
    if head.starts_with(b"HTTP/1.1 204") {
        head.truncate(head.len().saturating_sub(2));
        head.extend_from_slice(b"content-length: 0\r\n\r\n");
    }
}
