//! The core protocol: HEAD, PATCH, OPTIONS, and the fields that they have in common.

mod head;

use super::Chapter;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Core protocol",
    statements: &[head::STATEMENTS],
    cases: &[head::CASES],
};
