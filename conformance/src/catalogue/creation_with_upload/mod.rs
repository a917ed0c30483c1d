//! Creations that bring bytes.

mod bytes;
mod rules;
mod waiting;

use super::Chapter;
use crate::case::Need;
use crate::session::Extension::CreationWithUpload;
use crate::trial::{Call, OFFSET_OCTET_STREAM, Stop, Trial, Upload};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Creation with upload",
    statements: &[bytes::STATEMENTS, waiting::STATEMENTS, rules::STATEMENTS],
    cases: &[bytes::CASES, waiting::CASES, rules::CASES],
};

const OFFERED: &[Need] = &[Need::Offered(CreationWithUpload)];

/// A creation of a length that brings bytes.
fn bringing<'a>(trial: &'a Trial, length: usize, content: &[u8]) -> Call<'a> {
    trial
        .post_of(length as u64)
        .field("Content-Type", OFFSET_OCTET_STREAM)
        .body(content)
}

/// The creation succeeds, and so many bytes of it are there.
async fn taken<'a>(trial: &'a Trial, call: Call<'_>, bytes: usize) -> Result<Upload<'a>, Stop> {
    call.fits()?;
    let answer = call.send().await?;
    answer
        .status(&[201])?
        .has("upload-offset", bytes.to_string())?;
    let upload = trial.located(&answer)?;
    upload.is_at(bytes as u64).await?;
    Ok(upload)
}
