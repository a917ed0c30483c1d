//! Uploads beside the other routes of an axum application.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = std::env::temp_dir().join(format!("oxitus-axum-doc-{}", std::process::id()));
//! # #[cfg(feature = "fs")] {
//! use axum::{Router, routing::get};
//! use oxitus::{Config, FsBackend, TusService};
//!
//! let uploads = TusService::new(FsBackend::builder(&directory).open()?, Config::new("/files"));
//! let app: Router = Router::new()
//!     .route("/", get(|| async { "upload to /files" }))
//!     .merge(oxitus::axum::routes(uploads));
//! # std::fs::remove_dir_all(&directory)?;
//! # }
//! # Ok(())
//! # }
//! ```

use axum::Router;

use crate::TusService;

/// The routes of `service`: its base path, and its base path with an id.
///
/// [Merge](Router::merge) them into the router of the application. Paths reach the service whole,
/// so the base path of its [`Config`](crate::Config) is the only one there is. Do not nest these
/// routes: a nested router cuts paths, for which the service itself goes into
/// [`Router::nest_service`] and the configuration says
/// [`prefix_is_stripped`](crate::Config::prefix_is_stripped).
///
/// axum's limit on the size of a body binds its extractors only, and does not touch uploads. A
/// layer around the router does: a CORS layer would answer the OPTIONS that TUS clients ask (the
/// service has CORS of its own), and a timeout would cut uploads short.
pub fn routes<S>(service: TusService) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mount = &service.engine().protocol().mount;
    let base = mount.base_path().trim_end_matches('/');
    let paths = ["", "/", "/{id}", "/{id}/"].map(|rest| format!("{base}{rest}"));
    paths
        .iter()
        .filter(|path| !path.is_empty())
        .fold(Router::new(), |router, path| {
            router.route_service(path, service.clone())
        })
}
