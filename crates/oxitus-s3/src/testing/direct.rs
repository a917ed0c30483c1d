//! [`DirectBucket`]: the testkit's bucket as a [`Bucket`].

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Uri;
use oxitus_testkit::s3::{self, S3Error};

use crate::bucket::{
    Attributes, Bucket, ByteStream, CompletedPart, Condition, ETag, Error, ErrorKind, Head,
    ListedObject, ListedPart, Listing, Multipart, Object, OpenMultipart, Result, Source,
};

/// How many keys are on a page.
const PAGE: usize = 1_000;

/// Every request is carried out at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct DirectBucket(pub(crate) s3::Bucket);

#[async_trait]
impl Bucket for DirectBucket {
    async fn get(&self, key: &str) -> Result<Object> {
        let object = self.0.get(key, &s3::Condition::None).map_err(refused)?;
        Ok(Object {
            etag: ETag(object.etag.to_string()),
            body: object.content.bytes(),
        })
    }

    async fn read(&self, key: &str, etag: &ETag, range: Range<u64>) -> Result<ByteStream> {
        let condition = s3::Condition::matches(&etag.0);
        let object = self.0.get(key, &condition).map_err(refused)?;
        let content = object.content.slice(range);
        let chunks: Vec<_> = content.chunks().map(Ok).collect();
        Ok(Box::pin(futures_util::stream::iter(chunks)))
    }

    async fn presign(&self, key: &str, lasts: Duration) -> Result<Uri> {
        let uri = format!("http://s3.test/{key}?expires={}", lasts.as_secs());
        uri.parse()
            .map_err(|_| Error::new(ErrorKind::Refused, "a request"))
    }

    async fn head(&self, key: &str) -> Result<Head> {
        let object = self.0.head(key, &s3::Condition::None).map_err(refused)?;
        let metadata = object.attributes.metadata.clone();
        Ok(Head {
            etag: ETag(object.etag.to_string()),
            size: object.content.size(),
            metadata: metadata.into_iter().collect(),
        })
    }

    async fn put(
        &self,
        key: &str,
        body: Bytes,
        condition: Condition,
        attributes: &Attributes,
    ) -> Result<ETag> {
        let condition = match condition {
            Condition::None => s3::Condition::None,
            Condition::Absent => s3::Condition::absent(),
            Condition::Is(etag) => s3::Condition::matches(etag.0),
        };
        let put = self.0.put(key, body, of(attributes), &condition);
        put.map(|etag| ETag(etag.to_string())).map_err(refused)
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.0.delete(key, &s3::Condition::None).map_err(refused)
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Listing> {
        let page = self.0.list(prefix, after, PAGE);
        let objects = page.objects.into_iter().map(|object| ListedObject {
            key: object.key,
            etag: ETag(object.etag.to_string()),
            modified: object.last_modified,
        });
        Ok(Listing {
            objects: objects.collect(),
            truncated: page.truncated,
            date: Some(self.0.now()),
        })
    }

    async fn create_multipart(&self, key: &str, attributes: &Attributes) -> Result<Multipart> {
        Ok(Multipart {
            key: key.to_owned(),
            id: self.0.create_multipart_upload(key, of(attributes)),
        })
    }

    async fn upload_part(&self, multipart: &Multipart, number: u16, body: Bytes) -> Result<ETag> {
        let Multipart { key, id } = multipart;
        let part = self.0.upload_part(key, id, number.into(), body);
        part.map(|etag| ETag(etag.to_string())).map_err(refused)
    }

    async fn copy_part(&self, multipart: &Multipart, number: u16, source: &Source) -> Result<ETag> {
        let Multipart { key, id } = multipart;
        let source = s3::CopySource {
            key: source.key.clone(),
            range: source.range.clone(),
            condition: s3::Condition::matches(&source.etag.0),
        };
        let part = self.0.upload_part_copy(key, id, number.into(), &source);
        part.map(|part| ETag(part.etag.to_string()))
            .map_err(refused)
    }

    async fn list_parts(&self, multipart: &Multipart, after: u16) -> Result<Vec<ListedPart>> {
        let Multipart { key, id } = multipart;
        let page = self.0.list_parts(key, id, after.into(), usize::MAX);
        let listed = page.map_err(refused)?.parts.into_iter().map(|part| {
            Some(ListedPart {
                number: u16::try_from(part.number).ok()?,
                size: part.content.size(),
                etag: ETag(part.etag.to_string()),
                modified: part.last_modified,
            })
        });
        Ok(listed.flatten().collect())
    }

    async fn complete_multipart(
        &self,
        multipart: &Multipart,
        parts: &[CompletedPart],
    ) -> Result<ETag> {
        let parse = |part: &CompletedPart| Some((part.number.into(), part.etag.0.parse().ok()?));
        let parts: Vec<_> = parts.iter().filter_map(parse).collect();
        let Multipart { key, id } = multipart;
        let none = s3::Condition::None;
        let completed = self
            .0
            .complete_multipart_upload(key, id, &parts, None, &none);
        completed
            .map(|etag| ETag(etag.to_string()))
            .map_err(refused)
    }

    async fn abort_multipart(&self, multipart: &Multipart) -> Result<()> {
        let Multipart { key, id } = multipart;
        match self.0.abort_multipart_upload(key, id) {
            Err(S3Error::NoSuchUpload) => Ok(()),
            aborted => aborted.map_err(refused),
        }
    }

    async fn list_multiparts(&self, prefix: &str) -> Result<Vec<OpenMultipart>> {
        // Some dialects do not list by prefix.
        let page = self.0.list_multipart_uploads("", None, usize::MAX);
        let ours = page.uploads.into_iter();
        let ours = ours.filter(|upload| upload.key.starts_with(prefix));
        let open = ours.map(|upload| OpenMultipart {
            multipart: Multipart {
                key: upload.key,
                id: upload.upload_id,
            },
            initiated: upload.initiated,
        });
        Ok(open.collect())
    }

    async fn multiparts_of(&self, key: &str) -> Result<Vec<Multipart>> {
        let open = self.list_multiparts(key).await?.into_iter();
        let open = open.map(|open| open.multipart);
        Ok(open.filter(|multipart| multipart.key == key).collect())
    }
}

fn of(attributes: &Attributes) -> s3::Attributes {
    s3::Attributes {
        content_type: attributes.content_type.clone(),
        ..s3::Attributes::of_metadata(attributes.metadata.clone())
    }
}

fn refused(error: S3Error) -> Error {
    let kind = match error {
        S3Error::NoSuchKey => ErrorKind::NoSuchKey,
        S3Error::NoSuchUpload => ErrorKind::NoSuchUpload,
        S3Error::PreconditionFailed => ErrorKind::Precondition,
        S3Error::ConditionalRequestConflict => ErrorKind::Conflict,
        S3Error::InvalidPart | S3Error::InvalidPartOrder | S3Error::EntityTooSmall => {
            ErrorKind::InvalidPart
        }
        S3Error::StorageFull => ErrorKind::Full,
        S3Error::InternalError | S3Error::SlowDown => ErrorKind::Unknown,
        _ => ErrorKind::Refused,
    };
    Error {
        kind,
        operation: "a request",
        source: Some(error.into()),
    }
}
