//! Adoption: what a node had uploaded when it died is not lost with it.
//!
//! While a long request runs, its parts are uploaded one after the other, and the record does not
//! know of them yet. But the claim under which they are uploaded says which bytes each number
//! stands for. So whoever looks at an upload with an open claim of somebody else asks the store
//! which of its parts are there, and makes them part of the record, claim and all, before it tells
//! anybody: **what a HEAD shows is recorded**. That fences the writer, should it be alive after all:
//! its next conditional PUT fails.

use oxitus_core::storage::{ErrorKind, Result};

use crate::bucket::ListedPart;
use crate::node::Node;
use crate::record::{Claim, Part, Record, State};
use crate::records::Version;
use crate::rules::{Rule, holds};

/// How often a look at an upload is repeated that changes meanwhile.
const ATTEMPTS: usize = 8;

/// What somebody in this process who holds the upload means to whoever looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Live {
    /// A writer, which will record what it uploads.
    Writer,
    /// The one who looks.
    Held,
}

impl Node {
    /// Makes part of the upload what others have uploaded of it, and were not able to record.
    pub(crate) async fn adopt(&self, mut version: Version, live: Live) -> Result<Version> {
        for _ in 0..ATTEMPTS {
            let Some(next) = self.adoption(&version, live).await else {
                break;
            };
            if !holds(Rule::HeadIsRecorded) {
                version.record = next;
                break;
            }
            let id = next.head.id.clone();
            match self.replace(&version, next).await {
                Ok(adopted) => {
                    version = adopted;
                    break;
                }
                Err(error) if error.kind() == ErrorKind::LeaseLost => {
                    version = self.records.load(&id).await?;
                }
                // What is recorded is the truth still.
                Err(error) => {
                    tracing::warn!(%error, %id, "uploaded parts could not be adopted");
                    break;
                }
            }
        }
        Ok(version)
    }

    /// The record with what can be adopted, if there is anything.
    async fn adoption(&self, version: &Version, live: Live) -> Option<Record> {
        let record = &version.record;
        let claim = record.claim.as_ref()?;
        let has_writer = live == Live::Writer && self.holders.is_held(&record.head.id);
        let is_foreign = !has_writer && !self.cache.knows(version);
        let adoptable = record.state == State::Open
            && is_foreign
            && claim.adoptable
            && claim.base == record.sealed();
        if !adoptable {
            return None;
        }
        // From the last number that is recorded on, and not from the claim's first: some stores
        // list nothing behind a number that is no existing part.
        let last = record.parts.last().map_or(0, |part| part.number);
        let listed = match self.bucket.list_parts(&record.multipart()?, last).await {
            Ok(listed) => listed,
            Err(error) => {
                tracing::warn!(%error, "uploaded parts could not be listed");
                return None;
            }
        };
        let length = record.length.or(claim.length);
        let parts = contiguous(claim, &listed, record.head.part_size, length);
        let end = claim.base + parts.iter().map(|part| part.size).sum::<u64>();
        if end <= record.offset {
            return None;
        }
        let mut next = record.next();
        next.parts.extend(parts);
        next.pending.clear();
        next.claim = None;
        next.offset = end;
        next.length = length;
        if next.length == Some(end) {
            next.state = State::Finishing;
        }
        Some(next)
    }
}

/// The parts from the claim's first number on, without a gap, each of them whole.
fn contiguous(claim: &Claim, listed: &[ListedPart], size: u64, length: Option<u64>) -> Vec<Part> {
    let room = length.map_or(u64::MAX, |length| length.saturating_sub(claim.base));
    let most = usize::try_from(room / size).unwrap_or(usize::MAX);
    (claim.first..claim.end())
        .map_while(|number| listed.iter().find(|part| part.number == number))
        .take_while(|part| part.size == size)
        .take(most)
        .map(|part| Part {
            number: part.number,
            size,
            etag: part.etag.clone(),
        })
        .collect()
}
