//! Web: what browsers need, and what HTTP asks of every answer.

mod answers;
mod conditions;
mod cors;
mod downloads;
mod methods;
mod names;
mod ranges;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Web",
    statements: &[
        cors::STATEMENTS,
        methods::STATEMENTS,
        answers::STATEMENTS,
        downloads::STATEMENTS,
        conditions::STATEMENTS,
        ranges::STATEMENTS,
        names::STATEMENTS,
    ],
    cases: &[
        cors::CASES,
        methods::CASES,
        answers::CASES,
        downloads::CASES,
        conditions::CASES,
        ranges::CASES,
        names::CASES,
    ],
};
