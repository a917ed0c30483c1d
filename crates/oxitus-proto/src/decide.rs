//! What to do about a request, given the upload as it stands. Pure: the same question always has
//! the same answer.

use std::time::SystemTime;

use crate::header::Number;
use crate::protocol::Protocol;
use crate::refusal::Refusal;
use crate::request::{Append, BodySize, ChecksumSource, Creation};
use crate::upload::{Kind, Phase, Upload};

/// What to do with the body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppendPlan {
    /// Where its first byte goes.
    pub offset: u64,
    /// How long it is.
    pub body: BodySize,
    /// The length to record together with the first byte, or with none if there is none.
    pub declare_length: Option<u64>,
    /// Where it must end at the latest.
    pub ceiling: Ceiling,
    /// Where its digest comes from.
    pub checksum: ChecksumSource,
}

impl Creation {
    /// What to do with the body of the request that made `upload`.
    #[must_use]
    pub fn plan(&self, upload: &Upload, protocol: &Protocol) -> AppendPlan {
        AppendPlan {
            offset: 0,
            body: self.body,
            declare_length: None,
            ceiling: Ceiling::of(upload.length, size_limit(upload, protocol)),
            checksum: self.checksum.clone(),
        }
    }
}

/// Where an upload must end at the latest, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceiling {
    /// At its length, which is known.
    Length(u64),
    /// At the largest size that the server takes; its length is not known.
    MaxSize(u64),
}

impl Ceiling {
    /// The ceiling of an upload with this length, where uploads may have `limit` bytes.
    #[must_use]
    pub fn of(length: Option<u64>, limit: u64) -> Self {
        length.map_or(Self::MaxSize(limit), Self::Length)
    }

    /// The largest offset under it.
    #[must_use]
    pub const fn offset(self) -> u64 {
        match self {
            Self::Length(offset) | Self::MaxSize(offset) => offset,
        }
    }

    /// The refusal of a body that goes beyond it, where `offset` is stored (`None` where no
    /// upload will be left to have an offset).
    #[must_use]
    pub const fn exceeded(self, offset: Option<u64>) -> Refusal {
        match self {
            Self::Length(_) => Refusal::BodyTooLong { offset },
            Self::MaxSize(limit) => Refusal::UploadTooLarge { limit, offset },
        }
    }
}

impl Append {
    /// Whether these bytes belong where the upload stands. Asked before the upload is reserved for
    /// this request, so that a request that comes too late or too early disturbs nobody, and again
    /// after it.
    ///
    /// # Errors
    /// In this order: [`Refusal::Gone`], [`Refusal::ModifyFinal`], [`Refusal::OffsetMismatch`].
    pub fn check_offset(&self, upload: &Upload, now: SystemTime) -> Result<(), Refusal> {
        check_not_expired(upload, now)?;
        if matches!(upload.kind, Kind::Final(_)) {
            return Err(Refusal::ModifyFinal);
        }
        if self.offset != Number::Exact(upload.offset) {
            let offset = upload.offset;
            return Err(Refusal::OffsetMismatch { offset });
        }
        Ok(())
    }

    /// What to do with the body, for the holder of the upload.
    ///
    /// A PATCH without bytes on a finished upload is accepted: it is a client that repeats itself
    /// because an answer got lost.
    ///
    /// # Errors
    /// Those of [`check_offset`](Self::check_offset), then what is wrong with the length.
    pub fn decide(
        self,
        upload: &Upload,
        protocol: &Protocol,
        now: SystemTime,
    ) -> Result<AppendPlan, Refusal> {
        self.check_offset(upload, now)?;
        let declare_length = self.declared_length(upload, protocol)?;
        let length = upload.length.or(declare_length);
        let ceiling = Ceiling::of(length, size_limit(upload, protocol));
        let end = upload.offset.checked_add(self.body.at_least());
        if end.is_none_or(|end| end > ceiling.offset()) {
            return Err(ceiling.exceeded(Some(upload.offset)));
        }
        Ok(AppendPlan {
            offset: upload.offset,
            body: self.body,
            declare_length,
            ceiling,
            checksum: self.checksum,
        })
    }

    /// The length that this request adds to what is known of the upload.
    fn declared_length(
        &self,
        upload: &Upload,
        protocol: &Protocol,
    ) -> Result<Option<u64>, Refusal> {
        let Some(declared) = self.length else {
            return Ok(None);
        };
        if let Some(length) = upload.length {
            return if declared == Number::Exact(length) {
                Ok(None)
            } else {
                Err(Refusal::LengthChanged)
            };
        }
        if declared < Number::Exact(upload.offset) {
            return Err(Refusal::LengthBelowOffset);
        }
        let limit = size_limit(upload, protocol);
        let length = declared.exact().filter(|length| *length <= limit);
        length.map(Some).ok_or(Refusal::UploadTooLarge {
            limit,
            offset: Some(upload.offset),
        })
    }
}

/// The largest size that `upload` may reach, in bytes.
#[must_use]
pub fn size_limit(upload: &Upload, protocol: &Protocol) -> u64 {
    let limit = protocol.size_limit();
    upload.max_size.map_or(limit, |own| own.min(limit))
}

/// Refuses an upload that has expired, whether or not it has been removed yet.
///
/// # Errors
/// [`Refusal::Gone`].
pub fn check_not_expired(upload: &Upload, now: SystemTime) -> Result<(), Refusal> {
    if upload.is_expired(now) {
        return Err(Refusal::Gone);
    }
    Ok(())
}

/// Adds up the lengths of a final upload's parts, in bytes; `None` while one of them is not
/// known.
///
/// # Errors
/// In this order, for the first part with something wrong: [`Refusal::NotAPartial`] (also for
/// one that has expired: it is about to go), [`Refusal::PartUnfinished`] where parts must be
/// finished; then [`Refusal::UploadTooLarge`] for the sum.
pub fn final_length(
    parts: &[Upload],
    may_be_unfinished: bool,
    protocol: &Protocol,
    now: SystemTime,
) -> Result<Option<u64>, Refusal> {
    for (position, part) in (1..).zip(parts) {
        if part.kind != Kind::Partial || part.is_expired(now) {
            return Err(Refusal::NotAPartial { position });
        }
        if part.phase != Phase::Complete && !may_be_unfinished {
            return Err(Refusal::PartUnfinished { position });
        }
    }
    let limit = protocol.size_limit();
    let known: Option<Vec<u64>> = parts.iter().map(|part| part.length).collect();
    let Some(lengths) = known else {
        return Ok(None);
    };
    let sum = lengths.into_iter().try_fold(0, u64::checked_add);
    let length = sum.filter(|sum| *sum <= limit);
    length.map(Some).ok_or(Refusal::UploadTooLarge {
        limit,
        offset: None,
    })
}

#[cfg(test)]
mod tests;
