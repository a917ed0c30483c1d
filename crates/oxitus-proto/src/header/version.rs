//! `Tus-Resumable`: the version that a message speaks.

use http::{HeaderMap, HeaderName};

use super::{SingletonHeader, name};

/// The version of the protocol spoken here.
pub const VERSION: &str = "1.0.0";

/// What a request says of its version (TUS 1.0.0, "Tus-Resumable").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TusResumable {
    /// It says nothing.
    Absent,
    /// It speaks [`VERSION`].
    Supported,
    /// It speaks something else, or says it more than once.
    Unsupported,
}

impl TusResumable {
    /// Reads it out of a request's headers. Never an error: whatever is not [`VERSION`] is a
    /// version that is not supported.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        match <Supported as SingletonHeader>::read(headers) {
            Ok(None) => Self::Absent,
            Ok(Some(Supported)) => Self::Supported,
            Err(_) => Self::Unsupported,
        }
    }
}

struct Supported;

impl SingletonHeader for Supported {
    const NAME: HeaderName = name::TUS_RESUMABLE;

    fn parse(value: &[u8]) -> Result<Self, &'static str> {
        if value == VERSION.as_bytes() {
            Ok(Self)
        } else {
            Err("is not supported")
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_one_line_of_the_exact_version_is_supported() {
        let read = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(name::TUS_RESUMABLE, HeaderValue::from_static(value));
            }
            TusResumable::read(&headers)
        };
        assert_eq!(read(&[]), TusResumable::Absent);
        assert_eq!(read(&["1.0.0"]), TusResumable::Supported);
        assert_eq!(read(&[" 1.0.0 "]), TusResumable::Supported);
        assert_eq!(read(&["1.0.0", "1.0.0"]), TusResumable::Unsupported);
        for value in [
            "0.2.2",
            "1.0.1",
            "1.0",
            "2.0.0",
            "1.0.0,0.2.2",
            "1.0.0 ; x",
            "",
        ] {
            assert_eq!(read(&[value]), TusResumable::Unsupported, "{value}");
        }
    }
}
