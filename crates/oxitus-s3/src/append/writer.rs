//! [`Writer`]: the state of an append, and the rules by which it becomes part of the record.
//!
//! ```text
//! record.parts │ sealed: uploaded │ uploads: on their way │ tail: not a part yet
//! ─────────────┴──────────────────┴───────────────────────┴──────────────────────▶ end
//! ```
//!
//! Each part has a number that was claimed before ([`Claim`]), so that no other writer, on whatever
//! node, can replace it. Nothing but a conditional PUT of the record makes any of this part of the
//! upload: at the end of the append, at a checkpoint, and on the way where more numbers are claimed.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use oxitus_core::proto::upload::Kind;
use oxitus_core::storage::{AppendOptions, CommitMode, Error, ErrorKind, Result};
use tokio::time::Instant;

use super::own::OwnSegments;
use super::tail::Tail;
use super::uploads::Uploads;
use crate::bucket::{self, ErrorKind as Failure};
use crate::budget::Spill;
use crate::cache::Memory;
use crate::error;
use crate::holders::Hold;
use crate::lease::S3Lease;
use crate::node::Node;
use crate::numbers::Numbers;
use crate::part_size::NUMBERS;
use crate::record::{Claim, Part, Record, State};
use crate::rules::{Rule, holds};

/// How many numbers are claimed first where nobody knows how many bytes will come.
const FIRST_CLAIM: u16 = 4;

/// How many numbers are claimed at most at once: so many are lost with a node.
const LARGEST_CLAIM: u16 = 64;

/// After how many appends in a row of one process it keeps numbers for the next.
const STEADY: u32 = 2;

/// How long an append may go on without its upload's expiry being put off.
const RENEW_EVERY: Duration = Duration::from_secs(60);

/// How long checkpoints are apart at most: a client that drips costs a request for each.
const CHECKPOINTS_APART: Duration = Duration::from_secs(30);

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Writer {
    node: Arc<Node>,
    hold: Arc<Hold>,
    memory: Memory,
    mode: CommitMode,
    /// The length of the upload, as it is to be.
    length: Option<u64>,
    /// How far it can grow.
    ceiling: u64,
    /// How many bytes are said to come still.
    expected: Option<u64>,
    /// Uploaded, and not recorded yet.
    sealed: Vec<Part>,
    uploads: Uploads,
    tail: Tail,
    own: OwnSegments,
    /// Where the next byte goes.
    end: u64,
    /// How many numbers this append has used.
    used: u16,
    next_claim: u16,
    /// Whether a part is missing, so that what came after it has no place.
    has_gap: bool,
    /// Whether whoever writes has been told that something failed.
    has_told: bool,
    /// Whether somebody else has changed the upload.
    is_lost: bool,
    /// Whether a version of the record was sent last of which nobody knows whether it has landed, or
    /// will.
    is_in_doubt: bool,
    changed: Instant,
    checkpoints: u32,
    this: Weak<dyn Spill>,
}

impl Writer {
    pub(super) fn new(
        lease: S3Lease,
        length: Option<u64>,
        options: &AppendOptions,
        this: Weak<dyn Spill>,
    ) -> Self {
        let S3Lease {
            node,
            mut memory,
            hold,
            ..
        } = lease;
        let record = &memory.version.record;
        Self {
            mode: options.mode,
            length,
            ceiling: length.unwrap_or_else(|| record.capacity()),
            expected: options.expected,
            sealed: Vec::new(),
            uploads: Uploads::default(),
            tail: Tail::with(record, memory.tail.take(), this.clone()),
            own: OwnSegments::default(),
            end: record.offset,
            used: 0,
            next_claim: FIRST_CLAIM,
            has_gap: false,
            has_told: false,
            is_lost: false,
            is_in_doubt: false,
            changed: Instant::now(),
            checkpoints: 0,
            node,
            hold,
            memory,
            this,
        }
    }

