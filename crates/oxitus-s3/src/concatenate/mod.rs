//! Final uploads: their object is made of the objects of others.
//!
//! The parts of the new object go into a multipart upload of their own, which no record knows of
//! until all of them are there: one conditional PUT then makes them the bytes of the final upload,
//! which is finished as any other is. Of two nodes at it one wins, and the other finds the work done.
//! What an attempt leaves behind that ended before, or lost, is the sweeper's: a lost PUT may land
//! all the same.

mod plan;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use futures_util::future::try_join_all;
use futures_util::stream::FuturesOrdered;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Kind;
use oxitus_core::storage::{Error, ErrorKind, Result};

use self::plan::{Limits, Piece, Plan, PlannedPart};
use crate::bucket::{self, ETag, ErrorKind as Failure, Multipart, Source};
use crate::node::Node;
use crate::part_size::NUMBERS;
use crate::record::{Part, Record, State};
use crate::records::Version;

/// How many requests for one final upload are under way at once.
const AT_ONCE: usize = 16;

/// An upload that a final one is made of.
#[derive(Clone, Debug)]
struct Origin {
    id: UploadId,
    key: String,
    etag: ETag,
    size: u64,
}

impl Node {
    /// Joins the parts of a final upload. Can be repeated, here and elsewhere.
    ///
    /// # Errors
    /// `PartMissing`, `PartUnfinished`; `Corrupt` where the parts do not have the length that is
    /// recorded, `Gone` where no object can have as many bytes, or as many parts.
    pub(crate) async fn assemble(&self, version: &Version) -> Result<Version> {
        let record = &version.record;
        record.upload()?;
        let Kind::Final(concatenation) = &record.head.kind else {
            let context = "the upload is not a final one";
            return Err(Error::new(ErrorKind::Other, context));
        };
        let origins = self.origins(&concatenation.parts).await?;
        let next = self.joined(record, &origins).await?;
        match self.replace(version, next).await {
            Err(error) if error.kind() == ErrorKind::LeaseLost => {
                let now = self.records.load(&record.head.id).await?;
                match now.record.state {
                    State::Open => Err(error),
                    _ => Ok(now),
                }
            }
            replaced => replaced,
        }
    }

    /// The parts of a final upload, in order.
    async fn origins(&self, parts: &[UploadId]) -> Result<Vec<Origin>> {
        let different: HashSet<_> = parts.iter().collect();
        let different: Vec<_> = different.into_iter().collect();
        let mut origins = HashMap::new();
        for ids in different.chunks(AT_ONCE) {
            let loaded = try_join_all(ids.iter().map(|id| self.origin(id))).await?;
            origins.extend(ids.iter().copied().zip(loaded));
        }
        let in_order = parts.iter().filter_map(|id| origins.get(id));
        Ok(in_order.cloned().collect())
    }

    async fn origin(&self, id: &UploadId) -> Result<Origin> {
        let record = match self.records.load(id).await {
            Ok(version) => version.record,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(missing()),
            Err(error) => return Err(error),
        };
        match record.state {
            State::Complete { etag } => Ok(Origin {
                id: id.clone(),
                key: record.head.key,
                etag,
                size: record.offset,
            }),
            State::Open | State::Finishing => Err(Error::new(
                ErrorKind::PartUnfinished,
                "a part is not complete",
            )),
            State::Failed | State::Terminated { .. } => Err(missing()),
        }
    }

    /// The record of the final upload with every byte that it is to have.
    async fn joined(&self, record: &Record, origins: &[Origin]) -> Result<Record> {
        let sizes: Vec<_> = origins.iter().map(|origin| origin.size).collect();
        let length = sizes
            .iter()
            .try_fold(0, |sum: u64, size| sum.checked_add(*size))
            .ok_or_else(too_large)?;
        if record.length.is_some_and(|known| known != length) {
            let context = "the parts do not have the length of the final upload";
            return Err(Error::new(ErrorKind::Corrupt, context));
        }
        let mut next = record.next();
        match Plan::of(&sizes, self.limits(record, length)).ok_or_else(too_large)? {
            Plan::Small(pieces) if pieces.is_empty() => {}
            Plan::Small(pieces) => {
                let _room = self.budget.reserve(size(&pieces)).await?;
                let bytes = self.gather(&pieces, origins).await?;
                next.pending = vec![self.store_segment(record, bytes).await?];
            }
            Plan::Parts(parts) => {
                let (multipart, parts) = self.join(record, parts, origins).await?;
                next.next_number = parts.last().map_or(1, |part| part.number + 1);
                next.multipart = Some(multipart.id);
                next.parts = parts;
            }
        }
        next.state = State::Finishing;
        next.offset = length;
        next.length = Some(length);
        next.last_activity = self.settings.clock.now();
        Ok(next)
    }

    fn limits(&self, record: &Record, length: u64) -> Limits {
        let exact = record.head.part_size.max(length.div_ceil(NUMBERS.into()));
        Limits {
            smallest: self.settings.part_sizes.smallest,
            exact: self.settings.traits.equal_parts.then_some(exact),
        }
    }

