//! Final uploads.

use oxitus_core::storage::{Error, ErrorKind, Result};

use crate::node::Node;
use crate::records::Version;

impl Node {
    /// Joins the parts of a final upload.
    pub(crate) async fn assemble(&self, version: &Version) -> Result<Version> {
        let _ = version;
        Err(Error::new(ErrorKind::Other, "not yet"))
    }
}
