//! Which checksum the bytes of a request must have, and whether they have it.

use http::HeaderMap;

use crate::answer::Refusal;
use crate::checksum::Checksum;
use crate::fault::Behaviour;
use crate::fields;
use crate::service::Call;
use crate::settings::Extension;

/// When bytes are compared with a checksum.
pub(crate) enum Verification {
    /// Not at all, but for a trailer that nobody has announced.
    Unannounced,
    /// When all are there.
    Header(Checksum),
    /// When all are there and the trailer with the checksum too.
    Trailer,
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
