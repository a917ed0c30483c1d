//! What must hold for any bytes that a stranger sends, one function for each parser.
//!
//! `tests/properties.rs` feeds them on every toolchain, `fuzz/` where there is a nightly one.

mod request;

use std::fmt::Display;

use http::{HeaderMap, HeaderName, HeaderValue};
use oxitus_proto::header::{
    InvalidHeader, Number, SingletonHeader, UploadChecksum, UploadConcat, UploadDeferLength,
    UploadLength, UploadMetadata, UploadOffset,
};
use oxitus_proto::id::UploadId;
use oxitus_proto::mount::{Mount, Target};

pub(crate) use self::request::request;

/// A target, by the name it has for the fuzzer.
pub(crate) type NamedTarget = (&'static str, fn(&[u8]));

/// Every target.
pub(crate) const ALL: [NamedTarget; 6] = [
    ("checksum", checksum),
    ("concat", concat),
    ("metadata", metadata),
    ("number", number),
    ("path", path),
    ("request", request),
];

/// `Upload-Checksum`.
pub(crate) fn checksum(value: &[u8]) {
    let Some(checksum) = read::<UploadChecksum>(value) else {
        return;
    };
    assert_eq!(checksum.digest.len(), checksum.algorithm.digest_length());
    assert_eq!(checksum.to_string().as_bytes(), value.trim_ascii());
}

/// `Upload-Concat`, and which uploads its references name.
pub(crate) fn concat(value: &[u8]) {
    let Some(concat) = read::<UploadConcat>(value) else {
        return;
    };
    assert_eq!(concat.to_string().as_bytes(), value.trim_ascii());
    let mount = Mount::new("/files").public_origin("https://example.org/prefix");
    let is_final = matches!(concat, UploadConcat::Final(_));
    assert_eq!(concat.references().next().is_some(), is_final);
    for reference in concat.references() {
        assert!(!reference.is_empty() && !reference.contains(' '));
        if let Some(id) = mount.resolve(reference) {
            assert!(leads_back(&mount, &id));
        }
    }
}

/// `Upload-Metadata`, in one line and in several.
pub(crate) fn metadata(value: &[u8]) {
    if let Ok(metadata) = UploadMetadata::parse(value) {
        check_metadata(&metadata);
        assert_eq!(metadata.as_str().as_bytes(), value.trim_ascii());
    }
    let mut headers = HeaderMap::new();
    for line in value.split(|byte| *byte == b'\n') {
        if let Ok(line) = HeaderValue::from_bytes(line) {
            headers.append("upload-metadata", line);
        }
    }
    if let Ok(Some(metadata)) = UploadMetadata::read(&headers) {
        check_metadata(&metadata);
    }
}

fn check_metadata(metadata: &UploadMetadata) {
    check_echo(metadata);
    assert_eq!(
        UploadMetadata::parse(metadata.as_str().as_bytes()).as_ref(),
        Ok(metadata)
    );
    let pairs: Vec<_> = metadata.iter().collect();
    assert_eq!(pairs.len(), metadata.as_str().split(',').count());
    for (key, value) in &pairs {
        assert!(!key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(!key.contains(','));
        assert_eq!(metadata.get(key).as_ref(), Some(value));
    }
    let again =
        UploadMetadata::from_pairs(pairs.iter().map(|(key, value)| (*key, value.as_slice())));
    assert!(again.is_ok_and(|again| again.iter().eq(pairs)));
}

/// `Upload-Length`, `Upload-Offset` and `Upload-Defer-Length`.
pub(crate) fn number(value: &[u8]) {
    if HeaderValue::from_bytes(value).is_err() {
        return;
    }
    let digits = value.trim_ascii();
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let length = read_value::<UploadLength>(value).map(|UploadLength(number)| number);
    let offset = read_value::<UploadOffset>(value).map(|UploadOffset(number)| number);
    assert_eq!(length, offset);
    assert_eq!(length.is_some(), is_number);
    if let Some(Number::Exact(number)) = length {
        assert!(number <= Number::MAX);
        let printed = number.to_string();
        let significant = digits.iter().skip_while(|digit| **digit == b'0').count();
        assert!(number == 0 && significant == 0 || digits.ends_with(printed.as_bytes()));
        assert!(number == 0 || printed.len() == significant);
    }
    let deferred = read_value::<UploadDeferLength>(value).is_some();
    assert_eq!(deferred, digits == b"1");
}

/// A base path and, after a line feed, the path of a request: which upload is meant?
pub(crate) fn path(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let (base, path) = text.split_once('\n').unwrap_or((text, ""));
    let plain = Mount::new(base);
    let public = plain.clone().public_origin("https://example.org/prefix/");
    let stripped = plain.clone().prefix_is_stripped(true);
    for mount in [&plain, &public, &stripped] {
        let target = mount.target(path);
        assert!(target.is_none() || mount.contains(path));
        let named = match target {
            Some(Target::Upload(id)) => Some(id),
            Some(Target::Collection) | None => None,
        };
        for id in named
            .into_iter()
            .chain(mount.resolve(path))
            .chain(UploadId::parse(path).ok())
        {
            assert_eq!(UploadId::parse(id.as_str()).as_ref(), Ok(&id));
            assert!(leads_back(mount, &id), "{base:?} {path:?}");
        }
    }
}

/// Whether the URL that a client is given for an upload names that upload, in a request and in
/// `Upload-Concat`.
pub(crate) fn leads_back(mount: &Mount, id: &UploadId) -> bool {
    let location = mount.location(id);
    let is_url = location.parse::<http::Uri>().is_ok() && HeaderValue::from_str(&location).is_ok();
    // What the client asks for, and what is left of it behind a router that cuts the base path.
    let full = format!("{}/{id}", mount.base_path().trim_end_matches('/'));
    let wanted = Some(Target::Upload(id.clone()));
    let arrives = mount.target(&full) == wanted || mount.target(&format!("/{id}")) == wanted;
    is_url && location.ends_with(&full) && arrives && mount.resolve(&location).as_ref() == Some(id)
}

/// Reads a header that has this value, and once more after printing it.
fn read<H: SingletonHeader + Display + PartialEq>(value: &[u8]) -> Option<H> {
    let header = read_value::<H>(value)?;
    check_echo(&header);
    let again = read_value::<H>(header.to_string().as_bytes());
    assert!(again.as_ref() == Some(&header));
    again
}

fn read_value<H: SingletonHeader>(value: &[u8]) -> Option<H> {
    let mut headers = HeaderMap::new();
    headers.append(H::NAME, HeaderValue::from_bytes(value).ok()?);
    let once = H::read(&headers);
    headers.append(H::NAME, HeaderValue::from_bytes(value).ok()?);
    assert!(H::read(&headers).is_err(), "{} stands twice", H::NAME);
    match once {
        Ok(header) => header,
        Err(InvalidHeader { name, reason, .. }) => {
            assert!(name == H::NAME && !reason.is_empty());
            None
        }
    }
}

/// What is echoed is a header value, without white space at its ends.
fn check_echo(header: &impl Display) {
    let text = header.to_string();
    assert!(HeaderValue::from_str(&text).is_ok(), "{text:?}");
    check_value(&HeaderName::from_static("echo"), text.as_bytes());
}

/// What holds for the value of every header of an answer.
fn check_value(name: &HeaderName, value: &[u8]) {
    assert_eq!(value.trim_ascii(), value, "{name}");
}
