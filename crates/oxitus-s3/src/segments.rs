//! Storing what is pending, and reading it.

use bytes::{Bytes, BytesMut};
use oxitus_core::storage::{Error, ErrorKind, Result};

use crate::bucket::Condition;
use crate::node::Node;
use crate::record::{Record, Segment};
use crate::rules::{Rule, holds};

impl Node {
    /// Stores bytes that are to be pending.
    pub(crate) async fn store_segment(&self, record: &Record, bytes: Bytes) -> Result<Segment> {
        if bytes.len() <= self.settings.inline {
            return Ok(Segment::Inline(bytes));
        }
        let key = if holds(Rule::SegmentsAreUnique) {
            record.segment_key()
        } else {
            record.head.pending_prefix.clone()
        };
        let size = bytes.len() as u64;
        let attributes = self.segment_attributes(record);
        let put = self.bucket.put(&key, bytes, Condition::None, &attributes);
        put.await?;
        Ok(Segment::Object { key, size })
    }

    /// The bytes of pending segments, in order. One that is not there, or not whole, is never taken
    /// for an empty one.
    pub(crate) async fn read_segments(&self, segments: &[Segment]) -> Result<Bytes> {
        let mut bytes = BytesMut::new();
        for segment in segments {
            match segment {
                Segment::Inline(inline) => bytes.extend_from_slice(inline),
                Segment::Object { key, size } => {
                    let object = self.bucket.get(key).await.map_err(gone)?;
                    if object.body.len() as u64 != *size {
                        return Err(Error::new(
                            ErrorKind::Corrupt,
                            "a pending segment is not what was stored",
                        ));
                    }
                    bytes.extend_from_slice(&object.body);
                }
            }
        }
        Ok(bytes.freeze())
    }
}

/// A segment goes away when the record that referenced it is replaced.
fn gone(error: crate::bucket::Error) -> Error {
    match error.kind {
        crate::bucket::ErrorKind::NoSuchKey => Error::with_source(
            ErrorKind::LeaseLost,
            "a pending segment is gone: the upload has gone on elsewhere",
            error,
        ),
        _ => error.into(),
    }
}
