//! Clients that wait for `100 Continue`.

use super::bringing;
use crate::case::{Case, Need, run};
use crate::http::{Connection, Protocol, Response};
use crate::session::Extension::CreationWithUpload;
use crate::spec::HTTP_EXPECT;
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "CWU-06",
    HTTP_EXPECT,
    "A client may wait for `100 Continue` before it sends the bytes: it gets that, or else the final answer.",
)];

const OVER_HTTP1: &[Need] = &[
    Need::Offered(CreationWithUpload),
    Need::Http(Protocol::Http1),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CWU-06.1",
        "a client that waits gets `100 Continue` and then 201, or a final answer at once",
        run!(continued),
    )
    .needs(OVER_HTTP1),
    Case::new(
        "CWU-06.2",
        "a creation that is too large is refused without `100 Continue`",
        run!(too_large_is_not_continued),
    )
    .needs(&[
        Need::Offered(CreationWithUpload),
        Need::Http(Protocol::Http1),
        Need::MaxSize,
    ])
    .resolution("A01"),
    Case::new(
        "CWU-06.3",
        "a creation of another version is refused without `100 Continue`",
        run!(other_version_is_not_continued),
    )
    .needs(OVER_HTTP1)
    .resolution("A01"),
];

async fn continued(trial: &Trial) -> Verdict {
    let mut call = bringing(trial, 10, b"").declared(5);
    call = call.field("Expect", "100-continue");
    let mut exchange = call.open().await?;
    if let Connection::Http1(connection) = exchange.connection() {
        let first = trial.within(connection.head()).await?;
        if first.status.as_u16() != 100 {
            return answers_at_once(trial, &first).await;
        }
    }
    exchange.send(b"hello").await?;
    let answer = exchange.finish().await?;
    answer.status(&[201])?;
    trial.located(&answer)?.told().await?;
    Ok(())
}

/// The bytes are not waited for: the upload is refused, or made without them.
async fn answers_at_once(trial: &Trial, answer: &Response) -> Verdict {
    if answer.status.as_u16() == 408 {
        let expected = "`100 Continue`, or the answer without waiting for the bytes";
        return Err(Stop::failed(expected, "status 408"));
    }
    if !answer.status.is_success() {
        return trial.creates_nothing(answer).await;
    }
    answer.status(&[201])?.has("upload-offset", "0")?;
    trial.located(answer)?.is_at(0).await
}

async fn too_large_is_not_continued(trial: &Trial) -> Verdict {
    let largest = trial.session().features().max_size().unwrap_or_default();
    let length = largest.saturating_add(1).to_string();
    let call = bringing(trial, 10, b"").set("Upload-Length", length);
    is_not_continued(call, 413).await
}

async fn other_version_is_not_continued(trial: &Trial) -> Verdict {
    let call = bringing(trial, 10, b"").set("Tus-Resumable", "0.0.1");
    is_not_continued(call, 412).await
}

async fn is_not_continued(call: Call<'_>, status: u16) -> Verdict {
    let call = call.field("Expect", "100-continue").declared(5);
    let mut exchange = call.open().await?;
    let answer = exchange.response().await?;
    answer.status(&[status])?;
    match answer.interim.first() {
        None => Ok(()),
        Some(interim) => Err(Stop::failed(
            "no interim answer",
            format!("status {}", interim.as_u16()),
        )),
    }
}
