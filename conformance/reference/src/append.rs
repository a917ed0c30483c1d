//! PATCH: appends a body at the offset.

use std::time::Duration;

use crate::answer::{Handled, Refusal, With as _, answer};
use crate::body::Body;
use crate::fault::Behaviour;
use crate::fields;
use crate::service::Call;
use crate::store::{Denied, Upload};
use crate::transfer::Transfer;
use crate::verification::Verification;

/// How often a client that met a busy upload should try again, in seconds.
const RETRY_AFTER: u64 = 1;

/// What the headers of a PATCH say.
struct Fields {
    offset: u64,
    /// The length that a deferred upload gets.
    length: Option<u64>,
    checksum: Verification,
}

/// Answers PATCH.
pub(crate) async fn patch(call: &Call, id: &str, body: &mut Body) -> Handled {
    let mut fields = read_fields(call)?;
    if call.has(Behaviour::IgnoresOffset) {
        fields.offset = call.store().with(id, Upload::offset)?;
    }
    check_offset(call, id, &fields)?;
    let writer = call
        .store()
        .write(id, fields.offset, &call.behaviours)
        .await
        .map_err(deny)?;
    if call.has(Behaviour::WritesWithoutLock) {
        // Time for the other racer to come as far as this.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    let known = call.store().with(id, |upload| upload.record.length)?;
    let room = match check_length(call, known, &fields, body) {
        Err(refusal) => {
            if call.has(Behaviour::RecordsRefusedLength) {
                writer.append(&[], fields.length)?;
            }
            return Err(refusal);
        }
        Ok(_) if call.has(Behaviour::IgnoresOverrun) => u64::MAX,
        Ok(room) => room,
    };
    let length = fields
        .length
        .filter(|_| !call.has(Behaviour::ForgetsDeclaredLength));
    let transfer = Transfer {
        call,
        writer: &writer,
        start: fields.offset,
        room,
        known,
        length,
    };
    let moved = tokio::select! {
        moved = transfer.run(fields.checksum, body) => moved,
        () = writer.overtaken() => return Err(Refusal::overtaken()),
    };
    if moved.is_err() && call.has(Behaviour::RecordsRefusedLength) {
        writer.append(&[], fields.length)?;
    }
    let offset = moved?;
    let expires = call.store().with(id, Upload::expires).ok().flatten();
    Ok(answer(204)
        .with("upload-offset", offset)
        .with_some("upload-expires", expires))
}

fn read_fields(call: &Call) -> Result<Fields, Refusal> {
    let headers = &call.parts.headers;
    let offset = fields::number(headers, "upload-offset")?;
    let offset = offset.ok_or_else(|| Refusal::malformed("there is no Upload-Offset"))?;
    let length = fields::number(headers, "upload-length")?;
    let checksum = Verification::of(call)?;
    if !fields::is_offset_octet_stream(headers)? {
        return Err(Refusal::wrong_content_type());
    }
    Ok(Fields {
        offset,
        length,
        checksum,
    })
}

/// Refuses before anybody waits for a lock what no lock would make right.
fn check_offset(call: &Call, id: &str, fields: &Fields) -> Result<(), Refusal> {
    let (is_final, offset) = call
        .store()
        .with(id, |upload| (upload.is_final(), upload.offset()))?;
    if is_final && !call.has(Behaviour::PatchesFinals) {
        return Err(Refusal::new(
            403,
            "a final upload has the bytes of its parts",
        ));
    }
    if offset != fields.offset {
        return Err(deny(Denied::Offset(offset)));
    }
    Ok(())
}

fn deny(denied: Denied) -> Refusal {
    match denied {
        Denied::Missing(missing) => missing.into(),
        Denied::Offset(offset) => Refusal::new(409, format!("the upload is at offset {offset}"))
            .with("upload-offset", offset),
        Denied::Busy => {
            Refusal::new(423, "somebody else is writing").with("retry-after", RETRY_AFTER)
        }
    }
}

/// Checks the declared lengths, of the upload and of the body, and returns how many bytes there is room for.
fn check_length(
    call: &Call,
    known: Option<u64>,
    fields: &Fields,
    body: &Body,
) -> Result<u64, Refusal> {
    let largest = call.settings().largest();
    if !call.has(Behaviour::ChangesLength) {
        match (known, fields.length) {
            (Some(known), Some(declared)) if known != declared => {
                return Err(Refusal::malformed(
                    "the length of an upload does not change",
                ));
            }
            (None, Some(declared))
                if declared > largest && !call.has(Behaviour::IgnoresMaxSize) =>
            {
                return Err(Refusal::too_large(largest));
            }
            (_, Some(declared)) if declared < fields.offset => {
                return Err(Refusal::malformed("the upload is already longer"));
            }
            _ => {}
        }
    }
    let end = match fields.length.or(known) {
        _ if call.has(Behaviour::PatchesFinals) => u64::MAX,
        Some(length) => length,
        None if call.has(Behaviour::IgnoresMaxSize) => u64::MAX,
        None => largest,
    };
    let room = end.saturating_sub(fields.offset);
    let is_tolerated = [Behaviour::IgnoresOverrun, Behaviour::CompletesOverrun]
        .iter()
        .any(|behaviour| call.has(*behaviour));
    if body.declared().is_some_and(|length| length > room) && !is_tolerated {
        return Err(if fields.length.or(known).is_none() {
            Refusal::too_large(largest)
        } else {
            Refusal::overrun()
        });
    }
    Ok(room)
}
