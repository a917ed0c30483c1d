//! Where an upload was, and is no more.

use super::terminate;
use crate::case::{Case, Need, run};
use crate::session::Extension::{Concatenation, Termination};
use crate::spec::TERMINATION;
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "TRM-03",
        TERMINATION,
        "DELETE frees what the upload takes up, and all later requests to its URL are answered with 404 or 410.",
    ),
    Statement::may("TRM-04", TERMINATION, "DELETE is about uploads that exist."),
];

const TERMINATES: &[Need] = &[Need::Offered(Termination)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRM-03.1",
        "HEAD finds nothing after DELETE",
        run!(later, Later::Head),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-03.2",
        "PATCH finds nothing after DELETE",
        run!(later, Later::Patch),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-03.3",
        "DELETE finds nothing after DELETE",
        run!(later, Later::Delete),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-03.4",
        "GET finds nothing after DELETE",
        run!(later, Later::Get),
    )
    .needs(&[Need::Offered(Termination), Need::Downloads]),
    Case::new(
        "TRM-03.5",
        "a new upload has another URL than a terminated one",
        run!(not_used_again),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-03.6",
        "PATCH stores nothing after DELETE",
        run!(patch_revives_nothing),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-03.7",
        "HEAD finds nothing after DELETE of a complete upload",
        run!(complete_is_gone),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-03.8",
        "HEAD finds nothing after DELETE of a final upload",
        run!(final_is_gone),
    )
    .needs(&[Need::Offered(Termination), Need::Offered(Concatenation)]),
    Case::new(
        "TRM-04.1",
        "DELETE where no upload is is answered with 404",
        run!(unknown),
    )
    .needs(TERMINATES)
    .resolution("A19"),
];

/// What comes after DELETE.
#[derive(Clone, Copy)]
enum Later {
    Head,
    Patch,
    Delete,
    Get,
}

impl Later {
    fn to<'a>(self, upload: &Upload<'a>) -> Call<'a> {
        match self {
            Self::Head => upload.head(),
            Self::Patch => upload.patch(3).body("lo"),
            Self::Delete => upload.delete(),
            Self::Get => upload.get(),
        }
    }
}

async fn later(trial: &Trial, later: Later) -> Verdict {
    let upload = match later {
        Later::Get => trial.complete(b"hello").await?,
        _ => {
            let upload = trial.upload(5).await?;
            upload.append(0, b"hel").await?;
            upload
        }
    };
    terminate(&upload).await?;
    let answer = later.to(&upload).send().await?;
    answer.status(&[404, 410])?.lacks("upload-offset")?;
    Ok(())
}

async fn complete_is_gone(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    terminate(&upload).await?;
    upload.is_gone().await
}

async fn final_is_gone(trial: &Trial) -> Verdict {
    let part = trial.complete_partial(b"hello").await?;
    let upload = trial.create(trial.join(&[&part])).await?;
    terminate(&upload).await?;
    upload.is_gone().await
}

async fn patch_revives_nothing(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    terminate(&upload).await?;
    upload.patch(0).body("hello").send().await?.refused()?;
    upload.is_gone().await
}

async fn not_used_again(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    terminate(&upload).await?;
    for _ in 0..5 {
        let other = trial.upload(5).await?;
        if other.url == upload.url {
            return Err(Stop::failed("another URL", other.url.to_string()));
        }
    }
    Ok(())
}

async fn unknown(trial: &Trial) -> Verdict {
    let nowhere = trial.nowhere().await?;
    nowhere.delete().send().await?.status(&[404])?;
    Ok(())
}
