//! Bodies that bring more than the upload has room for.

use crate::case::{Case, run};
use crate::http::Response;
use crate::spec::{Strength, UPLOAD_LENGTH};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "RES-09",
    UPLOAD_LENGTH,
    "`Upload-Length` is the size of the entire upload: a body that brings more does not make it larger.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "RES-09.1",
        "a body that is longer than the rest does not make the upload longer",
        run!(within_length, false),
    ),
    Case::new(
        "RES-09.2",
        "chunks that are longer than the rest do not make the upload longer",
        run!(within_length, true),
    ),
    Case::new(
        "RES-09.3",
        "a body that is longer than the rest is refused with 413, and nothing of it is kept",
        run!(nothing_kept),
    )
    .resolution("A16"),
    Case::new(
        "RES-09.4",
        "chunks that are longer than the rest are refused with 413, and do not complete the upload",
        run!(not_complete),
    )
    .resolution("A16"),
    Case::new(
        "RES-09.5",
        "an upload that was sent too much is completed with what it should have",
        run!(goes_on),
    )
    .strength(Strength::Should)
    .resolution("A16"),
];

/// An upload of ten bytes that has five of them, and what comes of eight more.
async fn overrun(trial: &Trial, in_chunks: bool) -> Result<(Upload<'_>, Option<Response>), Stop> {
    let upload = trial.upload(10).await?;
    upload.append(0, b"hello").await?;
    let patch = upload.patch(5);
    let answer = if in_chunks {
        patch.chunks(&[b"wo", b"rld", b"???"]).send().await
    } else {
        patch.body("world???").send().await
    };
    // The connection may be closed on who sends too much.
    Ok((upload, answer.ok()))
}

async fn within_length(trial: &Trial, in_chunks: bool) -> Verdict {
    let (upload, answer) = overrun(trial, in_chunks).await?;
    if let Some(answer) = answer
        && answer.number("upload-offset").is_some_and(|end| end > 10)
    {
        return Err(Stop::failed(
            "an offset of 10 at most",
            answer.shown("upload-offset"),
        ));
    }
    let told = upload.told().await?;
    told.has("upload-length", "10")?;
    match told.number("upload-offset") {
        Some(5..10) => Ok(()),
        Some(10) => trial.holds_if_readable(&upload, b"helloworld").await,
        _ => Err(Stop::failed(
            "an offset from 5 to 10",
            told.shown("upload-offset"),
        )),
    }
}

async fn nothing_kept(trial: &Trial) -> Verdict {
    let (upload, answer) = overrun(trial, false).await?;
    let answer = answer.ok_or_else(|| Stop::failed("an answer", "none"))?;
    answer.status(&[413])?;
    upload.is_at(5).await
}

async fn not_complete(trial: &Trial) -> Verdict {
    let (upload, answer) = overrun(trial, true).await?;
    let answer = answer.ok_or_else(|| Stop::failed("an answer", "none"))?;
    answer.status(&[413])?;
    let offset = upload.offset().await?;
    if (5..10).contains(&offset) {
        return Ok(());
    }
    Err(Stop::failed("an offset from 5 to 9", offset.to_string()))
}

async fn goes_on(trial: &Trial) -> Verdict {
    let (upload, _) = overrun(trial, true).await?;
    upload.is_resumed(b"helloworld", 10).await?;
    trial.holds_if_readable(&upload, b"helloworld").await
}
