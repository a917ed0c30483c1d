//! [`Attributes`] as headers.

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::s3::Attributes;

type Field = fn(&mut Attributes) -> &mut Option<String>;

/// Which header is which attribute.
const FIELDS: [(HeaderName, Field); 8] = [
    (CACHE_CONTROL, |said| &mut said.cache_control),
    (CONTENT_DISPOSITION, |said| &mut said.content_disposition),
    (CONTENT_ENCODING, |said| &mut said.content_encoding),
    (CONTENT_LANGUAGE, |said| &mut said.content_language),
    (CONTENT_TYPE, |said| &mut said.content_type),
    (HeaderName::from_static("x-amz-storage-class"), |said| {
        &mut said.storage_class
    }),
    (
        HeaderName::from_static("x-amz-server-side-encryption"),
        |said| &mut said.server_side_encryption,
    ),
    (
        HeaderName::from_static("x-amz-server-side-encryption-aws-kms-key-id"),
        |said| &mut said.kms_key_id,
    ),
];

const METADATA: &str = "x-amz-meta-";

pub(super) fn from_headers(headers: &HeaderMap) -> Attributes {
    let mut said = Attributes::default();
    for (name, field) in FIELDS {
        *field(&mut said) = headers.get(name).map(text);
    }
    // It is how the body was sent, and says nothing about the object.
    if let Some(encoding) = said.content_encoding.take() {
        let others = encoding.split(',').map(str::trim);
        let others: Vec<_> = others.filter(|one| *one != "aws-chunked").collect();
        said.content_encoding = (!others.is_empty()).then(|| others.join(","));
    }
    said.metadata = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().strip_prefix(METADATA)?, value)))
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect();
    said
}

pub(super) fn to_headers(said: &Attributes) -> HeaderMap {
    let mut said = said.clone();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, DEFAULT_TYPE);
    for (name, field) in FIELDS {
        if let Some(value) = field(&mut said).take() {
            insert(&mut headers, name.as_str(), &value);
        }
    }
    for (name, value) in &said.metadata {
        insert(&mut headers, &format!("{METADATA}{name}"), value);
    }
    headers
}

const DEFAULT_TYPE: HeaderValue = HeaderValue::from_static("binary/octet-stream");

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// What cannot be a header does not come back.
fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (
        HeaderName::try_from(name),
        HeaderValue::from_bytes(value.as_bytes()),
    ) {
        headers.insert(name, value);
    }
}
