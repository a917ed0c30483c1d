//! Creation: POST makes an upload.

mod empty;
mod lengths;
mod max_size;
mod metadata;
mod post;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Creation",
    statements: &[
        post::STATEMENTS,
        empty::STATEMENTS,
        max_size::STATEMENTS,
        lengths::notation::STATEMENTS,
        lengths::magnitude::STATEMENTS,
        lengths::field::STATEMENTS,
        metadata::list::STATEMENTS,
        metadata::keys::STATEMENTS,
        metadata::values::STATEMENTS,
        metadata::retention::STATEMENTS,
    ],
    cases: &[
        post::CASES,
        empty::CASES,
        max_size::CASES,
        lengths::notation::CASES,
        lengths::magnitude::CASES,
        lengths::field::CASES,
        metadata::list::CASES,
        metadata::keys::CASES,
        metadata::values::CASES,
        metadata::retention::CASES,
    ],
};
