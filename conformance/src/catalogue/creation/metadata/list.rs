//! The list of pairs that metadata is.

use super::{creation, echoed, kept, refused, survived, tells, works_or_is_refused};
use crate::case::{Case, run};
use crate::spec::{HTTP_FIELDS, UPLOAD_METADATA};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(in crate::catalogue::creation) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CRE-11",
        UPLOAD_METADATA,
        "`Upload-Metadata` has pairs, separated by commas: a key and a value in Base64, separated by a space.",
    )
    .untried("the statements from META-01 on are what it consists of"),
    Statement::must(
        "META-01",
        UPLOAD_METADATA,
        "The example of the specification is metadata.",
    ),
    Statement::should("META-07", UPLOAD_METADATA, "No comma is behind the last pair."),
    Statement::should(
        "META-08",
        UPLOAD_METADATA,
        "One space is between a key and its value.",
    ),
    Statement::should(
        "META-09",
        HTTP_FIELDS,
        "A list may have white space behind its commas, and may be in several lines.",
    ),
    Statement::should("META-15", UPLOAD_METADATA, "Metadata has at least one pair."),
    Statement::should(
        "META-17",
        UPLOAD_METADATA,
        "Metadata that is too large is refused.",
    ),
];

pub(in crate::catalogue::creation) const CASES: &[Case] = &[
    Case::new(
        "META-01.1",
        "the example is told",
        run!(kept, "filename d29ybGQ=,is_confidential"),
    ),
    Case::new(
        "META-01.2",
        "the example is told as it was sent",
        run!(echoed, "filename d29ybGQ=,is_confidential"),
    )
    .resolution("A10"),
    Case::new(
        "META-07.1",
        "a comma at the end makes no error of the server",
        run!(survived, "k dg==,"),
    ),
    Case::new(
        "META-07.2",
        "a comma at the end is refused with 400",
        run!(refused, "k dg==,"),
    )
    .resolution("A10"),
    Case::new(
        "META-08.1",
        "a value with a space makes no error of the server",
        run!(survived, "k d g=="),
    ),
    Case::new(
        "META-08.2",
        "two spaces are refused with 400",
        run!(refused, "k  dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-08.3",
        "a value with a space is refused with 400",
        run!(refused, "k d g=="),
    )
    .resolution("A10"),
    Case::new(
        "META-08.4",
        "a tab instead of the space is refused with 400",
        run!(refused, "k\tdg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-09.1",
        "a space behind a comma makes no error of the server",
        run!(survived, "k dg==, j dg=="),
    ),
    Case::new(
        "META-09.2",
        "a space behind a comma is accepted",
        run!(accepted, "k dg==, j dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-09.3",
        "pairs in two lines are one list",
        run!(in_two_lines),
    )
    .resolution("A10"),
    Case::new(
        "META-15.1",
        "an empty field makes no error of the server",
        run!(survived, ""),
    ),
    Case::new("META-15.2", "an empty field is none", run!(empty_is_none)).resolution("A10"),
    Case::new(
        "META-17.1",
        "a thousand pairs are accepted or refused",
        run!(thousand_pairs),
    ),
    Case::new(
        "META-17.2",
        "a value of 60 KiB is accepted or refused",
        run!(large_value),
    ),
];

async fn accepted(trial: &Trial, metadata: &str) -> Verdict {
    let answer = creation(trial, metadata).send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
    tells(&upload, metadata).await
}

async fn in_two_lines(trial: &Trial) -> Verdict {
    let call = creation(trial, "k dg==").field("Upload-Metadata", "j dg==");
    let answer = call.send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
    tells(&upload, "k dg==,j dg==").await
}

async fn empty_is_none(trial: &Trial) -> Verdict {
    let answer = creation(trial, "").send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
    upload.told().await?.lacks("upload-metadata")?;
    Ok(())
}

async fn thousand_pairs(trial: &Trial) -> Verdict {
    let pairs: Vec<_> = (0..1000).map(|number| format!("k{number} dg==")).collect();
    large(trial, &pairs.join(",")).await
}

async fn large_value(trial: &Trial) -> Verdict {
    large(trial, &format!("k {}", "YWJj".repeat(15 << 10))).await
}

/// What serves HTTP may have a limit for fields.
async fn large(trial: &Trial, metadata: &str) -> Verdict {
    let answer = creation(trial, metadata).unobserved().send().await?;
    works_or_is_refused(trial, &answer).await
}
