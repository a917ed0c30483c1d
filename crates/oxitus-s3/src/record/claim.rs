//! [`Claim`]: part numbers that are set aside for one writer.

use serde::{Deserialize, Serialize};

/// Part numbers that are set aside for one writer, who alone may use them, each once and for one
/// range of bytes. So nothing that a record references is ever replaced by another's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// Who made it; different for every claim of every node.
    pub(crate) owner: String,
    /// The first number.
    pub(crate) first: u16,
    /// How many there are.
    pub(crate) count: u16,
    /// Where the bytes of the first number begin. Each number has the part size of the upload, so
    /// this says where the bytes of any number belong.
    pub(crate) base: u64,
    /// Whether parts that were uploaded under it may be made part of the upload by somebody else:
    /// so the bytes of a node that died are not lost. Not those that a checksum is still to verify.
    pub(crate) adoptable: bool,
    /// The length of the upload as the writer has told it, in bytes: it becomes that of the record
    /// with the first of its bytes, whoever records them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) length: Option<u64>,
}

impl Claim {
    /// The number after the last.
    pub(crate) fn end(&self) -> u16 {
        self.first.saturating_add(self.count)
    }
}
