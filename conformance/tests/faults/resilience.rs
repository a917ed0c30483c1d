//! Faults that the cases of interruptions and of several clients at once notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks};
use crate::transport::forget_refused_content;

pub(crate) fn rows() -> Vec<Row> {
    [interruptions(), writers(), bodies()]
        .into_iter()
        .flatten()
        .collect()
}

fn interruptions() -> Vec<Row> {
    vec![
        breaks(
            &[
                "RES-01.1", "RES-01.2", "RES-01.3", "RES-01.4", "RES-01.5", "RES-01.6", "RES-01.7",
                "RES-01.8", "RES-01.9",
            ],
            Fault::behaviour(Behaviour::LosesInterruptedBytes),
        ),
        breaks(&["RES-02.1"], Fault::behaviour(Behaviour::SpoilsBytes)),
        breaks(
            &["RES-02.2", "RES-02.3"],
            Fault::behaviour(Behaviour::AcceptsBrokenBodies),
        ),
        breaks(
            &["TRN-21.1", "TRN-21.2"],
            Fault::behaviour(Behaviour::DiesWithConnection),
        )
        .over_http2(),
        breaks(&["TRN-21.3"], Fault::behaviour(Behaviour::StoresNothing)),
    ]
}

fn writers() -> Vec<Row> {
    let never_times_out = || Fault::behaviour(Behaviour::NeverTimesOut);
    vec![
        breaks(
            &["RES-03.1"],
            Fault::behaviour(Behaviour::HeadWaitsForWriter).and(never_times_out()),
        )
        .by_silence(),
        breaks(
            &["RES-03.2"],
            Fault::behaviour(Behaviour::DiesWithConnection),
        ),
        breaks(&["RES-03.3"], Fault::behaviour(Behaviour::HeadStopsWriter)),
        breaks(
            &["RES-04.1"],
            Fault::behaviour(Behaviour::NeverOvertakes).and(never_times_out()),
        ),
        breaks(&["RES-04.2"], Fault::behaviour(Behaviour::SpoilsBytes)),
        breaks(
            &["RES-05.1", "RES-05.2", "RES-05.3", "RES-05.4"],
            Fault::behaviour(Behaviour::WritesWithoutLock),
        ),
        breaks(
            &["RES-05.1", "RES-05.2", "RES-05.4"],
            Fault::behaviour(Behaviour::WritesWithoutLock)
                .and(Fault::swap_status(204, 409))
                // What the judge asks first goes well.
                .when(|seen| {
                    let length = seen.header("content-length");
                    length.is_some_and(|length| length != "5")
                }),
        ),
        breaks(
            &["RES-06.1"],
            Fault::set_header("upload-offset", "4").on(Method::HEAD),
        ),
        breaks(
            &["RES-06.2"],
            Fault::swap_status(204, 400).on(Method::PATCH),
        ),
        breaks(&["RES-07.1"], Fault::behaviour(Behaviour::RevivesDeleted)),
        breaks(&["RES-07.2"], Fault::behaviour(Behaviour::DeletesNothing)),
        breaks(
            &["RES-08.1", "RES-08.2"],
            Fault::behaviour(Behaviour::ReusesIds),
        ),
    ]
}

fn bodies() -> Vec<Row> {
    vec![
        breaks(
            &["RES-09.1", "RES-09.2", "RES-09.5"],
            Fault::behaviour(Behaviour::IgnoresOverrun),
        ),
        breaks(
            &["RES-09.3", "RES-09.4"],
            Fault::behaviour(Behaviour::CompletesOverrun),
        ),
        breaks(
            &["RES-10.1", "RES-10.2"],
            Fault::behaviour(Behaviour::SpoilsBytes),
        ),
        breaks(&["RES-11.1"], Fault::set_status(503).on(Method::PATCH)),
        breaks(
            &["H-10.1", "H-10.2", "H-10.3"],
            Fault::response_bytes(|head| {
                if head.starts_with(b"HTTP/1.1 4") {
                    head.clear();
                }
            }),
        ),
        breaks(&["H-10.4"], Fault::request_bytes(forget_refused_content)),
    ]
}
