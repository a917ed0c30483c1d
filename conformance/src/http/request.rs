//! [`Request`]: what is sent.

use std::fmt;

use bytes::Bytes;

use super::Protocol;

/// How much of a text is shown to people.
const SHOWN: usize = 400;

/// What people see in place of a value that is not for them.
pub(crate) const SECRET: &str = "(not shown)";

/// A request, as its bytes will say it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path and the query, as they are sent.
    pub(crate) path: String,
    /// The fields in their order, besides `Host` and those that tell of the framing, which the
    /// connection adds where they are not here.
    pub(crate) fields: Vec<(String, Vec<u8>)>,
    pub(crate) framing: Framing,
    /// The content, in the pieces in which it is sent. In HTTP/1.1 they are the chunks.
    pub(crate) content: Vec<Bytes>,
    /// The fields behind the content.
    pub(crate) trailers: Vec<(String, Vec<u8>)>,
}

/// How it is told where the content ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framing {
    /// There is none.
    None,
    /// `Content-Length` in bytes.
    Length(u64),
    /// By itself: in chunks, or by the end of the stream.
    Chunked,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            fields: Vec::new(),
            framing: Framing::None,
            content: Vec::new(),
            trailers: Vec::new(),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        let mut names = self.fields.iter().map(|(name, _)| name);
        names.any(|field| field.eq_ignore_ascii_case(name))
    }

    pub(crate) fn field(&self, name: &str) -> Option<&[u8]> {
        let mut fields = self.fields.iter();
        let field = fields.find(|(field, _)| field.eq_ignore_ascii_case(name))?;
        Some(&field.1)
    }

    /// The method that counts: what `X-HTTP-Method-Override` says, or else the actual one.
    pub(crate) fn effective_method(&self) -> &str {
        self.field("x-http-method-override")
            .and_then(|value| std::str::from_utf8(value).ok())
            .filter(|value| !value.is_empty())
            .unwrap_or(&self.method)
    }

    /// Its lines, for people, who are not told the values of some fields: they may be secret.
    pub(crate) fn describe(&self, protocol: Protocol, secrets: &[(String, String)]) -> String {
        let is_secret = |name: &str, value: &[u8]| {
            let mut secrets = secrets.iter();
            secrets.any(|(field, secret)| field == name && secret.as_bytes() == value)
        };
        let mut text = format!("{} {} {protocol}", self.method, shown(self.path.as_bytes()));
        for (name, value) in &self.fields {
            if is_secret(name, value) {
                text.push_str(&format!("\n{name}: {SECRET}"));
            } else {
                text.push_str(&format!("\n{name}: {}", shown(value)));
            }
        }
        let sent: usize = self.content.iter().map(Bytes::len).sum();
        match self.framing {
            Framing::None => {}
            Framing::Length(length) => text.push_str(&format!("\ncontent-length: {length}")),
            Framing::Chunked => text.push_str("\n(length not told)"),
        }
        if sent > 0 {
            text.push_str(&format!("\n\n{}", content(&self.content)));
        }
        for (name, value) in &self.trailers {
            text.push_str(&format!("\n(trailer) {name}: {}", shown(value)));
        }
        text
    }
}

fn content(pieces: &[Bytes]) -> String {
    let all: Vec<u8> = pieces.concat();
    if all.len() <= 64 {
        shown(&all).to_string()
    } else {
        format!("({} bytes)", all.len())
    }
}

/// Bytes for people: printable ASCII as it is, the rest escaped, and not too much of it.
pub(crate) fn shown(bytes: &[u8]) -> impl fmt::Display {
    let rest = bytes.len().saturating_sub(SHOWN);
    let text = bytes
        .get(..SHOWN)
        .unwrap_or(bytes)
        .escape_ascii()
        .to_string();
    match rest {
        0 => text,
        _ => format!("{text}… ({rest} bytes more)"),
    }
}
