//! Faults that the cases of expiration notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks, conceals};

const LONG_AGO: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = telling();
    rows.extend(removing());
    rows
}

fn telling() -> Vec<Row> {
    let name = "upload-expires";
    vec![
        breaks(&["EXP-01.1"], conceals("expiration")),
        breaks(
            &["EXP-02.1", "EXP-02.3"],
            Fault::drop_header(name).on(Method::PATCH),
        ),
        breaks(
            &["EXP-02.2", "EXP-04.1", "EXP-07.1"],
            Fault::set_header(name, LONG_AGO).on(Method::PATCH),
        ),
        breaks(&["EXP-02.4"], Fault::drop_header(name).on(Method::HEAD)),
        breaks(
            &["EXP-03.1", "EXP-03.2", "EXP-03.4", "EXP-03.5"],
            Fault::drop_header(name).on(Method::POST),
        ),
        breaks(
            &["EXP-03.3"],
            Fault::set_header(name, LONG_AGO).on(Method::POST),
        ),
        breaks(
            &["EXP-06.1"],
            Fault::edit_header(name, |date| date.replace("GMT", "UTC")),
        ),
    ]
}

fn removing() -> Vec<Row> {
    vec![
        breaks(&["EXP-05.1"], forbids().on(Method::HEAD)),
        breaks(&["EXP-05.2"], forbids().on(Method::PATCH)),
        breaks(&["EXP-05.3"], forbids().on(Method::DELETE)),
        breaks(&["EXP-05.4"], Fault::behaviour(Behaviour::ExpiresFinished)),
        breaks(
            &["EXP-05.5"],
            Fault::behaviour(Behaviour::KeepsExpired).and(Fault::set_status(404).on(Method::HEAD)),
        ),
        breaks(&["EXP-05.6"], Fault::set_status(204).on(Method::PATCH)),
        breaks(&["EXP-05.7"], Fault::behaviour(Behaviour::KeepsExpired)),
        breaks(&["EXP-07.2"], Fault::set_status(404).on(Method::HEAD)),
    ]
}

/// What is not there is said to be forbidden.
fn forbids() -> Fault {
    Fault::swap_status(404, 403).and(Fault::swap_status(410, 403))
}
