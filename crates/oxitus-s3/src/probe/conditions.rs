//! Whether a store keeps the conditions of writes, and how it wants them written.

use std::time::Duration;

use bytes::Bytes;

use super::{Probe, Result};
use crate::bucket::{Attributes, Bucket, Condition, ETag, Error, ErrorKind};
use crate::nonce::Nonce;
use crate::open_error::{OpenError, Unsuitable};
use crate::store::EtagForm;

pub(super) const IF_NONE_MATCH: &str = "If-None-Match";
pub(super) const IF_MATCH: &str = "If-Match";

/// The forms of an ETag, in the order in which they are tried.
const FORMS: [EtagForm; 2] = [EtagForm::Quoted, EtagForm::Unquoted];

/// How often a write is tried of which nothing is known.
const ATTEMPTS: u32 = 4;

/// How long to wait between: some stores take one write of an object in a second.
const PAUSE: Duration = Duration::from_secs(1);

impl Probe {
    /// Tries to overwrite the object with this ETag; the one that it has then.
    pub(super) async fn keeps_conditions(&mut self, first: ETag) -> Result<ETag> {
        let absent = self.overwrite(Condition::Absent).await;
        Self::refuses(IF_NONE_MATCH, absent)?;
        let current = self.recognises_etag(&first).await?;
        let outdated = self.overwrite(Condition::Is(first)).await;
        Self::refuses(IF_MATCH, outdated)?;
        Ok(current)
    }

    /// Finds the form of an ETag with which the object that has it can be overwritten.
    async fn recognises_etag(&mut self, etag: &ETag) -> Result<ETag> {
        let mut unsuitable = Unsuitable::ConditionsUnknown(IF_MATCH);
        for form in FORMS {
            self.adopt(|traits| traits.etag_form(form));
            match self.overwrite(Condition::Is(etag.clone())).await {
                Ok(etag) => return Ok(etag),
                Err(error) => match error.kind {
                    ErrorKind::Precondition => unsuitable = Unsuitable::EtagsNotRecognised,
                    ErrorKind::Refused => {}
                    _ => return Err(OpenError::at("replace an object with If-Match", error)),
                },
            }
        }
        Err(unsuitable.into())
    }

    /// Finds the form of an ETag with which the object that has it can be read.
    pub(super) async fn recognises_etags(&mut self, etag: &ETag) -> Result<()> {
        for form in FORMS {
            self.adopt(|traits| traits.etag_form(form));
            match self.bucket.read(&self.record, etag, 0..1).await {
                Ok(_) => return Ok(()),
                Err(error) if error.kind == ErrorKind::Unknown => {
                    return Err(OpenError::at("read a range of an object", error));
                }
                Err(_) => {}
            }
        }
        Err(Unsuitable::EtagsNotRecognised.into())
    }

    /// Writes the object on a condition. One that no answer came to is looked for.
    async fn overwrite(&self, condition: Condition) -> Result<ETag, Error> {
        let body = Bytes::from(Nonce::random().to_string());
        let attributes = Attributes::default();
        let mut attempt = 1;
        loop {
            let put = self
                .bucket
                .put(&self.record, body.clone(), condition.clone(), &attributes);
            match put.await {
                Err(error) if error.kind == ErrorKind::Unknown && attempt < ATTEMPTS => {
                    tokio::time::sleep(PAUSE).await;
                    let stored = self.bucket.get(&self.record).await?;
                    if stored.body == body {
                        return Ok(stored.etag);
                    }
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// Expects that a condition that does not hold was refused, and for that reason.
    fn refuses(condition: &'static str, overwritten: Result<ETag, Error>) -> Result<()> {
        match overwritten {
            Ok(_) => Err(Unsuitable::ConditionsIgnored(condition).into()),
            Err(error) => match error.kind {
                ErrorKind::Precondition | ErrorKind::Conflict => Ok(()),
                ErrorKind::Refused => Err(Unsuitable::ConditionsUnknown(condition).into()),
                _ => Err(OpenError::at("answer a conditional write", error)),
            },
        }
    }
}
