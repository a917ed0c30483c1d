//! [`Site`]: which path is answered by what.

use std::panic::AssertUnwindSafe;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{Either, Full};
use oxitus::{BoxError, ResponseBody, TusService};

use crate::cli::BasePath;
use crate::pages;

/// Everything under one address: uploads, a health check, a greeting.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    uploads: TusService,
    base_path: BasePath,
}

/// The body of an answer.
pub(crate) type SiteBody = Either<ResponseBody, Full<Bytes>>;

impl Site {
    pub(crate) fn new(uploads: TusService, base_path: &BasePath) -> Self {
        Self {
            uploads,
            base_path: base_path.clone(),
        }
    }

    /// Answers a request, whatever happens: where something panics, with a 500.
    pub(crate) async fn answer<B>(&self, request: Request<B>) -> Response<SiteBody>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        // Safe to go on with: what is dropped half-way lets its upload go as a crash would leave it.
        let answer = AssertUnwindSafe(self.route(request)).catch_unwind();
        answer
            .await
            .unwrap_or_else(|_| pages::internal_error().map(Either::Right))
    }

    async fn route<B>(&self, request: Request<B>) -> Response<SiteBody>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let page = match request.uri().path() {
            "/health" => pages::health(request.method()),
            path if path == "*" || self.is_for_uploads(path) => {
                return self
                    .uploads
                    .engine()
                    .handle(request)
                    .await
                    .map(Either::Left);
            }
            "/" => pages::greeting(request.method(), self.base_path.as_str()),
            _ => pages::not_found(),
        };
        page.map(Either::Right)
    }

    fn is_for_uploads(&self, path: &str) -> bool {
        self.uploads.engine().protocol().mount.contains(path)
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use http::request::Parts;
    use http::{Method, StatusCode};
    use http_body_util::Empty;
    use oxitus::proto::request::Operation;
    use oxitus::{Config, HookError, Hooks, MemoryBackend};

    use super::*;

    /// Panics when it is asked about anything but a creation.
    #[derive(Debug)]
    struct Panicking;

    #[async_trait]
    impl Hooks for Panicking {
        async fn authorize(&self, _: &Parts, operation: &Operation) -> Result<(), HookError> {
            assert_eq!(*operation, Operation::Create);
            Ok(())
        }
    }

    async fn status(site: &Site, method: Method, path: &str) -> StatusCode {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("Host", "example.org")
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Length", "5")
            .body(Empty::new())
            .unwrap();
        site.answer(request).await.status()
    }

    #[tokio::test]
    async fn each_path_has_its_answer_and_a_panic_is_one_too() {
        let config = Config::new("/files/").hooks(Panicking);
        let uploads = TusService::new(MemoryBackend::default(), config);
        let site = Site::new(uploads, &"/files/".parse().unwrap());
        for (method, path, expected) in [
            (Method::GET, "/health", StatusCode::OK),
            (Method::HEAD, "/health", StatusCode::OK),
            (Method::POST, "/health", StatusCode::METHOD_NOT_ALLOWED),
            (Method::GET, "/", StatusCode::OK),
            (Method::PUT, "/", StatusCode::METHOD_NOT_ALLOWED),
            (Method::GET, "/nothing", StatusCode::NOT_FOUND),
            (Method::GET, "/filesystem", StatusCode::NOT_FOUND),
            (Method::OPTIONS, "*", StatusCode::NO_CONTENT),
            (Method::OPTIONS, "/files", StatusCode::NO_CONTENT),
            (
                Method::HEAD,
                "/files/abc",
                StatusCode::INTERNAL_SERVER_ERROR,
            ),
            (Method::POST, "/files", StatusCode::CREATED),
            (Method::POST, "/files/", StatusCode::CREATED),
        ] {
            let answered = status(&site, method.clone(), path).await;
            assert_eq!(answered, expected, "{method} {path}");
        }
    }
}
