//! PATCH of final uploads.

use super::{joined, two};
use crate::case::{Case, Need, run};
use crate::session::Extension::Concatenation;
use crate::spec::CONCATENATION;
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "CON-11",
    CONCATENATION,
    "PATCH of a final upload is answered with 403, and changes neither it nor its parts.",
)];

const JOINS: &[Need] = &[Need::Offered(Concatenation)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CON-11.1",
        "PATCH of a final upload is refused without bytes",
        run!(refused, 11, ""),
    )
    .needs(JOINS),
    Case::new(
        "CON-11.2",
        "PATCH of a final upload is refused at the beginning",
        run!(refused, 0, "x"),
    )
    .needs(JOINS),
    Case::new(
        "CON-11.3",
        "PATCH of a final upload is refused at the end",
        run!(refused, 11, "x"),
    )
    .needs(JOINS),
    Case::new(
        "CON-11.4",
        "PATCH changes neither the final upload nor its parts",
        run!(nothing_changes),
    )
    .needs(&[Need::Offered(Concatenation), Need::Content]),
    Case::new(
        "CON-11.5",
        "PATCH of a final upload is refused also where it is a POST that says PATCH",
        run!(refused_as_post),
    )
    .needs(JOINS),
];

async fn refused(trial: &Trial, offset: u64, content: &str) -> Verdict {
    let joined = joined(trial, &two(trial).await?).await?;
    joined
        .patch(offset)
        .body(content)
        .send()
        .await?
        .status(&[403])?;
    joined.is_at(11).await
}

async fn refused_as_post(trial: &Trial) -> Verdict {
    let another = overridden(&trial.upload(5).await?, 0).send().await?;
    another.status(&[204]).map_err(|_| {
        Stop::NotApplicable("`X-HTTP-Method-Override` does not make a PATCH of POST".to_owned())
    })?;
    let joined = joined(trial, &two(trial).await?).await?;
    overridden(&joined, 11).send().await?.status(&[403])?;
    joined.is_at(11).await
}

fn overridden<'a>(upload: &Upload<'a>, offset: u64) -> Call<'a> {
    let call = upload.patch(offset).body("x").method("POST");
    call.field("X-HTTP-Method-Override", "PATCH")
}

async fn nothing_changes(trial: &Trial) -> Verdict {
    let parts = two(trial).await?;
    let joined = joined(trial, &parts).await?;
    for (offset, content) in [(0, "HELLO WORLD"), (11, "!")] {
        let answer = joined.patch(offset).body(content).send().await?;
        answer.status(&[403])?;
    }
    joined.is_at(11).await?;
    trial.holds(&joined, b"hello world").await?;
    for (part, length) in parts.iter().zip([5, 6]) {
        let answer = part.head().send().await?;
        if answer.status.is_success() {
            answer.has("upload-offset", length.to_string())?;
        }
    }
    Ok(())
}
