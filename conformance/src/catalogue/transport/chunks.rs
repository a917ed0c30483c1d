//! Content that comes in chunks.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::{HTTP_BODY_LENGTH, Strength};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict, content};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "TRN-01",
        HTTP_BODY_LENGTH,
        "Content may come without its length: in chunks, whose sizes, extensions and trailers are no part of it. A server that wants the length says so with 411.",
    ),
    Statement::must("TRN-02", HTTP_BODY_LENGTH, "Chunked content may be empty."),
    Statement::must(
        "TRN-05",
        HTTP_BODY_LENGTH,
        "Chunks that are malformed are no content: the request does not succeed, and what stands behind the mistake is not stored.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRN-01.1",
        "content without its length is appended",
        run!(chunked),
    )
    .needs(&[Need::UntoldLength, Need::Content]),
    Case::new(
        "TRN-01.2",
        "chunk extensions and zeros before a size are no part of the content",
        run!(
            written,
            "3;name=value\r\nhel\r\n2;x\r\nlo\r\n05\r\nworld\r\n0;last\r\n\r\n"
        ),
    )
    .needs(&[Need::UntoldLength, Need::Http(Http1)]),
    Case::new(
        "TRN-01.3",
        "sizes are hexadecimal in either case",
        run!(written, "A\r\nhelloworld\r\n0\r\n\r\n"),
    )
    .needs(&[Need::UntoldLength, Need::Http(Http1)]),
    Case::new(
        "TRN-01.4",
        "trailers that mean nothing do no harm",
        run!(written, "a\r\nhelloworld\r\n0\r\nX-Nothing: 1\r\n\r\n"),
    )
    .needs(&[Need::UntoldLength, Need::Http(Http1)]),
    Case::new(
        "TRN-01.5",
        "content without its length is taken, or refused with 411",
        run!(taken_or_refused),
    )
    .strength(Strength::Should),
    Case::new(
        "TRN-02.1",
        "a PATCH with no chunk but the last one leaves the offset",
        run!(empty),
    )
    .strength(Strength::Should)
    .needs(&[Need::UntoldLength]),
    Case::new(
        "TRN-05.1",
        "a size that is no number ends the content",
        run!(malformed, "xyz\r\nworld\r\n0\r\n\r\n", 5),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-05.2",
        "a chunk that is longer than its size ends the content",
        run!(malformed, "3\r\nworld\r\n0\r\n\r\n", 8),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-05.3",
        "a size that no number holds is not taken for a small one",
        run!(malformed, "10000000000000005\r\nworld\r\n0\r\n\r\n", 17),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-05.4",
        "a negative size ends the content",
        run!(malformed, "-5\r\nworld\r\n0\r\n\r\n", 5),
    )
    .needs(&[Need::Http(Http1)]),
];

async fn taken_or_refused(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.patch(0).chunks(&[b"hel", b"lo"]).send().await?;
    answer.status(&[204, 411])?;
    Ok(())
}

async fn chunked(trial: &Trial) -> Verdict {
    let bytes = content::bytes(101, 100_000);
    let chunks: Vec<&[u8]> = bytes.chunks(3_333).collect();
    let upload = trial.upload(bytes.len() as u64).await?;
    let answer = upload.patch(0).chunks(&chunks).send().await?;
    answer.status(&[204])?.has("upload-offset", "100000")?;
    trial.holds(&upload, &bytes).await
}

async fn written(trial: &Trial, chunks: &str) -> Verdict {
    let upload = trial.upload(10).await?;
    let head = upload.patch_lines(0, "Transfer-Encoding: chunked\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(head + chunks).await?;
    let answer = wire.answer("PATCH").await?;
    answer.status(&[204])?.has("upload-offset", "10")?;
    upload.is_at(10).await?;
    trial.holds_if_readable(&upload, b"helloworld").await
}

async fn empty(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    upload.append(0, b"he").await?;
    let answer = upload.patch(2).chunks(&[]).send().await?;
    answer.status(&[204])?.has("upload-offset", "2")?;
    upload.is_at(2).await
}

/// A whole chunk, and then something else, with which so many bytes at most are content.
async fn malformed(trial: &Trial, behind: &str, most: u64) -> Verdict {
    let upload = trial.upload(20).await?;
    let head = upload.patch_lines(0, "Transfer-Encoding: chunked\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(format!("{head}5\r\nhello\r\n{behind}")).await?;
    // No more comes, also for a server that takes the size at its word.
    wire.half_close().await?;
    if let Some(answer) = wire.answer_or_end("PATCH").await? {
        answer.fails()?;
    }
    let offset = upload.offset().await?;
    if offset > most {
        return Err(Stop::failed(
            "an offset before the mistake",
            offset.to_string(),
        ));
    }
    Ok(())
}
