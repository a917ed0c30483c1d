//! The front end in the same process: an HTTP client for the SDK that needs no sockets.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::ErrorKind;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http::header::HOST;
use http::{HeaderValue, Uri};
use s3s::Body;

use super::exchange::Front;
use crate::s3::InMemoryS3;

impl InMemoryS3 {
    /// An HTTP client for the configuration of an SDK client, with which it talks to this server
    /// and to no other, whatever endpoint it has. Lost requests and replies are what they are
    /// over TCP: the connection breaks, and the SDK may try again.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(InProcess(Front::new(self.clone())))
    }
}

#[derive(Debug)]
struct InProcess(Front);

impl HttpClient for InProcess {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            front: self.0.clone(),
            patience: settings.read_timeout(),
        })
    }
}

#[derive(Debug)]
struct Connector {
    front: Front,
    /// How long a response may take to begin.
    patience: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let exchange = exchange(self.front.clone(), request);
        let patience = self.patience;
        HttpConnectorFuture::new(async move {
            let Some(patience) = patience else {
                return exchange.await;
            };
            tokio::time::timeout(patience, exchange)
                .await
                .unwrap_or_else(|elapsed| Err(ConnectorError::timeout(elapsed.into())))
        })
    }
}

async fn exchange(front: Front, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let mut request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?
        .map(Body::http_body_unsync);
    if let Some(host) = host(request.uri()) {
        request.headers_mut().entry(HOST).or_insert(host);
    }
    // As the SDK's own client has it when a connection ends before the response.
    let response = front
        .answer(request)
        .await
        .map_err(|broken| ConnectorError::other(broken.into(), Some(ErrorKind::TransientError)))?;
    response
        .map(SdkBody::from_body_1_x)
        .try_into()
        .map_err(|error| ConnectorError::other(Box::new(error), None))
}

/// What an HTTP client would send, and what the signature is over.
fn host(uri: &Uri) -> Option<HeaderValue> {
    let authority = uri.authority()?;
    let default_port = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    let host = match authority.port_u16() {
        Some(port) if port != default_port => authority.as_str(),
        _ => authority.host(),
    };
    HeaderValue::try_from(host).ok()
}
