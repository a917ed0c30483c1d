//! Uploads that are put together from partial ones.

mod candidates;
mod creation;
mod grammar;
mod head;
mod joining;
mod naming;
mod parts;
mod patch;
mod unfinished;

use super::Chapter;
use crate::trial::{Stop, Trial, Upload, Verdict};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Concatenation",
    statements: &[
        creation::STATEMENTS,
        joining::STATEMENTS,
        parts::STATEMENTS,
        patch::STATEMENTS,
        head::STATEMENTS,
        unfinished::STATEMENTS,
        grammar::STATEMENTS,
        naming::STATEMENTS,
        candidates::STATEMENTS,
    ],
    cases: &[
        creation::CASES,
        joining::CASES,
        parts::CASES,
        patch::CASES,
        head::CASES,
        unfinished::CASES,
        grammar::CASES,
        naming::CASES,
        candidates::CASES,
    ],
};

/// Two partial uploads that make `hello world`.
async fn two(trial: &Trial) -> Result<[Upload<'_>; 2], Stop> {
    let (first, second) = tokio::join!(
        trial.complete_partial(b"hello"),
        trial.complete_partial(b" world")
    );
    Ok([first?, second?])
}

/// A final upload of two parts, which is `hello world` when it is put together.
async fn joined<'a>(trial: &'a Trial, parts: &[Upload<'_>; 2]) -> Result<Upload<'a>, Stop> {
    let [first, second] = parts;
    let joined = trial.create(trial.join(&[first, second])).await?;
    is_assembled(trial, &joined, 11)
        .await
        .map_err(Stop::on_the_way)?;
    Ok(joined)
}

/// A final upload has all bytes, now or soon: servers may take their time to put it together.
async fn is_assembled(trial: &Trial, joined: &Upload<'_>, length: u64) -> Verdict {
    trial
        .eventually("the final upload to be put together", || async {
            let told = joined.head().send().await?;
            told.status(&[200, 204])?;
            Ok(told.number("upload-offset") == Some(length))
        })
        .await?;
    let told = joined.told().await?;
    told.has("upload-length", length.to_string())?;
    Ok(())
}
