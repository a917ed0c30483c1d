//! [`Service`]: the operations of S3, done to the bucket.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use s3s::dto::{self, StreamingBlob, Timestamp};
use s3s::{S3, S3Request, S3Response, S3Result};

use super::attributes;
use super::digests::Digests;
use super::exchange::Fate;
use super::reply::{
    body, condition, copy_range, etag, limit, named_part, overridden, part_number, size,
    source_condition,
};
use crate::s3::request::Answer;
use crate::s3::{
    BUCKET, Bucket, Condition, CopySource, Failure, InMemoryS3, Object, Operation, Payload,
    Request, Result, S3Error,
};

/// The operations of S3, done to the bucket.
pub(super) struct Service(InMemoryS3);

impl Service {
    pub(super) const fn new(s3: InMemoryS3) -> Self {
        Self(s3)
    }

    /// Carries a request out. Where the connection is to break, the response does not matter.
    async fn exchange<I: Sync, T: Send + 'static>(
        &self,
        incoming: &S3Request<I>,
        request: Request,
        act: impl FnOnce(&Bucket, &Condition) -> Result<T> + Send + 'static,
    ) -> S3Result<Answer<T>> {
        match self.0.exchange(request, act).await {
            Ok(answer) => Ok(answer),
            Err(Failure::Refused(refusal)) => Err(refusal.into()),
            Err(Failure::Broken) => {
                if let Some(fate) = incoming.extensions.get::<Fate>() {
                    fate.seal();
                }
                Err(S3Error::InternalError.into())
            }
        }
    }

    /// [`exchange`](Self::exchange) of an operation that does not send an object.
    async fn perform<I: Sync, T: Send + 'static>(
        &self,
        incoming: &S3Request<I>,
        request: Request,
        act: impl FnOnce(&Bucket, &Condition) -> Result<T> + Send + 'static,
    ) -> S3Result<T> {
        let answer = self.exchange(incoming, request, act).await?;
        Ok(answer.output)
    }

    /// Receives the bytes of an object or a part.
    async fn receive<I: Sync>(
        &self,
        key: &str,
        body: Option<StreamingBlob>,
        incoming: &S3Request<I>,
    ) -> S3Result<Received> {
        let hollow = self.0.bucket().is_hollow(key);
        let mut digests = Digests::announced(&incoming.headers);
        let mut payload = Payload::default();
        if let Some(mut body) = body {
            let incomplete = |_| s3s::S3Error::new(s3s::S3ErrorCode::IncompleteBody);
            while let Some(chunk) = body.try_next().await.map_err(incomplete)? {
                digests.update(&chunk);
                if hollow {
                    payload.push_hollow(&chunk);
                } else {
                    payload.push(chunk);
                }
            }
        }
        let trailers = incoming.trailing_headers.as_ref();
        let trailers = trailers
            .and_then(s3s::TrailingHeaders::take)
            .unwrap_or_default();
        Ok(Received {
            payload,
            verdict: digests.check(&trailers),
        })
    }

    async fn read<I: Sync>(
        &self,
        incoming: &S3Request<I>,
        operation: Operation,
        key: String,
        range: Option<dto::Range>,
    ) -> S3Result<Answer<Reading>> {
        let condition = condition(&incoming.headers);
        let request = Request::new(operation, key.clone());
        self.exchange(incoming, request, move |bucket, _| {
            let object = bucket.get(&key, &condition)?;
            let size = object.content.size();
            let range = range
                .map(|range| range.check(size))
                .transpose()
                .map_err(|_| S3Error::InvalidRange)?;
            Ok(Reading { object, range })
        })
        .await
    }
}

/// Bytes that have come, and whether they were those that the client meant.
struct Received {
    payload: Payload,
    verdict: Result<()>,
}

/// What is read of an object.
struct Reading {
    object: Arc<Object>,
    range: Option<Range<u64>>,
}

impl Reading {
    fn bounds(&self) -> Range<u64> {
        let all = 0..self.object.content.size();
        self.range.clone().unwrap_or(all)
    }

    fn content_range(&self) -> Option<String> {
        let range = self.range.as_ref()?;
        let last = range.end.saturating_sub(1);
        Some(format!(
            "bytes {}-{last}/{}",
            range.start,
            self.object.content.size()
        ))
    }
}

