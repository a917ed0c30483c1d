//! The storage contract, clause by clause, on [`MemoryBackend`].

use std::sync::Arc;

use async_trait::async_trait;
use oxitus_core::memory::MemoryBackend;
use oxitus_core::storage::StorageBackend;
use oxitus_testkit::contract::Fixture;

#[derive(Default)]
struct InMemory(MemoryBackend);

#[async_trait]
impl Fixture for InMemory {
    fn backend(&self) -> Arc<dyn StorageBackend> {
        Arc::new(self.0.clone())
    }

    async fn reopen(&self) -> Arc<dyn StorageBackend> {
        Arc::new(self.0.clone())
    }

    async fn cramped(&self, room: u64) -> Option<Arc<dyn StorageBackend>> {
        Some(Arc::new(MemoryBackend::with_room(room)))
    }
}

oxitus_testkit::contract_tests!(InMemory::default());
