//! Checksums of what a PATCH brings.

mod announcement;
mod discarding;
mod grammar;
mod interruption;
mod trailer;
mod verification;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Checksum",
    statements: &[
        announcement::STATEMENTS,
        verification::STATEMENTS,
        discarding::STATEMENTS,
        interruption::STATEMENTS,
        grammar::STATEMENTS,
        trailer::STATEMENTS,
    ],
    cases: &[
        announcement::CASES,
        verification::CASES,
        discarding::CASES,
        interruption::CASES,
        grammar::CASES,
        trailer::CASES,
    ],
};
