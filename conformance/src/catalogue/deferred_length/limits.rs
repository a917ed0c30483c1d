//! The length that a PATCH tells, and the bytes that are there.

use super::declaration::{begun, is_unknown, tell};
use crate::case::{Case, Need, run};
use crate::session::Extension::CreationDeferLength;
use crate::spec::{TUS_MAX_SIZE, UPLOAD_LENGTH};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CDL-10",
        UPLOAD_LENGTH,
        "The length that is told is the size of the whole upload, so it is not below the offset, nor the offset beyond it.",
    ),
    Statement::should(
        "CDL-11",
        TUS_MAX_SIZE,
        "A length that is told late is held to the largest size too.",
    ),
];

const DEFERS: &[Need] = &[Need::Offered(CreationDeferLength)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CDL-10.1",
        "a length below the offset is not recorded",
        run!(below_offset, false),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-10.2",
        "the offset does not go beyond the length that comes with too many bytes",
        run!(too_many_bytes),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-10.3",
        "a length below the offset is refused with 400",
        run!(below_offset, true),
    )
    .needs(DEFERS)
    .resolution("A12"),
    Case::new(
        "CDL-10.4",
        "a length that comes with too many bytes is refused with them, and neither is stored",
        run!(too_many_bytes_are_refused),
    )
    .needs(DEFERS)
    .resolution("A16"),
    Case::new(
        "CDL-11.1",
        "a length above the largest size is refused",
        run!(above_largest, false),
    )
    .needs(&[Need::Offered(CreationDeferLength), Need::MaxSize]),
    Case::new(
        "CDL-11.2",
        "a length above the largest size is refused with 413",
        run!(above_largest, true),
    )
    .needs(&[Need::Offered(CreationDeferLength), Need::MaxSize])
    .resolution("A12"),
];

async fn below_offset(trial: &Trial, with_400: bool) -> Verdict {
    let upload = begun(trial, 3).await?;
    let answer = tell(&upload, 3, b"", 2).await?;
    if with_400 {
        answer.status(&[400])?;
    }
    is_unknown(&upload, 3).await
}

async fn above_largest(trial: &Trial, with_413: bool) -> Verdict {
    let largest = trial.session().features().max_size().unwrap_or_default();
    let upload = begun(trial, 3).await?;
    let answer = tell(&upload, 3, b"d", largest.saturating_add(1)).await?;
    answer.refused()?;
    if with_413 {
        answer.status(&[413])?;
    }
    is_unknown(&upload, 3).await
}

async fn too_many_bytes(trial: &Trial) -> Verdict {
    let upload = begun(trial, 0).await?;
    let answer = tell(&upload, 0, b"abcdef", 4).await?;
    if let Some(offset) = answer.number("upload-offset")
        && answer.status.is_success()
        && offset > 4
    {
        let offset = format!("offset {offset}");
        return Err(Stop::failed("no offset beyond the length 4", offset));
    }
    let offset = upload.offset().await?;
    match offset {
        0..=4 => Ok(()),
        _ => Err(Stop::failed(
            "no offset beyond the length 4",
            format!("offset {offset}"),
        )),
    }
}

async fn too_many_bytes_are_refused(trial: &Trial) -> Verdict {
    let upload = begun(trial, 0).await?;
    tell(&upload, 0, b"abcdef", 4).await?.status(&[413])?;
    is_unknown(&upload, 0).await
}
