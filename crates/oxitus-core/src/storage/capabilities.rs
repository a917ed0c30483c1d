//! [`Capabilities`]: what a backend can do.

use oxitus_proto::extension::{Extension, Extensions};

/// What a backend can do, and up to which limits. The extensions a server announces are these,
/// less those its configuration turns off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether an append can be all or nothing; without it there are no checksums.
    pub atomic_append: bool,
    /// Whether a length can be declared after the creation.
    pub deferred_length: bool,
    /// Whether uploads can be removed; without it nothing expires either.
    pub termination: bool,
    /// Whether uploads can be joined.
    pub concatenation: bool,
    /// The largest upload, in bytes.
    pub max_size: Option<u64>,
    /// The largest number of parts of a final upload.
    pub max_concat_parts: Option<usize>,
    /// Among whom a lease is exclusive.
    pub scope: Scope,
}

impl Capabilities {
    /// A backend that can do everything, without limits.
    #[must_use]
    pub const fn all(scope: Scope) -> Self {
        Self {
            atomic_append: true,
            deferred_length: true,
            termination: true,
            concatenation: true,
            max_size: None,
            max_concat_parts: None,
            scope,
        }
    }

    /// The extensions that can be offered with it.
    #[must_use]
    pub fn extensions(self) -> Extensions {
        let withdrawn = [
            (self.atomic_append, Extension::Checksum),
            (self.deferred_length, Extension::CreationDeferLength),
            (self.termination, Extension::Termination),
            (self.termination, Extension::Expiration),
            (self.concatenation, Extension::Concatenation),
        ];
        withdrawn
            .into_iter()
            .filter(|(able, _)| !able)
            .fold(Extensions::all(), |offered, (_, extension)| {
                offered.without(extension)
            })
    }
}

/// Among whom a lease is exclusive. Beyond them leases may be lost to each other, but nothing is
/// ever changed by two holders at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// The one value of the backend. Where several processes use the same place, a later lease may
    /// take the upload away from an earlier one, whose holder learns it at its next change.
    Process,
    /// Every process of the machine that uses the same place.
    Host,
    /// Every process everywhere that uses the same place.
    Cluster,
}
