//! What the object of a completed upload carries beside its bytes.

use std::str::FromStr as _;

use mime::Mime;
use oxitus_core::proto::header::UploadMetadata;
use oxitus_core::proto::id::UploadId;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::bucket::Attributes;
use crate::node::Node;
use crate::record::Record;

/// The name under which the upload's token stands.
pub(crate) const TOKEN: &str = "tus-token";

/// The name under which the key of the upload's record stands.
pub(crate) const RECORD: &str = "tus-record";

/// How many bytes of user metadata stores take; a little less, since some count the names too.
const MOST_BYTES: usize = 1_900;

/// The metadata keys that clients name the media type by, in the order in which they count.
const TYPES: [&str; 3] = ["filetype", "type", "contentType"];

/// What must be encoded: a header's value keeps neither control characters nor spaces at its ends,
/// and stores disagree about everything that is not ASCII.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%').add(b' ').add(b'"').add(b'\\');

impl Node {
    /// What the object of an upload carries: its media type, the chosen metadata, the token that
    /// proves whose it is, and where its record is.
    pub(crate) fn attributes(&self, record: &Record) -> Attributes {
        let metadata = record.head.metadata.as_ref();
        let (name, value) = self.record_mark(&record.head.id);
        let mut room = MOST_BYTES.saturating_sub(name.len() + value.len());
        let mut carried = vec![
            (TOKEN.to_owned(), record.head.token.to_string()),
            (name, value),
        ];
        for key in &*self.settings.metadata_keys {
            let Some(value) = metadata.and_then(|metadata| text(metadata, key)) else {
                continue;
            };
            let name = key.to_ascii_lowercase();
            if [TOKEN, RECORD].contains(&name.as_str()) {
                continue;
            }
            let value = utf8_percent_encode(&value, ENCODED).to_string();
            // Rather none than half of it.
            if let Some(left) = room.checked_sub(name.len() + value.len()) {
                room = left;
                carried.push((name, value));
            }
        }
        Attributes {
            content_type: metadata.and_then(media_type),
            metadata: carried,
            is_data: true,
        }
    }
}

impl Node {
    /// What a pending segment carries.
    pub(crate) fn segment_attributes(&self, record: &Record) -> Attributes {
        Attributes {
            metadata: vec![self.record_mark(&record.head.id)],
            ..Attributes::default()
        }
    }

    /// Says which record the object or the segment of an upload belongs to. Only where that very
    /// record is gone does nobody need it: a record that is looked for in the wrong place is not.
    pub(crate) fn record_mark(&self, id: &UploadId) -> (String, String) {
        let key = self.settings.layout.record(id);
        let key = utf8_percent_encode(&key, ENCODED).to_string();
        (RECORD.to_owned(), key)
    }
}

/// The media type that the client named, if it is one.
fn media_type(metadata: &UploadMetadata) -> Option<String> {
    let named = TYPES.iter().find_map(|key| text(metadata, key))?;
    let is_safe = named.is_ascii() && named.len() <= 255;
    let parsed = Mime::from_str(&named).ok()?;
    is_safe.then(|| parsed.to_string())
}

fn text(metadata: &UploadMetadata, key: &str) -> Option<String> {
    String::from_utf8(metadata.get(key)?).ok()
}
