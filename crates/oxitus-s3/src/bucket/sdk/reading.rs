//! Objects and ranges of them, read to the last byte or not at all.

use std::ops::Range;

use aws_sdk_s3::primitives::ByteStream as Body;
use bytes::Bytes;
use futures_util::stream;

use super::error::{broken, kind_of, timed_out, without};
use super::manner::Manner;
use super::{SdkBucket, byte_range, etag, size};
use crate::bucket::{ByteStream, ETag, Object, Result};
use crate::buffer::Buffer;

const NAME: &str = "GetObject";

impl SdkBucket {
    pub(super) async fn get_object(&self, key: &str) -> Result<Object> {
        let request = self.client.get_object().bucket(&self.name).key(key);
        let object = request
            .customize()
            .config_override(Manner::CONTROL.overrides())
            .send()
            .await
            .map_err(|error| kind_of(NAME, error))?;
        let length = size(object.content_length).ok_or_else(|| without(NAME, "a length"))?;
        let body = collect(object.body, length);
        let body = tokio::time::timeout(Manner::transfer(length).attempt(), body);
        let body = body.await.map_err(|_| timed_out(NAME))??;
        Ok(Object {
            etag: etag(NAME, object.e_tag)?,
            body,
        })
    }

    pub(super) async fn read_object(
        &self,
        key: &str,
        etag: &ETag,
        range: Range<u64>,
    ) -> Result<ByteStream> {
        if range.is_empty() {
            return Ok(Box::pin(stream::empty()));
        }
        let request = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key)
            .if_match(self.condition(etag))
            .range(byte_range(&range));
        let object = request
            .customize()
            .config_override(Manner::CONTROL.overrides())
            .send()
            .await
            .map_err(|error| kind_of(NAME, error))?;
        Ok(Box::pin(stream::try_unfold(
            (object.body, range.end - range.start),
            next,
        )))
    }
}

/// The `length` bytes of a body. They are collected where they stay: the memory for a pending segment
/// is reserved once, and not twice.
async fn collect(mut body: Body, length: u64) -> Result<Bytes> {
    let mut collected = Buffer::with_capacity(usize::try_from(length).unwrap_or(usize::MAX));
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| broken(NAME, error))?;
        if (collected.len() + chunk.len()) as u64 > length {
            return Err(without(NAME, "the bytes that were announced"));
        }
        collected.extend(&chunk);
    }
    match collected.len() as u64 == length {
        true => Ok(collected.lend()),
        false => Err(without(NAME, "all of its bytes")),
    }
}

/// The next bytes of a body of which so many are missing.
async fn next((mut body, missing): (Body, u64)) -> Result<Option<(Bytes, (Body, u64))>> {
    match body.next().await.transpose() {
        Ok(Some(bytes)) => match missing.checked_sub(bytes.len() as u64) {
            Some(missing) => Ok(Some((bytes, (body, missing)))),
            None => Err(without(NAME, "the bytes that were asked for")),
        },
        Ok(None) if missing > 0 => Err(without(NAME, "all of its bytes")),
        Ok(None) => Ok(None),
        Err(error) => Err(broken(NAME, error)),
    }
}
