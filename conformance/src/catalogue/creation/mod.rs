//! Creation: POST makes an upload.

mod empty;
mod lengths;
mod max_size;
mod metadata;
mod metadata_kept;
mod post;

use std::collections::BTreeSet;

use super::Chapter;
use crate::trial::{Stop, Trial, Upload, Verdict};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Creation",
    statements: &[
        post::STATEMENTS,
        empty::STATEMENTS,
        max_size::STATEMENTS,
        lengths::STATEMENTS,
        metadata_kept::STATEMENTS,
        metadata::STATEMENTS,
    ],
    cases: &[
        post::CASES,
        empty::CASES,
        max_size::CASES,
        lengths::CASES,
        metadata_kept::CASES,
        metadata::CASES,
    ],
};

/// An upload with metadata. A server may refuse any, so one that does is not judged by what becomes of it.
async fn described<'a>(trial: &'a Trial, metadata: &str) -> Result<Upload<'a>, Stop> {
    let call = trial.post_of(5).field("Upload-Metadata", metadata);
    let answer = call.send().await?;
    if answer.status.is_client_error() {
        let reason = format!("the server refuses `Upload-Metadata: {metadata:.100}`");
        return Err(Stop::NotApplicable(reason));
    }
    answer.status(&[201])?;
    trial.located(&answer).map_err(Stop::on_the_way)
}

/// HEAD tells this metadata. The order of the pairs, and the space before an empty value, are left to
/// the server.
async fn tells(upload: &Upload<'_>, metadata: &str) -> Verdict {
    let answer = upload.head().send().await?;
    answer.status(&[200, 204])?;
    if pairs(answer.present("upload-metadata")?) == pairs(metadata) {
        return Ok(());
    }
    Err(Stop::failed(
        format!("the pairs of `upload-metadata: {metadata:.100}`"),
        answer.shown("upload-metadata"),
    ))
}

fn pairs(metadata: &str) -> BTreeSet<(&str, &str)> {
    metadata
        .split(',')
        .map(str::trim)
        .map(|pair| pair.split_once(' ').unwrap_or((pair, "")))
        .collect()
}
