//! `Upload-Metadata`: what the client says of the upload.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;

use super::{InvalidHeader, name};

/// Go and Node encode and accept non-zero trailing bits, so they are accepted here.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The client's key-value pairs (TUS 1.0.0, "Upload-Metadata").
///
/// The value is kept, and returned by HEAD, byte for byte as it came, less white space at its
/// ends; several header lines are joined with a comma. The decoded pairs are a view of it. Keys
/// are ASCII, case-sensitive and unique; values are any bytes, so whoever puts one into a header,
/// a path or a page must clean it first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadMetadata(Arc<str>);

impl UploadMetadata {
    /// Reads it out of a request's headers; `None` where it is absent or empty.
    ///
    /// # Errors
    /// [`InvalidHeader`] where it does not follow the grammar.
    pub fn read(headers: &HeaderMap) -> Result<Option<Self>, InvalidHeader> {
        let lines: Vec<_> = headers
            .get_all(name::UPLOAD_METADATA)
            .iter()
            .map(|line| line.as_bytes().trim_ascii())
            .filter(|line| !line.is_empty())
            .collect();
        if lines.is_empty() {
            return Ok(None);
        }
        Self::parse(&lines.join(&b','))
            .map(Some)
            .map_err(|reason| InvalidHeader::new(name::UPLOAD_METADATA, reason))
    }

    /// Reads a value that is not empty.
    ///
    /// # Errors
    /// The reason, for the developer of a client.
    pub fn parse(value: &[u8]) -> Result<Self, &'static str> {
        let text = str::from_utf8(value)
            .ok()
            .filter(|text| {
                text.bytes()
                    .all(|byte| byte.is_ascii_graphic() || b" \t".contains(&byte))
            })
            .map(str::trim_ascii)
            .ok_or("must be printable ASCII")?;
        let mut keys = HashSet::new();
        for pair in text.split(',') {
            let (key, encoded) = split_pair(pair);
            if key.is_empty() {
                return Err("has an element without a key");
            }
            if key.contains('\t') {
                return Err("keys must not hold white space");
            }
            if BASE64.decode(encoded).is_err() {
                return Err("values must be base64, padded, one space after their key");
            }
            if !keys.insert(key) {
                return Err("keys must be unique");
            }
        }
        Ok(Self(text.into()))
    }

    /// The value as the client sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pairs in the order in which the client sent them, values decoded.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Vec<u8>)> {
        self.0.split(',').filter_map(|pair| {
            let (key, encoded) = split_pair(pair);
            Some((key, BASE64.decode(encoded).ok()?))
        })
    }

    /// The decoded value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.iter()
            .find_map(|(candidate, value)| (candidate == key).then_some(value))
    }

    /// Metadata with the given pairs, encoded; for hooks that change it, and for clients.
    ///
    /// # Errors
    /// The reason, where there is no pair, or a key is not printable ASCII, holds a space or a
    /// comma, or stands twice.
    pub fn from_pairs<'p>(
        pairs: impl IntoIterator<Item = (&'p str, &'p [u8])>,
    ) -> Result<Self, &'static str> {
        let elements = pairs
            .into_iter()
            .map(|(key, value)| match value {
                _ if key.is_empty() => Err("keys must not be empty"),
                _ if key.contains([' ', '\t', ',']) => Err("keys must not hold a space or a comma"),
                [] => Ok(key.to_owned()),
                _ => Ok(format!("{key} {}", BASE64.encode(value))),
            })
            .collect::<Result<Vec<_>, _>>()?;
        Self::parse(elements.join(",").as_bytes())
    }
}

impl fmt::Display for UploadMetadata {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A pair's key and encoded value. White space around a comma is a proxy's doing and is cut.
fn split_pair(pair: &str) -> (&str, &str) {
    let pair = pair.trim_ascii();
    pair.split_once(' ').unwrap_or((pair, ""))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn parse(value: &str) -> Result<UploadMetadata, &'static str> {
        UploadMetadata::parse(value.as_bytes())
    }

    #[test]
    fn echoes_what_it_read_and_decodes_a_view() {
        for value in [
            "filename d29ybGQ=,is_confidential",
            "k",
            "k ,j dg==",
            "k dg==,K dg==",
            "k dg==, j dg==",
            "k Zh==",
            "k=\"/; dg==",
            "constructor dg==,__proto__ dg==,toString dg==",
        ] {
            assert_eq!(parse(value).unwrap().as_str(), value);
        }
        let metadata = parse("filename d29ybGQ=,is_confidential, raw /w==").unwrap();
        assert_eq!(metadata.get("filename"), Some(b"world".to_vec()));
        assert_eq!(metadata.get("is_confidential"), Some(Vec::new()));
        assert_eq!(metadata.get("raw"), Some(vec![0xff]));
        assert_eq!(metadata.get("Filename"), None);
        assert_eq!(metadata.iter().count(), 3);
    }

    #[test]
    fn refuses_what_the_grammar_does_not_allow() {
        for value in [
            "k dg==,k dg==",
            ",k dg==",
            "k dg==,,j dg==",
            ",",
            "k dg==,",
            "k  dg==",
            "k d g==",
            "k\tdg==",
            "k !!!!",
            "k dg",
            "k dg=",
            "k dg===",
            "k ====",
            "k _-8=",
            "kéy dg==",
            "k\u{7f} dg==",
        ] {
            assert!(parse(value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn joins_lines_and_takes_an_empty_header_as_absent() {
        let read = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(name::UPLOAD_METADATA, HeaderValue::from_static(line));
            }
            UploadMetadata::read(&headers)
        };
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["", " "]), Ok(None));
        let joined = read(&["a dg==", "b"]).unwrap().unwrap();
        assert_eq!(joined.as_str(), "a dg==,b");
        assert!(read(&["a dg==", "a"]).is_err());
    }

    #[test]
    fn is_made_from_pairs() {
        let metadata =
            UploadMetadata::from_pairs([("filename", "ж.txt".as_bytes()), ("empty", b"")]).unwrap();
        assert_eq!(metadata.as_str(), "filename 0LYudHh0,empty");
        assert!(UploadMetadata::from_pairs([]).is_err());
        for key in ["", "a b", "a,b", "a\t", "a\n", "é"] {
            for value in ["", "value"] {
                let made = UploadMetadata::from_pairs([(key, value.as_bytes())]);
                assert!(made.is_err(), "{key:?} {value:?}");
            }
        }
    }
}
