//! How a record is written: JSON, with the version of its schema.
//!
//! What a newer version of this software has added is kept when a record is rewritten. A record of
//! a newer schema, or in a state that is not known here, is left alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use oxitus_core::proto::header::UploadMetadata;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Concatenation, Kind};
use oxitus_core::storage::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

use super::{Claim, Head, Part, Record, Segment, State};
use crate::bucket::ETag;
use crate::nonce::Nonce;

/// The version that is written, and the only one that is understood.
const VERSION: u64 = 1;

/// The bytes of a record.
pub(crate) fn encode(record: &Record) -> Result<Bytes> {
    serde_json::to_vec(&Written::from(record))
        .map(Bytes::from)
        .map_err(|error| {
            Error::with_source(ErrorKind::Other, "a record could not be written", error)
        })
}

/// Reads a record.
///
/// # Errors
/// `Unavailable` for what a newer version wrote, `Corrupt` for anything else that is no record.
pub(crate) fn decode(bytes: &[u8]) -> Result<Record> {
    let corrupt = |error: serde_json::Error| {
        Error::with_source(ErrorKind::Corrupt, "a record cannot be read", error)
    };
    let Schema { v, state } = serde_json::from_slice(bytes).map_err(corrupt)?;
    let known = ["open", "finishing", "complete", "failed", "terminated"];
    if v != VERSION || !known.contains(&state.as_str()) {
        return Err(Error::new(
            ErrorKind::Unavailable,
            "a record was written by a newer version",
        ));
    }
    let written: Written = serde_json::from_slice(bytes).map_err(corrupt)?;
    Record::try_from(written)
        .map_err(|reason| Error::with_source(ErrorKind::Corrupt, "a record cannot be read", reason))
}

/// What is understood of every version.
#[derive(Deserialize)]
struct Schema {
    v: u64,
    state: String,
}

