//! Resumable uploads for Rust: the [TUS 1.0.0 protocol](https://tus.io/protocols/resumable-upload)
//! as a [`tower_service::Service`], with storage of your choice behind it.
//!
//! An upload that breaks off goes on where it stopped: the client asks how much has arrived, and
//! sends the rest. [`TusService`] speaks every extension of the protocol over any
//! [`http_body::Body`], so that it fits under hyper, axum and everything else that knows tower.
//!
//! # Embedding
//!
//! With the feature `axum`, beside other routes:
//!
//! ```no_run
//! # #[cfg(all(feature = "fs", feature = "axum"))]
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use oxitus::{Config, FsBackend, TusService};
//!
//! let storage = FsBackend::builder("./uploads").open()?;
//! let uploads = TusService::new(storage, Config::new("/files"));
//! let app = axum::Router::new()
//!     .route("/", axum::routing::get(|| async { "upload to /files" }))
//!     .merge(oxitus::axum::routes(uploads));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, app).await?;
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "fs", feature = "axum")))]
//! # fn main() {}
//! ```
//!
//! With the feature `s3`, any number of such servers share one bucket, and each request of an upload
//! may go to any of them. Credentials and region come from where every program on the AWS SDK takes
//! them:
//!
//! ```no_run
//! # #[cfg(feature = "s3")]
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! use oxitus::{Config, S3Backend, TusService};
//!
//! let aws = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
//! let storage = S3Backend::builder(aws_sdk_s3::Config::new(&aws), "my-bucket")
//!     .prefix("uploads/")
//!     .open()
//!     .await?;
//! let uploads = TusService::new(storage, Config::new("/files"));
//! # drop(uploads);
//! # Ok(())
//! # }
//! ```
//!
//! [`s3`] says what the bucket must be like.
//!
//! Without axum, clone the service for each connection and call it with each request; `examples/`
//! in the repository has a whole server on hyper in about a page.
//!
//! # What happens and what may happen
//!
//! [Events](TusService::events) tell what has happened, on a broadcast channel: nobody who listens
//! can hold an upload up. [`Hooks`] are asked what may happen: they refuse, or change what their
//! moment allows. The moments are those that users of tusd know:
//!
//! | tusd | here |
//! |---|---|
//! | (none: every request) | [`Hooks::authorize`] |
//! | pre-create | [`Hooks::before_create`] |
//! | post-create | [`EventKind::Created`] |
//! | post-receive | [`EventKind::Progressed`] |
//! | (none) | [`EventKind::Interrupted`], [`EventKind::Received`] |
//! | pre-finish | [`Hooks::before_complete`], which can refuse too |
//! | post-finish | [`EventKind::Completed`] |
//! | pre-terminate | [`Hooks::before_terminate`] |
//! | post-terminate | [`EventKind::Terminated`] |
//! | (none) | [`EventKind::Expired`], [`EventKind::Failed`] |
//!
//! # Cancel safety
//!
//! A server drops the future of a request when its client has gone: hyper does so at any moment on
//! HTTP/2, and on HTTP/1 while an answer is awaited. Nothing of an upload depends on that future:
//! when it is dropped, a task goes on with its work, stores what has arrived, and commits it (or
//! takes it back, if a checksum came with it) when the body breaks off. [`TusService::shutdown`]
//! waits for all of this; a runtime that is dropped before has it end as a crash would.
//!
//! # What to set on the server
//!
//! The service guards itself against bodies that stall or drip. What happens before a request
//! reaches it, and how bytes travel, is for the server around it:
//!
//! - **Timeouts for what comes before the body.** In hyper a `header_read_timeout` with a timer
//!   (it bounds an idle connection too); a timeout of your own around the first bytes where
//!   `hyper_util::server::conn::auto` tells HTTP/1 from HTTP/2, since that waits for ever; HTTP/2
//!   keep-alive pings; and a limit on the number of connections.
//! - **No timeout for a whole request**: an upload takes as long as it takes.
//! - **HTTP/2 windows.** With hyper's defaults a connection has no more window than one stream, so
//!   that one body which waits (for a lock, for a hook) blocks all other requests on its
//!   connection. Set `initial_connection_window_size` to `max_concurrent_streams` times
//!   `initial_stream_window_size`; 16 MiB, 16 and 1 MiB, say.
//! - **The read buffer of HTTP/1.** hyper's `max_buf_size` grows to about 400 KiB for a connection
//!   that is busy. That is fast, and it is memory for every upload at once; below 64 KiB it gets
//!   slow.
//! - **Header sizes.** hyper takes about 400 KiB of headers on HTTP/1 and 16 KiB on HTTP/2: set one
//!   value, 64 KiB say, since concatenations of many parts make long headers.
//! - **`half_close(true)`** on HTTP/1 lets a client that has closed its sending side read the
//!   answer.
//!
//! `oxitus-server` does all of this, and may serve as a model.
//!
//! # Features
//!
//! - `fs` (default): [`FsBackend`], uploads as files in a directory.
//! - `s3`: [`S3Backend`] and the module [`s3`], uploads as objects in a bucket. It brings the AWS SDK
//!   along, which nothing else here needs.
//! - `axum`: the module [`axum`], routes for an axum application.

#[cfg(feature = "axum")]
pub mod axum;
mod service;

pub use oxitus_core::body::{BoxError, ResponseBody};
pub use oxitus_core::config::Config;
pub use oxitus_core::engine::Engine;
pub use oxitus_core::event::{Event, EventKind, Interruption};
pub use oxitus_core::hook::{BeforeComplete, BeforeCreate, HookError, Hooks};
pub use oxitus_core::memory::MemoryBackend;
pub use oxitus_core::proto::cors::Cors;
pub use oxitus_core::{clock, proto, storage};
#[cfg(feature = "fs")]
pub use oxitus_fs::{Durability, FsBackend};
#[cfg(feature = "s3")]
pub use oxitus_s3::{self as s3, S3Backend, S3Builder};

pub use self::service::{ResponseFuture, TusService};

/// The README's code is compiled with the tests.
#[cfg(all(doctest, feature = "fs", feature = "axum"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
