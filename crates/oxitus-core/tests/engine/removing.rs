//! Removals that a hook refuses, or thinks about: until it has answered nobody is disturbed.

use std::sync::Arc;
use std::time::Duration;

use super::support::*;
use async_trait::async_trait;
use http::StatusCode;
use http::request::Parts;
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;
use oxitus_core::hook::{HookError, Hooks};
use oxitus_core::memory::MemoryBackend;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{Acquire, StorageBackend as _};

/// Refuses every removal, at once or after a thought.
#[derive(Debug)]
struct Refusing {
    thinks: bool,
}

#[async_trait]
impl Hooks for Refusing {
    async fn before_terminate(&self, _: &Parts, _: &Upload) -> Result<(), HookError> {
        if self.thinks {
            tokio::task::yield_now().await;
        }
        Err(HookError::refuse(StatusCode::FORBIDDEN, "it stays"))
    }
}

#[tokio::test]
async fn a_removal_that_is_refused_disturbs_nobody() {
    for thinks in [false, true] {
        let backend = MemoryBackend::new();
        let config = Config::new("/files").hooks(Arc::new(Refusing { thinks }));
        let engine = Engine::new(Arc::new(backend.clone()), config);
        let path = create(&engine, &[("upload-length", "11")]).await;
        let id = UploadId::parse(path.rsplit('/').next().unwrap()).unwrap();

        assert_eq!(delete(&engine, &path).await.status, 403);
        let mut elsewhere = backend.acquire(&id, Acquire::Try).await.unwrap();
        let (answer, disturbed) = tokio::join!(
            delete(&engine, &path),
            tokio::time::timeout(Duration::from_millis(50), elsewhere.wanted())
        );
        assert_eq!(answer.status, 403);
        assert!(disturbed.is_err(), "{disturbed:?}");
        drop(elsewhere);

        let mut writer = open_patch(&engine, &path, 0, &[]);
        writer.data("hello").await;
        reaches(&engine, &path, 5).await;
        assert_eq!(delete(&engine, &path).await.status, 403);
        writer.data(" world").await;
        assert_eq!(writer.end().await.status, 204);
        assert_eq!(delete(&engine, &path).await.status, 403);
        assert_eq!(get(&engine, &path).await.body, "hello world");
    }
}
