//! POST: creates an upload, with a first part of its bytes if the client sends them along.

use bytes::Bytes;

use crate::answer::{Answer, Connection, Handled, Refusal, With as _, answer};
use crate::body::{Body, Interrupted};
use crate::concat::{Concat, Place};
use crate::fault::Behaviour;
use crate::service::Call;
use crate::settings::Extension;
use crate::store::{BadPart, Kind, Record, Upload};
use crate::verification::Verification;
use crate::{fields, metadata};

/// Answers POST on the creation URL.
pub(crate) async fn post(call: &Call, body: &mut Body) -> Handled {
    let headers = &call.parts.headers;
    let length = fields::number(headers, "upload-length")?;
    let is_deferred = is_deferred(call)?;
    let concat = Concat::from_headers(headers)?;
    let metadata = metadata::from_headers(headers, call.settings().max_metadata)?;
    let checksum = Verification::of(call)?;
    if fields::number(headers, "upload-offset")?.is_some_and(|offset| offset != 0) {
        return Err(Refusal::malformed("an upload begins at offset 0"));
    }
    if concat.is_some() && !call.settings().offers(Extension::Concatenation) {
        return Err(Refusal::malformed("concatenation is not offered"));
    }
    let kind = match concat {
        Some(Concat::Final { field, references }) => {
            if length.is_some() || is_deferred {
                return Err(Refusal::malformed(
                    "the length of a final upload is that of its parts",
                ));
            }
            let record = final_record(call, field, &references, metadata)?;
            if body.declared().is_some_and(|length| length > 0) {
                return Err(Refusal::malformed(
                    "the bytes of a final upload are those of its parts",
                ));
            }
            read_body(call, 0, &checksum, body).await?;
            return Ok(created(
                call,
                &call.store().create_final(record, &call.behaviours),
            ));
        }
        Some(Concat::Partial) => Kind::Partial,
        None => Kind::Plain,
    };

    if length.is_some() == is_deferred {
        return Err(Refusal::malformed(
            "there must be either Upload-Length or Upload-Defer-Length",
        ));
    }
    let largest = call.settings().largest();
    if length.is_some_and(|length| length > largest) && !call.has(Behaviour::IgnoresMaxSize) {
        return Err(Refusal::too_large(call.settings().largest()));
    }
    let content = read_body(call, length.unwrap_or(largest), &checksum, body).await?;
    let content = if call.has(Behaviour::IgnoresCreationBody) {
        Bytes::new()
    } else {
        content
    };
    let record = Record {
        length,
        metadata,
        kind,
        expires: None,
    };
    Ok(created(
        call,
        &call.store().create(record, &content, &call.behaviours),
    ))
}

/// Whether the length comes later.
fn is_deferred(call: &Call) -> Result<bool, Refusal> {
    match fields::single(&call.parts.headers, "upload-defer-length")? {
        None => Ok(false),
        Some(b"1") if call.settings().offers(Extension::CreationDeferLength) => Ok(true),
        Some(_) => Err(Refusal::malformed("Upload-Defer-Length cannot be used so")),
    }
}

/// The whole body, verified. An empty one may be of any type, for browsers add one.
async fn read_body(
    call: &Call,
    room: u64,
    checksum: &Verification,
    body: &mut Body,
) -> Result<Bytes, Refusal> {
    let is_of_type = fields::is_offset_octet_stream(&call.parts.headers)?;
    let is_taken = is_of_type && call.settings().offers(Extension::CreationWithUpload);
    let room = if is_taken { room } else { 0 };
    let refuse = || match (is_of_type, is_taken) {
        (false, _) => Refusal::wrong_content_type(),
        (true, false) => Refusal::malformed("creation-with-upload is not offered"),
        (true, true) => Refusal::overrun(),
    };
    let may_overrun = call.has(Behaviour::IgnoresOverrun);
    if body.declared().is_some_and(|length| length > room) && !may_overrun {
        return Err(refuse());
    }
    let collected = body
        .collect(if may_overrun { u64::MAX } else { room })
        .await;
    let (bytes, trailers) = match collected {
        Err(Interrupted::Overrun) => {
            return Err(refuse().and(Connection::DrainAndClose));
        }
        other => other?,
    };
    checksum.verify(call, &bytes, &trailers)?;
    Ok(bytes)
}

/// Finds the parts, before anything is created.
fn final_record(
    call: &Call,
    field: String,
    references: &[String],
    metadata: Option<String>,
) -> Result<Record, Refusal> {
    let settings = call.settings();
    if references.len() > settings.max_parts {
        return Err(Refusal::malformed(format!(
            "a final upload has at most {} parts",
            settings.max_parts
        )));
    }
    let may_be_unfinished = settings.offers(Extension::ConcatenationUnfinished);
    let mut parts = Vec::new();
    let mut length = Some(0_u64);
    for reference in references {
        let refuse = |status, reason| Refusal::new(status, format!("{reference}: {reason}"));
        let id = Place::of_reference(reference, call.parts.uri.path(), &settings.path)
            .ok_or_else(|| refuse(400, "not an upload of this server"))?;
        let part_length = match call
            .store()
            .part_length(&id, may_be_unfinished, &call.behaviours)
        {
            Ok(length) => length,
            Err(BadPart::Missing) if call.has(Behaviour::SkipsMissingParts) => continue,
            Err(BadPart::Missing) => return Err(refuse(404, "there is no such upload")),
            Err(BadPart::NotPartial) => return Err(refuse(400, "not a partial upload")),
            Err(BadPart::Unfinished) => return Err(refuse(400, "not complete")),
        };
        length = length
            .zip(part_length)
            .map(|(sum, part)| sum.saturating_add(part));
        parts.push(id);
    }
    if length.is_some_and(|length| length > settings.largest())
        && !call.has(Behaviour::IgnoresMaxSize)
    {
        return Err(Refusal::too_large(call.settings().largest()));
    }
    Ok(Record {
        length,
        metadata,
        kind: Kind::Final {
            field,
            parts,
            is_assembled: false,
        },
        expires: None,
    })
}

/// The answer for an upload that is there. A final upload that waits for its parts has no offset.
fn created(call: &Call, id: &str) -> Answer {
    let facts = |upload: &Upload| {
        (
            (!upload.is_pending()).then(|| upload.offset()),
            upload.expires(),
        )
    };
    let (offset, expires) = call.store().with(id, facts).unwrap_or_default();
    answer(201)
        .with("location", format!("{}/{id}", call.settings().path))
        .with_some("upload-offset", offset)
        .with_some("upload-expires", expires)
}
