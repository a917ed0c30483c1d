//! [`Story`]: what has become of one upload, and what must never become of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use oxitus_core::proto::id::UploadId;
use oxitus_testkit::s3::{self, Condition};

use crate::attributes::TOKEN;
use crate::record::{Claim, Record, Segment, State, decode};
use crate::rules::{Rule, holds};

/// How many writers can be told apart by their bytes.
const LETTERS: u8 = 16;

/// The letter of bytes that no upload ever has.
pub(super) const DOOMED: u8 = LETTERS - 1;

/// The letter of all writers for whom there is none of their own.
const COMMON: u8 = LETTERS - 2;

/// The bytes that a writer sends: each says where it belongs, and whose it is.
pub(super) fn stamped(from: u64, size: u64, letter: u8) -> Bytes {
    (from..from + size)
        .map(|offset| stamp(offset, letter))
        .collect()
}

fn stamp(offset: u64, letter: u8) -> u8 {
    (offset % u64::from(u8::MAX / LETTERS + 1)) as u8 * LETTERS + letter
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Story {
    record_key: String,
    data_key: String,
    last: Option<Record>,
    /// Every byte that is part of the upload.
    pub(super) content: Bytes,
    /// What a client was told, at least.
    pub(super) acknowledged: u64,
    /// What the bytes have to be, where they are not stamped.
    pub(super) expected: Option<Bytes>,
    /// How long its record stays when it is removed.
    tombstone_lasts: Duration,
    removed: Option<SystemTime>,
    is_buried: bool,
    /// Of which others it is made.
    pub(super) parts_joined: Vec<UploadId>,
    rejected: Vec<u8>,
    letters: u8,
    /// What each part number holds.
    parts: HashMap<(String, u32), Bytes>,
    /// Which start of which node made a claim.
    claimants: BTreeMap<String, String>,
    pub(super) tally: Tally,
}

/// How often what is hard to get at was got at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) adoptions: u64,
    pub(super) claims: u64,
    pub(super) numbers_returned: u64,
    pub(super) segments: u64,
    pub(super) multiparts: u64,
    pub(super) objects: u64,
    pub(super) tombstones: u64,
}

impl Story {
    pub(super) fn new(record_key: String, data_key: String, tombstone_lasts: Duration) -> Self {
        Self {
            record_key,
            data_key,
            tombstone_lasts,
            rejected: vec![DOOMED],
            ..Self::default()
        }
    }

    /// The letter of a new writer.
    pub(super) fn letter(&mut self) -> u8 {
        let letter = self.letters;
        self.letters = (letter + 1).min(COMMON);
        letter
    }

    /// A writer has not committed, and never will.
    pub(super) fn reject(&mut self, letter: u8) {
        if letter < COMMON {
            self.rejected.push(letter);
        }
    }

    pub(super) fn is_removed(&self) -> bool {
        self.state()
            .is_some_and(|state| matches!(state, State::Terminated { .. }))
    }

    pub(super) fn is_complete(&self) -> bool {
        self.state()
            .is_some_and(|state| matches!(state, State::Complete { .. }))
    }

    /// Whether a HEAD finds it.
    pub(super) fn exists(&mut self) -> bool {
        self.last.is_some() && !self.is_removed()
    }

    fn state(&self) -> Option<&State> {
        self.last.as_ref().map(|record| &record.state)
    }

    /// Looks at what the bucket holds of it, after a request of `author`. Says what is new, if
    /// anything is.
    pub(super) fn look(
        &mut self,
        bucket: &s3::Bucket,
        author: &str,
    ) -> Result<Option<String>, String> {
        let Ok(object) = bucket.get(&self.record_key, &Condition::None) else {
            return self.miss(bucket.now());
        };
        if self.is_buried {
            return Err("the record of a removed upload has come back".to_owned());
        }
        let record = decode(&object.content.bytes()).map_err(|error| format!("{error:?}"))?;
        self.look_at_parts(bucket, &record)?;
        let content = self.rebuild(bucket, &record)?;
        let is_new = self
            .last
            .as_ref()
            .is_none_or(|last| last.nonce != record.nonce);
        if !is_new {
            return match content == self.content {
                true => Ok(None),
                false => Err(format!("{:?} has become {content:?}", self.content)),
            };
        }
        self.compare(&record, &content)?;
        self.count(&record, author);
        let news = describe(&record, &content);
        if matches!(record.state, State::Terminated { .. }) && self.removed.is_none() {
            self.removed = Some(bucket.now());
        }
        self.content = content;
        self.last = Some(record);
        Ok(Some(news))
    }

