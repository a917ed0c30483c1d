//! What there is in a bucket, as far as the store shows it.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{EncodingType, MultipartUpload, Part};
use aws_smithy_runtime_api::box_error::BoxError;
use percent_encoding::percent_decode_str;

use super::SdkBucket;
use super::error::{kind_of, without};
use super::manner::Manner;
use crate::bucket::{ETag, ListedObject, ListedPart, Listing, Multipart, OpenMultipart, Result};

impl SdkBucket {
    pub(super) async fn list_objects(&self, prefix: &str, after: Option<&str>) -> Result<Listing> {
        const NAME: &str = "ListObjectsV2";
        let date = AnswerDate::default();
        let request = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(prefix)
            .set_start_after(after.map(str::to_owned))
            .encoding_type(EncodingType::Url); // XML cannot say every key that others may have made
        let page = request
            .customize()
            .config_override(Manner::CONTROL.overrides())
            .interceptor(date.clone())
            .send()
            .await
            .map_err(|error| kind_of(NAME, error))?;
        let encoded = page.encoding_type == Some(EncodingType::Url);
        let objects = page.contents.unwrap_or_default().into_iter().map(|object| {
            let key = object.key.ok_or_else(|| without(NAME, "a key"))?;
            Ok(ListedObject {
                key: if encoded { decode(&key) } else { key },
                etag: ETag(object.e_tag.unwrap_or_default()),
                modified: time(object.last_modified),
            })
        });
        Ok(Listing {
            objects: objects.collect::<Result<_>>()?,
            truncated: page.is_truncated == Some(true),
            date: date.0.get().copied(),
        })
    }

    /// Some stores show nothing after a number that no part has, so where there is nothing, all
    /// parts are asked for.
    pub(super) async fn list_all_parts(
        &self,
        multipart: &Multipart,
        after: u16,
    ) -> Result<Vec<ListedPart>> {
        let parts = self.list_parts_after(multipart, after).await?;
        if !parts.is_empty() || after == 0 {
            return Ok(parts);
        }
        let mut parts = self.list_parts_after(multipart, 0).await?;
        parts.retain(|part| part.number > after);
        Ok(parts)
    }

    async fn list_parts_after(&self, multipart: &Multipart, after: u16) -> Result<Vec<ListedPart>> {
        let mut listed: Vec<ListedPart> = Vec::new();
        let mut marker = after;
        loop {
            let request = self
                .client
                .list_parts()
                .bucket(&self.name)
                .key(&multipart.key)
                .upload_id(&multipart.id)
                .set_part_number_marker((marker > 0).then(|| marker.to_string()));
            let page = request
                .customize()
                .config_override(Manner::CONTROL.overrides())
                .send()
                .await
                .map_err(|error| kind_of("ListParts", error))?;
            let parts = page.parts.unwrap_or_default().into_iter();
            listed.extend(parts.filter_map(part).filter(|part| part.number > after));
            let next = page
                .next_part_number_marker
                .and_then(|next| next.parse().ok());
            match next {
                Some(next) if page.is_truncated == Some(true) && next > marker => marker = next,
                _ => break,
            }
        }
        listed.sort_unstable_by_key(|part| part.number);
        Ok(listed)
    }

    /// All pages of what a store shows under a prefix.
    pub(super) async fn list_all_multiparts(&self, prefix: &str) -> Result<Vec<OpenMultipart>> {
        let mut listed = Vec::new();
        let mut markers: Option<(String, Option<String>)> = None;
        loop {
            let (key, id) = markers.clone().unzip();
            let request = self
                .client
                .list_multipart_uploads()
                .bucket(&self.name)
                .prefix(prefix)
                .set_key_marker(key)
                .set_upload_id_marker(id.flatten())
                .encoding_type(EncodingType::Url);
            let page = request
                .customize()
                .config_override(Manner::CONTROL.overrides())
                .send()
                .await
                .map_err(|error| kind_of("ListMultipartUploads", error))?;
            let encoded = page.encoding_type == Some(EncodingType::Url);
            let uploads = page.uploads.unwrap_or_default().into_iter();
            listed.extend(uploads.filter_map(|upload| open_multipart(upload, encoded)));
            let next = page
                .next_key_marker
                .map(|key| if encoded { decode(&key) } else { key })
                .map(|key| (key, page.next_upload_id_marker));
            if page.is_truncated != Some(true) || next.is_none() || next == markers {
                return Ok(listed);
            }
            markers = next;
        }
    }
}

/// A part that can be used; one without an ETag cannot.
fn part(part: Part) -> Option<ListedPart> {
    Some(ListedPart {
        number: part.part_number?.try_into().ok()?,
        size: part.size?.try_into().ok()?,
        etag: ETag(part.e_tag.filter(|etag| !etag.is_empty())?),
        modified: time(part.last_modified),
    })
}

fn open_multipart(upload: MultipartUpload, encoded: bool) -> Option<OpenMultipart> {
    let key = upload.key?;
    Some(OpenMultipart {
        multipart: Multipart {
            key: if encoded { decode(&key) } else { key },
            id: upload.upload_id?,
        },
        initiated: time(upload.initiated),
    })
}

/// A time that the store told. Where it did not it is now: nothing is removed for being old that
/// may not be.
fn time(told: Option<DateTime>) -> SystemTime {
    told.and_then(|time| time.try_into().ok())
        .unwrap_or_else(SystemTime::now)
}

/// A key that was encoded as in a form.
fn decode(key: &str) -> String {
    let spaces = key.replace('+', " ");
    percent_decode_str(&spaces).decode_utf8_lossy().into_owned()
}

/// The `Date` of an answer, which the SDK keeps for itself.
#[derive(Clone, Debug, Default)]
struct AnswerDate(Arc<OnceLock<SystemTime>>);

impl Intercept for AnswerDate {
    fn name(&self) -> &'static str {
        "AnswerDate"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) {
            self.0.get_or_init(|| date);
        }
        Ok(())
    }
}
