//! PATCH of uploads that are complete.

use crate::case::{Case, Need, run};
use crate::spec::{PATCH, UPLOAD_LENGTH};
use crate::statement::Statement;
use crate::trial::{Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "OFF-07",
        UPLOAD_LENGTH,
        "An upload does not get longer than its length.",
    )
    .untried("RES-09 does"),
    Statement::should(
        "OFF-11",
        PATCH,
        "PATCH without bytes at the end of a complete upload succeeds.",
    ),
    Statement::must(
        "OFF-12",
        UPLOAD_LENGTH,
        "A complete upload does not get any more bytes.",
    ),
    Statement::must(
        "OFF-14",
        UPLOAD_LENGTH,
        "An upload does not get longer than its length by content whose length is not told.",
    )
    .untried("RES-09.2 does"),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "OFF-11.1",
        "a complete upload is acknowledged again",
        run!(acknowledged_again),
    )
    .resolution("A09"),
    Case::new(
        "OFF-12.1",
        "a complete upload does not grow",
        run!(complete_stays),
    )
    .needs(&[Need::Content]),
    Case::new(
        "OFF-12.2",
        "a byte behind a complete upload is refused with 413",
        run!(complete_refuses),
    )
    .resolution("A09"),
];

async fn acknowledged_again(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let answer = upload.patch(5).send().await?;
    answer.status(&[204])?.has("upload-offset", "5")?;
    Ok(())
}

async fn complete_stays(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    upload.patch(5).body("!").send().await?;
    upload.is_at(5).await?;
    trial.holds(&upload, b"hello").await
}

async fn complete_refuses(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let answer = upload.patch(5).body("!").send().await?;
    answer.status(&[413])?;
    upload.is_at(5).await
}