#[derive(Serialize, Deserialize)]
struct Written {
    v: u64,
    id: String,
    nonce: Nonce,
    state: WrittenState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<ETag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terminated: Option<SystemTime>,
    kind: WrittenKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    concat: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<String>,
    offset: u64,
    length: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_size: Option<u64>,
    metadata: Option<String>,
    created: SystemTime,
    last_activity: SystemTime,
    time_to_live: Option<Duration>,
    key: String,
    pending_prefix: String,
    part_size: u64,
    token: Nonce,
    multipart: Option<String>,
    parts: Vec<(u16, u64, ETag)>,
    pending: Vec<WrittenSegment>,
    next_number: u16,
    claim: Option<Claim>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doubted: Option<SystemTime>,
    #[serde(flatten)]
    unknown: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenState {
    Open,
    Finishing,
    Complete,
    Failed,
    Terminated,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenKind {
    Whole,
    Partial,
    Final,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenSegment {
    Inline { bytes: String },
    Object { key: String, size: u64 },
}

impl From<&Record> for Written {
    fn from(record: &Record) -> Self {
        let head = &record.head;
        let (state, etag, terminated) = match &record.state {
            State::Open => (WrittenState::Open, None, None),
            State::Finishing => (WrittenState::Finishing, None, None),
            State::Complete { etag } => (WrittenState::Complete, Some(etag.clone()), None),
            State::Failed => (WrittenState::Failed, None, None),
            State::Terminated { at } => (WrittenState::Terminated, None, Some(*at)),
        };
        let (kind, concatenation) = match &head.kind {
            Kind::Whole => (WrittenKind::Whole, None),
            Kind::Partial => (WrittenKind::Partial, None),
            Kind::Final(concatenation) => (WrittenKind::Final, Some(concatenation)),
        };
        let sources = concatenation.map(|concatenation| &*concatenation.parts);
        Self {
            v: VERSION,
            id: head.id.to_string(),
            nonce: record.nonce.clone(),
            state,
            etag,
            terminated,
            kind,
            concat: concatenation.map(|concatenation| concatenation.raw.to_string()),
            sources: sources
                .unwrap_or_default()
                .iter()
                .map(UploadId::to_string)
                .collect(),
            offset: record.offset,
            length: record.length,
            max_size: head.max_size,
            metadata: head
                .metadata
                .as_ref()
                .map(|metadata| metadata.as_str().to_owned()),
            created: head.created,
            last_activity: record.last_activity,
            time_to_live: head.time_to_live,
            key: head.key.clone(),
            pending_prefix: head.pending_prefix.clone(),
            part_size: head.part_size,
            token: head.token.clone(),
            multipart: record.multipart.clone(),
            parts: record
                .parts
                .iter()
                .map(|part| (part.number, part.size, part.etag.clone()))
                .collect(),
            pending: record.pending.iter().map(WrittenSegment::from).collect(),
            next_number: record.next_number,
            claim: record.claim.clone(),
            doubted: record.doubted,
            unknown: record.unknown.clone(),
        }
    }
}

impl TryFrom<Written> for Record {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let id = |text: String| UploadId::parse(&text).map_err(|_| "an id");
        let sources = written.sources.into_iter().map(id);
        let kind = match (written.kind, written.concat) {
            (WrittenKind::Whole, _) => Kind::Whole,
            (WrittenKind::Partial, _) => Kind::Partial,
            (WrittenKind::Final, None) => return Err("a final upload without its parts"),
            (WrittenKind::Final, Some(raw)) => Kind::Final(Concatenation::new(
                raw,
                sources.collect::<Result<Vec<_>, _>>()?,
            )),
        };
        let state = match (written.state, written.etag, written.terminated) {
            (WrittenState::Open, ..) => State::Open,
            (WrittenState::Finishing, ..) => State::Finishing,
            (WrittenState::Complete, Some(etag), _) => State::Complete { etag },
            (WrittenState::Failed, ..) => State::Failed,
            (WrittenState::Terminated, _, Some(at)) => State::Terminated { at },
            _ => return Err("a state without what belongs to it"),
        };
        let parse = |text: String| UploadMetadata::parse(text.as_bytes());
        let record = Self {
            nonce: written.nonce,
            state,
            offset: written.offset,
            length: written.length,
            last_activity: written.last_activity,
            multipart: written.multipart,
            parts: written
                .parts
                .into_iter()
                .map(|(number, size, etag)| Part { number, size, etag })
                .collect(),
            pending: written
                .pending
                .into_iter()
                .map(Segment::try_from)
                .collect::<Result<_, _>>()?,
            next_number: written.next_number,
            claim: written.claim,
            doubted: written.doubted,
            unknown: written.unknown,
            head: Head {
                id: id(written.id)?,
                kind,
                max_size: written.max_size,
                metadata: written.metadata.map(parse).transpose()?,
                created: written.created,
                time_to_live: written.time_to_live,
                key: written.key,
                pending_prefix: written.pending_prefix,
                part_size: written.part_size,
                token: written.token,
            },
        };
        let is_open = matches!(record.state, State::Open | State::Finishing);
        if is_open && record.offset != record.sealed() + record.pending_size() {
            return Err("an offset that is not where the bytes end");
        }
        Ok(record)
    }
}

impl From<&Segment> for WrittenSegment {
    fn from(segment: &Segment) -> Self {
        match segment {
            Segment::Inline(bytes) => Self::Inline {
                bytes: STANDARD.encode(bytes),
            },
            Segment::Object { key, size } => Self::Object {
                key: key.clone(),
                size: *size,
            },
        }
    }
}

impl TryFrom<WrittenSegment> for Segment {
    type Error = &'static str;

    fn try_from(written: WrittenSegment) -> Result<Self, Self::Error> {
        match written {
            WrittenSegment::Inline { bytes } => STANDARD
                .decode(bytes)
                .map(|bytes| Self::Inline(bytes.into()))
                .map_err(|_| "bytes that are not in base64"),
            WrittenSegment::Object { key, size } => Ok(Self::Object { key, size }),
        }
    }
}
