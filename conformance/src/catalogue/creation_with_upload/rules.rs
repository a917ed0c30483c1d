//! The rules of PATCH, for the bytes of a creation.

use super::{OFFERED, bringing, taken};
use crate::case::{Case, Need, run};
use crate::session::Extension::{Checksum, CreationWithUpload};
use crate::spec::CREATION_WITH_UPLOAD;
use crate::statement::Statement;
use crate::trial::checksum::sha1;
use crate::trial::{Call, Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "CWU-07",
    CREATION_WITH_UPLOAD,
    "The content of a creation is held to the rules for that of a PATCH.",
)];

const VERIFIED: &[Need] = &[Need::Offered(CreationWithUpload), Need::Offered(Checksum)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CWU-07.1",
        "the offset does not go beyond the length where too many bytes come",
        run!(too_many, false),
    )
    .needs(OFFERED),
    Case::new(
        "CWU-07.2",
        "the offset does not go beyond the length where too many bytes come without their number",
        run!(too_many, true),
    )
    .needs(OFFERED),
    Case::new(
        "CWU-07.3",
        "bytes with the right checksum are taken",
        run!(right_checksum),
    )
    .needs(VERIFIED)
    .resolution("A14"),
    Case::new("CWU-07.4", "an offset of 0 may be told", run!(offset_of_0))
        .needs(OFFERED)
        .resolution("A13"),
    Case::new(
        "CWU-07.5",
        "bytes with a wrong checksum are refused with 460, and nothing is created",
        run!(refused_checksum, "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=", 460),
    )
    .needs(VERIFIED)
    .resolution("A14"),
    Case::new(
        "CWU-07.6",
        "a checksum of an unknown kind is refused with 400, and nothing is created",
        run!(refused_checksum, "unknown AAAA", 400),
    )
    .needs(VERIFIED)
    .resolution("A14"),
    Case::new(
        "CWU-07.7",
        "too many bytes are refused with 413, and nothing is created",
        run!(too_many_are_refused, false),
    )
    .needs(OFFERED)
    .resolution("A16"),
    Case::new(
        "CWU-07.8",
        "too many bytes without their number are refused with 413, and nothing is created",
        run!(too_many_are_refused, true),
    )
    .needs(OFFERED)
    .resolution("A16"),
    Case::new(
        "CWU-07.9",
        "another offset than 0 is refused",
        run!(other_offset),
    )
    .needs(OFFERED)
    .resolution("A13"),
];

/// A creation of five bytes that brings eight.
fn overrun(trial: &Trial, in_chunks: bool) -> Call<'_> {
    let call = bringing(trial, 5, b"too many");
    if in_chunks {
        call.chunks(&[b"too", b" many"])
    } else {
        call
    }
}

async fn too_many(trial: &Trial, in_chunks: bool) -> Verdict {
    let answer = overrun(trial, in_chunks).send().await?;
    if !answer.status.is_success() {
        return trial.creates_nothing(&answer).await;
    }
    let offset = answer.number("upload-offset").unwrap_or_default();
    let stored = trial.located(&answer)?.offset().await?;
    if offset.max(stored) > 5 {
        let observed = format!("offset {}", offset.max(stored));
        return Err(Stop::failed("no offset beyond the length 5", observed));
    }
    Ok(())
}

async fn too_many_are_refused(trial: &Trial, in_chunks: bool) -> Verdict {
    let answer = overrun(trial, in_chunks).send().await?;
    answer.status(&[413])?;
    trial.creates_nothing(&answer).await
}

async fn right_checksum(trial: &Trial) -> Verdict {
    let call = bringing(trial, 10, b"hello").field("Upload-Checksum", sha1(b"hello"));
    taken(trial, call, 5).await?;
    Ok(())
}

async fn refused_checksum(trial: &Trial, checksum: &str, status: u16) -> Verdict {
    let call = bringing(trial, 10, b"hello").field("Upload-Checksum", checksum);
    let answer = call.send().await?;
    answer.status(&[status])?;
    trial.creates_nothing(&answer).await
}

async fn offset_of_0(trial: &Trial) -> Verdict {
    let call = bringing(trial, 10, b"hello").field("Upload-Offset", "0");
    taken(trial, call, 5).await?;
    Ok(())
}

async fn other_offset(trial: &Trial) -> Verdict {
    let call = bringing(trial, 10, b"hello").field("Upload-Offset", "3");
    let answer = call.send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}
