//! Faults that the cases of the core protocol notice.

use http::Method;
use tus_reference::Fault;

use crate::row::{Row, breaks};

pub(crate) fn rows() -> Vec<Row> {
    vec![
        breaks(
            &["CORE-17.1", "CORE-17.2", "CORE-17.3"],
            Fault::drop_header("upload-offset").on(Method::HEAD),
        ),
        breaks(
            &["CORE-18.1"],
            Fault::drop_header("upload-length").on(Method::HEAD),
        ),
        breaks(
            &["CORE-18.2"],
            Fault::set_header("upload-length", "0").on(Method::HEAD),
        ),
    ]
}
