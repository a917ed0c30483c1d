//! Faults that the cases of creation with upload notice.

use crate::row::Row;

pub(crate) fn rows() -> Vec<Row> {
    Vec::new()
}
