//! [`Numbers`]: the part numbers that this process may use for an upload.

use crate::record::Claim;

/// Part numbers under a claim of this process that have not been used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) owner: String,
    /// The next one.
    pub(crate) next: u16,
    /// The number after the last.
    pub(crate) end: u16,
    pub(crate) adoptable: bool,
    /// Whether some were sent and given up. The rest is not used any more, since each stands for
    /// certain bytes; but it was never sent, so the next claim may begin there.
    pub(crate) burned: bool,
}

impl Numbers {
    /// All numbers of a claim.
    pub(crate) fn of(claim: &Claim) -> Self {
        Self {
            owner: claim.owner.clone(),
            next: claim.first,
            end: claim.end(),
            adoptable: claim.adoptable,
            burned: false,
        }
    }

    /// Takes the next one.
    pub(crate) fn take(&mut self) -> Option<u16> {
        let number = self.next;
        (number < self.end).then(|| {
            self.next += 1;
            number
        })
    }

    /// Whether nobody has claimed anything after these, so that what was not used can be given back.
    pub(crate) fn are_last(&self, next_number: u16) -> bool {
        self.end == next_number
    }
}
