//! Part numbers: none is used before the record says whose it is, and none twice.

use oxitus_core::storage::{CommitMode, Error, ErrorKind, Result};

use super::Writer;
use crate::error;
use crate::numbers::Numbers;
use crate::part_size::NUMBERS;
use crate::record::{Claim, Record, State};
use crate::rules::{Rule, holds};

/// How many numbers are claimed at most at once: so many are lost with a node.
const LARGEST_CLAIM: u16 = 64;

/// After how many appends in a row of one process it keeps numbers for the next.
const STEADY: u32 = 2;

impl Writer {
    /// A part number that nobody else will ever use.
    pub(super) async fn number(&mut self) -> Result<u16> {
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
    pub(super) fn unused(&self) -> Option<u16> {
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

    /// Some numbers were sent, and what they stand for is given up.
    pub(super) fn burn(&mut self) {
        if let Some(numbers) = &mut self.memory.numbers
            && holds(Rule::NumbersAreBurned)
        {
            numbers.burned = true;
        }
    }

    /// The claim of this process, as it goes on: it begins with the first number whose part is not
    /// in the record.
    pub(super) fn claim_that_goes_on(&self, next: &Record) -> Option<Claim> {
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

    /// Whether numbers were sent that the record does not know of.
    pub(super) fn uses_numbers(&self) -> bool {
        let claim = self.record().claim.as_ref();
        let numbers = self.memory.numbers.as_ref();
        let are_sent = claim.zip(numbers).is_some_and(|(claim, numbers)| {
            claim.owner == numbers.owner && claim.first != numbers.next
        });
        are_sent && holds(Rule::NumbersAreBurned)
    }

    /// Gives back what was claimed and never sent. A process that has had the last few appends
    /// keeps as many as this one used: the next will be its own too.
    pub(super) fn keep_or_return_numbers(&mut self, next: &mut Record) {
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
}
