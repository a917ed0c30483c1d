//! Answers that are known before the content has come.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::HTTP_CONNECTION;
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Verdict, content};

/// The bytes of content that is refused.
const LARGE: usize = 1_000_000;

pub(super) const STATEMENTS: &[Statement] = &[Statement::should(
    "H-10",
    HTTP_CONNECTION,
    "A refusal is readable also while the content is on its way: the connection is not reset under it, and where it is kept it is in order.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "H-10.1",
        "a refusal for the offset is readable behind a large body",
        run!(readable, Refusal::Offset),
    ),
    Case::new(
        "H-10.2",
        "a refusal for the version is readable behind a large body",
        run!(readable, Refusal::Version),
    ),
    Case::new(
        "H-10.3",
        "a refusal is readable by a client that sends everything first",
        run!(readable_at_the_end),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "H-10.4",
        "a connection that is kept behind a refusal is in order",
        run!(in_order),
    )
    .needs(&[Need::Http(Http1)]),
];

/// Why a request is refused.
#[derive(Clone, Copy)]
enum Refusal {
    Offset,
    Version,
}

async fn refused(trial: &Trial, refusal: Refusal) -> Result<Call<'_>, Stop> {
    let upload = trial.upload(10_000_000).await?;
    Ok(match refusal {
        Refusal::Offset => upload.patch(7),
        Refusal::Version => upload.patch(0).set("Tus-Resumable", "9.9.9"),
    })
}

async fn readable(trial: &Trial, refusal: Refusal) -> Verdict {
    let bytes = content::bytes(30, LARGE);
    let answer = refused(trial, refusal).await?.body(&bytes).send().await?;
    if answer.status.is_success() {
        let reason = "the server does not refuse this";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    answer.refused()?;
    Ok(())
}

async fn readable_at_the_end(trial: &Trial) -> Verdict {
    let upload = trial.upload(10_000_000).await?;
    // What cannot be sent any more has its reason in the answer.
    let mut exchange = upload.patch(7).declared(LARGE as u64).open().await?;
    let bytes = content::bytes(31, LARGE);
    let _ = exchange.send(&bytes).await;
    exchange.response().await?.status(&[409])?;
    upload.is_at(0).await
}

async fn in_order(trial: &Trial) -> Verdict {
    let upload = trial.upload(100_000).await?;
    let content = "x".repeat(50_000);
    let mut wire = trial.by_hand().await?;
    wire.write(upload.patch_bytes(7, &content)).await?;
    let answer = wire.answer("PATCH").await?;
    answer.status(&[409])?;
    if !answer.closes() {
        wire.write(upload.head_lines()).await?;
        // It may still be closed: any connection may be, at any time.
        if let Some(answer) = wire.answer_or_end("HEAD").await? {
            answer.status(&[200, 204])?.has("upload-offset", "0")?;
        }
    }
    upload.is_at(0).await
}
