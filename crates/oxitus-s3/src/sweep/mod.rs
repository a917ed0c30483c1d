//! The sweeper's work.

use std::time::SystemTime;

use oxitus_core::storage::{Cursor, Result, Sweep};

use crate::node::Node;

impl Node {
    /// One step of a sweep.
    pub(crate) async fn sweep(
        &self,
        now: SystemTime,
        from: Option<Cursor>,
        limit: usize,
    ) -> Result<Sweep> {
        let _ = (now, from, limit);
        Ok(Sweep::default())
    }
}