    /// Makes the parts, in a new multipart upload.
    async fn join(
        &self,
        record: &Record,
        parts: Vec<PlannedPart>,
        origins: &[Origin],
    ) -> Result<(Multipart, Vec<Part>)> {
        let attributes = self.attributes(record);
        let key = &record.head.key;
        let multipart = self.bucket.create_multipart(key, &attributes).await?;
        let made = self.make_parts(&multipart, parts, origins).await;
        if made.is_err()
            && let Err(error) = self.bucket.abort_multipart(&multipart).await
        {
            tracing::debug!(%error, "a multipart upload stays for the sweeper");
        }
        Ok((multipart, made?))
    }

    async fn make_parts(
        &self,
        multipart: &Multipart,
        parts: Vec<PlannedPart>,
        origins: &[Origin],
    ) -> Result<Vec<Part>> {
        let mut planned = (1..=NUMBERS).zip(parts);
        let mut under_way = FuturesOrdered::new();
        let mut made = Vec::new();
        loop {
            for (number, part) in planned.by_ref().take(AT_ONCE - under_way.len()) {
                under_way.push_back(self.make_part(multipart, number, part, origins));
            }
            match under_way.try_next().await? {
                Some(part) => made.push(part),
                None => return Ok(made),
            }
        }
    }

    async fn make_part(
        &self,
        multipart: &Multipart,
        number: u16,
        part: PlannedPart,
        origins: &[Origin],
    ) -> Result<Part> {
        let (size, etag) = match part {
            PlannedPart::Copied(piece) => {
                let origin = origin_of(&piece, origins)?;
                let source = Source {
                    key: origin.key.clone(),
                    etag: origin.etag.clone(),
                    range: (piece.size() < origin.size).then(|| piece.range.clone()),
                };
                let copy = self.bucket.copy_part(multipart, number, &source);
                let copied = match self.in_turn(copy).await {
                    Ok(etag) => etag,
                    Err(error) => return Err(self.why(origin, error).await),
                };
                (piece.size(), copied)
            }
            PlannedPart::Gathered(pieces) => {
                let size = size(&pieces);
                // Nobody waits for memory while he keeps others from sending what they have.
                let _room = self.budget.reserve(size).await?;
                let bytes = self.gather(&pieces, origins).await?;
                let upload = self.bucket.upload_part(multipart, number, bytes);
                (size, self.in_turn(upload).await?)
            }
        };
        Ok(Part { number, size, etag })
    }

    /// The bytes of some pieces, each downloaded to where it belongs.
    async fn gather(&self, pieces: &[Piece], origins: &[Origin]) -> Result<Bytes> {
        let mut gathered = vec![0; usize::try_from(size(pieces)).unwrap_or(usize::MAX)];
        let mut rest = &mut gathered[..];
        for pieces in pieces.chunks(AT_ONCE) {
            let downloads = pieces.iter().map(|piece| {
                let size = usize::try_from(piece.size()).unwrap_or(usize::MAX);
                let (room, behind) = std::mem::take(&mut rest).split_at_mut(size);
                rest = behind;
                self.download(piece, origins, room)
            });
            try_join_all(downloads).await?;
        }
        Ok(gathered.into())
    }

    /// Fills `room` with the bytes of a piece.
    async fn download(&self, piece: &Piece, origins: &[Origin], room: &mut [u8]) -> Result<()> {
        let origin = origin_of(piece, origins)?;
        let range = piece.range.clone();
        let read = async {
            let mut stream = self.bucket.read(&origin.key, &origin.etag, range).await?;
            let mut missing = room;
            while let Some(chunk) = stream.try_next().await? {
                let Some((there, behind)) = missing.split_at_mut_checked(chunk.len()) else {
                    return Ok(false);
                };
                there.copy_from_slice(&chunk);
                missing = behind;
            }
            Ok(missing.is_empty())
        };
        match self.in_turn(read).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::new(
                ErrorKind::Unavailable,
                "the store has not sent the bytes of a part that were asked for",
            )),
            Err(error) => Err(self.why(origin, error).await),
        }
    }

    /// Why the bytes of an upload cannot be had.
    async fn why(&self, origin: &Origin, error: bucket::Error) -> Error {
        if !matches!(error.kind, Failure::NoSuchKey | Failure::Precondition) {
            return error.into();
        }
        match self.origin(&origin.id).await {
            Ok(now) if now.etag == origin.etag => Error::with_source(
                ErrorKind::Corrupt,
                "the object of a complete part is gone, or another",
                error,
            ),
            Ok(_) => Error::with_source(
                ErrorKind::Unavailable,
                "a part has become another upload meanwhile",
                error,
            ),
            Err(reason) => reason,
        }
    }
}

fn origin_of<'a>(piece: &Piece, origins: &'a [Origin]) -> Result<&'a Origin> {
    let origin = origins.get(piece.source);
    origin.ok_or_else(|| Error::new(ErrorKind::Other, "a plan for other parts"))
}

fn size(pieces: &[Piece]) -> u64 {
    pieces.iter().map(Piece::size).sum()
}

fn missing() -> Error {
    Error::new(ErrorKind::PartMissing, "a part is not there")
}

fn too_large() -> Error {
    let context = "no object can be made of as many bytes or parts";
    Error::new(ErrorKind::Gone, context)
}
