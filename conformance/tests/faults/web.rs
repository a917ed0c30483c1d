//! Faults that the cases of what is expected of servers on the web notice.

use crate::row::Row;

pub(crate) fn rows() -> Vec<Row> {
    Vec::new()
}
