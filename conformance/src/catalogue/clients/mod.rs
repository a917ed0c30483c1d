//! Clients: what those that are in use do, from the first request to the last, and what they need.

mod file;
mod pages;
mod parts;
mod statuses;
mod uploads;
mod uppy;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Clients",
    statements: &[
        uploads::STATEMENTS,
        parts::STATEMENTS,
        uppy::STATEMENTS,
        statuses::STATEMENTS,
        pages::STATEMENTS,
    ],
    cases: &[
        uploads::CASES,
        parts::CASES,
        uppy::CASES,
        statuses::CASES,
        pages::CASES,
    ],
};
