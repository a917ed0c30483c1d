//! Faults that the cases of concatenation notice.

use http::Method;
use tus_reference::{Behaviour, Fault, Seen};

use crate::row::{Row, breaks, conceals};
use crate::world::World;

pub(crate) fn rows() -> Vec<Row> {
    [
        creation(),
        joining(),
        patch(),
        head(),
        unfinished(),
        grammar(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn creation() -> Vec<Row> {
    vec![
        breaks(
            &["CON-01.1", "CON-01.2"],
            conceals("concatenation").and(Fault::behaviour(Behaviour::ConcatenatesAnything)),
        ),
        breaks(
            &["CON-02.1", "CON-02.2"],
            Fault::set_status(400).when(is_partial),
        ),
        breaks(
            &["CON-16.1"],
            Fault::drop_header("upload-concat").on(Method::HEAD),
        ),
        breaks(
            &[
                "CON-05.1", "CON-10.1", "CAT-04.1", "CAT-05.1", "CAT-05.2", "CAT-06.1", "CAT-08.1",
                "CAT-09.4", "CAT-15.1",
            ],
            Fault::set_status(400).when(is_final),
        ),
        breaks(
            &["CON-08.1"],
            Fault::ignore_header("upload-length").when(is_final),
        ),
        breaks(
            &["CON-08.2"],
            Fault::ignore_header("upload-defer-length").when(is_final),
        ),
        breaks(
            &["CON-18.1"],
            Fault::replace_header("upload-length", "5").when(is_partial),
        ),
        breaks(&["CON-18.2"], Fault::swap_status(400, 201).when(is_final)),
    ]
}

fn joining() -> Vec<Row> {
    vec![
        breaks(
            &["CON-13.1"],
            Fault::set_header("upload-length", "12").on(Method::HEAD),
        ),
        breaks(
            &["CON-21.1", "CON-21.2"],
            Fault::swap_status(413, 201).when(is_final),
        ),
        breaks(
            &["CON-06.1", "CON-06.2", "CON-06.3", "CON-10.2"],
            Fault::behaviour(Behaviour::ReversesParts),
        ),
        breaks(
            &["CON-07.1", "CUF-01.1", "CAT-11.1"],
            Fault::behaviour(Behaviour::ConcatenatesUnfinished),
        )
        .in_world(World::Finished),
        breaks(
            &["CON-09.1", "CON-09.2"],
            Fault::behaviour(Behaviour::CopiesPartMetadata),
        ),
        breaks(&["CON-20.1"], Fault::behaviour(Behaviour::SharesParts)),
        breaks(&["CON-10.3"], Fault::behaviour(Behaviour::DeletesParts)),
        breaks(&["CON-10.4"], Fault::behaviour(Behaviour::ConsumesParts)),
    ]
}

fn patch() -> Vec<Row> {
    vec![breaks(
        &[
            "CON-11.1", "CON-11.2", "CON-11.3", "CON-11.4", "CON-11.5", "CUF-02.3",
        ],
        Fault::behaviour(Behaviour::PatchesFinals),
    )]
}

fn head() -> Vec<Row> {
    let in_head = |fault: Fault| fault.on(Method::HEAD);
    vec![
        breaks(&["CON-14.1"], in_head(Fault::drop_header("upload-offset"))),
        breaks(
            &["CON-15.1", "CUF-03.1"],
            in_head(Fault::drop_header("upload-length")),
        ),
        breaks(
            &["CON-16.2", "CON-16.3"],
            in_head(Fault::edit_header("upload-concat", |value| {
                value.replace("final;", "final; ")
            })),
        ),
        breaks(
            &["CON-19.1"],
            in_head(Fault::set_header("upload-concat", "partial")),
        ),
    ]
}

fn unfinished() -> Vec<Row> {
    let tells_all = Fault::set_header("upload-offset", "11")
        .and(Fault::set_header("upload-length", "11"))
        .and(Fault::set_status(200));
    vec![
        breaks(&["CUF-01.2"], conceals("concatenation")),
        breaks(
            &["CUF-02.1", "CUF-03.2", "CUF-04.1"],
            tells_all.on(Method::HEAD),
        ),
        breaks(
            &["CUF-02.2", "CUF-02.4"],
            Fault::behaviour(Behaviour::NeverAssembles),
        ),
        breaks(&["CUF-04.2"], Fault::behaviour(Behaviour::DeletesParts)),
    ]
}

fn grammar() -> Vec<Row> {
    let name = "upload-concat";
    vec![
        breaks(
            &["CAT-02.1", "CAT-02.2", "CAT-02.3", "CAT-02.4", "CAT-02.5"],
            Fault::rewrite_header(name, |_| "partial".to_owned()),
        ),
        breaks(
            &["CAT-07.1", "CAT-07.2", "CAT-07.3"],
            Fault::ignore_header(name)
                .and(Fault::replace_header("upload-length", "0"))
                .when(is_final),
        ),
        breaks(
            &["CAT-07.4", "CAT-07.5"],
            Fault::rewrite_header(name, |value| value.to_lowercase().replace("l,", "l;")),
        ),
        breaks(
            &["CAT-09.1", "CAT-16.1"],
            Fault::behaviour(Behaviour::SkipsMissingParts),
        ),
        breaks(
            &["CAT-09.2", "CAT-09.3"],
            Fault::rewrite_header(name, |value| {
                let first = value.split(' ').next();
                first.unwrap_or_default().to_owned()
            }),
        ),
        breaks(
            &["CAT-10.1", "CAT-10.2"],
            Fault::behaviour(Behaviour::ConcatenatesAnything),
        ),
        breaks(&["CAT-14.1"], Fault::first_line_of(name)),
        breaks(
            &["CAT-19.1"],
            Fault::set_status(400).on(Method::PATCH).with(name),
        ),
    ]
}

fn is_partial(seen: &Seen) -> bool {
    seen.header("upload-concat") == Some("partial")
}

fn is_final(seen: &Seen) -> bool {
    let value = seen.header("upload-concat");
    value.is_some_and(|value| value.starts_with("final"))
}
