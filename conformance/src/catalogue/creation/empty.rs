//! Uploads of no bytes.

use crate::case::{Case, Need, run};
use crate::spec::UPLOAD_LENGTH;
use crate::statement::Statement;
use crate::trial::{Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::should(
    "CRE-06",
    UPLOAD_LENGTH,
    "0 is a length like others: such an upload is complete as soon as it is made.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CRE-06.1",
        "an upload of no bytes is made, and is at its end",
        run!(made),
    ),
    Case::new(
        "CRE-06.2",
        "an upload of no bytes can be read, and has none",
        run!(read),
    )
    .needs(&[Need::Content]),
    Case::new(
        "CRE-06.3",
        "PATCH without bytes is acknowledged",
        run!(patched),
    )
    .resolution("A09"),
    Case::new(
        "CRE-06.4",
        "an upload of no bytes gets none",
        run!(stays_empty),
    ),
    Case::new(
        "CRE-06.5",
        "a byte for an upload of no bytes is refused with 413",
        run!(too_long),
    )
    .resolution("A09"),
];

async fn made(trial: &Trial) -> Verdict {
    let answer = trial.post_of(0).send().await?;
    answer.status(&[201])?;
    let told = trial.located(&answer)?.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-offset", "0")?
        .has("upload-length", "0")?;
    Ok(())
}

async fn read(trial: &Trial) -> Verdict {
    let upload = trial.upload(0).await?;
    trial.holds(&upload, b"").await
}

async fn patched(trial: &Trial) -> Verdict {
    let upload = trial.upload(0).await?;
    let answer = upload.patch(0).send().await?;
    answer.status(&[204])?.has("upload-offset", "0")?;
    Ok(())
}

async fn stays_empty(trial: &Trial) -> Verdict {
    let upload = trial.upload(0).await?;
    upload.patch(0).body("x").send().await?;
    upload.is_at(0).await
}

async fn too_long(trial: &Trial) -> Verdict {
    let upload = trial.upload(0).await?;
    let answer = upload.patch(0).body("x").send().await?;
    answer.status(&[413])?;
    Ok(())
}
