//! Resilience: connections that break, clients that hang, and many of them at once.

mod cuts;
mod early;
mod leaving;
mod overruns;
mod races;
mod silence;
mod slow;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Resilience",
    statements: &[
        cuts::STATEMENTS,
        silence::STATEMENTS,
        races::STATEMENTS,
        overruns::STATEMENTS,
        slow::STATEMENTS,
        early::STATEMENTS,
        leaving::STATEMENTS,
    ],
    cases: &[
        cuts::CASES,
        silence::CASES,
        races::CASES,
        overruns::CASES,
        slow::CASES,
        early::CASES,
        leaving::CASES,
    ],
};
