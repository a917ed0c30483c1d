//! An upload and the facts about it that survive the process.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What is known of an upload besides its bytes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Record {
    /// The declared length; `None` while it is deferred or cannot be computed.
    pub(crate) length: Option<u64>,
    /// `Upload-Metadata` as it came.
    pub(crate) metadata: Option<String>,
    pub(crate) kind: Kind,
    /// When it goes away if it is not finished by then.
    pub(crate) expires: Option<SystemTime>,
}

/// What an upload is to others.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Kind {
    Plain,
    Partial,
    Final {
        /// `Upload-Concat` as it came.
        field: String,
        /// The ids of the parts, in their order.
        parts: Vec<String>,
        /// Whether the parts are joined.
        is_assembled: bool,
    },
}

/// An upload.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) record: Record,
    pub(crate) content: Vec<u8>,
    pub(crate) writer: Option<Lease>,
}

/// Who may write to an upload at the moment.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) ticket: u64,
    /// When the writer last brought a byte.
    pub(crate) active: Instant,
    /// Tells the writer that it has lost its place.
    pub(crate) stop: CancellationToken,
}

impl Upload {
    pub(crate) fn new(record: Record, content: Vec<u8>) -> Self {
        Self {
            record,
            content,
            writer: None,
        }
    }

    /// The bytes that are there.
    pub(crate) fn offset(&self) -> u64 {
        self.content.len() as u64
    }

    /// Whether all bytes are there.
    pub(crate) fn is_complete(&self) -> bool {
        !self.is_pending() && self.record.length == Some(self.offset())
    }

    /// Whether this is a final upload that waits for its parts.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(
            self.record.kind,
            Kind::Final {
                is_assembled: false,
                ..
            }
        )
    }

    pub(crate) fn is_final(&self) -> bool {
        matches!(self.record.kind, Kind::Final { .. })
    }

    /// The value of `Upload-Concat`.
    pub(crate) fn concat(&self) -> Option<&str> {
        match &self.record.kind {
            Kind::Plain => None,
            Kind::Partial => Some("partial"),
            Kind::Final { field, .. } => Some(field),
        }
    }

    /// The value of `Upload-Expires`: finished uploads stay.
    pub(crate) fn expires(&self) -> Option<String> {
        self.record
            .expires
            .filter(|_| !self.is_complete() && !self.is_final())
            .map(httpdate::fmt_http_date)
    }
}