    /// The record is not there: not yet, or not any more.
    fn miss(&mut self, now: SystemTime) -> Result<Option<String>, String> {
        let is_over = self
            .removed
            .is_some_and(|at| at + self.tombstone_lasts <= now);
        match &self.last {
            None => Ok(None),
            Some(_) if self.is_buried || !holds(Rule::TombstonesStay) => Ok(None),
            Some(_) if is_over => {
                self.is_buried = true;
                Ok(Some("the tombstone is gone".to_owned()))
            }
            Some(_) => Err("the record is gone".to_owned()),
        }
    }

    /// No number ever has two contents.
    fn look_at_parts(&mut self, bucket: &s3::Bucket, record: &Record) -> Result<(), String> {
        let Some(multipart) = &record.multipart else {
            return Ok(());
        };
        for part in parts(bucket, &self.data_key, multipart).unwrap_or_default() {
            let bytes = part.content.bytes();
            let key = (multipart.clone(), part.number);
            let before = self.parts.entry(key).or_insert_with(|| bytes.clone());
            if *before != bytes {
                let number = part.number;
                return Err(format!("part {number} was {before:?} and is {bytes:?}"));
            }
        }
        Ok(())
    }

    /// The bytes of what the record references, as far as there still is anything to rebuild.
    fn rebuild(&self, bucket: &s3::Bucket, record: &Record) -> Result<Bytes, String> {
        let object = bucket.get(&self.data_key, &Condition::None).ok();
        let made = object.as_ref().map(|object| object.content.bytes());
        match &record.state {
            State::Open if made.is_some() && holds(Rule::ObjectFollowsRecord) => {
                Err("there is an object before the record says which bytes it has".to_owned())
            }
            State::Open => referenced(bucket, &self.data_key, record),
            State::Finishing => match object {
                None => referenced(bucket, &self.data_key, record),
                Some(object) => self.check_object(record, &object),
            },
            State::Complete { etag } => {
                let object = object.ok_or("the object of a complete upload is gone")?;
                if object.etag.to_string() != etag.0 {
                    return Err("the object of a complete upload is another one".to_owned());
                }
                self.check_object(record, &object)
            }
            State::Failed => Err("the upload has failed".to_owned()),
            State::Terminated { .. } => Ok(self.content.clone()),
        }
    }

    fn check_object(&self, record: &Record, object: &Arc<s3::Object>) -> Result<Bytes, String> {
        let bytes = object.content.bytes();
        let token = object.attributes.metadata.get(TOKEN);
        if token.map(String::as_str) != Some(record.head.token.as_str()) {
            return Err("the object is not of this upload".to_owned());
        }
        if bytes.len() as u64 != record.offset {
            return Err(format!("the object has the bytes {bytes:?}"));
        }
        Ok(bytes)
    }

    /// A new version only adds to the one before.
    fn compare(&self, record: &Record, content: &Bytes) -> Result<(), String> {
        let rank = |record: &Record| match record.state {
            State::Open => 0,
            State::Finishing => 1,
            State::Complete { .. } => 2,
            State::Failed => 3,
            State::Terminated { .. } => 4,
        };
        if let Some(last) = &self.last
            && rank(last) > rank(record)
        {
            return Err(format!("{:?} has become {:?}", last.state, record.state));
        }
        if !matches!(record.state, State::Terminated { .. }) {
            if content.len() as u64 != record.offset {
                return Err(format!("{} bytes are {content:?}", record.offset));
            }
            if !content.starts_with(&self.content) {
                return Err(format!("{:?} has become {content:?}", self.content));
            }
        }
        let is_full = record.length == Some(record.offset);
        if record.state == State::Open && is_full && self.expected.is_none() {
            return Err("every byte is there, and the record is open".to_owned());
        }
        match &self.expected {
            Some(expected) if !expected.starts_with(content) => {
                Err(format!("{content:?} instead of {expected:?}"))
            }
            Some(_) => Ok(()),
            None => self.check_stamps(content),
        }
    }

