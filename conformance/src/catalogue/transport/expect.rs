//! `Expect: 100-continue`: a client that asks before it sends its content.

use crate::case::{Case, Need, run};
use crate::http::Protocol::{Http1, Http2};
use crate::spec::{HTTP_EXPECT, HTTP2};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Upload, Verdict, Wire};

/// The field with which a client asks.
const EXPECT: &str = "Expect: 100-continue\r\n";

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "TRN-08",
        HTTP_EXPECT,
        "A client that asks with `Expect: 100-continue` is told at once to go on (100), or what the answer is.",
    ),
    Statement::must(
        "TRN-09",
        HTTP_EXPECT,
        "What is known from the head alone to be refused may be refused at once. The content that was announced is never taken for a request.",
    ),
    Statement::may(
        "TRN-10",
        HTTP_EXPECT,
        "An expectation that is not known is answered with 417, or ignored.",
    ),
    Statement::must(
        "TRN-11",
        HTTP_EXPECT,
        "`Expect: 100-continue` in HTTP/1.0 is ignored.",
    ),
    Statement::must(
        "TRN-12",
        HTTP2,
        "`Expect: 100-continue` over HTTP/2 does not hold up a client that goes on by itself.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRN-08.1",
        "a client that asks is told to go on or refused at once, also twice on one connection",
        run!(goes_on),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-08.2",
        "a client that asks before chunks is told to go on or refused at once, and what is refused is not stored",
        run!(goes_on_in_chunks),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-09.1",
        "after a refusal for no such upload, the content is no request",
        run!(refusal, Refusal::Nowhere, false),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-09.2",
        "after a refusal for the offset, the content is no request",
        run!(refusal, Refusal::Offset, false),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-09.3",
        "after a refusal for the version, the content is no request",
        run!(refusal, Refusal::Version, false),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-09.4",
        "after a refusal for the type, the content is no request",
        run!(refusal, Refusal::Type, false),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-09.5",
        "no client is told to send what is refused for want of an upload",
        run!(refusal, Refusal::Nowhere, true),
    )
    .resolution("A01")
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-09.6",
        "no client is told to send what is refused for its offset",
        run!(refusal, Refusal::Offset, true),
    )
    .resolution("A01")
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-09.7",
        "no client is told to send what is refused for its version",
        run!(refusal, Refusal::Version, true),
    )
    .resolution("A01")
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-09.8",
        "no client is told to send what is refused for its type",
        run!(refusal, Refusal::Type, true),
    )
    .resolution("A01")
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-10.1",
        "an expectation that nobody knows is refused with 417, or ignored",
        run!(unknown),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-11.1",
        "a client of HTTP/1.0 that asks is not told to go on",
        run!(old),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-12.1",
        "a client of HTTP/2 that asks and goes on is answered",
        run!(over_http2),
    )
    .needs(&[Need::Http(Http2)]),
];

/// Why a request is refused.
#[derive(Clone, Copy)]
enum Refusal {
    Nowhere,
    Offset,
    Version,
    Type,
}

async fn goes_on(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let mut wire = trial.by_hand().await?;
    for (offset, piece, end) in [(0, "hello", 5), (5, "world", 10)] {
        let lines = format!("{EXPECT}Content-Length: {}\r\n", piece.len());
        wire.write(upload.patch_lines(offset, &lines)).await?;
        let first = wire.next_head().await?;
        if first.refused().is_ok() {
            return upload.is_at(offset).await;
        }
        first.status(&[100])?;
        wire.write(piece).await?;
        let answer = wire.answer("PATCH").await?;
        answer
            .status(&[204])?
            .has("upload-offset", end.to_string())?;
        upload.is_at(end).await?;
        if answer.closes() {
            wire = trial.by_hand().await?;
        }
    }
    Ok(())
}

async fn goes_on_in_chunks(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let mut wire = trial.by_hand().await?;
    let lines = format!("{EXPECT}Transfer-Encoding: chunked\r\n");
    wire.write(upload.patch_lines(0, &lines)).await?;
    let first = wire.next_head().await?;
    if first.refused().is_ok() {
        return upload.is_at(0).await;
    }
    first.status(&[100])?;
    wire.write("5\r\nhello\r\n0\r\n\r\n").await?;
    let answer = wire.answer("PATCH").await?;
    if answer.refused().is_ok() {
        return upload.is_at(0).await;
    }
    answer.status(&[204])?;
    upload.is_at(5).await
}

/// A request that is refused for its head, with content that would be a request, too.
async fn refusal(trial: &Trial, refusal: Refusal, at_once: bool) -> Verdict {
    let upload = trial.upload(1_000_000).await?;
    let other = trial.upload(5).await?;
    let hidden = other.patch_bytes(0, "wrong");
    let lines = format!("{EXPECT}Content-Length: {}\r\n", hidden.len());
    let head = refused_head(trial, &upload, refusal, &lines).await?;
    let mut wire = trial.by_hand().await?;
    wire.write(head).await?;
    let first = wire.next_head().await?;
    if at_once {
        first.blamed()?;
    } else if first.status.as_u16() != 100 {
        first.refused()?;
    }
    wire.write(hidden).await?;
    let is_asked_to_go_on = first.status.as_u16() == 100;
    if is_asked_to_go_on && wire.answer("PATCH").await?.status.is_success() {
        let reason = "the server does not refuse this";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    settled(&mut wire, is_asked_to_go_on).await?;
    upload.is_at(0).await?;
    other.is_at(0).await
}

async fn refused_head(
    trial: &Trial,
    upload: &Upload<'_>,
    refusal: Refusal,
    lines: &str,
) -> Result<String, Stop> {
    let good = upload.patch_lines(0, lines);
    Ok(match refusal {
        Refusal::Nowhere => trial.nowhere().await?.patch_lines(0, lines),
        Refusal::Offset => upload.patch_lines(7, lines),
        Refusal::Version => good.replace("Tus-Resumable: 1.0.0", "Tus-Resumable: 9.9.9"),
        Refusal::Type => good.replace("application/offset+octet-stream", "text/plain"),
    })
}

/// Until the server has done whatever it does with content that it did not ask for.
async fn settled(wire: &mut Wire<'_>, is_read: bool) -> Verdict {
    if !is_read {
        wire.half_close().await?;
        wire.rest().await;
    }
    Ok(())
}

async fn unknown(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let mut wire = trial.by_hand().await?;
    let lines = "Expect: 200-ok\r\nContent-Length: 5\r\n";
    wire.write(upload.patch_lines(0, lines) + "hello").await?;
    let answer = wire.answer("PATCH").await?;
    answer.status(&[204, 417])?;
    let is_ignored = answer.status.as_u16() == 204;
    upload.is_at(if is_ignored { 5 } else { 0 }).await
}

async fn old(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let mut wire = trial.by_hand().await?;
    let lines = format!("{EXPECT}Content-Length: 5\r\n");
    let head = upload.patch_lines(0, &lines);
    wire.write(head.replacen("HTTP/1.1", "HTTP/1.0", 1) + "hello")
        .await?;
    let first = wire.next_head().await?;
    if first.refused().is_ok() {
        let reason = "the server does not serve HTTP/1.0";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    first.status(&[204])?;
    upload.is_at(5).await
}

async fn over_http2(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let patch = upload.patch(0).field("Expect", "100-continue");
    let answer = patch.body("hello").send().await?;
    answer.status(&[204])?.has("upload-offset", "5")?;
    upload.is_at(5).await
}
