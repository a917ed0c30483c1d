//! `Upload-Concat`: what an upload is to concatenation.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;

use super::{SingletonHeader, name};

const PARTIAL: &str = "partial";
const FINAL: &str = "final;";

/// What a client asks of concatenation (TUS 1.0.0, "Upload-Concat").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadConcat {
    /// `partial`: the new upload is a piece of a later one.
    Partial,
    /// `final;URL URL …`: the new upload is made of others. Kept exactly as it came: HEAD returns
    /// it so.
    Final(Arc<str>),
}

impl UploadConcat {
    /// The URLs of a final upload's parts, in order, still as the client wrote them.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        let list = match self {
            Self::Partial => "",
            Self::Final(raw) => raw.strip_prefix(FINAL).unwrap_or_default(),
        };
        list.split(' ').filter(|reference| !reference.is_empty())
    }
}

impl SingletonHeader for UploadConcat {
    const NAME: HeaderName = name::UPLOAD_CONCAT;

    fn parse(value: &[u8]) -> Result<Self, &'static str> {
        let text = str::from_utf8(value)
            .ok()
            .filter(|text| {
                text.bytes()
                    .all(|byte| byte.is_ascii_graphic() || byte == b' ')
            })
            .ok_or("must be printable ASCII")?;
        if text == PARTIAL {
            return Ok(Self::Partial);
        }
        if !text.starts_with(FINAL) {
            return Err("must be `partial`, or `final;` and a list of URLs");
        }
        let concat = Self::Final(text.into());
        if concat.references().next().is_none() {
            return Err("must name at least one partial upload");
        }
        Ok(concat)
    }
}

impl fmt::Display for UploadConcat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Partial => PARTIAL,
            Self::Final(raw) => raw,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<UploadConcat, &'static str> {
        UploadConcat::parse(value.as_bytes())
    }

    #[test]
    fn echoes_what_it_read() {
        for value in [
            "partial",
            "final;/files/a",
            "final; /files/a  http://h/files/b",
        ] {
            assert_eq!(parse(value).unwrap().to_string(), value);
        }
        let concat = parse("final; /files/a  http://h/files/b").unwrap();
        let references: Vec<_> = concat.references().collect();
        assert_eq!(references, ["/files/a", "http://h/files/b"]);
        assert_eq!(parse("partial").unwrap().references().count(), 0);
    }

    #[test]
    fn refuses_anything_else() {
        for value in [
            "",
            "Partial",
            "PARTIAL",
            "partial;",
            "partial x",
            "bogus",
            "final;",
            "final; ",
            "final",
            "FINAL;a",
            "final,a",
            "final;\t/files/a",
            "final;/files/é",
        ] {
            assert!(parse(value).is_err(), "{value:?}");
        }
    }
}
