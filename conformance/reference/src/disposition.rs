//! What a browser may do with a download: its media type, and whether and as what it is saved.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Media types that run nothing when a browser shows them.
const INLINE: [&str; 10] = [
    "text/plain",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "audio/mpeg",
    "audio/ogg",
    "video/mp4",
    "video/webm",
    "audio/wav",
];

/// The most characters of a file name.
const MAX_NAME: usize = 200;

/// All but the `attr-char` of RFC 8187.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
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

/// `Content-Type` and `Content-Disposition` for what a client said of its file.
pub(crate) fn of(file_type: Option<&[u8]>, file_name: Option<&[u8]>) -> (String, String) {
    let media_type = file_type
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.parse::<mime::Mime>().ok());
    let kind = if media_type
        .as_ref()
        .is_some_and(|media_type| INLINE.contains(&media_type.essence_str()))
    {
        "inline"
    } else {
        "attachment"
    };
    let content_type = media_type
        .unwrap_or(mime::APPLICATION_OCTET_STREAM)
        .to_string();
    let name = file_name
        .map(|bytes| base_name(&String::from_utf8_lossy(bytes)))
        .unwrap_or_default();
    if name.is_empty() {
        return (content_type, kind.to_owned());
    }
    let fallback: String = name
        .chars()
        .map(|character| if is_plain(character) { character } else { '_' })
        .collect();
    let encoded = utf8_percent_encode(&name, ENCODED);
    (
        content_type,
        format!("{kind}; filename=\"{fallback}\"; filename*=UTF-8''{encoded}"),
    )
}

/// The last segment of a path, without characters that control something.
fn base_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_direction = |character| matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    name.chars()
        .filter(|character| !character.is_control() && !is_direction(*character))
        .take(MAX_NAME)
        .collect()
}

/// Whether a character may stand between quotation marks as it is.
fn is_plain(character: char) -> bool {
    (character.is_ascii_graphic() || character == ' ') && !matches!(character, '"' | '\\' | '%')
}
