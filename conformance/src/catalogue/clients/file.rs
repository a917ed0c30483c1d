//! A file, as tus-js-client uploads it.

use crate::http::Response;
use crate::trial::{Call, Stop, Trial, Upload, Verdict, content};

/// The bytes of a file.
pub(super) const LENGTH: usize = 100_000;

/// A creation of a file, described as tus-js-client does.
pub(super) fn creation(trial: &Trial, length: usize) -> Call<'_> {
    let metadata = content::metadata(&[("filename", b"file.bin"), ("filetype", b"image/png")]);
    trial
        .post_of(length as u64)
        .field("Upload-Metadata", metadata)
}

/// The upload that a creation makes.
pub(super) async fn created<'a>(trial: &'a Trial, creation: Call<'a>) -> Result<Upload<'a>, Stop> {
    let answer = creation.send().await?;
    answer.status(&[200, 201])?;
    trial.located(&answer)
}

/// What tus-js-client needs in an answer to content: success, and how far the upload is.
pub(super) fn went_well(answer: &Response, offset: usize) -> Verdict {
    if !answer.status.is_success() {
        let status = answer.status.as_u16().to_string();
        return Err(Stop::failed("a status of success (2xx)", status));
    }
    answer.has("upload-offset", offset.to_string())?;
    Ok(())
}
