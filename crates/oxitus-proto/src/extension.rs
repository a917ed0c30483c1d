//! The protocol's extensions, and the set of them that a server offers.

use std::fmt;

/// An extension of TUS 1.0.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// Uploads are made with POST.
    Creation,
    /// The creating POST may carry bytes.
    CreationWithUpload,
    /// The length may be told later.
    CreationDeferLength,
    /// Unfinished uploads are removed after a while, and the client is told when.
    Expiration,
    /// Each PATCH may carry a digest of its bytes.
    Checksum,
    /// The digest may follow the bytes as a trailer.
    ChecksumTrailer,
    /// DELETE removes an upload.
    Termination,
    /// Partial uploads can be joined into a final one.
    Concatenation,
    /// They can be joined before they are finished.
    ConcatenationUnfinished,
}

impl Extension {
    /// Every extension, in the order in which they are announced.
    pub const ALL: [Self; 9] = [
        Self::Creation,
        Self::CreationWithUpload,
        Self::CreationDeferLength,
        Self::Expiration,
        Self::Checksum,
        Self::ChecksumTrailer,
        Self::Termination,
        Self::Concatenation,
        Self::ConcatenationUnfinished,
    ];

    /// The name in `Tus-Extension`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::CreationWithUpload => "creation-with-upload",
            Self::CreationDeferLength => "creation-defer-length",
            Self::Expiration => "expiration",
            Self::Checksum => "checksum",
            Self::ChecksumTrailer => "checksum-trailer",
            Self::Termination => "termination",
            Self::Concatenation => "concatenation",
            Self::ConcatenationUnfinished => "concatenation-unfinished",
        }
    }

    /// The extension this one builds upon and is never offered without.
    const fn parent(self) -> Option<Self> {
        match self {
            Self::CreationWithUpload | Self::CreationDeferLength | Self::Concatenation => {
                Some(Self::Creation)
            }
            Self::ChecksumTrailer => Some(Self::Checksum),
            Self::ConcatenationUnfinished => Some(Self::Concatenation),
            Self::Creation | Self::Expiration | Self::Checksum | Self::Termination => None,
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of [`Extension`]s. Displays as the value of `Tus-Extension`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extensions(u16);

impl Extensions {
    /// No extension: the core protocol only.
    pub const NONE: Self = Self(0);

    /// Every extension.
    #[must_use]
    pub fn all() -> Self {
        Extension::ALL.into_iter().fold(Self::NONE, Self::with)
    }

    /// This set and `extension`.
    #[must_use]
    pub const fn with(self, extension: Extension) -> Self {
        Self(self.0 | extension.bit())
    }

    /// This set less `extension` and less all that build upon it.
    #[must_use]
    pub fn without(self, extension: Extension) -> Self {
        Self(self.0 & !extension.bit()).closed()
    }

    /// What is in both sets, less what has lost the extension it builds upon.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0).closed()
    }

    /// Whether `extension` is in the set.
    #[must_use]
    pub const fn contains(self, extension: Extension) -> bool {
        self.0 & extension.bit() != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The extensions in the order in which they are announced.
    pub fn iter(self) -> impl Iterator<Item = Extension> {
        Extension::ALL
            .into_iter()
            .filter(move |extension| self.contains(*extension))
    }

    /// Drops every member whose parent is missing. Parents stand before their children in
    /// [`Extension::ALL`], so one pass is enough.
    fn closed(self) -> Self {
        self.iter()
            .fold(Self::NONE, |kept, extension| match extension.parent() {
                Some(parent) if !kept.contains(parent) => kept,
                _ => kept.with(extension),
            })
    }
}

impl fmt::Display for Extensions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, extension) in self.iter().enumerate() {
            if position > 0 {
                formatter.write_str(",")?;
            }
            formatter.write_str(extension.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_as_the_header_value() {
        assert_eq!(
            Extensions::all().to_string(),
            "creation,creation-with-upload,creation-defer-length,expiration,checksum,\
             checksum-trailer,termination,concatenation,concatenation-unfinished"
        );
        assert_eq!(Extensions::NONE.to_string(), "");
    }

    #[test]
    fn a_child_goes_with_its_parent() {
        let without = Extensions::all().without(Extension::Creation);
        assert_eq!(
            without.to_string(),
            "expiration,checksum,checksum-trailer,termination"
        );
        let orphan = Extensions::NONE.with(Extension::ConcatenationUnfinished);
        assert!(orphan.intersection(Extensions::all()).is_empty());
    }
}
