//! Faults that the cases of checksums notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks, conceals};
use crate::world::World;

pub(crate) fn rows() -> Vec<Row> {
    [announcement(), verification(), grammar(), trailers()]
        .into_iter()
        .flatten()
        .collect()
}

fn announcement() -> Vec<Row> {
    let algorithms = "tus-checksum-algorithm";
    vec![
        breaks(&["CHK-01.1"], conceals("checksum")),
        breaks(&["CHK-01.2"], Fault::ignore_header("upload-checksum")).in_world(World::Bare),
        breaks(&["CHK-02.1"], Fault::drop_header(algorithms)),
        breaks(
            &["CHK-03.1"],
            Fault::edit_header(algorithms, |list| list.replace("sha1,", "")),
        ),
        breaks(
            &["CHK-04.1"],
            Fault::edit_header(algorithms, str::to_ascii_uppercase),
        ),
    ]
}

fn verification() -> Vec<Row> {
    let with_checksum = |fault: Fault| fault.on(Method::PATCH).with("upload-checksum");
    let refuses_everything = Fault::set_status(460);
    let accepts_everything = Fault::ignore_header("upload-checksum");
    let refuses_and_stores = accepts_everything.clone().and(Fault::swap_status(204, 460));
    vec![
        breaks(
            &["CHK-05.1", "CHK-05.2"],
            Fault::behaviour(Behaviour::SpoilsBytes),
        ),
        breaks(
            &[
                "CHK-06.1", "CHK-06.2", "CHK-06.3", "CHK-06.4", "CHK-06.5", "CHK-06.6", "CHK-06.7",
                "CHK-11.2",
            ],
            Fault::behaviour(Behaviour::SkipsChecksums),
        ),
        breaks(
            &["CHK-06.8", "CHK-07.3", "CHK-11.1"],
            with_checksum(refuses_everything),
        ),
        breaks(&["CHK-07.1"], Fault::swap_status(400, 422)),
        breaks(&["CHK-07.2"], Fault::swap_status(460, 417)),
        breaks(
            &["CHK-07.4"],
            Fault::behaviour(Behaviour::ContinuesBeforeChecking),
        ),
        breaks(
            &["CHK-08.1", "CHK-08.3", "CHK-08.4", "CHK-08.5"],
            Fault::behaviour(Behaviour::KeepsUnverified),
        ),
        breaks(&["CHK-08.2"], with_checksum(refuses_and_stores)),
        breaks(
            &["CHK-10.1", "CHK-10.2", "TRL-02.7"],
            Fault::behaviour(Behaviour::KeepsInterruptedUnverified),
        ),
    ]
}

fn grammar() -> Vec<Row> {
    vec![
        breaks(
            &["CKS-01.1", "CKS-06.1"],
            Fault::rewrite_header("upload-checksum", |value| format!("x{value}")),
        ),
        breaks(
            &[
                "CKS-02.1", "CKS-03.1", "CKS-03.2", "CKS-04.1", "CKS-04.2", "CKS-05.1", "CKS-05.2",
                "CKS-05.3", "CKS-07.1", "CKS-07.2", "CKS-07.3", "CKS-08.1", "CKS-08.2", "CKS-08.3",
                "CKS-08.4", "CKS-09.1", "CKS-09.2", "CKS-11.1", "CKS-11.2",
            ],
            Fault::ignore_header("upload-checksum"),
        ),
        breaks(&["CKS-10.1"], Fault::first_line_of("upload-checksum")),
    ]
}

fn trailers() -> Vec<Row> {
    let in_patch = |fault: Fault| fault.on(Method::PATCH);
    vec![
        breaks(&["TRL-01.1"], conceals("checksum-trailer")),
        breaks(&["TRL-01.2"], conceals("checksum")),
        breaks(
            &["TRL-02.1"],
            in_patch(Fault::set_status(460)).with("trailer"),
        ),
        breaks(
            &[
                "TRL-02.2",
                "TRL-02.3",
                "TRL-02.4",
                "TRL-02.5",
                "TRL-02.8",
                "TRL-02.9",
                "TRL-02.10",
                "TRL-02.11",
            ],
            Fault::behaviour(Behaviour::IgnoresTrailers),
        ),
        breaks(
            &["TRL-02.6"],
            Fault::behaviour(Behaviour::IgnoresTrailers).and(Fault::ignore_header("trailer")),
        ),
        breaks(&["TRL-03.1"], Fault::behaviour(Behaviour::ObeysTrailers)),
        breaks(&["TRL-04.1"], Fault::set_status(500).on(Method::HEAD)),
    ]
}
