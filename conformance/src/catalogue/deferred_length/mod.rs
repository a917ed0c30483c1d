//! Uploads whose length is told after their creation.

mod creation;
mod declaration;
mod grammar;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Deferred length",
    statements: &[creation::STATEMENTS, declaration::STATEMENTS],
    cases: &[creation::CASES, declaration::CASES, grammar::CASES],
};
