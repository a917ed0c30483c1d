//! [`PartSizes`]: how large the parts of an upload are.
//!
//! A multipart upload has at most 10,000 parts, and some stores want them all of one size but the
//! last, so the size is chosen once, when the upload is made: from its length, such that half of
//! the numbers suffice. The other half is for numbers that are claimed and lost with a node.

use oxitus_core::storage::{Error, ErrorKind, Result};

const MIB: u64 = 1 << 20;

/// The smallest part that a store takes, but for the last.
pub(crate) const SMALLEST: u64 = 5 * MIB;

/// The largest part that a store takes.
const LARGEST: u64 = 5 << 30;

/// The highest part number.
pub(crate) const NUMBERS: u16 = 10_000;

/// How many parts an upload of known length is planned to have at most.
const PLANNED: u64 = 5_000;

/// How many parts an upload of unknown length may have: it is not known to need them.
const PLANNED_UNKNOWN: u64 = 8_000;

/// How large parts are, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartSizes {
    /// What the parts of small and middling uploads have.
    pub(crate) usual: u64,
    /// What the parts of an upload have whose length is not known at its creation.
    pub(crate) deferred: u64,
    /// What parts have at most: so much of an upload is in memory several times.
    pub(crate) largest: u64,
    /// The largest object that the store takes.
    pub(crate) largest_object: u64,
    /// The smallest part but the last: the store's, which tests have lowered.
    pub(crate) smallest: u64,
    /// What the server lets no upload exceed, where it has such a limit.
    pub(crate) max_size: Option<u64>,
}

impl Default for PartSizes {
    fn default() -> Self {
        Self {
            usual: 8 * MIB,
            deferred: 16 * MIB,
            largest: 64 * MIB,
            largest_object: 5 << 40,
            smallest: SMALLEST,
            max_size: None,
        }
    }
}

impl PartSizes {
    /// The part size of an upload of this length, whose own size is limited to `max_size`.
    ///
    /// # Errors
    /// `TooLarge` for an upload that would need larger parts than the settings allow.
    pub(crate) fn choose(&self, length: Option<u64>, max_size: Option<u64>) -> Result<u64> {
        let max_size = [max_size, self.max_size].into_iter().flatten().min();
        let (bytes, planned, usual) = match (length, max_size) {
            (Some(length), _) => (length, PLANNED, self.usual),
            (None, Some(limit)) => {
                let bytes = limit.min(self.largest_deferred());
                (bytes, PLANNED_UNKNOWN, self.usual)
            }
            (None, None) => (0, PLANNED_UNKNOWN, self.deferred),
        };
        let needed = bytes.div_ceil(planned);
        let step = if needed > MIB { MIB } else { 1 };
        let size = usual.max(needed.next_multiple_of(step));
        if size > self.largest || bytes > self.largest_object {
            return Err(Error::new(
                ErrorKind::TooLarge,
                "the upload needs larger parts than the settings allow",
            ));
        }
        Ok(size)
    }

    /// The largest upload, in bytes.
    pub(crate) fn largest_upload(&self) -> u64 {
        self.largest
            .saturating_mul(PLANNED)
            .min(self.largest_object)
    }

    fn largest_deferred(&self) -> u64 {
        self.largest
            .saturating_mul(PLANNED_UNKNOWN)
            .min(self.largest_object)
    }

    /// Why these sizes cannot be used with so many bytes of memory.
    pub(crate) fn check(&self, memory: u64) -> Result<(), &'static str> {
        let sizes = [self.usual, self.deferred, self.largest];
        if sizes
            .iter()
            .any(|size| *size < self.smallest || *size > LARGEST)
        {
            return Err("a part has 5 MiB to 5 GiB");
        }
        if self.usual > self.largest || self.deferred > self.largest {
            return Err("the largest part size is less than another part size");
        }
        if self.largest.saturating_mul(4) > memory {
            return Err("the memory budget has no room for four of the largest parts");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn grow_with_the_upload() {
        let sizes = PartSizes::default();
        for (length, expected) in [
            (0, 8 * MIB),
            (39 * GIB, 8 * MIB),
            (100 * GIB, 21 * MIB),
            (312 * GIB, 64 * MIB),
        ] {
            assert_eq!(sizes.choose(Some(length), None).unwrap(), expected);
        }
        let error = sizes.choose(Some(313 * GIB), None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(sizes.choose(Some(sizes.largest_upload()), None).is_ok());
        assert!(
            sizes
                .choose(Some(sizes.largest_upload() + 1), None)
                .is_err()
        );
    }

    #[test]
    fn of_an_unknown_length_follow_the_limit() {
        let sizes = PartSizes::default();
        assert_eq!(sizes.choose(None, None).unwrap(), 16 * MIB);
        assert_eq!(sizes.choose(None, Some(GIB)).unwrap(), 8 * MIB);
        assert_eq!(sizes.choose(None, Some(200 * GIB)).unwrap(), 26 * MIB);
        assert_eq!(sizes.choose(None, Some(u64::MAX)).unwrap(), 64 * MIB);
        let limited = PartSizes {
            max_size: Some(200 * GIB),
            ..sizes
        };
        assert_eq!(limited.choose(None, None).unwrap(), 26 * MIB);
        assert_eq!(limited.choose(None, Some(GIB)).unwrap(), 8 * MIB);
        assert_eq!(limited.choose(None, Some(300 * GIB)).unwrap(), 26 * MIB);
        assert_eq!(limited.choose(Some(GIB), None).unwrap(), 8 * MIB);
    }

    #[test]
    fn reach_5_tib_where_they_may() {
        let sizes = PartSizes {
            largest: 2 * GIB,
            ..PartSizes::default()
        };
        assert_eq!(sizes.largest_upload(), 5 << 40);
        let size = sizes.choose(Some(5 << 40), None).unwrap();
        assert!(size * PLANNED >= 5 << 40 && size <= sizes.largest);
        assert!(sizes.check(8 * GIB).is_ok());
        assert!(sizes.check(8 * GIB - 1).is_err());
    }

    #[test]
    fn that_cannot_be_are_refused() {
        let sizes = PartSizes::default();
        assert!(sizes.check(256 * MIB).is_ok());
        for wrong in [
            PartSizes {
                usual: SMALLEST - 1,
                ..sizes
            },
            PartSizes {
                deferred: SMALLEST - 1,
                ..sizes
            },
            PartSizes {
                largest: LARGEST + 1,
                ..sizes
            },
            PartSizes {
                usual: 65 * MIB,
                ..sizes
            },
        ] {
            assert!(wrong.check(u64::MAX).is_err(), "{wrong:?}");
        }
    }
}
