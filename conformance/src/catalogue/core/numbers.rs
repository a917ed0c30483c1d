//! What the core protocol is about: numbers of bytes, in whatever version of HTTP.

use crate::case::{Case, run};
use crate::spec::{CORE, UPLOAD_LENGTH, UPLOAD_OFFSET};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must("CORE-01", CORE, "Servers implement the core protocol.")
        .untried("it is the sum of the other statements of this chapter"),
    Statement::must(
        "CORE-02",
        UPLOAD_OFFSET,
        "`Upload-Offset` is a number of bytes: an integer that is not negative.",
    ),
    Statement::must(
        "CORE-03",
        UPLOAD_LENGTH,
        "`Upload-Length` is the number of bytes of the whole upload: an integer that is not negative.",
    ),
    Statement::must(
        "CORE-35",
        CORE,
        "Uploads work over HTTP/1.1 and over HTTP/2.",
    )
    .untried("each run of the judge is over one of them: see Transport for what differs"),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-02.1",
        "the offset in the answer to HEAD is a number",
        run!(offset_in_head),
    ),
    Case::new(
        "CORE-02.2",
        "the offset in the answer to PATCH is a number",
        run!(offset_in_patch),
    ),
    Case::new(
        "CORE-03.1",
        "the length in the answer to HEAD is the number that was sent",
        run!(length_in_head),
    ),
];

async fn offset_in_head(trial: &Trial) -> Verdict {
    super::half(trial).await?.offset().await?;
    Ok(())
}

async fn offset_in_patch(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.patch(0).body("hel").send().await?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    answer.number("upload-offset").ok_or_else(|| {
        Stop::failed("a number in `upload-offset`", answer.shown("upload-offset"))
    })?;
    Ok(())
}

async fn length_in_head(trial: &Trial) -> Verdict {
    let upload = trial.upload(100).await?;
    upload.told().await?.has("upload-length", "100")?;
    Ok(())
}
