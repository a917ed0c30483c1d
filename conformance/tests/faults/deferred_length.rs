//! Faults that the cases of deferred lengths notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks};
use crate::world::World;

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = creation();
    rows.extend(declaration());
    rows
}

fn creation() -> Vec<Row> {
    vec![
        breaks(
            &["CDL-01.1"],
            Fault::set_status(501)
                .on(Method::POST)
                .with("upload-defer-length"),
        ),
        breaks(
            &["CDL-01.2", "CDL-01.3"],
            Fault::ignore_header("upload-defer-length")
                .and(Fault::replace_header("upload-length", "5"))
                .with("upload-defer-length"),
        )
        .in_world(World::Bare),
        breaks(
            &["CDL-02.1", "CDL-07.1"],
            Fault::drop_header("upload-defer-length").on(Method::HEAD),
        ),
        breaks(
            &["CDL-02.2", "CDL-07.2"],
            Fault::set_header("upload-defer-length", "1").on(Method::HEAD),
        ),
        breaks(
            &[
                "CDL-03.1", "CDL-03.2", "CDL-03.3", "CDL-03.4", "CDL-03.5", "CDL-03.6", "CDL-03.7",
                "CDL-03.8", "CDL-03.9",
            ],
            Fault::rewrite_header("upload-defer-length", |_| "1".to_owned()),
        ),
        breaks(&["CDL-03.10"], Fault::first_line_of("upload-defer-length")),
        breaks(
            &["CDL-04.1", "CDL-04.2"],
            Fault::ignore_header("upload-defer-length").with("upload-length"),
        ),
        breaks(
            &["CDL-08.1"],
            Fault::behaviour(Behaviour::IgnoresMaxSize).on(Method::PATCH),
        ),
    ]
}

fn declaration() -> Vec<Row> {
    vec![
        breaks(
            &["CDL-05.1"],
            Fault::set_status(400)
                .on(Method::PATCH)
                .without("upload-length"),
        ),
        breaks(
            &["CDL-05.2", "CDL-05.3", "CDL-05.4", "CDL-05.5", "CDL-05.6"],
            Fault::behaviour(Behaviour::ForgetsDeclaredLength),
        ),
        breaks(
            &["CDL-06.1", "CDL-06.3", "CDL-10.1", "CDL-06.7", "CDL-10.3"],
            Fault::behaviour(Behaviour::ChangesLength),
        ),
        breaks(
            &["CDL-06.2"],
            Fault::set_status(400)
                .on(Method::PATCH)
                .with("upload-length"),
        ),
        breaks(
            &["CDL-11.1", "CDL-11.2"],
            Fault::behaviour(Behaviour::IgnoresMaxSize).on(Method::PATCH),
        ),
        breaks(
            &["CDL-10.2"],
            Fault::behaviour(Behaviour::IgnoresOverrun).on(Method::PATCH),
        ),
        breaks(
            &["CDL-06.9"],
            Fault::behaviour(Behaviour::WritesWithoutLock)
                .and(Fault::behaviour(Behaviour::ChangesLength)),
        ),
        breaks(&["CDL-06.10"], Fault::behaviour(Behaviour::KeepsUnverified)),
        breaks(
            &["CDL-10.4"],
            Fault::behaviour(Behaviour::RecordsRefusedLength),
        ),
        breaks(
            &[
                "CDL-06.14",
                "CDL-06.15",
                "CDL-06.16",
                "CDL-06.17",
                "CDL-06.18",
                "CDL-06.19",
                "CDL-06.21",
            ],
            Fault::rewrite_header("upload-length", |_| "5".to_owned()).on(Method::PATCH),
        ),
        breaks(&["CDL-06.20"], Fault::first_line_of("upload-length")),
        breaks(
            &["CDL-06.22"],
            Fault::rewrite_header("upload-length", |value| format!("x{value}")).on(Method::PATCH),
        ),
        breaks(
            &["CDL-09.1"],
            Fault::set_status(400)
                .on(Method::PATCH)
                .with("upload-defer-length"),
        ),
    ]
}
