//! What is learnt of a server before the cases run, and is not judged.

use std::time::{Duration, SystemTime};

use super::{Features, SessionError};
use crate::http::Response;
use crate::trial::{Stop, Trial};

/// Why nothing can be read by GET, in most cases.
pub(super) const NO_DOWNLOADS: &str = "there are no downloads";

impl Trial {
    /// What the server says of itself.
    pub(super) async fn features(&self) -> Result<Features, SessionError> {
        let answer = self.options().send().await;
        let answer = answer.map_err(|stop| SessionError::Unreachable {
            url: self.connector().target().url().to_string(),
            reason: match stop {
                Stop::Failed { observed, .. } => observed,
                Stop::Blocked(reason) | Stop::NotApplicable(reason) => reason,
            },
        })?;
        Ok(Features::told(&answer))
    }

    /// How long an unfinished upload lives, where the server tells.
    pub(super) async fn lifetime(&self) -> Option<Duration> {
        let answer = self.post_of(1).send().await.ok()?;
        let expires = httpdate::parse_http_date(answer.field("upload-expires")?).ok()?;
        expires.duration_since(clock(&answer)).ok()
    }

    /// Whether uploads are at another origin than where they are made.
    pub(super) async fn has_uploads_elsewhere(&self) -> bool {
        let upload = self.upload(1).await;
        upload.is_ok_and(|upload| upload.is_elsewhere())
    }

    /// Whether content may come whose length is not told.
    pub(super) async fn takes_untold_length(&self) -> bool {
        let Ok(upload) = self.upload(5).await else {
            return false;
        };
        let answer = upload.patch(0).chunks(&[b"hello"]).send().await;
        answer.is_ok_and(|answer| answer.status.is_success())
    }

    /// Whether GET brings what was uploaded. Other bytes, but as many, are a download that spoils them.
    pub(super) async fn downloads(&self) -> Result<(), &'static str> {
        let content = b"hello";
        let upload = self.complete(content).await.map_err(|_| NO_DOWNLOADS)?;
        let answer = upload.get().send().await.map_err(|_| NO_DOWNLOADS)?;
        match answer.status.as_u16() {
            200 if answer.content.len() == content.len() => Ok(()),
            200 => Err("GET brings something else than what was uploaded"),
            _ => Err(NO_DOWNLOADS),
        }
    }
}

/// The time by the clock of the server, where it tells.
fn clock(answer: &Response) -> SystemTime {
    let date = answer.field("date");
    let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
    date.unwrap_or_else(SystemTime::now)
}
