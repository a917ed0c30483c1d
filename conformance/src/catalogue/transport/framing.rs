//! Where content ends, and requests that say two things about it: whoever stands before the server may
//! believe the other one, and what is content to one is a request to the other.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::{HTTP_BODY_LENGTH, HTTP_STATUS, Strength, UPLOAD_OFFSET};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "TRN-03",
        HTTP_BODY_LENGTH,
        "A request with both `Transfer-Encoding` and `Content-Length` is refused or read as chunked, and the connection closed behind it.",
    ),
    Statement::must(
        "TRN-04",
        HTTP_BODY_LENGTH,
        "A request whose last transfer coding is not `chunked` is refused with 400. One with a coding that the server does not undo should be refused with 501.",
    ),
    Statement::must(
        "TRN-06",
        HTTP_BODY_LENGTH,
        "A request whose `Content-Length` is no number, or several, is refused with 400 and the connection closed.",
    ),
    Statement::must(
        "TRN-07",
        UPLOAD_OFFSET,
        "A `Content-Length` near the largest number of 64 bits is compared, not added past the end of numbers: the offset stays within the length.",
    ),
    Statement::may(
        "TRN-23",
        HTTP_STATUS,
        "Content with a `Content-Encoding` may be refused with 415. Otherwise its bytes are those of the upload, as they came.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRN-03.1",
        "a length before chunks does not hide a second request",
        run!(
            two_framings,
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"
        ),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-03.2",
        "a length behind chunks does not hide a second request",
        run!(
            two_framings,
            "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"
        ),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-04.1",
        "content in gzip alone is refused",
        run!(coded, "gzip"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-04.2",
        "chunks within gzip are refused",
        run!(coded, "chunked, gzip"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-04.3",
        "what only looks like `chunked` is refused",
        run!(coded, "xchunked"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-04.4",
        "gzip within chunks is not stored as if it were the content",
        run!(coded, "gzip, chunked"),
    )
    .strength(Strength::Should)
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-06.1",
        "a negative length is refused",
        run!(length, "Content-Length: -5\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-06.2",
        "a length with a plus is refused",
        run!(length, "Content-Length: +5\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-06.3",
        "two lengths in one line are refused",
        run!(length, "Content-Length: 5, 6\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-06.4",
        "two lengths in two lines are refused",
        run!(length, "Content-Length: 5\r\nContent-Length: 6\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-06.5",
        "a length that is not decimal is refused",
        run!(length, "Content-Length: 0x5\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-06.6",
        "a length that no number of 64 bits holds is not taken for a short one",
        run!(longer_than_numbers),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-06.7",
        "the same length twice is that length, or is refused",
        run!(same_length_twice),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-07.1",
        "an offset and a Content-Length that are together beyond 2^64 do not pass for a small number",
        run!(wrapping, "18446744073709551613"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-07.2",
        "an offset and a Content-Length that are together beyond 2^63 do not pass for a negative number",
        run!(wrapping, "9223372036854775806"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-07.3",
        "a body that is told to be far too long is refused before it comes",
        run!(too_long_at_once),
    )
    .resolution("A16")
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-23.1",
        "content that is told to be in gzip is refused, or kept as it is",
        run!(encoded),
    ),
];

/// Chunks, and behind them bytes which are a request to whoever believes the length.
async fn two_framings(trial: &Trial, lines: &str) -> Verdict {
    let upload = trial.upload(10).await?;
    let other = trial.upload(5).await?;
    let head = upload.patch_lines(0, lines);
    let hidden = other.patch_bytes(0, "wrong");
    let mut wire = trial.by_hand().await?;
    wire.write(format!("{head}5\r\nhello\r\n0\r\n\r\n{hidden}"))
        .await?;
    let answer = wire.answer_or_end("PATCH").await?;
    let is_read = answer
        .as_ref()
        .is_some_and(|answer| answer.status.is_success());
    wire.is_closed().await?;
    upload.is_at(if is_read { 5 } else { 0 }).await?;
    other.is_at(0).await
}

async fn coded(trial: &Trial, coding: &str) -> Verdict {
    let upload = trial.upload(10).await?;
    let lines = format!("Transfer-Encoding: {coding}\r\n");
    let head = upload.patch_lines(0, &lines);
    let mut wire = trial.by_hand().await?;
    wire.write(head + "5\r\nhello\r\n0\r\n\r\n").await?;
    let answer = wire.answer_or_end("PATCH").await?;
    if let Some(answer) = answer {
        answer.refused()?;
    }
    upload.is_at(0).await
}

async fn length(trial: &Trial, lines: &str) -> Verdict {
    let upload = trial.upload(10).await?;
    let head = upload.patch_lines(0, lines);
    let mut wire = trial.by_hand().await?;
    wire.write(head + "hello").await?;
    if let Some(answer) = wire.answer_or_end("PATCH").await? {
        answer.blamed()?;
    }
    wire.is_closed().await?;
    upload.is_at(0).await
}

/// 2^64 and 5: a server that counts with 64 bits takes it for 5.
async fn longer_than_numbers(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let head = upload.patch_lines(0, "Content-Length: 18446744073709551621\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(head + "hello").await?;
    // It may wait for the rest, which does not come.
    wire.half_close().await?;
    if let Some(answer) = wire.answer_or_end("PATCH").await? {
        answer.refused()?;
    }
    Ok(())
}

async fn same_length_twice(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let head = upload.patch_lines(0, "Content-Length: 5\r\nContent-Length: 5\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(head + "hello").await?;
    let answer = wire.answer_or_end("PATCH").await?;
    let is_taken = match &answer {
        Some(answer) if answer.status.as_u16() == 204 => true,
        Some(answer) => answer.status(&[400]).map(|_| false)?,
        None => false,
    };
    upload.is_at(if is_taken { 5 } else { 0 }).await
}

/// One byte, and then a body that brings offset and length past the end of numbers. It breaks off
/// after a few bytes.
async fn wrapping(trial: &Trial, length: &str) -> Verdict {
    let upload = trial.upload(10).await?;
    upload.append(0, b"hel").await?;
    let mut wire = trial.by_hand().await?;
    let head = upload.patch_lines(3, &format!("Content-Length: {length}\r\n"));
    wire.write(head + "lo and much more than fits").await?;
    wire.half_close().await?;
    if let Some(answer) = wire.answer_or_end("PATCH").await? {
        answer.fails()?;
    }
    let told = upload.told().await?;
    told.has("upload-length", "10")?;
    match told.number("upload-offset") {
        Some(3..=10) => Ok(()),
        _ => Err(Stop::failed(
            "an offset from 3 to 10",
            told.shown("upload-offset"),
        )),
    }
}

async fn too_long_at_once(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let head = upload.patch_lines(0, "Content-Length: 9223372036854775807\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(head).await?;
    wire.answer("PATCH").await?.status(&[413])?;
    upload.is_at(0).await
}

/// `hello` in gzip.
const GZIP: &[u8] = &[
    0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0xff, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0, 0x86, 0xa6,
    0x10, 0x36, 0x05, 0, 0, 0,
];

async fn encoded(trial: &Trial) -> Verdict {
    let upload = trial.upload(GZIP.len() as u64).await?;
    let patch = upload.patch(0).field("Content-Encoding", "gzip");
    let answer = patch.body(GZIP).send().await?;
    if !answer.status.is_success() {
        answer.refused()?;
        return upload.is_at(0).await;
    }
    upload.is_at(GZIP.len() as u64).await?;
    trial.holds_if_readable(&upload, GZIP).await
}
