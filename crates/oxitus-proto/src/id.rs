//! [`UploadId`]: the only thing a stranger sends that becomes a path or a key.

use std::fmt;
use std::sync::Arc;

/// The name of one upload, safe as a file name and as an object key.
///
/// The grammar is `[a-z0-9][a-z0-9_-]{0,63}`: no dot (so no side file such as `<id>.info` can be
/// named), no slash, no upper case (so that file systems which fold case keep uploads apart). Ids
/// from requests, from `Upload-Concat` and from hooks are all parsed by [`UploadId::parse`], and
/// nothing else constructs one.
///
/// Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(Arc<str>);

impl UploadId {
    /// The longest id, in bytes.
    pub const MAX_LENGTH: usize = 64;

    /// Reads an id.
    ///
    /// # Errors
    /// [`InvalidUploadId`] where `text` does not follow the grammar.
    pub fn parse(text: &str) -> Result<Self, InvalidUploadId> {
        let mut bytes = text.bytes();
        let first = bytes.next().ok_or(InvalidUploadId)?;
        let starts_well = first.is_ascii_lowercase() || first.is_ascii_digit();
        let goes_on_well = bytes.all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte)
        });
        if starts_well && goes_on_well && text.len() <= Self::MAX_LENGTH {
            Ok(Self(text.into()))
        } else {
            Err(InvalidUploadId)
        }
    }

    /// Spells 128 random bits as an id of 26 characters.
    ///
    /// The randomness is the caller's: this crate has no source of it. An id is the only thing
    /// that keeps an upload private, so the bits must come from a cryptographic generator.
    #[must_use]
    pub fn from_random_bits(bits: u128) -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        const CHARACTERS: u32 = 26;
        let text: String = (0..CHARACTERS)
            .filter_map(|position| {
                let index = (bits >> (position * 5)) as usize & 31;
                ALPHABET.get(index).map(|byte| char::from(*byte))
            })
            .collect();
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A text that is not an [`UploadId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an upload id is 1 to 64 of a-z, 0-9, `_` and `-`, and starts with a letter or a digit")]
#[non_exhaustive]
pub struct InvalidUploadId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_grammar_and_nothing_else() {
        for good in ["a", "0", "a_-9", &"z".repeat(64)] {
            assert_eq!(UploadId::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "_a",
            "-a",
            "A",
            "a.info",
            "..",
            "a/b",
            "a\\b",
            "a\0",
            "é",
            " a",
            "a%20",
            &"z".repeat(65),
        ] {
            assert_eq!(UploadId::parse(bad), Err(InvalidUploadId), "{bad:?}");
        }
    }

    #[test]
    fn random_bits_spell_distinct_parsable_ids() {
        let ids: Vec<_> = [0, 1, 1 << 127, u128::MAX]
            .map(UploadId::from_random_bits)
            .into();
        for id in &ids {
            assert_eq!(UploadId::parse(id.as_str()).as_ref(), Ok(id));
            assert_eq!(id.as_str().len(), 26);
            assert_eq!(ids.iter().filter(|other| *other == id).count(), 1);
        }
    }
}
