//! An answer, and what a test wants of it.

use std::fmt;

/// An answer over either version of HTTP.
#[derive(Clone)]
pub struct Response {
    /// The statuses of the interim answers before it, such as `100 Continue`.
    pub interim: Vec<u16>,
    /// Its status.
    pub status: u16,
    /// Its header lines in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body, whole.
    pub body: Vec<u8>,
}

impl Response {
    /// The only line of a header, `None` where there is none.
    ///
    /// # Panics
    /// Where there are several.
    #[must_use]
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.lines(name);
        let first = lines.next();
        assert!(
            lines.next().is_none(),
            "{name} stands more than once in {self:?}"
        );
        first
    }

    /// Every line of a header.
    pub fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.headers.iter().filter(move |(line, _)| line == name);
        lines.map(|(_, value)| value.as_str())
    }

    /// The number that a header holds.
    ///
    /// # Panics
    /// Where it holds none.
    #[must_use]
    #[track_caller]
    pub fn number(&self, name: &str) -> Option<u64> {
        let value = self.header(name)?;
        Some(
            value
                .parse()
                .unwrap_or_else(|_| panic!("{name} is no number in {self:?}")),
        )
    }

    /// `Upload-Offset`.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    #[track_caller]
    pub fn offset(&self) -> u64 {
        let offset = self.number("upload-offset");
        offset.unwrap_or_else(|| panic!("no Upload-Offset in {self:?}"))
    }

    /// Goes on with an answer that has this status.
    ///
    /// # Panics
    /// Where it has another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        self.expect_any(&[status])
    }

    /// Goes on with an answer that has one of these statuses.
    ///
    /// # Panics
    /// Where it has another.
    #[track_caller]
    pub fn expect_any(self, statuses: &[u16]) -> Self {
        assert!(
            statuses.contains(&self.status),
            "wanted {statuses:?}, got {self:?}"
        );
        self
    }

    /// Goes on with an answer that says where the upload stands.
    ///
    /// # Panics
    /// Where it stands elsewhere.
    #[track_caller]
    pub fn expect_offset(self, offset: u64) -> Self {
        assert_eq!(self.offset(), offset, "{self:?}");
        self
    }

    /// Goes on with an answer that has this value in a header, or (`None`) no such header.
    ///
    /// # Panics
    /// Where it has another.
    #[track_caller]
    pub fn expect_header<'v>(self, name: &str, value: impl Into<Option<&'v str>>) -> Self {
        assert_eq!(self.header(name), value.into(), "{name} of {self:?}");
        self
    }

    /// Whether it is an answer that the HTTP parser of the server gave before the server itself
    /// saw the request.
    #[must_use]
    pub fn is_of_parser(&self) -> bool {
        [400, 414, 431].contains(&self.status)
            && self.body.is_empty()
            && self.lines("content-type").next().is_none()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.interim.is_empty() {
            write!(formatter, "{:?} ", self.interim)?;
        }
        write!(formatter, "{}", self.status)?;
        for (name, value) in &self.headers {
            if !name.starts_with("access-control") {
                write!(formatter, ", {name}: {value:?}")?;
            }
        }
        let shown = &self.body[..self.body.len().min(200)];
        write!(formatter, ", body {:?}", shown.escape_ascii().to_string())
    }
}
