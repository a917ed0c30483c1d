//! What a request asks for: the only place where requests become typed values.
//!
//! Reading happens in two steps, because the checks have an order. [`route`] finds out which
//! operation is meant on which upload, which is all that authorisation needs; [`Creation::read`]
//! and [`Append::read`] then take the headers of that operation apart. Neither touches storage,
//! and no byte of the body has been asked for, so a client that sent `Expect: 100-continue` is
//! refused before it sends anything.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, header};

use crate::decide::Ceiling;
use crate::extension::Extension;
use crate::header::{
    InvalidHeader, Number, SingletonHeader, TusResumable, UploadChecksum, UploadConcat,
    UploadDeferLength, UploadLength, UploadMetadata, UploadOffset, effective_method,
    is_offset_octet_stream, name,
};
use crate::host;
use crate::id::UploadId;
use crate::mount::Target;
use crate::protocol::Protocol;
use crate::refusal::Refusal;

/// An operation, and the upload that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// OPTIONS: what does the server offer?
    Options,
    /// POST on the base path: make an upload.
    Create,
    /// HEAD: how far is it?
    Head(UploadId),
    /// PATCH: here are bytes for it.
    Append(UploadId),
    /// GET: give it back.
    Download(UploadId),
    /// DELETE: remove it.
    Terminate(UploadId),
}

/// How long a request's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodySize {
    /// Exactly that many bytes; fewer only if it breaks off.
    Exact(u64),
    /// Nobody knows: chunked, or HTTP/2 without `Content-Length`.
    Unknown,
}

impl BodySize {
    /// Whether there are certainly no bytes.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        matches!(self, Self::Exact(0))
    }

    /// How many bytes there are unless it breaks off.
    pub(crate) const fn at_least(self) -> u64 {
        match self {
            Self::Exact(bytes) => bytes,
            Self::Unknown => 0,
        }
    }
}

/// Where the digest of a body comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChecksumSource {
    /// There is none.
    Absent,
    /// It came with the headers.
    Header(UploadChecksum),
    /// `Trailer` announces it for after the body.
    Trailer,
}

impl ChecksumSource {
    /// The digest to expect of a body that came whole, with its trailers. Every trailer field but
    /// the digest is ignored (TUS 1.0.0, "Checksum").
    ///
    /// A digest that comes as a trailer without having been announced is refused. Such a body was
    /// stored as it came, and which algorithm to compute was not known. To ignore the digest would
    /// pretend that the bytes were verified; to expect one behind every chunked body would mean
    /// computing every algorithm for each of them, and keeping nothing of those that break off.
    ///
    /// # Errors
    /// [`Refusal::ChecksumTwice`] where it came as a header too,
    /// [`Refusal::ChecksumTrailerMissing`] where it was announced and did not come,
    /// [`Refusal::InvalidHeader`] where it was not announced or is malformed.
    pub fn expected(
        &self,
        trailers: Option<&HeaderMap>,
    ) -> Result<Option<UploadChecksum>, Refusal> {
        let follows = trailers.is_some_and(|trailers| trailers.contains_key(name::UPLOAD_CHECKSUM));
        match self {
            Self::Absent if follows => {
                let reason = "announce the trailer: send Trailer: Upload-Checksum with the headers";
                Err(InvalidHeader::new(name::UPLOAD_CHECKSUM, reason).into())
            }
            Self::Absent => Ok(None),
            Self::Header(_) if follows => Err(Refusal::ChecksumTwice),
            Self::Header(checksum) => Ok(Some(checksum.clone())),
            Self::Trailer => {
                let checksum = trailers.map(UploadChecksum::read).transpose()?.flatten();
                checksum.map(Some).ok_or(Refusal::ChecksumTrailerMissing)
            }
        }
    }
}

/// Finds out which operation a request means (TUS 1.0.0, "Requests").
///
/// # Errors
/// In this order: not valid HTTP (400), a version that is not spoken here (412), a path that
/// names nothing (404), a method that the path does not know (405).
pub fn route(parts: &Parts, protocol: &Protocol) -> Result<Operation, Refusal> {
    check_framing(parts)?;
    let method = effective_method(&parts.method, &parts.headers)?;
    let path = parts.uri.path();
    if method == Method::OPTIONS {
        return if path == "*" || protocol.mount.contains(path) {
            Ok(Operation::Options)
        } else {
            Err(Refusal::NotFound)
        };
    }
    check_version(&method, &parts.headers)?;
    let target = protocol.mount.target(path).ok_or(Refusal::NotFound)?;
    let allow = allowed_methods(&target, protocol);
    if !allow.contains(&method) {
        return Err(Refusal::MethodNotAllowed { allow });
    }
    Ok(match (target, method) {
        (Target::Upload(id), Method::HEAD) => Operation::Head(id),
        (Target::Upload(id), Method::PATCH) => Operation::Append(id),
        (Target::Upload(id), Method::DELETE) => Operation::Terminate(id),
        (Target::Upload(id), _) => Operation::Download(id),
        (Target::Collection, _) => Operation::Create,
    })
}

