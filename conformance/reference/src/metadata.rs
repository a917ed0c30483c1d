//! `Upload-Metadata`: the grammar, and the values for a download.

use base64::Engine as _;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;

use crate::answer::Refusal;

const NAME: &str = "upload-metadata";

/// The standard alphabet with padding; the bits that pad a value's last letter may be anything.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The metadata as it came, its lines joined; `None` if there is none or it is empty.
pub(crate) fn from_headers(headers: &HeaderMap, limit: usize) -> Result<Option<String>, Refusal> {
    let lines = headers.get_all(NAME).iter().map(|line| {
        std::str::from_utf8(line.as_bytes())
            .map_err(|_| Refusal::malformed("Upload-Metadata is not ASCII"))
    });
    let joined = lines.collect::<Result<Vec<_>, _>>()?.join(",");
    let metadata = joined.trim_matches([' ', '\t']);
    if metadata.is_empty() {
        return Ok(None);
    }
    if metadata.len() > limit {
        return Err(Refusal::malformed(format!(
            "Upload-Metadata has more than {limit} bytes"
        )));
    }
    let mut keys = Vec::new();
    for element in metadata.split(',') {
        let (key, _) =
            pair(element).ok_or_else(|| Refusal::malformed("Upload-Metadata is malformed"))?;
        keys.push(key);
    }
    keys.sort_unstable();
    if keys.is_sorted_by(|one, next| one < next) {
        Ok(Some(metadata.to_owned()))
    } else {
        Err(Refusal::malformed("Upload-Metadata has a key twice"))
    }
}

/// The decoded value of a key.
pub(crate) fn value(metadata: Option<&str>, key: &str) -> Option<Vec<u8>> {
    metadata?
        .split(',')
        .filter_map(pair)
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value)
}

/// A key and its value: the space between them may be left out with the value.
fn pair(element: &str) -> Option<(&str, Vec<u8>)> {
    let element = element.trim_matches([' ', '\t']);
    let (key, value) = element.split_once(' ').unwrap_or((element, ""));
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    let value = BASE64.decode(value).ok()?;
    is_key.then_some((key, value))
}
