//! Faults that the cases of the core protocol notice.

use http::Method;
use tus_reference::{Behaviour, Fault};

use crate::heads::{keeps_white_space, said};
use crate::row::{Row, breaks};

pub(crate) fn rows() -> Vec<Row> {
    [
        numbers(),
        versions(),
        method_override(),
        head(),
        patch(),
        content_type(),
        conflicts(),
        offsets(),
        options(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn numbers() -> Vec<Row> {
    vec![
        breaks(
            &["CORE-02.1"],
            Fault::set_header("upload-offset", "+5").on(Method::HEAD),
        ),
        breaks(
            &["CORE-02.2"],
            Fault::set_header("upload-offset", "3 bytes").on(Method::PATCH),
        ),
        breaks(
            &["CORE-03.1"],
            Fault::set_header("upload-length", "99").on(Method::HEAD),
        ),
    ]
}

fn versions() -> Vec<Row> {
    let takes_any = || Fault::replace_header("tus-resumable", "1.0.0");
    vec![
        breaks(
            &[
                "CORE-06.1",
                "CORE-06.2",
                "CORE-06.3",
                "CORE-06.4",
                "CORE-06.5",
            ],
            Fault::drop_header("tus-resumable"),
        ),
        breaks(&["CORE-06.6"], keeps_white_space()),
        breaks(
            &["CORE-06.7", "CORE-06.8", "CORE-06.9"],
            takes_any().without("tus-resumable"),
        ),
        breaks(
            &["CORE-06.10"],
            Fault::set_status(412)
                .on(Method::HEAD)
                .without("tus-resumable"),
        ),
        breaks(
            &[
                "CORE-07.1",
                "CORE-07.2",
                "CORE-07.3",
                "CORE-07.4",
                "CORE-07.5",
                "CORE-07.6",
                "CORE-07.7",
                "CORE-07.8",
                "CORE-07.9",
                "CORE-07.10",
                "CORE-07.11",
            ],
            takes_any(),
        ),
        breaks(
            &["CORE-08.1", "CORE-08.2", "CORE-08.3", "CORE-08.4"],
            Fault::drop_header("tus-version").at(412),
        ),
        breaks(
            &["CORE-09.1", "CORE-09.2", "CORE-09.3", "CORE-09.4"],
            takes_any().and(Fault::set_status(412).when(said("tus-resumable", "9.9.9"))),
        ),
    ]
}

fn method_override() -> Vec<Row> {
    let name = "x-http-method-override";
    vec![
        breaks(
            &[
                "CORE-14.1",
                "CORE-14.2",
                "CORE-14.3",
                "CORE-14.4",
                "CORE-14.6",
                "CORE-14.7",
                "CORE-14.10",
                "CORE-15.1",
                "CORE-15.2",
                "CORE-15.3",
            ],
            Fault::ignore_header(name),
        ),
        breaks(
            &["CORE-14.5"],
            Fault::set_body(b"hello").on(Method::HEAD).with(name),
        ),
        breaks(
            &["CORE-14.8"],
            Fault::rewrite_header(name, str::to_ascii_uppercase),
        ),
        breaks(&["CORE-14.9"], Fault::set_status(400).when(said(name, ""))),
    ]
}

fn head() -> Vec<Row> {
    vec![
        breaks(
            &["CORE-17.1", "CORE-17.2", "CORE-17.3", "CORE-17.4"],
            Fault::drop_header("upload-offset").on(Method::HEAD),
        ),
        breaks(
            &["CORE-18.1", "CORE-18.3", "CORE-18.4"],
            Fault::drop_header("upload-length").on(Method::HEAD),
        ),
        breaks(
            &["CORE-18.2"],
            Fault::set_header("upload-length", "0").on(Method::HEAD),
        ),
        breaks(
            &[
                "CORE-19.1",
                "CORE-19.2",
                "CORE-19.3",
                "CORE-19.4",
                "CORE-19.5",
                "CORE-19.6",
                "CORE-28.3",
            ],
            Fault::set_status(200).on(Method::HEAD),
        ),
        breaks(&["CORE-20.1"], Fault::set_status(202).on(Method::HEAD)),
        breaks(
            &["CORE-21.1", "CORE-21.2", "CORE-21.3"],
            Fault::set_header("cache-control", "no-cache").on(Method::HEAD),
        ),
        breaks(
            &["CORE-21.4"],
            Fault::set_status(304)
                .on(Method::HEAD)
                .with("if-none-match"),
        ),
    ]
}

fn patch() -> Vec<Row> {
    vec![
        breaks(
            &[
                "CORE-22.1",
                "CORE-22.2",
                "CORE-22.3",
                "CORE-22.4",
                "CORE-22.5",
                "CORE-25.1",
            ],
            Fault::behaviour(Behaviour::SpoilsBytes),
        ),
        breaks(
            &["CORE-22.6", "CORE-22.7", "CORE-22.8"],
            Fault::behaviour(Behaviour::SpoilsLargeUploads),
        ),
        breaks(
            &["CORE-26.1", "CORE-26.2"],
            Fault::swap_status(204, 200).on(Method::PATCH),
        ),
        breaks(
            &["CORE-27.1"],
            Fault::drop_header("upload-offset").on(Method::PATCH),
        ),
        breaks(
            &["CORE-27.2"],
            Fault::swap_status(204, 400)
                .on(Method::PATCH)
                .when(said("content-length", "0")),
        ),
        breaks(
            &["CORE-27.4"],
            Fault::set_header("upload-offset", "100000").on(Method::PATCH),
        ),
        breaks(
            &["CORE-28.1", "CORE-28.2"],
            Fault::swap_status(404, 400).on(Method::PATCH),
        ),
    ]
}

fn content_type() -> Vec<Row> {
    let right = "application/offset+octet-stream";
    vec![
        breaks(
            &[
                "CORE-23.1",
                "CORE-23.2",
                "CORE-23.3",
                "CORE-23.4",
                "CORE-23.5",
                "CORE-23.8",
            ],
            Fault::replace_header("content-type", right).on(Method::PATCH),
        ),
        breaks(
            &["CORE-23.6", "CORE-23.7"],
            Fault::set_status(415)
                .on(Method::PATCH)
                .when(move |seen| seen.header("content-type") != Some(right)),
        ),
    ]
}

fn conflicts() -> Vec<Row> {
    vec![
        breaks(
            &[
                "CORE-24.1",
                "CORE-24.2",
                "CORE-24.3",
                "CORE-24.4",
                "CORE-24.5",
                "CORE-24.6",
                "CORE-24.7",
            ],
            Fault::behaviour(Behaviour::IgnoresOffset),
        ),
        breaks(
            &["CORE-24.8"],
            Fault::behaviour(Behaviour::IgnoresOffset)
                .and(Fault::set_status(409))
                .when(said("content-length", "3")),
        ),
        breaks(&["CORE-24.9"], Fault::drop_header("upload-offset").at(409)),
    ]
}

fn offsets() -> Vec<Row> {
    vec![
        breaks(
            &[
                "OFF-01.1", "OFF-01.2", "OFF-02.1", "OFF-02.2", "OFF-02.3", "OFF-02.4", "OFF-02.5",
                "OFF-02.6", "OFF-02.7", "OFF-02.8", "OFF-02.9", "OFF-03.1", "OFF-03.2", "OFF-03.3",
                "OFF-06.1", "OFF-06.2", "OFF-06.3", "OFF-06.4", "OFF-08.1", "OFF-08.2", "OFF-08.3",
                "OFF-08.4", "OFF-08.5", "OFF-08.6", "OFF-08.7", "OFF-09.1", "OFF-09.2", "OFF-10.1",
            ],
            Fault::replace_header("upload-offset", "5")
                .on(Method::PATCH)
                .when(said("content-length", "0")),
        ),
        breaks(
            &["OFF-04.1"],
            Fault::set_status(400).when(said("upload-offset", "05")),
        ),
        breaks(&["OFF-05.1"], keeps_white_space()),
        breaks(
            &["OFF-12.1", "OFF-12.2"],
            Fault::behaviour(Behaviour::IgnoresOverrun),
        ),
        breaks(
            &["OFF-11.1"],
            Fault::set_status(413)
                .on(Method::PATCH)
                .when(said("content-length", "0")),
        ),
    ]
}

fn options() -> Vec<Row> {
    let options = |fault: Fault| fault.on(Method::OPTIONS);
    vec![
        breaks(
            &["CORE-04.1"],
            options(Fault::set_header("tus-version", "1.0.0,")),
        ),
        breaks(
            &["CORE-10.1"],
            options(Fault::set_header("tus-extension", "creation,,checksum")),
        ),
        breaks(
            &["CORE-11.1"],
            options(Fault::set_header("tus-extension", "")),
        ),
        breaks(
            &["CORE-12.1"],
            options(Fault::set_header("tus-max-size", "100 MB")),
        ),
        breaks(&["CORE-13.1"], options(Fault::drop_header("tus-max-size"))),
        breaks(
            &["CORE-31.1", "CORE-31.2", "CORE-31.3", "CORE-31.4"],
            options(Fault::drop_header("tus-version")),
        ),
        breaks(&["CORE-31.5"], options(Fault::set_status(200))),
        breaks(&["CORE-31.6"], options(Fault::drop_header("tus-resumable"))),
        breaks(
            &["CORE-33.1", "CORE-33.2", "CORE-33.3"],
            options(Fault::set_status(412)).with("tus-resumable"),
        ),
    ]
}
