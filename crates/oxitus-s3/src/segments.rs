//! Storing what is pending, and reading it.

use bytes::Bytes;
use oxitus_core::storage::{Error, ErrorKind, Result};

use crate::bucket::Condition;
use crate::budget::Reservation;
use crate::buffer::Buffer;
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

    /// All that is pending, with the room that it takes.
    pub(crate) async fn pending_bytes(&self, record: &Record) -> Result<(Bytes, Reservation)> {
        let size = record.pending_size();
        let room = self.budget.reserve(size).await?;
        let mut buffer = Buffer::with_capacity(usize::try_from(size).unwrap_or(usize::MAX));
        self.read_segments(&record.pending, &mut buffer).await?;
        Ok((buffer.lend(), room))
    }

    /// Puts the bytes of pending segments behind those of `buffer`, in order. A segment that is not
    /// there, or not whole, is never taken for an empty one.
    pub(crate) async fn read_segments(
        &self,
        segments: &[Segment],
        buffer: &mut Buffer,
    ) -> Result<()> {
        for segment in segments {
            match segment {
                Segment::Inline(inline) => buffer.extend(inline),
                Segment::Object { key, size } => {
                    let object = self.bucket.get(key).await.map_err(gone)?;
                    if object.body.len() as u64 != *size {
                        return Err(Error::new(
                            ErrorKind::Corrupt,
                            "a pending segment is not what was stored",
                        ));
                    }
                    buffer.extend(&object.body);
                }
            }
        }
        Ok(())
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
