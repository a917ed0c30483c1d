//! Faults that the cases of expiration notice.

use crate::row::Row;

pub(crate) fn rows() -> Vec<Row> {
    Vec::new()
}
