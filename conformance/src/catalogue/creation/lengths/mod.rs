//! How `Upload-Length` is written in a creation.

pub(super) mod field;
pub(super) mod magnitude;
pub(super) mod notation;

use crate::http::Response;
use crate::trial::{Stop, Trial, Verdict};

async fn created(trial: &Trial, length: impl AsRef<[u8]>) -> Result<Response, Stop> {
    trial.post().field("Upload-Length", length).send().await
}

/// What is no length, however it is read.
async fn refused(trial: &Trial, length: impl AsRef<[u8]>) -> Verdict {
    let answer = created(trial, length).await?;
    answer.refused()?.lacks("location")?;
    Ok(())
}

async fn malformed(trial: &Trial, length: impl AsRef<[u8]>) -> Verdict {
    let answer = created(trial, length).await?;
    answer.status(&[400])?.lacks("location")?;
    Ok(())
}

async fn is(trial: &Trial, length: &str, number: &str) -> Verdict {
    let answer = created(trial, length).await?;
    answer.status(&[201])?;
    is_told(trial, &answer, number).await
}

/// What a server may refuse, for its form or its size: or else it is this number.
async fn read_as(trial: &Trial, length: &str, number: &str) -> Verdict {
    let answer = created(trial, length).await?;
    if answer.status.as_u16() == 201 {
        return is_told(trial, &answer, number).await;
    }
    answer.refused()?.lacks("location")?;
    Ok(())
}

/// What a server may refuse, or take for whatever number it sees in it.
async fn survived(trial: &Trial, length: impl AsRef<[u8]>) -> Verdict {
    let answer = created(trial, length).await?;
    if answer.status.as_u16() == 201 {
        let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
        let told = upload.told().await?;
        told.number("upload-length").ok_or_else(|| {
            Stop::failed("a number in `upload-length`", told.shown("upload-length"))
        })?;
    } else {
        answer.blamed()?;
    }
    Ok(())
}

async fn is_told(trial: &Trial, answer: &Response, number: &str) -> Verdict {
    let upload = trial.located(answer).map_err(Stop::on_the_way)?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?.has("upload-length", number)?;
    Ok(())
}
