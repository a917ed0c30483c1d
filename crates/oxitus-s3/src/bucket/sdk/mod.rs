//! [`SdkBucket`]: a bucket of a real store, through the SDK of Amazon.
//!
//! Nothing that decides between right and wrong is left to the defaults of the SDK or to what the
//! embedder configured for other uses: how often and how long each kind of request is tried
//! (`manner`), how bodies are checked (`integrity`), and what a failure means (`error`). Bodies are
//! in memory, so that they have a length, can be sent again, and need no encoding that other stores
//! do not know.

mod client;
mod error;
mod integrity;
mod listing;
mod manner;
mod reading;
#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::client::customize::CustomizableOperation;
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::operation::upload_part::UploadPartOutput;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{CompletedMultipartUpload, ServerSideEncryption, StorageClass};
use aws_sdk_s3::{Client, Config};
use bytes::Bytes;
use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use self::error::{HEAD, kind_of, mangled, without};
use self::integrity::Digest;
pub(crate) use self::integrity::is_md5_of;
use self::manner::Manner;
use super::{
    Attributes, Bucket, ByteStream, CompletedPart, Condition, ETag, Error, ErrorKind, Head,
    ListedPart, Listing, Multipart, Object, OpenMultipart, Result, Source,
};
use crate::settings::{Encryption, Integrity};
use crate::store::StoreTraits;

/// A bucket of a real store.
#[derive(Clone)]
pub(crate) struct SdkBucket {
    client: Client,
    name: String,
    writing: Writing,
    traits: StoreTraits,
}

/// How objects are written.
#[derive(Clone, Debug)]
pub(crate) struct Writing {
    pub(crate) integrity: Integrity,
    /// Of the objects of uploads; `None` for the bucket's own.
    pub(crate) storage_class: Option<String>,
    /// Of the objects of uploads.
    pub(crate) encryption: Encryption,
}

impl SdkBucket {
    /// The bucket `name` where `config` leads. `connections` are kept open at most.
    pub(crate) fn new(
        config: &Config,
        name: String,
        writing: Writing,
        traits: StoreTraits,
        connections: usize,
    ) -> Self {
        Self {
            client: client::derive(config, connections),
            name,
            writing,
            traits,
        }
    }

    /// The same bucket, of a store with these traits.
    pub(crate) fn with_traits(self, traits: StoreTraits) -> Self {
        Self { traits, ..self }
    }

    /// Whether the store's ETag is the MD5 of what was sent.
    fn etag_tells(&self) -> bool {
        self.traits.etags_are_md5 && !matches!(self.writing.encryption, Encryption::Kms(_))
    }

    fn encryption(&self) -> (Option<ServerSideEncryption>, Option<String>) {
        match &self.writing.encryption {
            Encryption::Bucket => (None, None),
            Encryption::S3 => (Some(ServerSideEncryption::Aes256), None),
            Encryption::Kms(key) => (Some(ServerSideEncryption::AwsKms), key.clone()),
        }
    }

    fn storage_class(&self) -> Option<StorageClass> {
        let class = self.writing.storage_class.as_deref();
        class.map(StorageClass::from)
    }

    /// The form of an ETag that the store compares with.
    fn condition(&self, etag: &ETag) -> String {
        self.traits.etag_form.of(&etag.0)
    }
}

#[async_trait]
impl Bucket for SdkBucket {
    async fn get(&self, key: &str) -> Result<Object> {
        self.get_object(key).await
    }

    async fn read(&self, key: &str, etag: &ETag, range: Range<u64>) -> Result<ByteStream> {
        self.read_object(key, etag, range).await
    }

    async fn presign(&self, key: &str, lasts: Duration) -> Result<Uri> {
        let refused = |source: Box<dyn StdError + Send + Sync>| Error {
            kind: ErrorKind::Refused,
            operation: "GetObject, presigned",
            source: Some(source),
        };
        let config = PresigningConfig::expires_in(lasts).map_err(|error| refused(error.into()))?;
        // What somebody has uploaded is nothing that a browser should show in the store's name.
        let request = self.client.get_object().bucket(&self.name).key(key);
        let request = request.response_content_disposition("attachment");
        let presigned = request.presigned(config).await;
        let presigned = presigned.map_err(|error| refused(error.into()))?;
        Uri::try_from(presigned.uri()).map_err(|error| refused(error.into()))
    }

