//! `Tus-Max-Size`: the largest upload.

use crate::case::{Case, Need, run};
use crate::spec::{CREATION_POST, Strength};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "CRE-09",
    CREATION_POST,
    "A creation with a length over the maximum is answered with 413.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CRE-09.1",
        "one byte over the maximum is answered with 413",
        run!(refused, 1),
    )
    .needs(&[Need::MaxSize]),
    Case::new(
        "CRE-09.2",
        "ten times the maximum is answered with 413",
        run!(ten_times),
    )
    .needs(&[Need::MaxSize]),
    Case::new("CRE-09.3", "the maximum itself is accepted", run!(accepted))
        .needs(&[Need::MaxSize])
        .strength(Strength::Should),
    Case::new("CRE-09.4", "the 413 tells the maximum", run!(maximum_told))
        .needs(&[Need::MaxSize])
        .resolution("A27"),
];

fn maximum(trial: &Trial) -> u64 {
    trial.session().features().max_size().unwrap_or_default()
}

fn out_of_range() -> Stop {
    Stop::NotApplicable("more than the maximum is no number of 64 bits".to_owned())
}

async fn refused(trial: &Trial, surplus: u64) -> Verdict {
    let length = maximum(trial).checked_add(surplus);
    is_too_large(trial, length.ok_or_else(out_of_range)?).await
}

async fn ten_times(trial: &Trial) -> Verdict {
    let length = maximum(trial).checked_mul(10);
    is_too_large(trial, length.ok_or_else(out_of_range)?).await
}

async fn is_too_large(trial: &Trial, length: u64) -> Verdict {
    let answer = trial.post_of(length).send().await?;
    answer.status(&[413])?.lacks("location")?;
    Ok(())
}

async fn accepted(trial: &Trial) -> Verdict {
    let length = maximum(trial);
    let answer = trial.post_of(length).send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
    let told = upload.told().await?;
    told.has("upload-length", length.to_string())?;
    Ok(())
}

async fn maximum_told(trial: &Trial) -> Verdict {
    let maximum = maximum(trial);
    let length = maximum.checked_add(1).ok_or_else(out_of_range)?;
    let answer = trial.post_of(length).send().await?;
    answer.status(&[413]).map_err(Stop::on_the_way)?;
    answer.has("tus-max-size", maximum.to_string())?;
    Ok(())
}
