//! Faults that the cases of creation notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::heads::{keeps_white_space, misreads, said};
use crate::row::{Row, breaks};

pub(crate) fn rows() -> Vec<Row> {
    [
        post(),
        empty(),
        max_size(),
        lengths(),
        metadata_kept(),
        metadata(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn post() -> Vec<Row> {
    let post = |fault: Fault| fault.on(Method::POST);
    vec![
        breaks(&["CRE-01.1"], post(Fault::swap_status(201, 200))),
        breaks(
            &["CRE-02.1"],
            Fault::set_header("tus-extension", "termination").on(Method::OPTIONS),
        ),
        breaks(
            &["CRE-03.1", "CRE-03.2"],
            post(Fault::replace_header("upload-length", "5")).without("upload-length"),
        ),
        breaks(&["CRE-03.3"], post(Fault::swap_status(405, 201))),
        breaks(&["CRE-04.1"], post(Fault::drop_header("location"))),
        breaks(&["CRE-04.2"], Fault::behaviour(Behaviour::ReusesIds)),
        breaks(
            &["CRE-04.3"],
            post(Fault::set_header("location", "http://null/files/1")),
        ),
        breaks(
            &["CRE-05.1"],
            Fault::set_header("upload-offset", "1").on(Method::HEAD),
        ),
        breaks(
            &["CRE-05.2"],
            Fault::swap_status(204, 409).on(Method::PATCH),
        ),
    ]
}

fn empty() -> Vec<Row> {
    vec![
        breaks(
            &["CRE-06.1"],
            Fault::set_status(400).when(said("upload-length", "0")),
        ),
        breaks(&["CRE-06.2"], Fault::set_body(b"bytes").on(Method::GET)),
        breaks(&["CRE-06.3"], Fault::set_status(400).on(Method::PATCH)),
        breaks(
            &["CRE-06.4", "CRE-06.5"],
            Fault::behaviour(Behaviour::IgnoresOverrun),
        ),
    ]
}

fn max_size() -> Vec<Row> {
    vec![
        breaks(
            &["CRE-09.1", "CRE-09.2"],
            Fault::behaviour(Behaviour::IgnoresMaxSize),
        ),
        breaks(&["CRE-09.3"], Fault::swap_status(201, 413).on(Method::POST)),
        breaks(
            &["CRE-09.4"],
            Fault::drop_header("tus-max-size").on(Method::POST),
        ),
    ]
}

fn lengths() -> Vec<Row> {
    let sees_another = || Fault::replace_header("upload-length", "7").on(Method::POST);
    vec![
        breaks(
            &[
                "LEN-01.1", "LEN-01.2", "LEN-02.1", "LEN-02.2", "LEN-03.1", "LEN-03.2", "LEN-04.1",
                "LEN-04.2", "LEN-04.3", "LEN-04.4", "LEN-06.1", "LEN-06.2", "LEN-06.3", "LEN-07.1",
                "LEN-07.2", "LEN-07.3", "LEN-07.4", "LEN-07.5", "LEN-07.6", "LEN-07.7", "LEN-07.8",
                "LEN-08.1", "LEN-08.2", "LEN-09.1", "LEN-09.2", "LEN-09.3", "LEN-09.4", "LEN-10.1",
                "LEN-13.1", "LEN-14.1", "LEN-14.2", "LEN-15.1", "LEN-15.2", "LEN-16.1", "LEN-16.2",
                "LEN-16.3", "LEN-17.1", "LEN-17.2", "LEN-18.1", "LEN-18.2", "LEN-19.1", "LEN-20.1",
                "LEN-23.1",
            ],
            sees_another(),
        ),
        breaks(&["LEN-05.1", "LEN-05.2"], keeps_white_space()),
        breaks(
            &["LEN-06.4", "LEN-23.2"],
            Fault::set_status(500).on(Method::POST),
        ),
        breaks(&["LEN-21.1"], misreads(b"5\0", b"50")),
        breaks(&["LEN-21.2"], misreads(b"5\r ", b"50 ")),
        breaks(&["LEN-22.1"], misreads(b"UPLOAD-LENGTH", b"another-length")),
        breaks(&["LEN-22.2"], misreads(b"upload-length", b"another-length")),
        breaks(
            &["LEN-24.1"],
            Fault::set_header("upload-length", "6")
                .on(Method::HEAD)
                .with("upload-length"),
        ),
        breaks(
            &["LEN-24.2"],
            Fault::set_status(400)
                .on(Method::DELETE)
                .with("upload-length"),
        ),
    ]
}

fn metadata_kept() -> Vec<Row> {
    vec![
        breaks(
            &["CRE-08.1", "CRE-08.2", "CRE-08.3", "CRE-08.4", "CRE-08.5"],
            Fault::drop_header("upload-metadata").on(Method::HEAD),
        ),
        breaks(
            &[
                "CRE-08.6",
                "CRE-08.7",
                "META-15.2",
                "META-18.1",
                "META-18.2",
            ],
            Fault::set_header("upload-metadata", "j dg==").on(Method::HEAD),
        ),
        breaks(
            &["CRE-12.1"],
            Fault::add_header("set-cookie", "x=1").on(Method::GET),
        ),
    ]
}

fn metadata() -> Vec<Row> {
    vec![
        breaks(
            &[
                "META-01.1",
                "META-02.1",
                "META-03.1",
                "META-03.3",
                "META-09.2",
                "META-09.3",
                "META-13.1",
                "META-14.1",
                "META-14.2",
                "META-16.1",
                "META-16.2",
                "META-16.3",
                "META-16.4",
            ],
            Fault::edit_header("upload-metadata", str::to_ascii_uppercase).on(Method::HEAD),
        ),
        breaks(
            &[
                "META-01.2",
                "META-02.2",
                "META-03.2",
                "META-05.2",
                "META-11.1",
                "META-13.2",
                "META-14.3",
                "META-16.5",
            ],
            Fault::edit_header("upload-metadata", |metadata| format!("a,{metadata}"))
                .on(Method::HEAD),
        ),
        breaks(
            &[
                "META-04.2",
                "META-04.3",
                "META-06.2",
                "META-06.3",
                "META-06.4",
                "META-07.2",
                "META-08.2",
                "META-08.3",
                "META-08.4",
                "META-10.3",
                "META-10.4",
                "META-10.5",
                "META-10.6",
                "META-10.7",
                "META-10.8",
                "META-12.3",
                "META-12.4",
            ],
            Fault::ignore_header("upload-metadata").on(Method::POST),
        ),
        breaks(&["META-13.3"], misreads(b"\x7f", b"x")),
        breaks(
            &[
                "META-04.1",
                "META-05.1",
                "META-06.1",
                "META-07.1",
                "META-08.1",
                "META-09.1",
                "META-10.1",
                "META-10.2",
                "META-12.1",
                "META-12.2",
                "META-15.1",
                "META-17.1",
                "META-17.2",
            ],
            Fault::set_status(500)
                .on(Method::POST)
                .with("upload-metadata"),
        ),
    ]
}
