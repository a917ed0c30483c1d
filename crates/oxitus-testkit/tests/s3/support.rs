//! Clients of the SDK, and what their errors say.

use std::fmt::Debug;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation,
    ResponseChecksumValidation,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use oxitus_testkit::real_s3::RealS3;
use oxitus_testkit::s3::{ACCESS_KEY_ID, BUCKET, InMemoryS3, REGION, SECRET_ACCESS_KEY, Server};

/// A bucket that a test is about, and what has to live as long.
pub(crate) struct Store {
    pub(crate) client: Client,
    pub(crate) key_id: String,
    pub(crate) bucket: String,
    /// Begins every key of this test.
    pub(crate) prefix: String,
    _server: Option<Server>,
}

impl Store {
    pub(crate) async fn in_process(s3: &InMemoryS3) -> Self {
        Self::of(Client::from_conf(in_process(s3).build()), None)
    }

    pub(crate) async fn over_tcp(s3: &InMemoryS3) -> Self {
        let server = s3.serve().await.unwrap();
        let config = over_tcp(&server.endpoint_url(), ACCESS_KEY_ID, SECRET_ACCESS_KEY);
        Self::of(Client::from_conf(config.build()), Some(server))
    }

    /// A server of others. Each test gets keys of its own there.
    pub(crate) fn real(server: &RealS3, test: &str) -> Self {
        let config = over_tcp(&server.endpoint, &server.access_key, &server.secret_key);
        let config = config.region(Region::new(server.region.clone()));
        Self {
            key_id: server.access_key.clone(),
            bucket: server.bucket.clone(),
            prefix: format!("{}-{test}-", std::process::id()),
            ..Self::of(Client::from_conf(config.build()), None)
        }
    }

    fn of(client: Client, server: Option<Server>) -> Self {
        Self {
            client,
            key_id: ACCESS_KEY_ID.to_owned(),
            bucket: BUCKET.to_owned(),
            prefix: String::new(),
            _server: server,
        }
    }

    /// The same store through a client that is set differently.
    pub(crate) fn with(self, config: Builder) -> Self {
        let client = Client::from_conf(config.build());
        Self { client, ..self }
    }

    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

impl Store {
    pub(crate) async fn put(&self, key: &str, body: impl Into<Bytes>) -> String {
        let body = ByteStream::from(body.into());
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(body);
        put.send().await.unwrap().e_tag.unwrap()
    }

    pub(crate) async fn get(&self, key: &str) -> Bytes {
        let got = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await;
        got.unwrap().body.collect().await.unwrap().into_bytes()
    }

    pub(crate) async fn begin(&self, key: &str) -> String {
        let create = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(key);
        create.send().await.unwrap().upload_id.unwrap()
    }

    pub(crate) async fn part(
        &self,
        key: &str,
        id: &str,
        number: i32,
        body: impl Into<Bytes>,
    ) -> CompletedPart {
        let upload = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(id);
        let upload = upload
            .part_number(number)
            .body(ByteStream::from(body.into()));
        named(number, &upload.send().await.unwrap().e_tag.unwrap())
    }

    pub(crate) fn complete(
        &self,
        key: &str,
        id: &str,
        parts: impl IntoIterator<Item = CompletedPart>,
    ) -> CompleteMultipartUploadFluentBuilder {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(Vec::from_iter(parts)));
        let complete = self.client.complete_multipart_upload();
        let complete = complete.bucket(&self.bucket).key(key).upload_id(id);
        complete.multipart_upload(parts.build())
    }

    pub(crate) async fn parts(&self, key: &str, id: &str) -> Vec<(i32, i64, String)> {
        let list = self
            .client
            .list_parts()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(id);
        let parts = list.send().await.unwrap().parts.unwrap_or_default();
        let parts = parts.into_iter();
        parts
            .map(|part| {
                (
                    part.part_number.unwrap(),
                    part.size.unwrap(),
                    part.e_tag.unwrap(),
                )
            })
            .collect()
    }
}

pub(crate) fn named(number: i32, etag: &str) -> CompletedPart {
    CompletedPart::builder()
        .part_number(number)
        .e_tag(etag)
        .build()
}

/// An ETag that nothing here has.
pub(crate) const BOGUS: &str = "\"deadbeefdeadbeefdeadbeefdeadbeef\"";

/// A configuration for a server in this process. Nothing is sent twice.
pub(crate) fn in_process(s3: &InMemoryS3) -> Builder {
    config("http://s3.test", ACCESS_KEY_ID, SECRET_ACCESS_KEY).http_client(s3.http_client())
}

pub(crate) fn over_tcp(endpoint: &str, key_id: &str, secret: &str) -> Builder {
    config(endpoint, key_id, secret)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
}

fn config(endpoint: &str, key_id: &str, secret: &str) -> Builder {
    Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new(key_id, secret, None, None, "test"))
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::disabled())
}

/// What a refusal says: its status and its code.
pub(crate) fn refusal<T: Debug, E: ProvideErrorMetadata + Debug>(
    outcome: Result<T, SdkError<E>>,
) -> (u16, String) {
    let error = outcome.expect_err("this is refused");
    let response = error.raw_response();
    let status = response
        .unwrap_or_else(|| panic!("no answer: {error:?}"))
        .status();
    let code = error.code().unwrap_or_default().to_owned();
    (status.as_u16(), code)
}

/// The same, for a comparison.
pub(crate) fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Whether there was no answer at all.
pub(crate) fn is_broken<T: Debug, E: Debug>(outcome: &Result<T, SdkError<E>>) -> bool {
    matches!(
        outcome,
        Err(SdkError::DispatchFailure(failure)) if !failure.is_timeout() && !failure.is_user()
    )
}
