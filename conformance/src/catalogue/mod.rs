//! The catalogue: what servers are held to, chapter by chapter.
//!
//! A chapter has statements, each with a section of a document, and cases that try them. The id of a
//! case begins with that of its statement. What no case tries says why.

mod checksum;
mod clients;
mod concatenation;
mod core;
mod creation;
mod creation_with_upload;
mod deferred_length;
mod expiration;
mod invariants;
mod points;
mod resilience;
mod restart;
mod termination;
mod transport;
mod web;

pub use self::points::{POINTS, Point};
use crate::case::Case;
use crate::statement::Statement;

/// A chapter of the catalogue.
#[derive(Debug)]
pub struct Chapter {
    /// What it is called.
    pub name: &'static str,
    /// What servers are held to.
    pub statements: &'static [&'static [Statement]],
    /// How that is tried.
    pub cases: &'static [&'static [Case]],
}

/// The chapters.
pub const CHAPTERS: &[Chapter] = &[
    core::CHAPTER,
    creation::CHAPTER,
    deferred_length::CHAPTER,
    creation_with_upload::CHAPTER,
    expiration::CHAPTER,
    checksum::CHAPTER,
    termination::CHAPTER,
    concatenation::CHAPTER,
    transport::CHAPTER,
    web::CHAPTER,
    resilience::CHAPTER,
    restart::CHAPTER,
    clients::CHAPTER,
    invariants::CHAPTER,
];

/// All cases, in order.
pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    CHAPTERS
        .iter()
        .flat_map(|chapter| chapter.cases.iter().copied().flatten())
}

/// All statements, in order.
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    CHAPTERS
        .iter()
        .flat_map(|chapter| chapter.statements.iter().copied().flatten())
}

/// The statement that a case tries.
#[must_use]
pub fn statement_of(case: &Case) -> Option<&'static Statement> {
    statements().find(|statement| statement.id == case.statement_id())
}

/// The point where a case holds servers to our answer, if it does.
#[must_use]
pub fn point_of(case: &Case) -> Option<&'static Point> {
    let id = case.resolution?;
    POINTS.iter().find(|point| point.id == id)
}

/// The chapter that a case belongs to.
#[must_use]
pub fn chapter_of(case: &Case) -> Option<&'static Chapter> {
    CHAPTERS.iter().find(|chapter| {
        let mut cases = chapter.cases.iter().copied().flatten();
        cases.any(|listed| listed.id == case.id)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique() {
        let mut seen = HashSet::new();
        for id in cases()
            .map(|case| case.id)
            .chain(statements().map(|statement| statement.id))
        {
            assert!(seen.insert(id), "{id} is there twice");
        }
    }

    #[test]
    fn a_case_tries_a_statement_of_its_chapter() {
        for chapter in CHAPTERS {
            let statements: HashSet<_> = chapter
                .statements
                .iter()
                .copied()
                .flatten()
                .map(|statement| statement.id)
                .collect();
            for case in chapter.cases.iter().copied().flatten() {
                assert!(
                    statements.contains(case.statement_id()),
                    "{}: no such statement",
                    case.id
                );
            }
        }
    }

    #[test]
    fn our_answers_are_told_and_tried() {
        let tried: HashSet<_> = cases().filter_map(|case| case.resolution).collect();
        let told: HashSet<_> = POINTS.iter().map(|point| point.id).collect();
        assert_eq!(tried, told);
    }

    #[test]
    fn a_statement_is_tried_or_says_why_not() {
        let tried: HashSet<_> = cases().map(Case::statement_id).collect();
        for statement in statements() {
            let is_tried = tried.contains(statement.id);
            assert_ne!(is_tried, statement.untried.is_some(), "{}", statement.id);
        }
    }
}
