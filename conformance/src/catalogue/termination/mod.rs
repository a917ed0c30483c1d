//! DELETE: uploads that are given up.

mod afterwards;
mod deletion;

use super::Chapter;
use crate::trial::{Stop, Upload, Verdict};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Termination",
    statements: &[deletion::STATEMENTS, afterwards::STATEMENTS],
    cases: &[deletion::CASES, afterwards::CASES],
};

/// Terminates an upload, for a case whose point is another.
async fn terminate(upload: &Upload<'_>) -> Verdict {
    let answer = upload.delete().send().await.map_err(Stop::on_the_way)?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    Ok(())
}
