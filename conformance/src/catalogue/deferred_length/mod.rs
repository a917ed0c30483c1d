//! Uploads whose length is told after their creation.

mod creation;
mod declaration;
mod grammar;
mod limits;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Deferred length",
    statements: &[
        creation::STATEMENTS,
        declaration::STATEMENTS,
        limits::STATEMENTS,
    ],
    cases: &[
        creation::CASES,
        declaration::CASES,
        grammar::CASES,
        limits::CASES,
    ],
};
