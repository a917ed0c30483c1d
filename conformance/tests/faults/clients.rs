//! Faults that the cases of what clients in use need notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks};

pub(crate) fn rows() -> Vec<Row> {
    [uploads(), statuses(), pages()]
        .into_iter()
        .flatten()
        .collect()
}

fn uploads() -> Vec<Row> {
    vec![
        breaks(
            &["CLI-01.1", "CLI-01.2"],
            Fault::drop_header("upload-offset").on(Method::PATCH),
        ),
        breaks(
            &["CLI-01.3"],
            Fault::drop_header("upload-length").on(Method::HEAD),
        ),
        breaks(
            &["CLI-01.4"],
            Fault::set_status(400).when(|seen| seen.header("upload-length") == Some("0")),
        ),
        breaks(
            &["CLI-02.1", "CLI-02.2"],
            Fault::drop_header("upload-offset").on(Method::POST),
        ),
        breaks(
            &["CLI-03.1"],
            Fault::ignore_header("x-http-method-override"),
        ),
        breaks(&["CLI-04.1"], Fault::set_status(400).with("x-request-id")),
        breaks(&["CLI-05.1"], Fault::behaviour(Behaviour::ReversesParts)),
        breaks(
            &["CLI-06.1", "CLI-06.2"],
            Fault::behaviour(Behaviour::ForgetsDeclaredLength),
        ),
        breaks(
            &["CLI-07.1"],
            Fault::edit_header("location", |path| format!("http://null{path}")),
        ),
        breaks(
            &["CLI-08.1"],
            Fault::drop_header("upload-metadata").on(Method::HEAD),
        ),
        breaks(&["CLI-08.2"], Fault::behaviour(Behaviour::DeletesNothing)),
    ]
}

fn statuses() -> Vec<Row> {
    vec![
        breaks(&["H-23.1"], Fault::swap_status(409, 412)),
        breaks(&["H-23.2"], Fault::swap_status(413, 503)),
        breaks(&["H-23.3"], Fault::swap_status(412, 501)),
        breaks(&["H-23.4"], Fault::swap_status(415, 409)),
        breaks(&["CLI-09.1", "CLI-09.2"], Fault::swap_status(404, 503)),
    ]
}

fn pages() -> Vec<Row> {
    let allowed = "access-control-allow-headers";
    vec![
        breaks(
            &["CLI-10.1"],
            Fault::set_header("access-control-expose-headers", "X-Other"),
        ),
        breaks(
            &["CLI-10.2"],
            Fault::edit_header(allowed, |names| names.replace("X-Request-ID", "X-Other")),
        ),
        breaks(&["CLI-10.3"], Fault::set_header(allowed, "*")),
        breaks(
            &["CLI-10.4"],
            Fault::edit_header(allowed, |names| {
                names.replace("X-HTTP-Method-Override", "X-Other")
            }),
        ),
    ]
}
