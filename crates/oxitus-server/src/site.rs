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
        // Safe to go on with: uploads are changed in tasks of their own, never in this future.
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
