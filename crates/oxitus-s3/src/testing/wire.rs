//! Buckets behind the SDK: in memory without sockets, or of a server of others.

use std::fmt;
use std::sync::Arc;

use aws_sdk_s3::Config;
use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, Credentials, HttpClient, Region, RuntimeComponents, SharedHttpClient,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_types::body::SdkBody;
use oxitus_testkit::real_s3::RealS3;
use oxitus_testkit::s3::{self, InMemoryS3};

use crate::bucket::{SdkBucket, Writing};
use crate::settings::{Encryption, Integrity};
use crate::store::StoreTraits;

/// A server in memory that speaks a dialect.
pub(crate) fn server(dialect: s3::Dialect) -> InMemoryS3 {
    InMemoryS3::new(s3::Bucket::with_dialect(dialect))
}

/// A configuration that leads to a server in memory.
pub(crate) fn in_memory(server: &InMemoryS3) -> Config {
    configuration(s3::ACCESS_KEY_ID, s3::SECRET_ACCESS_KEY)
        .endpoint_url("http://in-memory.test")
        .region(Region::new(s3::REGION))
        .http_client(server.http_client())
        .build()
}

/// A configuration that leads to a server in memory, unless `answer` answers in its place.
pub(crate) fn scripted(
    server: &InMemoryS3,
    answer: impl Fn(&HttpRequest) -> Option<HttpResponse> + Send + Sync + 'static,
) -> Config {
    with_script(server, answer, |_, _| {})
}

/// A configuration that leads to a server in memory, whose answers to requests of a method are
/// altered.
pub(crate) fn altered(
    server: &InMemoryS3,
    alter: impl Fn(&str, &mut HttpResponse) + Send + Sync + 'static,
) -> Config {
    with_script(server, |_| None, alter)
}

fn with_script(
    server: &InMemoryS3,
    answer: impl Fn(&HttpRequest) -> Option<HttpResponse> + Send + Sync + 'static,
    alter: impl Fn(&str, &mut HttpResponse) + Send + Sync + 'static,
) -> Config {
    let script = Script {
        client: server.http_client(),
        answer: Arc::new(answer),
        alter: Arc::new(alter),
    };
    in_memory(server).to_builder().http_client(script).build()
}

/// An answer with this status and body.
pub(crate) fn answer(status: u16, body: &'static str) -> HttpResponse {
    let status = status.try_into().unwrap();
    HttpResponse::new(status, SdkBody::from(body))
}

/// A configuration that leads to a real server.
pub(crate) fn real(server: &RealS3) -> Config {
    configuration(&server.access_key, &server.secret_key)
        .endpoint_url(&server.endpoint)
        .region(Region::new(server.region.clone()))
        .build()
}

/// The bucket of that name.
pub(crate) fn bucket(config: &Config, name: &str, traits: StoreTraits) -> SdkBucket {
    SdkBucket::new(config, name.to_owned(), writing(Integrity::Md5), traits, 8)
}

pub(crate) fn writing(integrity: Integrity) -> Writing {
    Writing {
        integrity,
        storage_class: None,
        encryption: Encryption::Bucket,
    }
}

type Answer = dyn Fn(&HttpRequest) -> Option<HttpResponse> + Send + Sync;

/// What becomes of the answer to a request of a method.
type Alter = dyn Fn(&str, &mut HttpResponse) + Send + Sync;

#[derive(Clone)]
struct Script {
    client: SharedHttpClient,
    answer: Arc<Answer>,
    alter: Arc<Alter>,
}

impl HttpClient for Script {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(ScriptConnector {
            connector: self.client.http_connector(settings, components),
            script: self.clone(),
        })
    }
}

#[derive(Debug)]
struct ScriptConnector {
    connector: SharedHttpConnector,
    script: Script,
}

impl HttpConnector for ScriptConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match (self.script.answer)(&request) {
            Some(answer) => HttpConnectorFuture::ready(Ok(answer)),
            None => {
                let (method, alter) = (request.method().to_owned(), self.script.alter.clone());
                let call = self.connector.call(request);
                HttpConnectorFuture::new(async move {
                    let mut response = call.await?;
                    alter(&method, &mut response);
                    Ok(response)
                })
            }
        }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Script")
    }
}

fn configuration(access_key: &str, secret_key: &str) -> Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new(access_key, secret_key, None, None, "test"))
        .force_path_style(true)
}
