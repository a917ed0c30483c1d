//! Faults that the cases notice which kill the server.

use http::Method;
use http::request::Parts;
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks};

pub(crate) fn rows() -> Vec<Row> {
    vec![
        breaks(
            &["RST-01.1", "RST-01.2"],
            Fault::behaviour(Behaviour::LosesTails),
        ),
        breaks(
            &["RST-02.1", "RST-05.1", "RST-07.1", "RST-07.2", "RST-08.1"],
            Fault::behaviour(Behaviour::ForgetsUploads),
        ),
        breaks(&["RST-03.1"], Fault::behaviour(Behaviour::ForgetsMetadata)),
        breaks(&["RST-04.1"], Fault::behaviour(Behaviour::ForgetsDeferral)),
        breaks(&["RST-04.2"], Fault::behaviour(Behaviour::ForgetsLengths)),
        breaks(&["RST-06.1"], Fault::behaviour(Behaviour::RevivesFiles)),
        breaks(&["RST-09.1"], Fault::request(end).on(Method::HEAD)).beside(&["RST-02.1"]),
    ]
}

/// The server ends, and with it its process.
fn end(_request: &mut Parts) {
    std::process::exit(1);
}
