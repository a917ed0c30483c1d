//! The core protocol: HEAD, PATCH, OPTIONS, and the fields that they have in common.

mod conflicts;
mod content_type;
mod features;
mod head;
mod method_override;
mod numbers;
mod offsets;
mod options;
mod overruns;
mod patch;
mod unsupported_versions;
mod versions;

use super::Chapter;
use crate::trial::{Stop, Trial, Upload};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Core protocol",
    statements: &[
        numbers::STATEMENTS,
        versions::STATEMENTS,
        unsupported_versions::STATEMENTS,
        method_override::STATEMENTS,
        head::STATEMENTS,
        patch::STATEMENTS,
        content_type::STATEMENTS,
        conflicts::STATEMENTS,
        offsets::STATEMENTS,
        overruns::STATEMENTS,
        features::STATEMENTS,
        options::STATEMENTS,
    ],
    cases: &[
        numbers::CASES,
        versions::CASES,
        unsupported_versions::CASES,
        method_override::CASES,
        head::CASES,
        patch::CASES,
        content_type::CASES,
        conflicts::CASES,
        offsets::CASES,
        overruns::CASES,
        features::CASES,
        options::CASES,
    ],
};

/// An upload of ten bytes that has the first five.
async fn half(trial: &Trial) -> Result<Upload<'_>, Stop> {
    let upload = trial.upload(10).await?;
    upload.append(0, b"hello").await?;
    Ok(upload)
}
