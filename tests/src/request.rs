//! A request, as a test writes it down. Nothing is checked: tests send nonsense on purpose.

use std::fmt;

use bytes::Bytes;

/// A request over either version of HTTP.
#[derive(Clone)]
pub struct Request {
    /// Its method.
    pub method: String,
    /// Its target: mostly a path.
    pub target: String,
    /// Its header lines in order, without those that the body brings along.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Its body.
    pub body: Body,
}

/// The body of a [`Request`].
#[derive(Clone)]
pub enum Body {
    /// None, and no header that speaks of one.
    None,
    /// These bytes, with `Content-Length`.
    Whole(Bytes),
    /// Each of these by itself, without `Content-Length`: chunked over HTTP/1.1.
    Chunked(Vec<Bytes>, Vec<(String, String)>),
}

impl Request {
    /// A request without headers and without a body.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Body::None,
        }
    }

    /// Adds a header line.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Takes every line of a header away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(line, _)| !line.eq_ignore_ascii_case(name));
        self
    }

    /// Has this one line of a header in place of every other.
    #[must_use]
    pub fn with(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).header(name, value)
    }

    /// Sends `bytes`, with their number in `Content-Length`.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body = Body::Whole(bytes.into());
        self
    }

    /// Sends `chunks` one by one, and does not tell how many bytes they are.
    #[must_use]
    pub fn chunks(mut self, chunks: impl IntoIterator<Item = impl Into<Bytes>>) -> Self {
        let chunks = chunks.into_iter().map(Into::into).collect();
        self.body = Body::Chunked(chunks, Vec::new());
        self
    }

    /// Adds a trailer field behind the chunks.
    ///
    /// # Panics
    /// Where the body is not sent in chunks.
    #[must_use]
    pub fn trailer(mut self, name: &str, value: &str) -> Self {
        let Body::Chunked(_, trailers) = &mut self.body else {
            panic!("only chunks can be followed by trailers");
        };
        trailers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The first line of a header.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        let line = self
            .headers
            .iter()
            .find(|(line, _)| line.eq_ignore_ascii_case(name));
        line.map(|(_, value)| value.as_slice())
    }

    /// The method that the request means: what its only `X-HTTP-Method-Override` says, else its
    /// own.
    #[must_use]
    pub fn meant_method(&self) -> &str {
        let is_override =
            |(name, _): &&(String, Vec<u8>)| name.eq_ignore_ascii_case("x-http-method-override");
        let mut overrides = self.headers.iter().filter(is_override);
        match (overrides.next(), overrides.next()) {
            (Some((_, value)), None) if !value.is_empty() => {
                str::from_utf8(value).unwrap_or_default()
            }
            _ => &self.method,
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.target)?;
        for (name, value) in &self.headers {
            let shown = &value[..value.len().min(100)];
            write!(formatter, ", {name}: {}", shown.escape_ascii())?;
        }
        write!(formatter, ", {:?}", self.body)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("no body"),
            Self::Whole(bytes) => write!(formatter, "{} bytes", bytes.len()),
            Self::Chunked(chunks, trailers) => {
                write!(formatter, "{} chunks, trailers {trailers:?}", chunks.len())
            }
        }
    }
}
