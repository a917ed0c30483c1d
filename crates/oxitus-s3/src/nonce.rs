//! [`Nonce`]: a name that nobody else has.

use std::fmt;

use serde::{Deserialize, Serialize};

/// 128 random bits in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Nonce(String);

impl Nonce {
    /// A new one.
    ///
    /// # Panics
    /// Where the operating system has no random bits, as on no system that this runs on.
    #[expect(
        clippy::expect_used,
        reason = "without random bits nothing here is safe"
    )]
    pub(crate) fn random() -> Self {
        let bits = getrandom::u64()
            .and_then(|high| Ok((u128::from(high) << 64) | u128::from(getrandom::u64()?)))
            .expect("the operating system gives random bits");
        Self(format!("{bits:032x}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
