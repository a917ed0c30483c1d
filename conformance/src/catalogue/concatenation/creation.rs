//! Creations of partial and of final uploads.

use super::{is_assembled, two};
use crate::case::{Case, Need, run};
use crate::session::Extension::{Concatenation, Creation, CreationDeferLength, CreationWithUpload};
use crate::spec::{CONCATENATION, UPLOAD_CONCAT};
use crate::statement::Statement;
use crate::trial::{OFFSET_OCTET_STREAM, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CON-01",
        CONCATENATION,
        "A server that puts uploads together says `concatenation` in `Tus-Extension`.",
    ),
    Statement::must(
        "CON-02",
        CONCATENATION,
        "A creation with `Upload-Concat: partial` makes a partial upload.",
    ),
    Statement::must(
        "CON-05",
        CONCATENATION,
        "A creation with `Upload-Concat: final;` and the URLs of partial uploads makes a final upload.",
    ),
    Statement::must(
        "CON-08",
        CONCATENATION,
        "The creation of a final upload tells no length.",
    ),
    Statement::must(
        "CON-17",
        UPLOAD_CONCAT,
        "`Upload-Concat` is in the creations of partial and of final uploads; its URLs are absolute or relative, without spaces.",
    )
    .untried("CAT-01 to CAT-12 do, form by form"),
    Statement::must(
        "CON-18",
        CONCATENATION,
        "What holds for creations holds for those of partial and of final uploads.",
    ),
];

const JOINS: &[Need] = &[Need::Offered(Concatenation)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CON-01.1",
        "where concatenation is not announced, no final upload is created",
        run!(unannounced, "final;"),
    )
    .needs(&[Need::Offered(Creation), Need::NotOffered(Concatenation)]),
    Case::new(
        "CON-01.2",
        "where concatenation is not announced, no partial upload is created",
        run!(unannounced, "partial"),
    )
    .needs(&[Need::Offered(Creation), Need::NotOffered(Concatenation)])
    .resolution("A25"),
    Case::new(
        "CON-02.1",
        "a partial upload takes bytes like any other",
        run!(partial),
    )
    .needs(JOINS),
    Case::new(
        "CON-02.2",
        "the length of a partial upload may be told later",
        run!(deferred_partial),
    )
    .needs(&[
        Need::Offered(Concatenation),
        Need::Offered(CreationDeferLength),
    ]),
    Case::new("CON-05.1", "a final upload is created", run!(final_upload)).needs(JOINS),
    Case::new(
        "CON-08.1",
        "a final upload with a length is refused",
        run!(refused_with, "Upload-Length", "11"),
    )
    .needs(JOINS)
    .resolution("A23"),
    Case::new(
        "CON-08.2",
        "a final upload whose length is told later is refused",
        run!(refused_with, "Upload-Defer-Length", "1"),
    )
    .needs(JOINS)
    .resolution("A23"),
    Case::new(
        "CON-18.1",
        "a partial upload needs a length",
        run!(partial_without_length),
    )
    .needs(JOINS)
    .resolution("A08"),
    Case::new(
        "CON-18.2",
        "a final upload that brings bytes is refused",
        run!(final_with_content),
    )
    .needs(&[
        Need::Offered(Concatenation),
        Need::Offered(CreationWithUpload),
    ])
    .resolution("A23"),
];

async fn unannounced(trial: &Trial, value: &str) -> Verdict {
    let call = if value == "partial" {
        trial.post_of(5).field("Upload-Concat", value)
    } else {
        let upload = trial.complete(b"hello").await?;
        let value = format!("{value}{}", upload.path);
        trial.post().field("Upload-Concat", value)
    };
    let answer = call.send().await?;
    trial.creates_nothing(&answer).await
}

async fn partial(trial: &Trial) -> Verdict {
    let answer = trial
        .post_of(5)
        .field("Upload-Concat", "partial")
        .send()
        .await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer)?;
    upload.is_at(0).await?;
    upload.append(0, b"hel").await?;
    upload.append(3, b"lo").await?;
    upload.is_at(5).await
}

async fn deferred_partial(trial: &Trial) -> Verdict {
    let call = trial.post().field("Upload-Concat", "partial");
    let answer = call.field("Upload-Defer-Length", "1").send().await?;
    answer.status(&[201])?;
    let told = trial.located(&answer)?.told().await?;
    told.has("upload-defer-length", "1")?;
    Ok(())
}

async fn final_upload(trial: &Trial) -> Verdict {
    let [first, second] = two(trial).await?;
    let answer = trial.join(&[&first, &second]).send().await?;
    answer.status(&[201])?;
    is_assembled(trial, &trial.located(&answer)?, 11).await
}

async fn refused_with(trial: &Trial, name: &str, value: &str) -> Verdict {
    let [first, second] = two(trial).await?;
    let call = trial.join(&[&first, &second]).field(name, value);
    let answer = call.send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

async fn partial_without_length(trial: &Trial) -> Verdict {
    let answer = trial
        .post()
        .field("Upload-Concat", "partial")
        .send()
        .await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

async fn final_with_content(trial: &Trial) -> Verdict {
    let [first, second] = two(trial).await?;
    let call = trial.join(&[&first, &second]);
    let call = call.field("Content-Type", OFFSET_OCTET_STREAM).body("more");
    let answer = call.send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}
