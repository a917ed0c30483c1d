//! [`Features`]: what a server says of itself.

use std::fmt;

use crate::http::Response;

/// An extension of the protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extension {
    /// `checksum`
    Checksum,
    /// `checksum-trailer`
    ChecksumTrailer,
    /// `concatenation`
    Concatenation,
    /// `concatenation-unfinished`
    ConcatenationUnfinished,
    /// `creation`
    Creation,
    /// `creation-defer-length`
    CreationDeferLength,
    /// `creation-with-upload`
    CreationWithUpload,
    /// `expiration`
    Expiration,
    /// `termination`
    Termination,
}

impl Extension {
    /// All of TUS 1.0.0.
    pub const ALL: [Self; 9] = [
        Self::Checksum,
        Self::ChecksumTrailer,
        Self::Concatenation,
        Self::ConcatenationUnfinished,
        Self::Creation,
        Self::CreationDeferLength,
        Self::CreationWithUpload,
        Self::Expiration,
        Self::Termination,
    ];

    /// What it is called in `Tus-Extension`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checksum => "checksum",
            Self::ChecksumTrailer => "checksum-trailer",
            Self::Concatenation => "concatenation",
            Self::ConcatenationUnfinished => "concatenation-unfinished",
            Self::Creation => "creation",
            Self::CreationDeferLength => "creation-defer-length",
            Self::CreationWithUpload => "creation-with-upload",
            Self::Expiration => "expiration",
            Self::Termination => "termination",
        }
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What a server says of itself in its answer to OPTIONS.
#[derive(Clone, Debug, Default)]
pub(crate) struct Features {
    extensions: Vec<String>,
    algorithms: Vec<String>,
    max_size: Option<u64>,
}

impl Features {
    pub(crate) fn told(answer: &Response) -> Self {
        Self {
            extensions: answer.list("tus-extension"),
            algorithms: answer.list("tus-checksum-algorithm"),
            max_size: answer.number("tus-max-size"),
        }
    }

    pub(crate) fn offers(&self, extension: Extension) -> bool {
        self.extensions
            .iter()
            .any(|offered| offered == extension.name())
    }

    /// The names of the extensions, as they were told.
    pub(crate) fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// The names of the checksum algorithms, as they were told.
    pub(crate) fn algorithms(&self) -> &[String] {
        &self.algorithms
    }

    /// The largest upload in bytes.
    pub(crate) const fn max_size(&self) -> Option<u64> {
        self.max_size
    }
}
