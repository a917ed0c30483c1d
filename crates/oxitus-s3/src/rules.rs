//! The rules without which bytes are lost, each at the one place where it is kept.
//!
//! Outside of tests every rule holds, and asking costs nothing. The property tests switch one off
//! at a time, and must find out.

/// A rule of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// What a conditional PUT without an answer references is not deleted: it may have landed, or
    /// land later.
    LostIsUnknown,
    /// Every pending segment has a key of its own.
    SegmentsAreUnique,
    /// A part number is used only under a claim that is recorded.
    NumbersAreClaimed,
    /// Numbers that were given up are not used on: the next one would stand for other bytes.
    NumbersAreBurned,
    /// Whoever changes a record without owning its claim ends the claim.
    ForeignClaimsEnd,
    /// What a checksum has not verified cannot be adopted.
    UnverifiedIsNotAdopted,
    /// A HEAD shows what is recorded, and records what it wants to show before it does.
    HeadIsRecorded,
    /// The object is made only when the record says which bytes it has.
    ObjectFollowsRecord,
    /// The object is stored in one piece only where there is none: not even by the same bytes is it
    /// replaced, since its ETag may be another one then.
    ObjectsAreNotReplaced,
    /// The record of a removed upload stays.
    TombstonesStay,
}

/// Whether a rule is to be kept.
#[cfg(not(test))]
pub(crate) const fn holds(_: Rule) -> bool {
    true
}

#[cfg(test)]
pub(crate) use self::switch::{broken, holds};

#[cfg(test)]
mod switch {
    use std::cell::Cell;

    use super::Rule;

    thread_local! {
        static BROKEN: Cell<Option<Rule>> = const { Cell::new(None) };
    }

    pub(crate) fn holds(rule: Rule) -> bool {
        BROKEN.get() != Some(rule)
    }

    /// Runs `test` on this thread with a rule switched off.
    pub(crate) fn broken<T>(rule: Option<Rule>, test: impl FnOnce() -> T) -> T {
        BROKEN.set(rule);
        let outcome = test();
        BROKEN.set(None);
        outcome
    }
}
