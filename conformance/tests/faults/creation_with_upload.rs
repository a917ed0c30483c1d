//! Faults that the cases of creations with bytes notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks, conceals};

pub(crate) fn rows() -> Vec<Row> {
    vec![
        breaks(&["CWU-01.1"], conceals("creation")),
        breaks(&["CWU-01.2"], conceals("creation-with-upload")),
        breaks(
            &[
                "CWU-02.1", "CWU-02.2", "CWU-02.3", "CWU-02.4", "CWU-04.1", "CWU-04.2", "CWU-04.3",
                "CWU-07.3", "CWU-07.4",
            ],
            Fault::behaviour(Behaviour::IgnoresCreationBody),
        ),
        breaks(
            &["CWU-03.1", "CWU-03.3"],
            Fault::replace_header("content-type", "application/offset+octet-stream")
                .on(Method::POST),
        ),
        breaks(
            &["CWU-03.2"],
            Fault::set_status(415).on(Method::POST).with("content-type"),
        ),
        breaks(
            &["CWU-05.1", "CWU-05.2"],
            Fault::drop_header("upload-offset").on(Method::POST),
        ),
        breaks(
            &["CWU-06.1"],
            Fault::response_bytes(never_continues).and(Fault::behaviour(Behaviour::NeverTimesOut)),
        )
        .by_silence(),
        breaks(
            &["CWU-06.2", "CWU-06.3"],
            Fault::behaviour(Behaviour::ContinuesBeforeChecking),
        ),
        breaks(
            &["CWU-07.1", "CWU-07.2", "CWU-07.7", "CWU-07.8"],
            Fault::behaviour(Behaviour::IgnoresOverrun),
        ),
        breaks(
            &["CWU-07.5", "CWU-07.6"],
            Fault::ignore_header("upload-checksum").on(Method::POST),
        ),
        breaks(
            &["CWU-07.9"],
            Fault::ignore_header("upload-offset").on(Method::POST),
        ),
    ]
}

/// Heads of interim answers do not come.
fn never_continues(head: &mut Vec<u8>) {
    if head.starts_with(b"HTTP/1.1 100") {
        head.clear();
    }
}