/// The methods that `target` knows, as this server is set up.
pub(crate) fn allowed_methods(target: &Target, protocol: &Protocol) -> Vec<Method> {
    let known = match target {
        Target::Collection => vec![
            (Method::POST, protocol.offers(Extension::Creation)),
            (Method::OPTIONS, true),
        ],
        Target::Upload(_) => vec![
            (Method::HEAD, true),
            (Method::PATCH, true),
            (Method::GET, protocol.downloads),
            (Method::DELETE, protocol.offers(Extension::Termination)),
            (Method::OPTIONS, true),
        ],
    };
    known
        .into_iter()
        .filter_map(|(method, allowed)| allowed.then_some(method))
        .collect()
}

/// Closes what hyper leaves open: it looks at neither `Host` nor at what comes before `chunked`,
/// and a front proxy that reads either differently could be made to smuggle requests.
fn check_framing(parts: &Parts) -> Result<(), Refusal> {
    host::check(parts)?;
    let mut codings = parts.headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_chunked_at_most = codings
        .next()
        .is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if !is_chunked_at_most || codings.next().is_some() {
        return Err(Refusal::UnsupportedTransferCoding);
    }
    Ok(())
}

/// Downloads are plain HTTP and never checked. A HEAD may leave the version out, for the sake of
/// download managers and health checks.
fn check_version(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let needs_version = [Method::POST, Method::PATCH, Method::DELETE].contains(method);
    match TusResumable::read(headers) {
        _ if *method == Method::GET => Ok(()),
        TusResumable::Supported => Ok(()),
        TusResumable::Absent if !needs_version => Ok(()),
        TusResumable::Absent | TusResumable::Unsupported => Err(Refusal::UnsupportedVersion),
    }
}

/// A POST that makes an upload (TUS 1.0.0, "Creation").
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Creation {
    /// What is to be made.
    pub wanted: Wanted,
    /// What the client says of it.
    pub metadata: Option<UploadMetadata>,
    /// How long the body is, which holds the first bytes (TUS 1.0.0, "Creation With Upload").
    pub body: BodySize,
    /// The digest of the body.
    pub checksum: ChecksumSource,
}

/// The kind and length of an upload that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// An upload of its own.
    Whole {
        /// Its length in bytes, `None` where it is told later.
        length: Option<u64>,
    },
    /// A piece of a later final upload.
    Partial {
        /// Its length in bytes, `None` where it is told later.
        length: Option<u64>,
    },
    /// An upload made of others.
    Final {
        /// `Upload-Concat` as it came.
        raw: Arc<str>,
        /// The parts, in order. That they exist and are partial is for storage to say.
        parts: Vec<UploadId>,
    },
}

impl Creation {
    /// Reads the headers of a creation.
    ///
    /// # Errors
    /// Whatever can be refused without a look at storage.
    pub fn read(headers: &HeaderMap, body: BodySize, protocol: &Protocol) -> Result<Self, Refusal> {
        let length = UploadLength::read(headers)?.map(|UploadLength(number)| number);
        let deferred = UploadDeferLength::read(headers)?.is_some();
        let concat = UploadConcat::read(headers)?;
        let metadata = read_metadata(headers, protocol)?;
        let offset = UploadOffset::read(headers)?;
        let is_final = matches!(concat, Some(UploadConcat::Final(_)));
        for (sent, extension, name) in [
            (
                deferred,
                Extension::CreationDeferLength,
                name::UPLOAD_DEFER_LENGTH,
            ),
            (
                concat.is_some(),
                Extension::Concatenation,
                name::UPLOAD_CONCAT,
            ),
        ] {
            if sent && !protocol.offers(extension) {
                return Err(Refusal::ExtensionNotOffered(name));
            }
        }
        if is_final && (length.is_some() || deferred) {
            return Err(Refusal::FinalWithLength);
        }
        if is_final && !body.is_empty() {
            return Err(Refusal::FinalWithBody);
        }
        check_body(headers, body, protocol)?;
        if offset.is_some_and(|UploadOffset(number)| number != Number::Exact(0)) {
            return Err(Refusal::CreationOffset);
        }
        let checksum = read_checksum(headers, protocol)?;
        let wanted = match concat {
            Some(UploadConcat::Partial) => Wanted::Partial {
                length: new_length(length, deferred, protocol)?,
            },
            None => Wanted::Whole {
                length: new_length(length, deferred, protocol)?,
            },
            Some(concat @ UploadConcat::Final(_)) => read_parts(&concat, protocol)?,
        };
        if let Wanted::Whole { length } | Wanted::Partial { length } = wanted {
            check_room(body, length, protocol)?;
        }
        Ok(Self {
            wanted,
            metadata,
            body,
            checksum,
        })
    }
}

/// A PATCH that brings bytes (TUS 1.0.0, "PATCH").
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Append {
    /// Where the bytes belong.
    pub offset: Number,
    /// The length of the whole upload, where the client tells it with this request.
    pub length: Option<Number>,
    /// How long the body is.
    pub body: BodySize,
    /// The digest of the body.
    pub checksum: ChecksumSource,
}

