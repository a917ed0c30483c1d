//! Type and name of a download.
//!
//! Both came from a stranger, like the bytes. Only types that a browser does not execute are shown
//! in place; everything else is a download, and all of it is sandboxed.

use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use mime::Mime;
use oxitus_proto::header::UploadMetadata;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a browser may show in place: it executes nothing in them.
const SHOWN_IN_PLACE: [&str; 15] = [
    "text/plain",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/bmp",
    "image/webp",
    "image/avif",
    "audio/wav",
    "audio/mpeg",
    "audio/ogg",
    "audio/webm",
    "video/mp4",
    "video/ogg",
    "video/webm",
    "application/ogg",
];

/// The longest file name in an answer, in characters.
const LONGEST_NAME: usize = 255;

/// What RFC 8187 lets stand as it is in an extended value.
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Type and name, as far as the client's metadata can be trusted with them.
pub(super) fn describe(headers: &mut HeaderMap, metadata: Option<&UploadMetadata>) {
    let text = |keys: [&str; 2]| {
        let value = keys.into_iter().find_map(|key| metadata?.get(key))?;
        String::from_utf8(value).ok()
    };
    let media_type = text(["filetype", "type"]).and_then(|text| text.parse::<Mime>().ok());
    let in_place = media_type
        .as_ref()
        .is_some_and(|media_type| SHOWN_IN_PLACE.contains(&media_type.essence_str()));
    let content_type = media_type
        .and_then(|media_type| HeaderValue::from_str(media_type.as_ref()).ok())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_TYPE, content_type);
    let file_name = text(["filename", "name"]).and_then(|name| safe_file_name(&name));
    let disposition = disposition(in_place, file_name.as_deref());
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
}

/// The last segment of what a client calls its file, without characters that mean something to a
/// file system, a terminal or a header.
fn safe_file_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last
        .chars()
        .filter(|character| !character.is_control() && !is_bidirectional_control(*character))
        .take(LONGEST_NAME)
        .collect();
    let safe = safe.trim().trim_matches('.');
    (!safe.is_empty()).then(|| safe.to_owned())
}

/// Characters that turn the direction of writing, and can make `exe.gpj` of `jpg.exe`.
fn is_bidirectional_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// RFC 6266: an ASCII name for old clients, and the whole one as RFC 8187 spells it.
fn disposition(in_place: bool, file_name: Option<&str>) -> String {
    let kind = if in_place { "inline" } else { "attachment" };
    let Some(name) = file_name else {
        return kind.to_owned();
    };
    let ascii: String = name
        .chars()
        .map(|character| match character {
            '"' | '%' => '_',
            ' '..='~' => character,
            _ => '_',
        })
        .collect();
    let extended = utf8_percent_encode(name, ATTRIBUTE);
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{extended}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        for (name, expected) in [
            (
                "a.txt",
                r#"attachment; filename="a.txt"; filename*=UTF-8''a.txt"#,
            ),
            (
                "a\".html",
                r#"attachment; filename="a_.html"; filename*=UTF-8''a%22.html"#,
            ),
            (
                "a\r\nX: y",
                r#"attachment; filename="aX: y"; filename*=UTF-8''aX%3A%20y"#,
            ),
            (
                "../../etc/x",
                r#"attachment; filename="x"; filename*=UTF-8''x"#,
            ),
            ("a\\b", r#"attachment; filename="b"; filename*=UTF-8''b"#),
            (
                "ж.txt",
                r#"attachment; filename="_.txt"; filename*=UTF-8''%D0%B6.txt"#,
            ),
            (
                "\u{202e}gpj.exe",
                r#"attachment; filename="gpj.exe"; filename*=UTF-8''gpj.exe"#,
            ),
            ("\0", "attachment"),
            ("..", "attachment"),
            ("", "attachment"),
        ] {
            let safe = safe_file_name(name);
            assert_eq!(disposition(false, safe.as_deref()), expected, "{name:?}");
        }
        assert_eq!(safe_file_name(&"x".repeat(5_000)).unwrap().len(), 255);
    }

    #[test]
    fn only_harmless_types_are_shown_in_place() {
        for (media_type, in_place) in [
            ("image/png", true),
            ("IMAGE/PNG", true),
            ("text/plain;charset=utf-8", true),
            ("text/html", false),
            ("TEXT/HTML", false),
            ("text/html;charset=x", false),
            ("image/svg+xml", false),
            ("x", false),
        ] {
            let metadata = UploadMetadata::from_pairs([("filetype", media_type.as_bytes())]);
            let mut headers = HeaderMap::new();
            describe(&mut headers, metadata.ok().as_ref());
            let expected = if in_place { "inline" } else { "attachment" };
            assert_eq!(headers[CONTENT_DISPOSITION], expected, "{media_type}");
        }
    }
}
