//! Reading completed uploads.

use futures_util::TryStreamExt as _;
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{ByteRange, Download, Error, ErrorKind, Result};

use crate::error;
use crate::node::Node;
use crate::record::State;
use crate::settings::Downloads;

impl Node {
    /// The bytes of a complete upload.
    pub(crate) async fn read(&self, id: &UploadId, range: ByteRange) -> Result<Download> {
        let record = self.records.load(id).await?.record;
        let State::Complete { etag } = &record.state else {
            return Err(error::not_found());
        };
        let upload = record.upload()?;
        let end = range.start.saturating_add(range.length).min(upload.offset);
        if range.start >= end {
            let nothing = futures_util::stream::empty();
            return Ok(Download::new(upload, Box::pin(nothing)));
        }
        if let Downloads::Redirect(lasts) = self.settings.downloads {
            let uri = self.bucket.presign(&record.head.key, lasts).await?;
            return Ok(Download::redirect(upload, uri));
        }
        let read = self.bucket.read(&record.head.key, etag, range.start..end);
        let bytes = read.await.map_err(|error| match error.kind {
            crate::bucket::ErrorKind::NoSuchKey | crate::bucket::ErrorKind::Precondition => {
                Error::with_source(
                    ErrorKind::Corrupt,
                    "the object of a complete upload is gone, or another",
                    error,
                )
            }
            _ => error.into(),
        })?;
        Ok(Download::new(upload, Box::pin(bytes.map_err(Error::from))))
    }
}
