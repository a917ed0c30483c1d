//! Faults that the cases of termination notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::row::{Row, breaks, conceals};

pub(crate) fn rows() -> Vec<Row> {
    vec![
        breaks(&["TRM-01.1", "TRM-01.2"], conceals("termination")),
        breaks(
            &[
                "TRM-02.1", "TRM-02.2", "TRM-02.3", "TRM-02.4", "TRM-02.5", "TRM-02.7", "TRM-02.8",
                "TRM-02.9",
            ],
            Fault::swap_status(204, 202).on(Method::DELETE),
        ),
        breaks(
            &["TRM-03.6", "TRM-03.7", "TRM-03.8"],
            Fault::behaviour(Behaviour::DeletesNothing),
        ),
        breaks(&["TRM-02.6"], Fault::behaviour(Behaviour::RevivesDeleted)),
        breaks(&["TRM-02.10"], Fault::behaviour(Behaviour::DeletesOthers)),
        breaks(&["TRM-03.1"], forbids().on(Method::HEAD)),
        breaks(&["TRM-03.2"], forbids().on(Method::PATCH)),
        breaks(&["TRM-03.3"], forbids().on(Method::DELETE)),
        breaks(&["TRM-03.4"], forbids().on(Method::GET)),
        breaks(&["TRM-03.5"], Fault::behaviour(Behaviour::ReusesIds)),
        breaks(&["TRM-04.1"], Fault::swap_status(404, 204)),
    ]
}

/// What is not there is said to be forbidden.
fn forbids() -> Fault {
    Fault::swap_status(404, 403).and(Fault::swap_status(410, 403))
}
