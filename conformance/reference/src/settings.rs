//! What a server may do, and how much of it.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// An extension of the protocol, by the name that `Tus-Extension` lists it under.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Extension {
    /// `creation`
    Creation,
    /// `creation-with-upload`
    CreationWithUpload,
    /// `creation-defer-length`
    CreationDeferLength,
    /// `expiration`
    Expiration,
    /// `checksum`
    Checksum,
    /// `checksum-trailer`
    ChecksumTrailer,
    /// `termination`
    Termination,
    /// `concatenation`
    Concatenation,
    /// `concatenation-unfinished`
    ConcatenationUnfinished,
}

impl Extension {
    /// All of them.
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
    pub fn name(self) -> &'static str {
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
}

/// How a server is set up. The default is everything on, generous limits, short times.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The path of the creation URL, without a slash at its end. Uploads are below it.
    pub path: String,
    /// Where uploads are kept as files, so that they survive the process. `None` keeps them in memory only.
    pub directory: Option<PathBuf>,
    /// The extensions that are offered.
    pub extensions: BTreeSet<Extension>,
    /// The largest upload, in bytes, as `Tus-Max-Size` tells it. `None` is no limit but 2⁶³−1.
    pub max_size: Option<u64>,
    /// The most bytes of `Upload-Metadata`.
    pub max_metadata: usize,
    /// The most parts of a final upload.
    pub max_parts: usize,
    /// The most bytes of a request's head.
    pub max_head: usize,
    /// The most bytes of a rejected request's body that are read to keep its connection usable.
    pub max_drain: u64,
    /// How long an unfinished upload lives after the last PATCH, with [`Extension::Expiration`].
    pub time_to_live: Duration,
    /// How long the head of a request may take, and how long a connection may idle.
    pub head_timeout: Duration,
    /// How long a body may be silent.
    pub body_timeout: Duration,
    /// How long a writer may be silent before another one may take its place.
    pub stale_after: Duration,
    /// How long a PATCH waits for a writer that is at work.
    pub lock_timeout: Duration,
    /// Whether finished uploads can be read with GET.
    pub downloads: bool,
    /// The origins that may use the server from a browser; `None` is every origin.
    pub origins: Option<Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            path: "/files".to_owned(),
            directory: None,
            extensions: Extension::ALL.into(),
            max_size: Some(1 << 60),
            max_metadata: 32 * 1024,
            max_parts: 256,
            max_head: 64 * 1024,
            max_drain: 16 * 1024 * 1024,
            time_to_live: Duration::from_secs(3600),
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(3),
            stale_after: Duration::from_millis(500),
            lock_timeout: Duration::from_secs(5),
            downloads: true,
            origins: None,
        }
    }
}

impl Settings {
    /// The same with these extensions only.
    #[must_use]
    pub fn with_extensions(self, extensions: impl IntoIterator<Item = Extension>) -> Self {
        Self {
            extensions: extensions.into_iter().collect(),
            ..self
        }
    }

    /// Whether an extension is offered.
    #[must_use]
    pub fn offers(&self, extension: Extension) -> bool {
        self.extensions.contains(&extension)
    }

    /// The most bytes an upload may ever have.
    pub(crate) fn largest(&self) -> u64 {
        self.max_size
            .unwrap_or(u64::MAX)
            .min(i64::MAX.unsigned_abs())
    }
}
