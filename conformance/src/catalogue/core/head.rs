//! HEAD: how far an upload is.

use crate::case::{Case, Need, run};
use crate::session::Extension::CreationDeferLength;
use crate::spec::HEAD;
use crate::statement::Statement;
use crate::trial::{Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CORE-17",
        HEAD,
        "The answer to HEAD always has `Upload-Offset`, also when it is 0 and when the upload is complete.",
    ),
    Statement::must(
        "CORE-18",
        HEAD,
        "The answer to HEAD has `Upload-Length` where the length is known.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-17.1",
        "the offset of an empty upload is 0",
        run!(offset_after, 5, 0),
    ),
    Case::new(
        "CORE-17.2",
        "the offset of an unfinished upload is told",
        run!(offset_after, 5, 3),
    ),
    Case::new(
        "CORE-17.3",
        "the offset of a complete upload is told",
        run!(offset_after, 5, 5),
    ),
    Case::new("CORE-18.1", "the length is told", run!(length)),
    Case::new(
        "CORE-18.2",
        "a length that is not known is not told",
        run!(no_length),
    )
    .needs(&[Need::Offered(CreationDeferLength)]),
];

async fn offset_after(trial: &Trial, length: u64, offset: usize) -> Verdict {
    let upload = trial.upload(length).await?;
    if offset > 0 {
        upload.append(0, &vec![b'a'; offset]).await?;
    }
    upload.is_at(offset as u64).await
}

async fn length(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    upload.told().await?.has("upload-length", "5")?;
    Ok(())
}

async fn no_length(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    upload.told().await?.lacks("upload-length")?;
    Ok(())
}
