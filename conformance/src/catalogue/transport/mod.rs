//! Transport: what HTTP can do with requests, connections and the bytes between them.

mod chunks;
mod connections;
mod expect;
mod framing;
mod heads;
mod http2;
mod old;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Transport",
    statements: &[
        chunks::STATEMENTS,
        framing::STATEMENTS,
        expect::STATEMENTS,
        connections::STATEMENTS,
        old::STATEMENTS,
        http2::STATEMENTS,
        heads::STATEMENTS,
    ],
    cases: &[
        chunks::CASES,
        framing::CASES,
        expect::CASES,
        connections::CASES,
        old::CASES,
        http2::CASES,
        heads::CASES,
    ],
};