impl Append {
    /// Reads the headers of a PATCH.
    ///
    /// # Errors
    /// Whatever can be refused without a look at storage.
    pub fn read(headers: &HeaderMap, body: BodySize, protocol: &Protocol) -> Result<Self, Refusal> {
        let offset = UploadOffset::read(headers)?;
        let length = UploadLength::read(headers)?;
        if !is_offset_octet_stream(headers)? {
            return Err(Refusal::UnsupportedMediaType);
        }
        refuse_content_coding(headers)?;
        let UploadOffset(offset) = offset.ok_or(Refusal::MissingHeader(name::UPLOAD_OFFSET))?;
        Ok(Self {
            offset,
            length: length.map(|UploadLength(number)| number),
            body,
            checksum: read_checksum(headers, protocol)?,
        })
    }
}

fn read_metadata(
    headers: &HeaderMap,
    protocol: &Protocol,
) -> Result<Option<UploadMetadata>, Refusal> {
    let metadata = UploadMetadata::read(headers)?;
    let limit = protocol.max_metadata_length;
    match metadata {
        Some(metadata) if metadata.as_str().len() > limit => Err(Refusal::HeaderTooLong {
            name: name::UPLOAD_METADATA,
            limit,
        }),
        metadata => Ok(metadata),
    }
}

/// An empty body may have any type: browsers add one of their own.
fn check_body(headers: &HeaderMap, body: BodySize, protocol: &Protocol) -> Result<(), Refusal> {
    let is_upload = is_offset_octet_stream(headers)?;
    if body.is_empty() {
        return Ok(());
    }
    if !is_upload {
        return Err(Refusal::UnsupportedMediaType);
    }
    if !protocol.offers(Extension::CreationWithUpload) {
        return Err(Refusal::ExtensionNotOffered(header::CONTENT_TYPE));
    }
    refuse_content_coding(headers)
}

fn refuse_content_coding(headers: &HeaderMap) -> Result<(), Refusal> {
    let is_plain = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if is_plain {
        Ok(())
    } else {
        Err(Refusal::UnsupportedContentCoding)
    }
}

fn new_length(
    length: Option<Number>,
    deferred: bool,
    protocol: &Protocol,
) -> Result<Option<u64>, Refusal> {
    match (length, deferred) {
        (Some(_), true) => Err(Refusal::AmbiguousLength),
        (None, false) => Err(Refusal::MissingLength),
        (None, true) => Ok(None),
        (Some(number), false) => {
            let limit = protocol.size_limit();
            let length = number.exact().filter(|length| *length <= limit);
            length.map(Some).ok_or(Refusal::UploadTooLarge {
                limit,
                offset: None,
            })
        }
    }
}

fn check_room(body: BodySize, length: Option<u64>, protocol: &Protocol) -> Result<(), Refusal> {
    let ceiling = Ceiling::of(length, protocol.size_limit());
    if body.at_least() > ceiling.offset() {
        return Err(ceiling.exceeded(None));
    }
    Ok(())
}

fn read_parts(concat: &UploadConcat, protocol: &Protocol) -> Result<Wanted, Refusal> {
    let limit = protocol.max_concat_parts;
    if concat.references().nth(limit).is_some() {
        return Err(Refusal::TooManyParts { limit });
    }
    let parts = (1..)
        .zip(concat.references())
        .map(|(position, reference)| {
            let part = protocol.mount.resolve(reference);
            part.ok_or(Refusal::NotAPartial { position })
        })
        .collect::<Result<_, _>>()?;
    Ok(Wanted::Final {
        raw: concat.to_string().into(),
        parts,
    })
}

fn read_checksum(headers: &HeaderMap, protocol: &Protocol) -> Result<ChecksumSource, Refusal> {
    let is_sent = headers.contains_key(name::UPLOAD_CHECKSUM);
    if is_sent && !protocol.offers(Extension::Checksum) {
        return Err(Refusal::ExtensionNotOffered(name::UPLOAD_CHECKSUM));
    }
    let announced = announces_trailer(headers, &name::UPLOAD_CHECKSUM);
    if announced && !protocol.offers(Extension::ChecksumTrailer) {
        return Err(Refusal::ExtensionNotOffered(header::TRAILER));
    }
    match (UploadChecksum::read(headers)?, announced) {
        (Some(_), true) => Err(Refusal::ChecksumTwice),
        (Some(checksum), false) => Ok(ChecksumSource::Header(checksum)),
        (None, true) => Ok(ChecksumSource::Trailer),
        (None, false) => Ok(ChecksumSource::Absent),
    }
}

fn announces_trailer(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers
        .get_all(header::TRAILER)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .any(|field| {
            field
                .trim_ascii()
                .eq_ignore_ascii_case(name.as_str().as_bytes())
        })
}

#[cfg(test)]
mod tests;
