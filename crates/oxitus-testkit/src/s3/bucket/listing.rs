//! Listings, in the order of keys, one page after another.

use std::ops::Bound;
use std::time::SystemTime;

use super::{Bucket, ETag, Part, Result, S3Error};
use crate::s3::dialect::{DeadUpload, PartMarker, UploadListing};

/// A page of objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectPage {
    /// The objects.
    pub objects: Vec<ObjectSummary>,
    /// Whether there are more.
    pub truncated: bool,
}

/// What a listing says about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectSummary {
    /// Its key.
    pub key: String,
    /// The name of its version.
    pub etag: ETag,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    pub last_modified: SystemTime,
}

/// A page of the parts of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartPage {
    /// The parts, by their numbers.
    pub parts: Vec<Part>,
    /// Whether there are more.
    pub truncated: bool,
}

/// A page of open uploads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadPage {
    /// The uploads, those of a key in the order in which they began.
    pub uploads: Vec<UploadSummary>,
    /// Whether there are more.
    pub truncated: bool,
}

/// What a listing says about an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadSummary {
    /// The key of the object that it is to be.
    pub key: String,
    /// Its id.
    pub upload_id: String,
    /// When it began.
    pub initiated: SystemTime,
}

impl Bucket {
    /// ListObjectsV2: at most `limit` objects whose keys begin with `prefix` and come after
    /// `start_after`.
    #[must_use]
    pub fn list(&self, prefix: &str, start_after: Option<&str>, limit: usize) -> ObjectPage {
        let state = self.lock();
        let from = match start_after {
            Some(key) if key >= prefix => Bound::Excluded(key),
            _ => Bound::Included(prefix),
        };
        let mut found = state
            .objects
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, object)| ObjectSummary {
                key: key.clone(),
                etag: object.etag,
                size: object.content.size(),
                last_modified: object.last_modified,
            });
        let objects = found.by_ref().take(limit).collect();
        ObjectPage {
            objects,
            truncated: limit > 0 && found.next().is_some(),
        }
    }

    /// ListParts: at most `limit` parts with numbers above `after`.
    ///
    /// # Errors
    /// [`S3Error::NoSuchUpload`], or what the dialect says about uploads that are no more.
    pub fn list_parts(
        &self,
        key: &str,
        upload_id: &str,
        after: u32,
        limit: usize,
    ) -> Result<PartPage> {
        let state = self.lock();
        let Some(upload) = state.upload(key, upload_id) else {
            return self
                .dialect()
                .parts_of_dead_upload
                .answer()
                .map(|()| PartPage::default());
        };
        let existing = after == 0 || upload.parts.contains_key(&after);
        if !existing && self.dialect().part_marker == PartMarker::Existing {
            return Ok(PartPage::default());
        }
        let mut found = upload
            .parts
            .range((Bound::Excluded(after), Bound::Unbounded))
            .map(|(_, part)| part.clone());
        let parts = found.by_ref().take(limit).collect();
        Ok(PartPage {
            parts,
            truncated: limit > 0 && found.next().is_some(),
        })
    }

    /// ListMultipartUploads: at most `limit` open uploads whose keys begin with `prefix`, after
    /// the upload with this key and id, or after this key where the id is `None`.
    #[must_use]
    pub fn list_multipart_uploads(
        &self,
        prefix: &str,
        after: Option<(&str, Option<&str>)>,
        limit: usize,
    ) -> UploadPage {
        let state = self.lock();
        let from = after.map_or(prefix, |(key, _)| key.max(prefix));
        let mut found = state
            .uploads
            .range::<str, _>((Bound::Included(from), Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(key, _)| match self.dialect().upload_listing {
                UploadListing::ByPrefix => true,
                UploadListing::ByExactKey => prefix.is_empty() || key.as_str() == prefix,
            })
            .flat_map(|(key, uploads)| uploads.iter().map(move |(id, upload)| (key, id, upload)))
            .filter(|(_, _, upload)| upload.listed)
            .filter(|(key, id, _)| match after {
                Some((after_key, after_id)) if key.as_str() == after_key => {
                    after_id.is_some_and(|after_id| id.as_str() > after_id)
                }
                _ => true,
            })
            .map(|(key, id, upload)| UploadSummary {
                key: key.clone(),
                upload_id: id.clone(),
                initiated: upload.initiated,
            });
        let uploads = found.by_ref().take(limit).collect();
        UploadPage {
            uploads,
            truncated: limit > 0 && found.next().is_some(),
        }
    }
}

impl DeadUpload {
    /// What is answered about an upload that is no more.
    pub(super) const fn answer(self) -> Result<()> {
        match self {
            Self::NoSuchUpload => Err(S3Error::NoSuchUpload),
            Self::AccessDenied => Err(S3Error::AccessDenied),
            Self::InternalError => Err(S3Error::InternalError),
            Self::Accepted => Ok(()),
        }
    }
}