    fn check_stamps(&self, content: &Bytes) -> Result<(), String> {
        for (&byte, offset) in content.iter().zip(0..) {
            let letter = byte % LETTERS;
            if byte != stamp(offset, letter) {
                return Err(format!(
                    "the byte at {offset} belongs elsewhere: {content:?}"
                ));
            }
            if self.rejected.contains(&letter) {
                return Err(format!("the byte at {offset} was rejected: {content:?}"));
            }
        }
        Ok(())
    }

    fn count(&mut self, record: &Record, author: &str) {
        let tally = &mut self.tally;
        let last = self.last.as_ref();
        if let Some(claim) = &record.claim
            && !self.claimants.contains_key(&claim.owner)
        {
            tally.claims += 1;
            self.claimants
                .insert(claim.owner.clone(), author.to_owned());
        }
        let Some(last) = last else { return };
        if let Some(claim) = &last.claim {
            let is_foreign = self
                .claimants
                .get(&claim.owner)
                .is_some_and(|by| by != author);
            let claimed = claim.first..claim.end();
            let mut added = record.parts.iter().skip(last.parts.len());
            if is_foreign && added.any(|part| claimed.contains(&part.number)) {
                tally.adoptions += 1;
            }
        }
        if record.next_number < last.next_number {
            tally.numbers_returned += 1;
        }
        let has_segments = record.pending.iter().any(|segment| segment.key().is_some());
        tally.segments += u64::from(has_segments);
        let is_completed = matches!(record.state, State::Complete { .. });
        let was_small = last.parts.is_empty();
        tally.objects += u64::from(is_completed && was_small);
        tally.multiparts += u64::from(is_completed && !was_small);
        tally.tombstones += u64::from(matches!(record.state, State::Terminated { .. }));
    }
}

fn referenced(bucket: &s3::Bucket, key: &str, record: &Record) -> Result<Bytes, String> {
    let mut content = Vec::new();
    if let Some(multipart) = &record.multipart {
        let stored = parts(bucket, key, multipart)
            .map_err(|error| format!("the parts of the upload are gone: {error}"))?;
        for part in &record.parts {
            let number = part.number;
            let found = stored.iter().find(|found| {
                found.number == u32::from(number) && found.etag.to_string() == part.etag.0
            });
            let found = found.ok_or(format!("part {number} is not there, or another one"))?;
            content.extend(found.content.bytes());
        }
    }
    for segment in &record.pending {
        match segment {
            Segment::Inline(bytes) => content.extend(bytes),
            Segment::Object { key, size } => {
                let object = bucket.get(key, &Condition::None);
                let object = object.map_err(|_| "a pending segment is gone")?;
                if object.content.size() != *size {
                    return Err("a pending segment is not what it was".to_owned());
                }
                content.extend(object.content.bytes());
            }
        }
    }
    Ok(content.into())
}

fn parts(bucket: &s3::Bucket, key: &str, multipart: &str) -> s3::Result<Vec<s3::Part>> {
    let page = bucket.list_parts(key, multipart, 0, usize::MAX)?;
    Ok(page.parts)
}

fn describe(record: &Record, content: &Bytes) -> String {
    let numbers: Vec<_> = record.parts.iter().map(|part| part.number).collect();
    let pending: Vec<_> = record.pending.iter().map(Segment::size).collect();
    let claim = record.claim.as_ref().map(|claim| {
        let Claim {
            first,
            count,
            base,
            adoptable,
            ..
        } = claim;
        let kind = if *adoptable { "adoptable" } else { "closed" };
        format!("{count} from {first} for {base}.., {kind}")
    });
    format!(
        "record: {:?}, {} of {:?}, parts {numbers:?}, pending {pending:?}, next {}, claim {claim:?}: \
         {content:?}",
        record.state, record.offset, record.length, record.next_number,
    )
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.adoptions += other.adoptions;
        self.claims += other.claims;
        self.numbers_returned += other.numbers_returned;
        self.segments += other.segments;
        self.multiparts += other.multiparts;
        self.objects += other.objects;
        self.tombstones += other.tombstones;
    }
}
