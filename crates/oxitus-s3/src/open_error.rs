//! [`OpenError`]: why a bucket is not used.

/// Why a bucket is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The settings cannot be.
    #[error("the settings of the bucket cannot be: {0}")]
    Settings(&'static str),
}