    async fn head(&self, key: &str) -> Result<Head> {
        let request = self.client.head_object().bucket(&self.name).key(key);
        let head = request
            .customize()
            .config_override(Manner::CONTROL.overrides())
            .send()
            .await
            .map_err(|error| kind_of(HEAD, error))?;
        let mut metadata: Vec<_> = head.metadata.unwrap_or_default().into_iter().collect();
        metadata.sort_unstable();
        Ok(Head {
            etag: etag(HEAD, head.e_tag)?,
            size: size(head.content_length).ok_or_else(|| without(HEAD, "a length"))?,
            metadata,
        })
    }

    async fn put(
        &self,
        key: &str,
        body: Bytes,
        condition: Condition,
        attributes: &Attributes,
    ) -> Result<ETag> {
        const NAME: &str = "PutObject";
        let manner = Manner::transfer(body.len() as u64);
        let digest = Digest::of(&body, self.writing.integrity).await;
        let mut request = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .set_content_md5(digest.content_md5())
            .set_content_type(attributes.content_type.clone())
            .set_metadata(metadata(attributes))
            .body(body.into());
        if attributes.is_data {
            let (encryption, key) = self.encryption();
            request = request
                .set_storage_class(self.storage_class())
                .set_server_side_encryption(encryption)
                .set_ssekms_key_id(key);
        }
        let (request, manner) = match &condition {
            Condition::None => (request, manner),
            Condition::Absent => (request.if_none_match("*"), manner.once()),
            Condition::Is(etag) => (request.if_match(self.condition(etag)), manner.once()),
        };
        let stored = request
            .customize()
            .signed_for(self.writing.integrity)
            .config_override(manner.overrides())
            .send()
            .await
            .map_err(|error| kind_of(NAME, error))?;
        let etag = etag(NAME, stored.e_tag)?;
        if self.etag_tells() && digest.contradicts(&etag) {
            return Err(mangled(NAME));
        }
        Ok(etag)
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let request = self.client.delete_object().bucket(&self.name).key(key);
        let deleted = request
            .customize()
            .config_override(Manner::CONTROL.overrides())
            .send()
            .await;
        match deleted.map_err(|error| kind_of("DeleteObject", error)) {
            Err(error) if error.kind != ErrorKind::NoSuchKey => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Listing> {
        self.list_objects(prefix, after).await
    }

    async fn create_multipart(&self, key: &str, attributes: &Attributes) -> Result<Multipart> {
        const NAME: &str = "CreateMultipartUpload";
        let mut request = self
            .client
            .create_multipart_upload()
            .bucket(&self.name)
            .key(key)
            .set_content_type(attributes.content_type.clone())
            .set_metadata(metadata(attributes));
        if attributes.is_data {
            let (encryption, key) = self.encryption();
            request = request
                .set_storage_class(self.storage_class())
                .set_server_side_encryption(encryption)
                .set_ssekms_key_id(key);
        }
        let created = request
            .customize()
            .config_override(Manner::CONTROL.overrides())
            .send()
            .await
            .map_err(|error| kind_of(NAME, error))?;
        Ok(Multipart {
            key: key.to_owned(),
            id: created.upload_id.ok_or_else(|| without(NAME, "an id"))?,
        })
    }

    async fn upload_part(&self, multipart: &Multipart, number: u16, body: Bytes) -> Result<ETag> {
        const NAME: &str = "UploadPart";
        let manner = Manner::transfer(body.len() as u64);
        let digest = Digest::of(&body, self.writing.integrity).await;
        let request = self
            .client
            .upload_part()
            .bucket(&self.name)
            .key(&multipart.key)
            .upload_id(&multipart.id)
            .part_number(number.into())
            .set_content_md5(digest.content_md5())
            .body(body.into());
        let stored = request
            .customize()
            .signed_for(self.writing.integrity)
            .config_override(manner.overrides())
            .send()
            .await
            .map_err(|error| kind_of(NAME, error))?;
        let etag = etag(NAME, stored.e_tag)?;
        if self.etag_tells() && digest.contradicts(&etag) {
            return Err(mangled(NAME));
        }
        Ok(etag)
    }

    async fn copy_part(&self, multipart: &Multipart, number: u16, source: &Source) -> Result<ETag> {
        const NAME: &str = "UploadPartCopy";
        let request = self
            .client
            .upload_part_copy()
            .bucket(&self.name)
            .key(&multipart.key)
            .upload_id(&multipart.id)
            .part_number(number.into())
            .copy_source(copy_source(&self.name, &source.key))
            .copy_source_if_match(self.condition(&source.etag))
            .set_copy_source_range(source.range.as_ref().map(byte_range));
        let copied = request
            .customize()
            .config_override(Manner::LONG.overrides())
            .send()
            .await
            .map_err(|error| kind_of(NAME, error))?;
        etag(NAME, copied.copy_part_result.and_then(|part| part.e_tag))
    }

    async fn list_parts(&self, multipart: &Multipart, after: u16) -> Result<Vec<ListedPart>> {
        self.list_all_parts(multipart, after).await
    }

    async fn complete_multipart(
        &self,
        multipart: &Multipart,
        parts: &[CompletedPart],
    ) -> Result<ETag> {
        const NAME: &str = "CompleteMultipartUpload";
        let parts = parts.iter().map(|part| {
            aws_sdk_s3::types::CompletedPart::builder()
                .part_number(part.number.into())
                .e_tag(&part.etag.0)
                .build()
        });
        let list = CompletedMultipartUpload::builder().set_parts(Some(parts.collect()));
        let request = self
            .client
            .complete_multipart_upload()
            .bucket(&self.name)
            .key(&multipart.key)
            .upload_id(&multipart.id)
            .multipart_upload(list.build());
        let completed = request
            .customize()
            .config_override(Manner::LONG.overrides())
            .send()
            .await
            .map_err(|error| kind_of(NAME, error))?;
        etag(NAME, completed.e_tag)
    }

    async fn abort_multipart(&self, multipart: &Multipart) -> Result<()> {
        let request = self
            .client
            .abort_multipart_upload()
            .bucket(&self.name)
            .key(&multipart.key)
            .upload_id(&multipart.id);
        let aborted = request
            .customize()
            .config_override(Manner::CONTROL.overrides())
            .send()
            .await;
        match aborted.map_err(|error| kind_of("AbortMultipartUpload", error)) {
            Err(error) if !is_absence(error.kind) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn list_multiparts(&self, prefix: &str) -> Result<Vec<OpenMultipart>> {
        // Where a store shows uploads only to those who ask for an exact key or for all, all are
        // asked for.
        let asked = match self.traits.lists_multiparts_by_prefix {
            true => prefix,
            false => "",
        };
        let mut listed = self.list_all_multiparts(asked).await?;
        listed.retain(|open| open.multipart.key.starts_with(prefix));
        Ok(listed)
    }

    async fn multiparts_of(&self, key: &str) -> Result<Vec<Multipart>> {
        let listed = self.list_all_multiparts(key).await?.into_iter();
        let listed = listed.map(|open| open.multipart);
        Ok(listed.filter(|multipart| multipart.key == key).collect())
    }
}

impl fmt::Debug for SdkBucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SdkBucket")
            .field("name", &self.name)
            .field("writing", &self.writing)
            .field("traits", &self.traits)
            .finish_non_exhaustive()
    }
}

/// A request whose signature may or may not cover the body.
trait Signed {
    fn signed_for(self, integrity: Integrity) -> Self;
}

impl<E, B> Signed for CustomizableOperation<PutObjectOutput, E, B> {
    fn signed_for(self, integrity: Integrity) -> Self {
        match integrity {
            Integrity::Sha256 => self,
            _ => self.disable_payload_signing(),
        }
    }
}

impl<E, B> Signed for CustomizableOperation<UploadPartOutput, E, B> {
    fn signed_for(self, integrity: Integrity) -> Self {
        match integrity {
            Integrity::Sha256 => self,
            _ => self.disable_payload_signing(),
        }
    }
}

fn is_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NoSuchKey | ErrorKind::NoSuchUpload)
}

fn etag(operation: &'static str, etag: Option<String>) -> Result<ETag> {
    etag.map(ETag).ok_or_else(|| without(operation, "an ETag"))
}

fn size(length: Option<i64>) -> Option<u64> {
    length.and_then(|length| length.try_into().ok())
}

fn metadata(attributes: &Attributes) -> Option<std::collections::HashMap<String, String>> {
    let pairs = attributes.metadata.iter().cloned().collect();
    (!attributes.metadata.is_empty()).then_some(pairs)
}

/// A range that is not empty, as a header says it.
fn byte_range(range: &Range<u64>) -> String {
    format!("bytes={}-{}", range.start, range.end.saturating_sub(1))
}

/// The header that names the object to copy, which the SDK sends as it is.
fn copy_source(bucket: &str, key: &str) -> String {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'/');
    format!("{bucket}/{}", utf8_percent_encode(key, PLAIN))
}