#[async_trait]
impl S3 for Service {
    async fn head_bucket(
        &self,
        request: S3Request<dto::HeadBucketInput>,
    ) -> S3Result<S3Response<dto::HeadBucketOutput>> {
        check_bucket(&request.input.bucket)?;
        self.perform(&request, Request::new(Operation::HeadBucket, ""), |_, _| {
            Ok(())
        })
        .await?;
        Ok(S3Response::new(dto::HeadBucketOutput::default()))
    }

    async fn create_bucket(
        &self,
        request: S3Request<dto::CreateBucketInput>,
    ) -> S3Result<S3Response<dto::CreateBucketOutput>> {
        let refusal = match check_bucket(&request.input.bucket) {
            Ok(()) => S3Error::BucketAlreadyOwnedByYou,
            Err(_) => S3Error::AccessDenied,
        };
        self.perform(
            &request,
            Request::new(Operation::CreateBucket, ""),
            move |_, _| Err(refusal),
        )
        .await
    }

    async fn get_object(
        &self,
        request: S3Request<dto::GetObjectInput>,
    ) -> S3Result<S3Response<dto::GetObjectOutput>> {
        let input = &request.input;
        check_bucket(&input.bucket)?;
        let key = input.key.clone();
        let answer = self.read(&request, Operation::GetObject, key, input.range);
        let Answer { output, cut_off } = answer.await?;
        let content = output.object.content.slice(output.bounds());
        self.0
            .counters()
            .reply(content.size().min(cut_off.unwrap_or(u64::MAX)));
        let mut headers = attributes::to_headers(&output.object.attributes);
        for overridden in overridden(input) {
            headers.remove(overridden);
        }
        let reply = dto::GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(body(&content, cut_off)),
            content_length: Some(size(content.size())),
            content_range: output.content_range(),
            e_tag: Some(etag(output.object.etag)),
            last_modified: Some(output.object.last_modified.into()),
            ..dto::GetObjectOutput::default()
        };
        Ok(S3Response::with_headers(reply, headers))
    }

    async fn head_object(
        &self,
        request: S3Request<dto::HeadObjectInput>,
    ) -> S3Result<S3Response<dto::HeadObjectOutput>> {
        let input = &request.input;
        check_bucket(&input.bucket)?;
        let key = input.key.clone();
        let answer = self.read(&request, Operation::HeadObject, key, input.range);
        let Answer { output, .. } = answer.await?;
        let bounds = output.bounds();
        let reply = dto::HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(size(bounds.end - bounds.start)),
            content_range: output.content_range(),
            e_tag: Some(etag(output.object.etag)),
            last_modified: Some(output.object.last_modified.into()),
            ..dto::HeadObjectOutput::default()
        };
        let headers = attributes::to_headers(&output.object.attributes);
        Ok(S3Response::with_headers(reply, headers))
    }

    async fn put_object(
        &self,
        mut request: S3Request<dto::PutObjectInput>,
    ) -> S3Result<S3Response<dto::PutObjectOutput>> {
        check_bucket(&request.input.bucket)?;
        let key = request.input.key.clone();
        let blob = request.input.body.take();
        let Received { payload, verdict } = self.receive(&key, blob, &request).await?;
        let said = attributes::from_headers(&request.headers);
        let put = Request::new(Operation::PutObject, key.clone())
            .when(condition(&request.headers))
            .with_bytes(payload.size());
        let written = self.perform(&request, put, move |bucket, condition| {
            verdict?;
            bucket.put(&key, payload, said, condition)
        });
        let reply = dto::PutObjectOutput {
            e_tag: Some(etag(written.await?)),
            ..dto::PutObjectOutput::default()
        };
        Ok(S3Response::new(reply))
    }

    async fn delete_object(
        &self,
        request: S3Request<dto::DeleteObjectInput>,
    ) -> S3Result<S3Response<dto::DeleteObjectOutput>> {
        check_bucket(&request.input.bucket)?;
        let key = request.input.key.clone();
        let delete =
            Request::new(Operation::DeleteObject, key.clone()).when(condition(&request.headers));
        self.perform(&request, delete, move |bucket, condition| {
            bucket.delete(&key, condition)
        })
        .await?;
        Ok(S3Response::new(dto::DeleteObjectOutput::default()))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<dto::ListObjectsV2Input>,
    ) -> S3Result<S3Response<dto::ListObjectsV2Output>> {
        let input = request.input.clone();
        check_bucket(&input.bucket)?;
        if input.delimiter.is_some() {
            return Err(S3Error::NotImplemented.into());
        }
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = input
            .continuation_token
            .clone()
            .or(input.start_after.clone());
        let limit = limit(input.max_keys);
        let list = Request::new(Operation::ListObjectsV2, prefix.clone());
        let page = self.perform(&request, list, move |bucket, _| {
            Ok(bucket.list(&prefix, after.as_deref(), limit))
        });
        let page = page.await?;
        let last = page.objects.last().map(|object| object.key.clone());
        let contents: Vec<_> = page
            .objects
            .into_iter()
            .map(|object| dto::Object {
                e_tag: Some(etag(object.etag)),
                key: Some(object.key),
                last_modified: Some(object.last_modified.into()),
                size: Some(size(object.size)),
                ..dto::Object::default()
            })
            .collect();
        Ok(S3Response::new(dto::ListObjectsV2Output {
            continuation_token: input.continuation_token,
            is_truncated: Some(page.truncated),
            key_count: i32::try_from(contents.len()).ok(),
            max_keys: i32::try_from(limit).ok(),
            contents: Some(contents),
            name: Some(input.bucket),
            next_continuation_token: last.filter(|_| page.truncated),
            prefix: input.prefix,
            start_after: input.start_after,
            ..dto::ListObjectsV2Output::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<dto::CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::CreateMultipartUploadOutput>> {
        check_bucket(&request.input.bucket)?;
        let key = request.input.key.clone();
        let said = attributes::from_headers(&request.headers);
        let create = Request::new(Operation::CreateMultipartUpload, key.clone());
        let id = self.perform(&request, create, move |bucket, _| {
            Ok(bucket.create_multipart_upload(&key, said))
        });
        let reply = dto::CreateMultipartUploadOutput {
            upload_id: Some(id.await?),
            bucket: Some(request.input.bucket.clone()),
            key: Some(request.input.key.clone()),
            ..dto::CreateMultipartUploadOutput::default()
        };
        Ok(S3Response::new(reply))
    }

    async fn upload_part(
        &self,
        mut request: S3Request<dto::UploadPartInput>,
    ) -> S3Result<S3Response<dto::UploadPartOutput>> {
        check_bucket(&request.input.bucket)?;
        let key = request.input.key.clone();
        let blob = request.input.body.take();
        let Received { payload, verdict } = self.receive(&key, blob, &request).await?;
        let id = request.input.upload_id.clone();
        let number = part_number(request.input.part_number);
        let upload = Request::new(Operation::UploadPart, key.clone()).with_bytes(payload.size());
        let written = self.perform(&request, upload, move |bucket, _| {
            verdict?;
            bucket.upload_part(&key, &id, number, payload)
        });
        let reply = dto::UploadPartOutput {
            e_tag: Some(etag(written.await?)),
            ..dto::UploadPartOutput::default()
        };
        Ok(S3Response::new(reply))
    }

    async fn upload_part_copy(
        &self,
        request: S3Request<dto::UploadPartCopyInput>,
    ) -> S3Result<S3Response<dto::UploadPartCopyOutput>> {
        let input = &request.input;
        check_bucket(&input.bucket)?;
        let dto::CopySource::Bucket { bucket, key, .. } = &input.copy_source else {
            return Err(S3Error::NotImplemented.into());
        };
        check_bucket(bucket)?;
        let source = CopySource {
            key: key.to_string(),
            range: input
                .copy_source_range
                .as_deref()
                .map(copy_range)
                .transpose()?,
            condition: source_condition(&request.headers),
        };
        let key = input.key.clone();
        let id = input.upload_id.clone();
        let number = part_number(input.part_number);
        let copy = Request::new(Operation::UploadPartCopy, key.clone());
        let part = self.perform(&request, copy, move |bucket, _| {
            bucket.upload_part_copy(&key, &id, number, &source)
        });
        let part = part.await?;
        let result = dto::CopyPartResult {
            e_tag: Some(etag(part.etag)),
            last_modified: Some(part.last_modified.into()),
            ..dto::CopyPartResult::default()
        };
        Ok(S3Response::new(dto::UploadPartCopyOutput {
            copy_part_result: Some(result),
            ..dto::UploadPartCopyOutput::default()
        }))
    }

    async fn list_parts(
        &self,
        request: S3Request<dto::ListPartsInput>,
    ) -> S3Result<S3Response<dto::ListPartsOutput>> {
        let input = request.input.clone();
        check_bucket(&input.bucket)?;
        let (key, id) = (input.key.clone(), input.upload_id.clone());
        let after = part_number(input.part_number_marker.unwrap_or_default());
        let limit = limit(input.max_parts);
        let list = Request::new(Operation::ListParts, key.clone());
        let page = self.perform(&request, list, move |bucket, _| {
            bucket.list_parts(&key, &id, after, limit)
        });
        let page = page.await?;
        let last = page
            .parts
            .last()
            .and_then(|part| i32::try_from(part.number).ok());
        let parts = page.parts.into_iter().map(|part| dto::Part {
            e_tag: Some(etag(part.etag)),
            last_modified: Some(part.last_modified.into()),
            part_number: i32::try_from(part.number).ok(),
            size: Some(size(part.content.size())),
            ..dto::Part::default()
        });
        Ok(S3Response::new(dto::ListPartsOutput {
            bucket: Some(input.bucket),
            is_truncated: Some(page.truncated),
            key: Some(input.key),
            max_parts: i32::try_from(limit).ok(),
            next_part_number_marker: last,
            part_number_marker: input.part_number_marker,
            parts: Some(parts.collect()),
            upload_id: Some(input.upload_id),
            ..dto::ListPartsOutput::default()
        }))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<dto::CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::CompleteMultipartUploadOutput>> {
        let input = &request.input;
        check_bucket(&input.bucket)?;
        let parts = input.multipart_upload.as_ref();
        let parts = parts.and_then(|upload| upload.parts.as_deref());
        let parts = parts.unwrap_or_default().iter().map(named_part);
        let parts = parts.collect::<Result<Vec<_>>>()?;
        let (key, id) = (input.key.clone(), input.upload_id.clone());
        let expected_size = input.mpu_object_size.map(i64::unsigned_abs);
        let complete = Request::new(Operation::CompleteMultipartUpload, key.clone())
            .when(condition(&request.headers));
        let written = self.perform(&request, complete, move |bucket, condition| {
            bucket.complete_multipart_upload(&key, &id, &parts, expected_size, condition)
        });
        let reply = dto::CompleteMultipartUploadOutput {
            e_tag: Some(etag(written.await?)),
            bucket: Some(request.input.bucket.clone()),
            key: Some(request.input.key.clone()),
            ..dto::CompleteMultipartUploadOutput::default()
        };
        Ok(S3Response::new(reply))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<dto::AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::AbortMultipartUploadOutput>> {
        let input = &request.input;
        check_bucket(&input.bucket)?;
        let (key, id) = (input.key.clone(), input.upload_id.clone());
        let abort = Request::new(Operation::AbortMultipartUpload, key.clone());
        self.perform(&request, abort, move |bucket, _| {
            bucket.abort_multipart_upload(&key, &id)
        })
        .await?;
        Ok(S3Response::new(dto::AbortMultipartUploadOutput::default()))
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<dto::ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<dto::ListMultipartUploadsOutput>> {
        let input = request.input.clone();
        check_bucket(&input.bucket)?;
        if input.delimiter.is_some() {
            return Err(S3Error::NotImplemented.into());
        }
        let prefix = input.prefix.clone().unwrap_or_default();
        let (key, id) = (input.key_marker.clone(), input.upload_id_marker.clone());
        let limit = limit(input.max_uploads);
        let list = Request::new(Operation::ListMultipartUploads, prefix.clone());
        let page = self.perform(&request, list, move |bucket, _| {
            let after = key.as_deref().map(|key| (key, id.as_deref()));
            Ok(bucket.list_multipart_uploads(&prefix, after, limit))
        });
        let page = page.await?;
        let last = page.uploads.last().filter(|_| page.truncated).cloned();
        let uploads = page.uploads.into_iter().map(|upload| dto::MultipartUpload {
            initiated: Some(Timestamp::from(upload.initiated)),
            key: Some(upload.key),
            upload_id: Some(upload.upload_id),
            ..dto::MultipartUpload::default()
        });
        Ok(S3Response::new(dto::ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            is_truncated: Some(page.truncated),
            key_marker: input.key_marker,
            max_uploads: i32::try_from(limit).ok(),
            next_key_marker: last.as_ref().map(|upload| upload.key.clone()),
            next_upload_id_marker: last.map(|upload| upload.upload_id),
            prefix: input.prefix,
            upload_id_marker: input.upload_id_marker,
            uploads: Some(uploads.collect()),
            ..dto::ListMultipartUploadsOutput::default()
        }))
    }
}

fn check_bucket(name: &str) -> Result<()> {
    if name == BUCKET {
        Ok(())
    } else {
        Err(S3Error::NoSuchBucket)
    }
}
