//! What a server may do is not taken for a failure, though the server of the other tests does it
//! otherwise.

use http::{Method, Version};
use libtest_mimic::Trial;
use tus_conformance::Protocol;
use tus_reference::{Behaviour, Fault};

use crate::coverage::{every_case, nothing_bad};
use crate::world::{World, judged};

/// What a server does, and the beginnings of the ids of the cases that might object.
type Choice = (&'static str, Fault, &'static [&'static str]);

fn choices() -> Vec<Choice> {
    vec![
        (
            "a connection that ends behind each answer",
            Fault::set_header("connection", "close"),
            &["TRN-", "H-10", "H-24"],
        ),
        (
            "a writer that takes the place of another",
            Fault::behaviour(Behaviour::OvertakesAtOnce),
            &["RES-05"],
        ),
        (
            "a `Range` that is ignored",
            Fault::ignore_header("range").when(|seen| seen.header("range") != Some("bytes=0-0")),
            &["H-16.1", "H-16.2", "H-16.3", "H-16.4"],
        ),
        (
            "metadata that is refused",
            Fault::ignore_header("upload-length")
                .on(Method::POST)
                .with("upload-metadata"),
            &["H-02", "H-03", "H-04"],
        ),
        (
            "HTTP/1.0 that is refused",
            Fault::replace_header("tus-resumable", "0")
                .and(Fault::set_status(505))
                .when(|seen| seen.version == Version::HTTP_10),
            &["TRN-11"],
        ),
    ]
}

pub(crate) fn trials() -> Vec<Trial> {
    let trials = choices().into_iter().map(|(name, fault, cases)| {
        let check = move || check(fault, cases).map_err(Into::into);
        Trial::test(format!("{name} is no failure"), check)
    });
    trials.collect()
}

fn check(fault: Fault, beginnings: &[&str]) -> Result<(), String> {
    let is_meant = |id: &str| beginnings.iter().any(|beginning| id.starts_with(beginning));
    let cases: Vec<_> = every_case()
        .into_iter()
        .filter(|case| is_meant(case.id))
        .collect();
    let report = judged(World::Whole, Protocol::Http1, fault, None, &cases)?;
    nothing_bad(&report)
}
