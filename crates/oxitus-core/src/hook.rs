//! Hooks: what may happen.
//!
//! A hook is asked, and its answer decides; the request waits for it, up to
//! [`Config::hook_timeout`](crate::config::Config::hook_timeout). What *has* happened is told by
//! [events](crate::event), which nobody waits for.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use oxitus_proto::header::UploadMetadata;
use oxitus_proto::id::UploadId;
use oxitus_proto::request::{Creation, Operation};
use oxitus_proto::upload::Upload;

use crate::body::BoxError;

/// What the application has to say. Every method allows by default.
///
/// Request parts are given with their [extensions](http::Extensions), so a layer in front that
/// has identified the user can leave the result there.
#[async_trait]
pub trait Hooks: fmt::Debug + Send + Sync + 'static {
    /// Before anything else is looked at, for every operation but OPTIONS: may this client do
    /// this to this upload?
    ///
    /// # Errors
    /// [`HookError`] where it may not, or where it cannot be told.
    async fn authorize(&self, request: &Parts, operation: &Operation) -> Result<(), HookError> {
        let _ = (request, operation);
        Ok(())
    }

    /// Before an upload is made, its request having been read.
    ///
    /// # Errors
    /// [`HookError`] where it is not to be made.
    async fn before_create(
        &self,
        request: &Parts,
        creation: &Creation,
    ) -> Result<BeforeCreate, HookError> {
        let _ = (request, creation);
        Ok(BeforeCreate::default())
    }

    /// When every byte of an upload is stored, before it counts as complete. Not asked about
    /// partial uploads, which are for the final one to judge.
    ///
    /// Asked once; again if the server crashed before the answer was carried out, or if the last
    /// answer was [`HookError::Failed`].
    ///
    /// # Errors
    /// [`HookError::Refused`] removes the upload. [`HookError::Failed`] leaves it as it is, and
    /// the next request for it asks again.
    async fn before_complete(&self, upload: &Upload) -> Result<BeforeComplete, HookError> {
        let _ = upload;
        Ok(BeforeComplete::default())
    }

    /// Before an upload is removed at a client's request. Asked again if the upload has become
    /// received or complete before its turn came.
    ///
    /// # Errors
    /// [`HookError`] where it is to stay.
    async fn before_terminate(&self, request: &Parts, upload: &Upload) -> Result<(), HookError> {
        let _ = (request, upload);
        Ok(())
    }
}

/// Hooks that allow everything.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AllowAll;

#[async_trait]
impl Hooks for AllowAll {}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<H: Hooks + ?Sized> Hooks for Arc<H> {
    async fn authorize(&self, request: &Parts, operation: &Operation) -> Result<(), HookError> {
        (**self).authorize(request, operation).await
    }

    async fn before_create(
        &self,
        request: &Parts,
        creation: &Creation,
    ) -> Result<BeforeCreate, HookError> {
        (**self).before_create(request, creation).await
    }

    async fn before_complete(&self, upload: &Upload) -> Result<BeforeComplete, HookError> {
        (**self).before_complete(upload).await
    }

    async fn before_terminate(&self, request: &Parts, upload: &Upload) -> Result<(), HookError> {
        (**self).before_terminate(request, upload).await
    }
}

/// What to change about an upload that is to be made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct BeforeCreate {
    /// The id to give it; a random one where there is none. An id is what keeps an upload private.
    pub id: Option<UploadId>,
    /// The metadata to store instead of the client's.
    pub metadata: Option<UploadMetadata>,
    /// The largest size it may reach, in bytes.
    pub max_size: Option<u64>,
}

/// What to add to the answer that tells a client that its upload is complete.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct BeforeComplete {
    /// Headers of the answer. Lost where the client is not there any more to be answered.
    pub headers: HeaderMap,
}

/// A hook that did not allow.
#[derive(Debug)]
pub enum HookError {
    /// It said no.
    Refused {
        /// The status for the client, a 4xx.
        status: StatusCode,
        /// The reason for the client, in a line of plain text.
        reason: String,
    },
    /// It could not say. The client is told to try again, the reason goes to the log.
    Failed(BoxError),
}

impl HookError {
    /// A refusal.
    #[must_use]
    pub fn refuse(status: StatusCode, reason: impl Into<String>) -> Self {
        Self::Refused {
            status,
            reason: reason.into(),
        }
    }
}
