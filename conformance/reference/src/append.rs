//! PATCH: appends a body at the offset.

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::answer::{Answer, Connection, Handled, Refusal, With as _, answer};
use crate::body::{Body, Broken, Interrupted, Piece};
use crate::checksum::Checksum;
use crate::fault::Behaviour;
use crate::fields;
use crate::service::Call;
use crate::settings::Extension;
use crate::store::{Denied, Upload, Writer};

/// How often a client that met a busy upload should try again, in seconds.
const RETRY_AFTER: u64 = 1;

/// What the headers of a PATCH say.
struct Fields {
    offset: u64,
    /// The length that a deferred upload gets.
    length: Option<u64>,
    checksum: Verification,
}

/// When bytes are compared with a checksum.
pub(crate) enum Verification {
    /// Not at all, but for a trailer that nobody has announced.
    Unannounced,
    /// When all are there.
    Header(Checksum),
    /// When all are there and the trailer with the checksum too.
    Trailer,
}

/// Answers PATCH.
pub(crate) async fn patch(call: &Call, id: &str, body: &mut Body) -> Handled {
    let fields = read_fields(call)?;
    check_offset(call, id, &fields)?;
    let settings = call.settings();
    let patience = [settings.stale_after, settings.lock_timeout];
    let writer = call
        .store()
        .write(id, fields.offset, patience, &call.behaviours)
        .await
        .map_err(deny)?;
    if call.has(Behaviour::WritesWithoutLock) {
        // Time for the other racer to come as far as this.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }

    let room = match check_length(call, id, &fields, body) {
        Err(refusal) => {
            if call.has(Behaviour::RecordsRefusedLength) {
                append(&writer, &[], fields.length)?;
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
        length,
    };
    let offset = tokio::select! {
        offset = transfer.run(fields.checksum, body) => offset?,
        () = writer.overtaken() => return Err(overtaken()),
    };
    let expires = call.store().with(id, Upload::expires).ok().flatten();
    Ok(moved(answer(204), offset).with_some("upload-expires", expires))
}

fn read_fields(call: &Call) -> Result<Fields, Refusal> {
    let headers = &call.parts.headers;
    let offset = fields::number(headers, "upload-offset")?;
    let offset = offset.ok_or_else(|| Refusal::malformed("there is no Upload-Offset"))?;
    let length = fields::number(headers, "upload-length")?;
    let checksum = Verification::of(call)?;
    if !is_offset_octet_stream(headers)? {
        return Err(wrong_content_type());
    }
    Ok(Fields {
        offset,
        length,
        checksum,
    })
}

/// Whether the body is what the protocol calls it. Names of media types know no case.
pub(crate) fn is_offset_octet_stream(headers: &HeaderMap) -> Result<bool, Refusal> {
    let value = fields::single(headers, CONTENT_TYPE.as_str())?.unwrap_or_default();
    let media_type = value.split(|byte| *byte == b';').next().unwrap_or_default();
    Ok(media_type
        .trim_ascii()
        .eq_ignore_ascii_case(b"application/offset+octet-stream"))
}

pub(crate) fn wrong_content_type() -> Refusal {
    Refusal::new(
        415,
        "the Content-Type must be application/offset+octet-stream",
    )
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
    if offset != fields.offset && !call.has(Behaviour::IgnoresOffset) {
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
fn check_length(call: &Call, id: &str, fields: &Fields, body: &Body) -> Result<u64, Refusal> {
    let known = call.store().with(id, |upload| upload.record.length)?;
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
                return Err(too_large(call));
            }
            (_, Some(declared)) if declared < fields.offset => {
                return Err(Refusal::malformed("the upload is already longer"));
            }
            _ => {}
        }
    }
    let unlimited = call.has(Behaviour::IgnoresMaxSize) || call.has(Behaviour::PatchesFinals);
    let end = fields
        .length
        .or(known)
        .unwrap_or(if unlimited { u64::MAX } else { largest });
    let end = if call.has(Behaviour::PatchesFinals) {
        u64::MAX
    } else {
        end
    };
    let room = end.saturating_sub(fields.offset);
    let is_tolerated = [Behaviour::IgnoresOverrun, Behaviour::CompletesOverrun]
        .iter()
        .any(|behaviour| call.has(*behaviour));
    if body.declared().is_some_and(|length| length > room) && !is_tolerated {
        return Err(if fields.length.or(known).is_none() {
            too_large(call)
        } else {
            overrun()
        });
    }
    Ok(room)
}

/// More bytes than any upload may have.
pub(crate) fn too_large(call: &Call) -> Refusal {
    let largest = call.settings().largest();
    Refusal::new(413, format!("an upload has at most {largest} bytes"))
        .with("tus-max-size", largest)
}

/// More bytes than the upload has room for.
pub(crate) fn overrun() -> Refusal {
    Refusal::new(413, "there is more data than the upload has room for")
}

fn overtaken() -> Refusal {
    Refusal::malformed("another request has taken over the upload").and(Connection::Close)
}

fn append(writer: &Writer, bytes: &[u8], length: Option<u64>) -> Result<u64, Refusal> {
    writer.append(bytes, length).map_err(|_| overtaken())
}

/// An answer that tells the offset.
fn moved(answer: Answer, offset: u64) -> Answer {
    answer.with("upload-offset", offset)
}

impl Verification {
    /// What the headers announce. A checksum can come in a header or in a trailer, not in both.
    pub(crate) fn of(call: &Call) -> Result<Self, Refusal> {
        let headers = &call.parts.headers;
        let settings = call.settings();
        let in_header = Checksum::from_fields(headers)?;
        let in_trailer = fields::lists(headers, "trailer", "upload-checksum")
            && settings.offers(Extension::ChecksumTrailer);
        if call.has(Behaviour::SkipsChecksums) {
            return Ok(Self::Unannounced);
        }
        match in_header {
            Some(_) if !settings.offers(Extension::Checksum) => {
                Err(Refusal::malformed("checksums are not offered"))
            }
            Some(_) if in_trailer => Err(Refusal::malformed(
                "the checksum comes in a header and in a trailer",
            )),
            Some(checksum) => Ok(Self::Header(checksum)),
            None if in_trailer && !call.has(Behaviour::IgnoresTrailers) => Ok(Self::Trailer),
            None => Ok(Self::Unannounced),
        }
    }

    /// Compares the bytes of a whole body with the checksum, which may be in its trailers.
    pub(crate) fn verify(
        &self,
        call: &Call,
        bytes: &[u8],
        trailers: &HeaderMap,
    ) -> Result<(), Refusal> {
        let is_offered = call.settings().offers(Extension::ChecksumTrailer);
        let is_ignored =
            call.has(Behaviour::IgnoresTrailers) || call.has(Behaviour::SkipsChecksums);
        let trailer = if is_offered && !is_ignored {
            Checksum::from_fields(trailers)?
        } else {
            None
        };
        match (self, &trailer) {
            (Self::Header(_), Some(_)) => Err(Refusal::malformed(
                "the checksum comes in a header and in a trailer",
            )),
            (Self::Trailer, None) => Err(Refusal::malformed("the checksum did not come")),
            (Self::Header(checksum), None) | (_, Some(checksum)) => checksum.verify(bytes),
            (Self::Unannounced, None) => Ok(()),
        }
    }
}

/// The bytes of one PATCH on their way into the upload.
struct Transfer<'patch> {
    call: &'patch Call,
    writer: &'patch Writer,
    start: u64,
    room: u64,
    /// Recorded with the first byte, or at the end if there is none.
    length: Option<u64>,
}

impl Transfer<'_> {
    /// Stores the body and returns the offset.
    async fn run(&self, checksum: Verification, body: &mut Body) -> Result<u64, Refusal> {
        match checksum {
            Verification::Unannounced if !self.call.has(Behaviour::DiesWithConnection) => {
                self.stream(body).await
            }
            checksum => self.verify_and_store(&checksum, body).await,
        }
    }

    /// Stores all bytes at once when they are there and right, else none.
    async fn verify_and_store(
        &self,
        checksum: &Verification,
        body: &mut Body,
    ) -> Result<u64, Refusal> {
        let mut trailers = HeaderMap::new();
        let mut bytes = Vec::new();
        loop {
            match body.next().await {
                Ok(Some(Piece::Data(data))) if (bytes.len() + data.len()) as u64 > self.room => {
                    return Err(Interrupted::Overrun.into());
                }
                Ok(Some(Piece::Data(data))) => bytes.extend_from_slice(&data),
                Ok(Some(Piece::Trailers(fields))) => trailers = fields,
                Ok(None) => break,
                Err(broken) => {
                    if self.call.has(Behaviour::KeepsInterruptedUnverified) {
                        append(self.writer, &bytes, self.length)?;
                    }
                    return Err(interrupted(broken, self.start));
                }
            }
            self.writer.touch();
        }
        if self.call.has(Behaviour::DiesWithConnection) {
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
        let verified = checksum.verify(self.call, &bytes, &trailers);
        if verified.is_err() && self.call.has(Behaviour::KeepsUnverified) {
            append(self.writer, &bytes, self.length)?;
        }
        verified?;
        append(self.writer, &bytes, self.length)
    }

    /// Stores bytes as they come. Those that fill the upload are held back until the body ends, for
    /// if it does not end there the upload is not what its client meant, and must not be complete.
    async fn stream(&self, body: &mut Body) -> Result<u64, Refusal> {
        let mut held = Bytes::new();
        let mut trailers = HeaderMap::new();
        let mut received = 0;
        loop {
            match body.next().await {
                Ok(Some(Piece::Data(data))) => {
                    let before = received;
                    received += data.len() as u64;
                    if received > self.room {
                        return self.refuse_overrun(&held, &data, before);
                    } else if received == self.room {
                        held = data;
                        self.writer.touch();
                    } else {
                        append(self.writer, &data, self.length)?;
                    }
                }
                Ok(Some(Piece::Trailers(fields))) => trailers = fields,
                Ok(None) => break,
                Err(broken) => return self.keep(&held, broken),
            }
        }
        let length = match fields::number(&trailers, "upload-length") {
            Ok(Some(length)) if self.call.has(Behaviour::ObeysTrailers) => Some(length),
            _ => self.length,
        };
        if trailers.contains_key("upload-checksum") {
            let bytes = [self.writer.since(self.start).as_slice(), &held].concat();
            if let Err(refusal) = Verification::Unannounced.verify(self.call, &bytes, &trailers) {
                self.roll_back()?;
                return Err(refusal);
            }
        }
        append(self.writer, &held, length)
    }

    /// The body broke: what came is kept.
    fn keep(&self, held: &[u8], broken: Broken) -> Result<u64, Refusal> {
        if self.call.has(Behaviour::LosesInterruptedBytes) {
            self.roll_back()?;
            return Err(interrupted(broken, self.start));
        }
        // Without a byte there is nothing to record a length with.
        let length = self.length.filter(|_| !held.is_empty());
        let offset = append(self.writer, held, length)?;
        if self.call.has(Behaviour::AcceptsBrokenBodies) {
            return Ok(offset);
        }
        Err(interrupted(broken, offset))
    }

    fn refuse_overrun(&self, held: &[u8], more: &[u8], received: u64) -> Result<u64, Refusal> {
        if self.call.has(Behaviour::CompletesOverrun) {
            let room = usize::try_from(self.room - received).unwrap_or(usize::MAX);
            let filling = [held, more.get(..room).unwrap_or(more)].concat();
            append(self.writer, &filling, self.length)?;
        }
        Err(Interrupted::Overrun.into())
    }

    fn roll_back(&self) -> Result<(), Refusal> {
        self.writer.roll_back(self.start).map_err(|_| overtaken())
    }
}

fn interrupted(broken: Broken, offset: u64) -> Refusal {
    Refusal::from(Interrupted::Broken(broken)).with("upload-offset", offset)
}
