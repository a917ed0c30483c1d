//! The numbers of the protocol: `1*DIGIT`, and nothing that only looks like it.

/// A number of bytes as a client wrote it.
///
/// Syntax is judged here, size later and by meaning: a well-formed number that no upload can
/// have is a length that is too large (413) or an offset that matches nothing (409), not a
/// malformed header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Number {
    /// At most [`Number::MAX`].
    Exact(u64),
    /// Larger than [`Number::MAX`].
    TooLarge,
}

impl Number {
    /// The largest number of bytes an upload can have: 2⁶³ − 1, so that every database and every
    /// JSON reader of the record can hold it as a signed integer.
    pub const MAX: u64 = i64::MAX as u64;

    pub(crate) const SYNTAX: &'static str = "must be a number of bytes, in digits only";

    /// Reads `1*DIGIT`. Rust's own `parse` would take a `+`.
    pub(crate) fn parse(value: &[u8]) -> Result<Self, &'static str> {
        if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
            return Err(Self::SYNTAX);
        }
        let exact = value.iter().try_fold(0_u64, |number, digit| {
            number
                .checked_mul(10)?
                .checked_add(u64::from(digit - b'0'))
                .filter(|number| *number <= Self::MAX)
        });
        Ok(exact.map_or(Self::TooLarge, Self::Exact))
    }

    /// The number, unless it is too large to be one.
    #[must_use]
    pub const fn exact(self) -> Option<u64> {
        match self {
            Self::Exact(number) => Some(number),
            Self::TooLarge => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_digits_only() {
        for (text, number) in [
            ("0", Number::Exact(0)),
            ("05", Number::Exact(5)),
            ("9007199254740993", Number::Exact(9_007_199_254_740_993)),
            ("9223372036854775807", Number::Exact(Number::MAX)),
            ("9223372036854775808", Number::TooLarge),
            ("18446744073709551615", Number::TooLarge),
            ("18446744073709551616", Number::TooLarge),
        ] {
            assert_eq!(Number::parse(text.as_bytes()), Ok(number), "{text}");
        }
        assert_eq!(Number::parse(&[b'9'; 10_000]), Ok(Number::TooLarge));
        assert_eq!(Number::parse(&[b'0'; 10_000]), Ok(Number::Exact(0)));
        for text in [
            "", "-1", "-0", "+5", "5 0", "5,5", "5;q=1", "5.0", "5e3", "0x5", "1_0", "１", "٥",
            "abc", "NaN", "²", " 5", "5\0",
        ] {
            assert_eq!(
                Number::parse(text.as_bytes()),
                Err(Number::SYNTAX),
                "{text}"
            );
        }
    }
}
