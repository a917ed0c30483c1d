//! PATCH at another offset than that of the upload.

use crate::case::{Case, Need, run};
use crate::spec::PATCH;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "CORE-24",
    PATCH,
    "PATCH at another offset than that of the upload is answered with 409, and the upload stays as it is.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-24.1",
        "the beginning of an upload that has bytes is a conflict",
        run!(conflict, 0, "world"),
    ),
    Case::new(
        "CORE-24.2",
        "one byte too far is a conflict",
        run!(conflict, 6, "orld"),
    ),
    Case::new(
        "CORE-24.3",
        "one byte too early is a conflict",
        run!(conflict, 4, "oworld"),
    ),
    Case::new(
        "CORE-24.4",
        "the end of an unfinished upload is a conflict",
        run!(conflict, 10, "x"),
    ),
    Case::new(
        "CORE-24.5",
        "an offset far beyond the end is a conflict",
        run!(conflict, 9_223_372_036_854_775_807, "x"),
    ),
    Case::new(
        "CORE-24.6",
        "a wrong offset is a conflict also without content",
        run!(conflict, 0, ""),
    ),
    Case::new(
        "CORE-24.7",
        "a wrong offset of a complete upload is a conflict",
        run!(conflict_when_complete),
    ),
    Case::new(
        "CORE-24.8",
        "bytes at a wrong offset do not get into the upload",
        run!(content_stays),
    )
    .needs(&[Need::Content]),
    Case::new(
        "CORE-24.9",
        "the 409 tells the offset of the upload",
        run!(offset_told),
    )
    .resolution("A07"),
];

async fn conflict(trial: &Trial, offset: u64, content: &str) -> Verdict {
    let upload = super::half(trial).await?;
    let answer = upload.patch(offset).body(content).send().await?;
    answer.status(&[409])?;
    upload.is_at(5).await
}

async fn conflict_when_complete(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let answer = upload.patch(3).body("lo").send().await?;
    answer.status(&[409])?;
    upload.is_at(5).await
}

async fn content_stays(trial: &Trial) -> Verdict {
    let upload = super::half(trial).await?;
    for offset in [0, 7] {
        let answer = upload.patch(offset).body("###").send().await?;
        answer.refused().map_err(Stop::on_the_way)?;
    }
    let answer = upload.patch(5).body("world").send().await?;
    answer.status(&[204])?;
    trial.holds(&upload, b"helloworld").await
}

async fn offset_told(trial: &Trial) -> Verdict {
    let upload = super::half(trial).await?;
    let answer = upload.patch(0).body("hello").send().await?;
    answer.status(&[409])?.has("upload-offset", "5")?;
    Ok(())
}
