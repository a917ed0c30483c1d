//! Faults that the cases of the transport notice.

use crate::row::Row;

pub(crate) fn rows() -> Vec<Row> {
    Vec::new()
}
