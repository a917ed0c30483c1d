//! [`Front`]: from an HTTP request to its response, or to a broken connection.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::DATE;
use http::{HeaderValue, Method, StatusCode};
use s3s::auth::SimpleAuth;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpRequest, HttpResponse};

use super::service::Service;
use crate::s3::{ACCESS_KEY_ID, InMemoryS3, SECRET_ACCESS_KEY, Traffic};

/// What both front ends do with a request.
#[derive(Clone)]
pub(super) struct Front {
    s3: InMemoryS3,
    service: S3Service,
}

/// Where the counters are read. No bucket can have this name.
const COUNTERS: &str = "/-/counters";

/// The connection breaks instead of a response.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection broke")]
pub(super) struct Broken;

/// Goes with a request, and says afterwards that its connection is to break.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate(Arc<AtomicBool>);

impl Fate {
    pub(super) fn seal(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_sealed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Front {
    pub(super) fn new(s3: InMemoryS3) -> Self {
        let mut config = S3Config::default();
        // Clocks that tests turn are no reason to refuse a signature.
        config.presigned_url_max_skew_time_secs = u32::MAX;
        let mut builder = S3ServiceBuilder::new(Service::new(s3.clone()));
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        let service = builder.build();
        Self { s3, service }
    }

    pub(super) async fn answer(&self, mut request: HttpRequest) -> Result<HttpResponse, Broken> {
        if request.uri().path() == COUNTERS {
            return Ok(report(&self.s3.counters().snapshot()));
        }
        let fate = Fate::default();
        request.extensions_mut().insert(fate.clone());
        let is_head = request.method() == Method::HEAD;
        let response = self.service.call(request).await;
        let mut response = response.map_err(|_| Broken)?;
        if fate.is_sealed() {
            return Err(Broken);
        }
        let date = httpdate::fmt_http_date(self.s3.bucket().now());
        if let Ok(date) = HeaderValue::try_from(date) {
            response.headers_mut().insert(DATE, date);
        }
        // Over TCP such responses have no body either.
        if is_head || response.status() == StatusCode::NOT_MODIFIED {
            *response.body_mut() = Body::empty();
        }
        Ok(response)
    }
}

fn report(traffic: &Traffic) -> HttpResponse {
    let requests: serde_json::Map<_, _> = traffic
        .requests()
        .map(|(operation, count)| (operation.to_string(), count.into()))
        .collect();
    let report = serde_json::json!({
        "requests": requests,
        "total": traffic.total(),
        "total_without_deletes": traffic.total_without_deletes(),
        "bytes_in": traffic.bytes_in,
        "bytes_out": traffic.bytes_out,
    });
    HttpResponse::new(Body::from(format!("{report}\n")))
}

impl fmt::Debug for Front {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Front").finish_non_exhaustive()
    }
}
