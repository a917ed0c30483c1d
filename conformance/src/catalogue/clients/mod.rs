//! Clients: what those that are in use do, from the first request to the last, and what they need.

mod pages;
mod statuses;
mod uploads;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Clients",
    statements: &[uploads::STATEMENTS, statuses::STATEMENTS, pages::STATEMENTS],
    cases: &[uploads::CASES, statuses::CASES, pages::CASES],
};
