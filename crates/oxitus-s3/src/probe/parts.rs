//! Whether a store makes objects of those parts that it is told, whatever their numbers.

use bytes::Bytes;

use super::{Probe, Result, with_token};
use crate::bucket::{Attributes, Bucket, CompletedPart, ETag, ErrorKind, Multipart, SdkBucket};
use crate::nonce::Nonce;
use crate::open_error::{OpenError, Unsuitable};

/// The number of the only part, after a gap.
const NUMBER: u16 = 2;

/// An ETag that no part has.
const WRONG: &str = "\"9a0364b9e99bb480dd25e1f0284c8555\"";

impl Probe {
    pub(super) async fn makes_objects_of_parts(&mut self) -> Result<()> {
        let (key, token) = (self.key(|probe| &probe.data), Nonce::random());
        let attributes = Attributes {
            is_data: true,
            ..with_token(&token)
        };
        let upload = self.bucket.create_multipart(&key, &attributes).await;
        let upload = upload.map_err(|error| OpenError::at("begin a multipart upload", error))?;
        self.uploads.push(upload.clone());
        let etag = self
            .bucket
            .upload_part(&upload, NUMBER, Bytes::from_static(b"1"))
            .await
            .map_err(|error| OpenError::at("take a part", error))?;
        self.shows_parts(&upload, &etag).await?;
        self.shows_uploads(&upload).await;
        self.completes(&upload, etag).await?;
        self.shows_metadata(&key, &token).await
    }

    async fn shows_parts(&self, upload: &Multipart, etag: &ETag) -> Result<()> {
        let parts = self.bucket.list_parts(upload, 0).await;
        let parts = parts.map_err(|error| OpenError::at("list parts", error))?;
        let is_shown = parts
            .iter()
            .any(|part| (part.number, part.size, part.etag.bare()) == (NUMBER, 1, etag.bare()));
        if !is_shown {
            tracing::warn!(
                "the store does not list the parts of an upload as they were stored: what a node \
                 is sending when it dies must be sent again"
            );
        }
        Ok(())
    }

    /// Asks for less than the key, since some stores show the uploads of a key that is told in full.
    async fn shows_uploads(&mut self, upload: &Multipart) {
        self.adopt(|traits| traits.lists_multiparts_by_prefix(true));
        let mut prefix = upload.key.clone();
        prefix.pop();
        let shown = match self.bucket.list_multiparts(&prefix).await {
            Ok(listed) => listed.iter().any(|open| open.multipart == *upload),
            Err(error) => {
                tracing::warn!(
                    %error,
                    "the store does not list multipart uploads: those that a node leaves behind \
                     when it dies stay, unless a lifecycle rule removes them",
                );
                false
            }
        };
        self.adopt(|traits| traits.lists_multiparts_by_prefix(shown));
    }

    async fn completes(&mut self, upload: &Multipart, etag: ETag) -> Result<()> {
        let wrong = complete(&self.bucket, upload, ETag(WRONG.to_owned())).await;
        match wrong {
            Ok(_) => return Err(Unsuitable::WrongPartsAccepted.into()),
            Err(error) if error.kind == ErrorKind::Unknown => {
                return Err(OpenError::at("refuse a part with a wrong ETag", error));
            }
            Err(_) => {}
        }
        match complete(&self.bucket, upload, etag).await {
            Ok(_) => {}
            Err(error) => match error.kind {
                // The answer to a first attempt was lost; the object tells.
                ErrorKind::NoSuchUpload => {}
                ErrorKind::InvalidPart | ErrorKind::Refused => {
                    return Err(Unsuitable::GapsRefused.into());
                }
                _ => return Err(OpenError::at("complete a multipart upload", error)),
            },
        }
        Ok(())
    }
}

async fn complete(
    bucket: &SdkBucket,
    upload: &Multipart,
    etag: ETag,
) -> crate::bucket::Result<ETag> {
    let number = NUMBER;
    bucket
        .complete_multipart(upload, &[CompletedPart { number, etag }])
        .await
}
