//! PATCH with more bytes than there is room for.

use crate::case::{Case, Need, run};
use crate::spec::{PATCH, UPLOAD_LENGTH};
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "OFF-07",
        UPLOAD_LENGTH,
        "An upload does not get longer than its length.",
    ),
    Statement::should(
        "OFF-11",
        PATCH,
        "PATCH without bytes at the end of a complete upload succeeds.",
    ),
    Statement::must(
        "OFF-12",
        UPLOAD_LENGTH,
        "A complete upload does not get any more bytes.",
    ),
    Statement::must(
        "OFF-14",
        UPLOAD_LENGTH,
        "An upload does not get longer than its length by content whose length is not told.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "OFF-07.1",
        "one byte too many does not get into the upload",
        run!(no_longer, Length::Told),
    ),
    Case::new(
        "OFF-07.2",
        "one byte too many is refused with 413, and nothing is appended",
        run!(too_long),
    )
    .resolution("A16"),
    Case::new(
        "OFF-11.1",
        "a complete upload is acknowledged again",
        run!(acknowledged_again),
    )
    .resolution("A09"),
    Case::new(
        "OFF-12.1",
        "a complete upload does not grow",
        run!(complete_stays),
    )
    .needs(&[Need::Content]),
    Case::new(
        "OFF-12.2",
        "a byte behind a complete upload is refused with 413",
        run!(complete_refuses),
    )
    .resolution("A09"),
    Case::new(
        "OFF-14.1",
        "one byte too many does not get into the upload where the length of the content is not told",
        run!(no_longer, Length::Untold),
    ),
    Case::new(
        "OFF-14.2",
        "content of untold length with one byte too many is refused with 413, and does not complete the upload",
        run!(too_long_untold),
    )
    .resolution("A16"),
];

/// Whether the length of content is told before it.
#[derive(Clone, Copy)]
enum Length {
    Told,
    Untold,
}

/// A PATCH that has one byte more than there is room for.
fn overrun<'a>(upload: &Upload<'a>, length: Length) -> Call<'a> {
    let call = upload.patch(5);
    match length {
        Length::Told => call.body("world!"),
        Length::Untold => call.chunks(&[b"wor", b"ld!"]),
    }
}

async fn no_longer(trial: &Trial, length: Length) -> Verdict {
    let upload = super::half(trial).await?;
    overrun(&upload, length).send().await?;
    let offset = upload.offset().await?;
    if offset <= 10 {
        return Ok(());
    }
    Err(Stop::failed(
        "an offset that is not beyond the length, 10",
        format!("the offset {offset}"),
    ))
}

async fn too_long(trial: &Trial) -> Verdict {
    let upload = super::half(trial).await?;
    let answer = overrun(&upload, Length::Told).send().await?;
    answer.status(&[413])?;
    upload.is_at(5).await
}

async fn too_long_untold(trial: &Trial) -> Verdict {
    let upload = super::half(trial).await?;
    let answer = overrun(&upload, Length::Untold).send().await?;
    answer.status(&[413])?;
    let offset = upload.offset().await?;
    if (5..10).contains(&offset) {
        return Ok(());
    }
    Err(Stop::failed(
        "an offset from 5 to 9",
        format!("the offset {offset}"),
    ))
}

async fn acknowledged_again(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let answer = upload.patch(5).send().await?;
    answer.status(&[204])?.has("upload-offset", "5")?;
    Ok(())
}

async fn complete_stays(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    upload.patch(5).body("!").send().await?;
    upload.is_at(5).await?;
    trial.holds(&upload, b"hello").await
}

async fn complete_refuses(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let answer = upload.patch(5).body("!").send().await?;
    answer.status(&[413])?;
    upload.is_at(5).await
}
