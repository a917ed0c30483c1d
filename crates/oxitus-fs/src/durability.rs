//! [`Durability`]: what a power failure may take.

use std::fmt;
use std::str::FromStr;

/// What a power failure, or a crash of the operating system, may take.
///
/// A crash or a kill of the process alone loses nothing in any of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// Anything that the operating system had not yet written out by itself.
    Never,
    /// Nothing of a complete upload: its bytes, its record and its directory are on the disk before
    /// it is called complete.
    #[default]
    Completion,
    /// Nothing that was acknowledged: creations and every committed byte are on the disk first.
    Acknowledgement,
}

impl Durability {
    /// Whether anything is ever brought to the disk on purpose.
    pub(crate) fn syncs(self) -> bool {
        self != Self::Never
    }

    /// Whether everything is on the disk before it is acknowledged.
    pub(crate) fn syncs_always(self) -> bool {
        self == Self::Acknowledgement
    }

    const ALL: [Self; 3] = [Self::Never, Self::Completion, Self::Acknowledgement];

    const fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Completion => "completion",
            Self::Acknowledgement => "acknowledgement",
        }
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Durability {
    type Err = UnknownDurability;

    fn from_str(text: &str) -> Result<Self, UnknownDurability> {
        Self::ALL
            .into_iter()
            .find(|durability| durability.name() == text)
            .ok_or(UnknownDurability)
    }
}

/// A text that is not a [`Durability`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the durability is one of never, completion and acknowledgement")]
#[non_exhaustive]
pub struct UnknownDurability;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_reads() {
        for durability in Durability::ALL {
            assert_eq!(durability.to_string().parse(), Ok(durability));
        }
        assert_eq!("Never".parse::<Durability>(), Err(UnknownDurability));
        assert_eq!(Durability::default().to_string(), "completion");
    }
}
