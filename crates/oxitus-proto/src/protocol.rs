//! [`Protocol`]: what a server has decided about the protocol before any request comes.

use crate::cors::Cors;
use crate::extension::{Extension, Extensions};
use crate::header::Number;
use crate::mount::Mount;

/// The settings that requests are judged by and answers are written from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Protocol {
    /// Where the service lives.
    pub mount: Mount,
    /// The extensions on offer.
    pub extensions: Extensions,
    /// The largest upload, in bytes; `None` for as large as a number of the protocol can be.
    pub max_size: Option<u64>,
    /// The longest `Upload-Metadata`, in bytes.
    pub max_metadata_length: usize,
    /// The largest number of parts of a final upload.
    pub max_concat_parts: usize,
    /// Whether completed uploads can be fetched with GET.
    pub downloads: bool,
    /// What browsers of other origins may do; `None` leaves all CORS headers out.
    pub cors: Option<Cors>,
}

impl Protocol {
    /// Every extension at `mount`, no limit on the size, downloads on, CORS for every origin.
    #[must_use]
    pub fn new(mount: Mount) -> Self {
        Self {
            mount,
            extensions: Extensions::all(),
            max_size: None,
            max_metadata_length: 16 * 1024,
            max_concat_parts: 1_000,
            downloads: true,
            cors: Some(Cors::default()),
        }
    }

    /// Whether `extension` is on offer.
    #[must_use]
    pub fn offers(&self, extension: Extension) -> bool {
        self.extensions.contains(extension)
    }

    /// The largest upload, in bytes.
    #[must_use]
    pub fn size_limit(&self) -> u64 {
        self.max_size.unwrap_or(Number::MAX).min(Number::MAX)
    }
}
