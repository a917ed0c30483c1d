//! [`OpenError`]: why a bucket is not used.

use crate::bucket;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a bucket is not used. Each is one sentence that says what was tried, what came of it, and
/// what can be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The settings cannot be.
    #[error("the settings of the bucket cannot be: {0}")]
    Settings(&'static str),
    /// The store refused a request that it must not refuse. The source has its words.
    #[error(
        "the store refused to {step}: check the name of the bucket, the region, the credentials \
         and what they permit"
    )]
    Refused {
        /// What was tried.
        step: &'static str,
        /// What the store answered.
        #[source]
        source: Source,
    },
    /// The store did not answer, or not with what it was asked for. The source says more.
    #[error(
        "the store did not {step}: check the endpoint, whether it can be reached, and whether it \
         is well"
    )]
    Unavailable {
        /// What was tried.
        step: &'static str,
        /// What went wrong.
        #[source]
        source: Source,
    },
    /// The store was not done with the probe after so many seconds.
    #[error(
        "the store was not done with the probe after {0} seconds: check whether it is well, or \
         declare its traits and skip the probe"
    )]
    Slow(u64),
    /// The store is not one for uploads.
    #[error(transparent)]
    Unsuitable(#[from] Unsuitable),
}

/// Why a store is not one for uploads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsuitable {
    /// It shows something else than what was stored last.
    #[error(
        "the store did not show an object that it had stored a moment before: it is not \
         consistent, and uploads would lose bytes on it; use another store"
    )]
    Inconsistent,
    /// It does not know conditional writes.
    #[error(
        "the store refused to store an object with {0}: it does not know conditional writes, \
         without which nodes overwrite each other's records; use another store, or \
         Coordination::SingleProcess for one process that has the bucket to itself"
    )]
    ConditionsUnknown(&'static str),
    /// It ignores the conditions of conditional writes.
    #[error(
        "the store stored an object though its {0} did not hold: it ignores the conditions of \
         writes, and nodes would overwrite each other's records; use another store, or \
         Coordination::SingleProcess for one process that has the bucket to itself"
    )]
    ConditionsIgnored(&'static str),
    /// It does not understand its own ETags.
    #[error(
        "the store does not recognise its own ETag in If-Match, neither with quotes nor without: \
         its conditional writes cannot be used; use another store, or \
         Coordination::SingleProcess for one process that has the bucket to itself"
    )]
    EtagsNotRecognised,
    /// Its conditional writes are not atomic.
    #[error(
        "the store let {winners} of {writers} writers win that sent {condition} at the same time: \
         its conditional writes are not atomic, and nodes would overwrite each other's records; \
         use another store or a newer version of it, or Coordination::SingleProcess for one \
         process that has the bucket to itself"
    )]
    ConditionsNotAtomic {
        /// What they sent.
        condition: &'static str,
        /// How many there were.
        writers: usize,
        /// How many the store told that they have won. Where it is one, the store kept what
        /// another one sent.
        winners: usize,
    },
    /// Of many that wrote at the same time with the same condition, none ever won.
    #[error(
        "the store let none of {writers} writers win that sent {condition} at the same time, time \
         and again: whether its conditional writes are atomic cannot be told; try again when it \
         is less busy, or declare its traits and skip the probe"
    )]
    NobodyWins {
        /// What they sent.
        condition: &'static str,
        /// How many there were.
        writers: usize,
    },
    /// It does not keep metadata.
    #[error(
        "the store dropped the metadata of an object: whether an object is the one of an upload \
         could not be proved; use another store, or another way to authenticate, since some keep \
         metadata with signed requests only"
    )]
    MetadataDropped,
    /// It makes objects out of parts other than those that were named.
    #[error(
        "the store completed a multipart upload though the ETag of a part was wrong: it would not \
         notice that a part is another one than was acknowledged; use another store"
    )]
    WrongPartsAccepted,
    /// It wants part numbers without gaps.
    #[error(
        "the store refused to complete a multipart upload whose only part has the number 2: it \
         wants part numbers without gaps, but numbers are lost with a node that dies, and there \
         is no way around that yet; use another store or another kind of bucket"
    )]
    GapsRefused,
}

impl OpenError {
    /// The error for a step that failed in a way of which it says nothing itself.
    pub(crate) fn at(step: &'static str, error: bucket::Error) -> Self {
        let refused = matches!(
            error.kind,
            bucket::ErrorKind::Refused | bucket::ErrorKind::Full
        );
        let source = error.into();
        if refused {
            Self::Refused { step, source }
        } else {
            Self::Unavailable { step, source }
        }
    }
}