    /// Takes bytes in.
    pub(super) async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        let size: u64 = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        let end = self.end.checked_add(size).ok_or_else(error::misplaced)?;
        if end > self.ceiling {
            return Err(match self.length {
                Some(_) => error::misplaced(),
                None => error::too_large(),
            });
        }
        let taken = self.take(chunks).await;
        self.has_told |= taken.is_err();
        taken
    }

    async fn take(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        if self.is_lost {
            return Err(error::lost());
        }
        if self.has_gap {
            return Err(missing_part());
        }
        let part_size = usize::try_from(self.part_size()).unwrap_or(usize::MAX);
        for mut chunk in chunks {
            while !chunk.is_empty() {
                // Still, where it could not be sealed the last time.
                if self.tail.len() == part_size {
                    self.seal().await?;
                }
                let room = part_size - self.tail.len();
                let piece = chunk.split_to(room.min(chunk.len()));
                self.make_room(piece.len()).await?;
                self.tail.push(&piece);
                let size = piece.len() as u64;
                self.end += size;
                self.expected = self.expected.map(|expected| expected.saturating_sub(size));
                if self.tail.len() == part_size && !self.is_small() {
                    self.seal().await?;
                }
            }
        }
        self.renew_segments_if_due().await?;
        self.renew_if_due().await
    }

    /// Whether the upload is not large enough to have parts.
    fn is_small(&self) -> bool {
        let has_parts =
            !self.record().parts.is_empty() || !self.sealed.is_empty() || !self.uploads.is_empty();
        !has_parts && self.length.is_some_and(|length| length <= self.part_size())
    }

    /// Waits for the memory that more bytes take, and with them those that are said to follow.
    async fn make_room(&mut self, bytes: usize) -> Result<()> {
        let bytes = bytes as u64;
        if self.tail.has_room(self.tail.in_memory() + bytes) {
            return Ok(());
        }
        let there = self.tail.len() as u64;
        let room = self.length.map_or(u64::MAX, |length| length - self.end);
        let expected = self.expected.unwrap_or(u64::MAX).min(room).max(bytes);
        let needed = there.saturating_add(expected).min(self.part_size());
        self.reserve(needed).await
    }

    /// Waits until so many bytes of the tail may be in memory. Nobody waits while he holds something
    /// that others wait for.
    async fn reserve(&mut self, bytes: u64) -> Result<()> {
        if self.tail.has_room(bytes) || self.tail.try_grow(bytes) {
            return Ok(());
        }
        if self.tail.is_reserved() {
            self.store_tail().await?;
            self.tail.unload();
        }
        let reservation = self.node.budget.reserve(bytes).await?;
        reservation.call_in_from(self.this.clone());
        self.tail.give_room(reservation);
        Ok(())
    }

    /// Has every byte of the tail in memory.
    async fn load(&mut self) -> Result<()> {
        if self.tail.is_loaded() {
            return Ok(());
        }
        self.reserve(self.tail.len() as u64).await?;
        self.tail.load(&self.node).await
    }

    /// Sends the tail as a part.
    async fn seal(&mut self) -> Result<()> {
        self.load().await?;
        while self.uploads.len() >= self.node.settings.parts_in_flight {
            self.settle_first().await?;
        }
        let number = self.number().await?;
        let Some(multipart) = self.record().multipart() else {
            return Err(Error::new(ErrorKind::Corrupt, "a claim without an upload"));
        };
        let (bytes, reservation) = self.tail.cut();
        self.used = self.used.saturating_add(1);
        self.uploads
            .start(&self.node, multipart, number, bytes, reservation);
        Ok(())
    }

    /// Waits for the first part on its way.
    async fn settle_first(&mut self) -> Result<()> {
        match self.uploads.first().await {
            Ok(part) => {
                self.sealed.extend(part);
                Ok(())
            }
            Err(error) => {
                self.cut_off();
                Err(self.judge(error).await)
            }
        }
    }

    /// What it means that a part could not be uploaded. Somebody may have completed or removed the
    /// upload meanwhile, and some stores hang up on whoever sends a part of one that they do not
    /// know.
    async fn judge(&mut self, error: bucket::Error) -> Error {
        let id = &self.record().head.id;
        let is_changed = match self.node.records.load(id).await {
            Ok(now) => now.record.nonce != self.record().nonce,
            Err(unknown) => unknown.kind() == ErrorKind::NotFound,
        };
        self.is_lost |= is_changed;
        let is_denied = matches!(error.kind, Failure::NoSuchUpload | Failure::Unknown);
        if !is_changed && is_denied && self.is_gone().await {
            return error::failed();
        }
        if !self.is_lost && error.kind != Failure::NoSuchUpload {
            return error.into();
        }
        Error::with_source(
            ErrorKind::LeaseLost,
            "the upload has ended or gone on elsewhere",
            error,
        )
    }

    /// Whether the store has removed what was uploaded, and the upload has failed. It does not help
    /// to send a part again then.
    async fn is_gone(&mut self) -> bool {
        let version = self.memory.version.clone();
        let nonce = version.record.nonce.clone();
        match self.node.fail_if_gone(version).await {
            Ok(now) => {
                self.is_lost |= now.record.nonce != nonce;
                now.record.state == State::Failed
            }
            Err(error) => {
                self.is_lost |= error.kind() == ErrorKind::LeaseLost;
                false
            }
        }
    }

    async fn settle_all(&mut self) -> Result<()> {
        while !self.uploads.is_empty() {
            self.settle_first().await?;
        }
        Ok(())
    }

    /// Gives up what comes after the parts that are uploaded: there is a gap.
    fn cut_off(&mut self) {
        self.has_gap = true;
        self.burn();
        let record = &self.memory.version.record;
        self.tail = if self.sealed.is_empty() {
            Tail::of(record)
        } else {
            Tail::empty()
        };
        self.end = self.sealed_end() + self.tail.len() as u64;
    }

    /// Some numbers were sent, and what they stand for is given up.
    fn burn(&mut self) {
        if let Some(numbers) = &mut self.memory.numbers
            && holds(Rule::NumbersAreBurned)
        {
            numbers.burned = true;
        }
    }

    /// A part number that nobody else will ever use.
    async fn number(&mut self) -> Result<u16> {
        if !holds(Rule::NumbersAreClaimed) && self.record().multipart.is_some() {
            let there = self.record().parts.len() + self.sealed.len() + self.uploads.len();
            return Ok(u16::try_from(there + 1).unwrap_or(NUMBERS));
        }
        if !self.may_use_numbers() {
            self.claim().await?;
        }
        let next = self.memory.numbers.as_mut().and_then(Numbers::take);
        next.ok_or_else(|| Error::new(ErrorKind::Corrupt, "a claim without a number"))
    }

    fn may_use_numbers(&self) -> bool {
        self.memory.numbers.as_ref().is_some_and(|numbers| {
            let is_fit = numbers.adoptable == self.is_adoptable() && self.has_told_length();
            is_fit && !numbers.burned && numbers.next < numbers.end
        })
    }

    /// Whether the record has the length, so that whoever adopts bytes has it too.
    fn has_told_length(&self) -> bool {
        let claim = self.record().claim.as_ref();
        let told = claim.and_then(|claim| claim.length);
        self.record().length.or(told) == self.length
    }

    /// Whether somebody else may go on with what this append has uploaded.
    fn is_adoptable(&self) -> bool {
        self.mode == CommitMode::Progressive || !holds(Rule::UnverifiedIsNotAdopted)
    }

    /// Claims numbers. Where nobody has claimed anything after this process's own, its claim grows:
    /// so it goes on to say where the bytes of the parts belong that are not recorded yet.
    async fn claim(&mut self) -> Result<()> {
        let mut next = self.record().next();
        if next.multipart.is_none() {
            let attributes = self.node.attributes(&next);
            let key = &next.head.key;
            let multipart = self.node.bucket.create_multipart(key, &attributes).await?;
            next.multipart = Some(multipart.id);
        }
        let first = self.unused().unwrap_or(next.next_number);
        let count = self.claim_size().min((NUMBERS + 1).saturating_sub(first));
        if count == 0 {
            return self.exhausted().await;
        }
        let own = next.claim.take().filter(|_| self.may_grow_claim());
        let claim = match own {
            Some(own) => Claim {
                count: (first + count).saturating_sub(own.first),
                length: self.length,
                ..own
            },
            None => Claim {
                owner: self.node.claimant(),
                first,
                count,
                base: next.sealed(),
                adoptable: self.is_adoptable(),
                length: self.length,
            },
        };
        next.next_number = claim.end();
        next.claim = Some(claim.clone());
        self.memory.numbers = None;
        self.record_as(next).await?;
        self.memory.numbers = Some(Numbers {
            next: first,
            ..Numbers::of(&claim)
        });
        Ok(())
    }

    /// Whether the recorded claim is this process's own, fit for this append, and used up.
    fn may_grow_claim(&self) -> bool {
        let numbers = self.memory.numbers.as_ref();
        let is_fit = numbers
            .is_some_and(|numbers| !numbers.burned && numbers.adoptable == self.is_adoptable());
        is_fit && self.unused().is_some()
    }

    /// The first number of this process's own that was never sent, where nobody has claimed
    /// anything after it.
    fn unused(&self) -> Option<u16> {
        let numbers = self.memory.numbers.as_ref()?;
        let claim = self.record().claim.as_ref()?;
        let are_own = claim.owner == numbers.owner && numbers.are_last(self.record().next_number);
        are_own.then_some(numbers.next)
    }

    /// How many numbers to claim: as many as the bytes that are said to come will need.
    fn claim_size(&mut self) -> u16 {
        let there = self.tail.len() as u64;
        match self.expected {
            Some(expected) => {
                let parts = there.saturating_add(expected).div_ceil(self.part_size());
                let parts = u16::try_from(parts).unwrap_or(u16::MAX);
                parts.clamp(1, LARGEST_CLAIM)
            }
            None => {
                let size = self.next_claim;
                self.next_claim = (size * 2).min(LARGEST_CLAIM);
                size
            }
        }
    }

    /// Records that the upload has run out of part numbers, and can never be completed.
    async fn exhausted(&mut self) -> Result<()> {
        tracing::error!(
            id = %self.record().head.id,
            "an upload has run out of part numbers, and has failed"
        );
        let mut next = self.record().next();
        next.state = State::Failed;
        self.record_as(next).await?;
        Err(error::failed())
    }

    /// The next version of the record, with every part that is uploaded, if it may show.
    fn progress(&self) -> Record {
        let mut next = self.record().next();
        if self.mode == CommitMode::Progressive {
            self.add_sealed(&mut next);
            self.finish_if_full(&mut next);
        }
        next
    }

    /// Makes the uploaded parts part of the record.
    fn add_sealed(&self, next: &mut Record) {
        if self.sealed.is_empty() {
            return;
        }
        next.parts.extend(self.sealed.iter().cloned());
        next.pending.clear();
        self.move_on(next);
    }

    /// Makes the stored bytes behind the parts part of the record.
    fn add_tail(&self, next: &mut Record) {
        next.pending = self.tail.stored().to_vec();
        self.move_on(next);
    }

    /// Moves the offset to where the bytes end.
    fn move_on(&self, next: &mut Record) {
        let offset = next.sealed() + next.pending_size();
        if offset > self.record().offset {
            next.last_activity = self.node.settings.clock.now();
            next.length = self.length;
        }
        next.offset = offset;
    }

    /// Replaces the record.
    async fn record_as(&mut self, next: Record) -> Result<()> {
        let taken = next.parts.len() - self.record().parts.len();
        let replaced = self.node.replace(&self.memory.version, next).await;
        match replaced {
            Ok(version) => {
                self.hold.stands_at(version.record.offset);
                self.memory.version = version;
                // One that was sent before is refused from now on.
                self.is_in_doubt = false;
                self.sealed.drain(..taken);
                self.changed = Instant::now();
                let record = &self.memory.version.record;
                let unneeded = self.own.take_unneeded(record, self.tail.stored());
                self.node.remove_unreferenced(unneeded);
                Ok(())
            }
            Err(error) => {
                self.is_lost |= error.kind() == ErrorKind::LeaseLost;
                self.is_in_doubt = true;
                if !holds(Rule::LostIsUnknown) {
                    self.remove_own_segments();
                }
                Err(error)
            }
        }
    }

    /// The claim of this process, as it goes on: it begins with the first number whose part is not
    /// in the record.
    fn claim_that_goes_on(&self, next: &Record) -> Option<Claim> {
        let numbers = self.memory.numbers.as_ref()?;
        let claim = next.claim.as_ref()?;
        if claim.owner != numbers.owner || numbers.burned || next.state != State::Open {
            return None;
        }
        let first = self.uploads.first_number().unwrap_or(numbers.next);
        Some(Claim {
            owner: numbers.owner.clone(),
            first,
            count: numbers.end.saturating_sub(first),
            base: next.sealed(),
            adoptable: numbers.adoptable,
            length: self.length,
        })
    }

    /// Puts off the expiry of an upload whose bytes come slowly.
    async fn renew_if_due(&mut self) -> Result<()> {
        let Some(time_to_live) = self.record().head.time_to_live else {
            return Ok(());
        };
        if self.changed.elapsed() < RENEW_EVERY.min(time_to_live / 4) {
            return Ok(());
        }
        while self.mode == CommitMode::Progressive && self.uploads.first_is_done() {
            self.settle_first().await?;
        }
        let mut next = self.progress();
        next.last_activity = self.node.settings.clock.now();
        next.claim = self.claim_that_goes_on(&next);
        self.record_as(next).await
    }

    /// Makes visible what came, if it may be. A client that drips makes for ever fewer of them.
    pub(super) async fn checkpoint(&mut self) -> Result<()> {
        let apart = (Duration::from_secs(1) * self.checkpoints).min(CHECKPOINTS_APART);
        if self.checkpoints > 0 && self.changed.elapsed() < apart {
            return Ok(());
        }
        let published = self.publish().await;
        self.has_told |= published.is_err();
        published
    }

    async fn publish(&mut self) -> Result<()> {
        let is_stopped = self.has_gap || self.is_lost;
        if self.mode == CommitMode::Atomic || is_stopped || self.end == self.record().offset {
            return Ok(());
        }
        self.gather().await?;
        let mut next = self.record().next();
        self.add_sealed(&mut next);
        self.add_tail(&mut next);
        self.finish_if_full(&mut next);
        next.claim = self.claim_that_goes_on(&next);
        self.checkpoints += 1;
        self.record_as(next).await
    }

    /// Gives memory back that others wait for.
    pub(super) async fn spill(&mut self) -> Result<()> {
        if self.has_gap || self.is_lost {
            // Its bytes will never be part of the upload.
            self.tail.discard();
            return Ok(());
        }
        self.store_tail().await?;
        self.tail.unload();
        if self.mode == CommitMode::Progressive {
            self.publish().await?;
            // Where segments were joined, they are in memory again.
            self.tail.unload();
        }
        Ok(())
    }

    /// Stores the tail anew before the sweeper takes it for something that was left behind: the
    /// segments of an append whose bytes are not to be seen yet are in no record.
    async fn renew_segments_if_due(&mut self) -> Result<()> {
        let is_due = self.tail.is_older_than(self.node.settings.orphans_last / 2);
        match is_due && self.tail.stored() != self.record().pending {
            true => self.join_segments().await,
            false => Ok(()),
        }
    }

    /// Whether the record has the tail as it is.
    fn is_recorded(&self) -> bool {
        !self.tail.has_fresh() && self.tail.stored() == self.record().pending
    }

    /// Has every byte of the tail stored.
    async fn store_tail(&mut self) -> Result<()> {
        let record = &self.memory.version.record;
        self.tail.store(&self.node, record).await?;
        self.own.add(self.tail.stored(), record);
        Ok(())
    }

    /// Has one segment in place of many.
    async fn join_segments(&mut self) -> Result<()> {
        self.load().await?;
        let record = &self.memory.version.record;
        self.tail.join(&self.node, record).await?;
        self.own.add(self.tail.stored(), record);
        Ok(())
    }

    /// Makes what came part of the upload; after a gap, what came before it.
    pub(super) async fn commit(mut self) -> Result<S3Lease> {
        let committed = self.record_all().await;
        self.remove_own_segments();
        committed?;
        self.into_lease()
    }

    async fn record_all(&mut self) -> Result<()> {
        if self.is_lost {
            return Err(error::lost());
        }
        let had_gap = self.has_gap;
        let gathered = match (had_gap, self.has_told) {
            (false, _) => self.gather().await,
            (true, true) => Ok(()),
            (true, false) => Err(missing_part()),
        };
        if gathered.is_err() && !self.has_gap {
            // The bytes are there, but cannot be stored: what is uploaded counts.
            self.tail = Tail::empty();
        }
        let mut next = self.record().next();
        self.add_sealed(&mut next);
        if gathered.is_ok() && !had_gap {
            self.add_tail(&mut next);
            next.length = self.length;
            self.finish_if_full(&mut next);
        }
        let is_changed = next.offset != self.record().offset || next.length != self.record().length;
        if is_changed || self.uses_numbers() {
            if next.state == State::Finishing && !holds(Rule::ObjectFollowsRecord) {
                let _ = self.node.make_object(&next, None).await;
            }
            self.keep_or_return_numbers(&mut next);
            self.record_as(next).await?;
        } else {
            // What is remembered may be out of date, and nothing has tried it.
            self.node.records.confirm(&self.memory.version).await?;
        }
        gathered
    }

    /// Has every byte stored.
    async fn gather(&mut self) -> Result<()> {
        self.settle_all().await?;
        let is_last_part = self.length == Some(self.end) && !self.is_small();
        if is_last_part && self.tail.len() > 0 {
            self.seal().await?;
            self.settle_all().await
        } else if self.tail.is_fragmented() && !self.is_recorded() {
            self.join_segments().await
        } else {
            self.renew_segments_if_due().await?;
            self.store_tail().await
        }
    }

    fn finish_if_full(&self, next: &mut Record) {
        if self.length == Some(next.offset) && !matches!(next.head.kind, Kind::Final(_)) {
            next.length = self.length;
            next.state = State::Finishing;
        }
    }

    /// Whether numbers were sent that the record does not know of.
    fn uses_numbers(&self) -> bool {
        let claim = self.record().claim.as_ref();
        let numbers = self.memory.numbers.as_ref();
        let are_sent = claim.zip(numbers).is_some_and(|(claim, numbers)| {
            claim.owner == numbers.owner && claim.first != numbers.next
        });
        are_sent && holds(Rule::NumbersAreBurned)
    }

    /// Gives back what was claimed and never sent. A process that has had the last few appends
    /// keeps as many as this one used: the next will be its own too.
    fn keep_or_return_numbers(&mut self, next: &mut Record) {
        let own = self.unused();
        if holds(Rule::ForeignClaimsEnd) {
            next.claim = None;
        }
        let numbers = self.memory.numbers.take();
        let (Some(first), Some(numbers)) = (own, numbers) else {
            return;
        };
        if self.has_gap {
            next.next_number = first;
            return;
        }
        let is_steady = self.memory.streak >= STEADY && next.state == State::Open;
        let count = if is_steady { self.used + 1 } else { 0 };
        let count = count.min((NUMBERS + 1).saturating_sub(first));
        next.next_number = first + count;
        if count > 0 {
            let claim = Claim {
                owner: numbers.owner,
                first,
                count,
                base: next.sealed(),
                adoptable: self.is_adoptable(),
                length: self.length,
            };
            self.memory.numbers = Some(Numbers::of(&claim));
            next.claim = Some(claim);
        }
    }

    /// Takes back what came since the record was last changed.
    pub(super) async fn rollback(mut self) -> Result<S3Lease> {
        let has_sent = !self.uploads.is_empty() || !self.sealed.is_empty() || self.uses_numbers();
        self.uploads.give_up();
        self.sealed.clear();
        self.burn();
        self.tail = Tail::of(self.record());
        self.remove_own_segments();
        if self.is_lost {
            // Not a lease of what is known to be out of date, which the next request would rely on.
            return Err(error::lost());
        }
        let is_open_to_adoption = self
            .record()
            .claim
            .as_ref()
            .is_some_and(|claim| claim.adoptable);
        if has_sent && is_open_to_adoption {
            let mut next = self.record().next();
            if let Some(first) = self.unused() {
                next.next_number = first;
            }
            next.claim = None;
            self.memory.numbers = None;
            self.record_as(next).await?;
        }
        self.into_lease()
    }

    /// Removes the segments that this append has stored and no record references, at its end.
    fn remove_own_segments(&mut self) {
        let own = self.own.take();
        if (self.is_in_doubt || self.is_lost) && holds(Rule::LostIsUnknown) {
            self.node.remove_lost(self.record(), own);
        } else {
            self.node.remove_unreferenced(own);
        }
    }

    fn into_lease(self) -> Result<S3Lease> {
        let Self {
            node,
            hold,
            mut memory,
            tail,
            ..
        } = self;
        memory.tail = tail.into_kept();
        memory.streak += 1;
        let upload = memory.version.record.upload()?;
        Ok(S3Lease {
            node,
            memory,
            upload,
            hold,
        })
    }

    fn record(&self) -> &Record {
        &self.memory.version.record
    }

    fn part_size(&self) -> u64 {
        self.record().head.part_size
    }

    fn sealed_end(&self) -> u64 {
        let sealed: u64 = self.sealed.iter().map(|part| part.size).sum();
        self.record().sealed() + sealed
    }
}

fn missing_part() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "an earlier part could not be uploaded",
    )
}
