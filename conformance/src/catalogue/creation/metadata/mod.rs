//! `Upload-Metadata`: how it is written, and what becomes of it.

pub(super) mod keys;
pub(super) mod list;
pub(super) mod retention;
pub(super) mod values;

use crate::http::Response;
use crate::trial::content::pairs;
use crate::trial::{Call, Stop, Trial, Upload, Verdict};

fn creation<'a>(trial: &'a Trial, metadata: impl AsRef<[u8]>) -> Call<'a> {
    trial.post_of(5).field("Upload-Metadata", metadata)
}

/// The server tells it, if it takes it.
async fn kept(trial: &Trial, metadata: &str) -> Verdict {
    let upload = described(trial, metadata).await?;
    tells(&upload, metadata).await
}

/// The server takes it, and tells it byte for byte.
async fn echoed(trial: &Trial, metadata: &str) -> Verdict {
    let answer = creation(trial, metadata).send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?.has("upload-metadata", metadata)?;
    Ok(())
}

async fn refused(trial: &Trial, metadata: impl AsRef<[u8]>) -> Verdict {
    let answer = creation(trial, metadata).send().await?;
    answer.status(&[400])?.lacks("location")?;
    Ok(())
}

/// What a client should not send: the server refuses it, or makes an upload that works.
async fn survived(trial: &Trial, metadata: impl AsRef<[u8]>) -> Verdict {
    let answer = creation(trial, metadata).send().await?;
    works_or_is_refused(trial, &answer).await
}

async fn works_or_is_refused(trial: &Trial, answer: &Response) -> Verdict {
    if answer.status.as_u16() == 201 {
        return trial.located(answer)?.is_at(0).await;
    }
    answer.blamed()?;
    Ok(())
}

/// An upload with metadata. A server may refuse any, so one that does is not judged by what becomes of it.
async fn described<'a>(trial: &'a Trial, metadata: &str) -> Result<Upload<'a>, Stop> {
    let answer = creation(trial, metadata).send().await?;
    if answer.status.is_client_error() {
        let reason = format!("the server refuses `Upload-Metadata: {metadata:.100}`");
        return Err(Stop::NotApplicable(reason));
    }
    answer.status(&[201])?;
    trial.located(&answer).map_err(Stop::on_the_way)
}

/// HEAD tells this metadata.
async fn tells(upload: &Upload<'_>, metadata: &str) -> Verdict {
    let answer = upload.head().send().await?;
    answer.status(&[200, 204])?;
    if pairs(&answer.joined("upload-metadata")?) == pairs(metadata) {
        return Ok(());
    }
    Err(Stop::failed(
        format!("the pairs of `upload-metadata: {metadata:.100}`"),
        answer.shown("upload-metadata"),
    ))
}
