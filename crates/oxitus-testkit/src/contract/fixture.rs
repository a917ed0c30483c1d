//! [`Fixture`]: a place for uploads, and what a test may do to it.

use std::sync::Arc;

use async_trait::async_trait;
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::StorageBackend;

/// A place of its own for the uploads of one test, empty at first and removed when dropped.
///
/// The methods with a body are for backends that can do more than the contract asks; the clauses
/// that need one are skipped where it is not overridden.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// The backend under test; the same instance each time. It gives the bytes of its downloads
    /// itself.
    fn backend(&self) -> Arc<dyn StorageBackend>;

    /// A fresh instance on the same place, which shares nothing with the others but what is
    /// stored: what another process, or this one after a restart, would see.
    async fn reopen(&self) -> Arc<dyn StorageBackend>;

    /// A size, in bytes, around which the backend changes the way it writes. The clauses write
    /// that many bytes, one less, one more, and some multiple of it.
    fn boundary(&self) -> usize {
        64 * 1024
    }

    /// Whether `write` may return before the bytes are stored. Such a backend cannot keep what it
    /// finds no room for later.
    fn writes_behind(&self) -> bool {
        false
    }

    /// Names what the place holds of an upload, side files, staged objects and locks included, but
    /// for what keeps the id of a terminated one taken.
    async fn traces(&self, id: &UploadId) -> Option<Vec<String>> {
        let _ = id;
        None
    }

    /// Leaves behind what crashes of this backend would, in every state between two steps of its
    /// own where nothing was acknowledged yet. A sweep at a moment that is a day away removes
    /// every trace of the ids it returns.
    async fn wreck(&self) -> Option<Vec<UploadId>> {
        None
    }

    /// Takes something of an unfinished upload away that the backend cannot do without, or uses up
    /// what it needs for it, so that the upload can never be completed. Whether it could.
    async fn ruin(&self, id: &UploadId) -> bool {
        let _ = id;
        false
    }

    /// A backend like the one under test on an empty place of its own, with room for about so
    /// many bytes of uploads.
    async fn cramped(&self, room: u64) -> Option<Arc<dyn StorageBackend>> {
        let _ = room;
        None
    }

    /// Puts an upload that has no bytes, and that nobody holds, at `offset`, its bytes so far all
    /// zero, without writing them one by one. Whether it could.
    async fn fast_forward(&self, id: &UploadId, offset: u64) -> bool {
        let _ = (id, offset);
        false
    }
}
