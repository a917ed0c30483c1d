//! What a case expects of an answer.

use super::Stop;
use crate::http::Response;

impl Response {
    /// It has one of these statuses.
    pub(crate) fn status(&self, wanted: &[u16]) -> Result<&Self, Stop> {
        let status = self.status.as_u16();
        if wanted.contains(&status) {
            return Ok(self);
        }
        let wanted: Vec<_> = wanted.iter().map(u16::to_string).collect();
        Err(Stop::failed(
            format!("status {}", wanted.join(" or ")),
            format!("status {status}"),
        ))
    }

    /// The request does not succeed: any 4xx, or 5xx. That 5xx is not the right one is for INV-2 to say.
    pub(crate) fn refused(&self) -> Result<&Self, Stop> {
        if self.status.is_server_error() {
            return Ok(self);
        }
        self.blamed()
    }

    /// The server says that the request is wrong: any 4xx.
    pub(crate) fn blamed(&self) -> Result<&Self, Stop> {
        if self.status.is_client_error() {
            return Ok(self);
        }
        Err(Stop::failed(
            "a refusal (4xx)",
            format!("status {}", self.status.as_u16()),
        ))
    }

    /// The server does not say that all is well, whatever else it says.
    pub(crate) fn fails(&self) -> Result<&Self, Stop> {
        if !self.status.is_success() {
            return Ok(self);
        }
        Err(Stop::failed(
            "no success",
            format!("status {}", self.status.as_u16()),
        ))
    }

    /// A field is there once, with this value.
    pub(crate) fn has(&self, name: &str, value: impl AsRef<str>) -> Result<&Self, Stop> {
        let value = value.as_ref();
        let lines: Vec<_> = self.lines(name).collect();
        if lines == [value.as_bytes()] {
            return Ok(self);
        }
        Err(Stop::failed(format!("`{name}: {value}`"), self.shown(name)))
    }

    /// A field is there, whatever its value. The value.
    pub(crate) fn present(&self, name: &str) -> Result<&str, Stop> {
        self.field(name)
            .ok_or_else(|| Stop::failed(format!("the field `{name}`"), self.shown(name)))
    }

    /// A list is there, in however many lines. All of them as one line.
    pub(crate) fn joined(&self, name: &str) -> Result<String, Stop> {
        let lines: Vec<_> = self.lines(name).map(String::from_utf8_lossy).collect();
        if lines.is_empty() {
            return Err(Stop::failed(
                format!("the field `{name}`"),
                self.shown(name),
            ));
        }
        Ok(lines.join(","))
    }

    /// A field is not there.
    pub(crate) fn lacks(&self, name: &str) -> Result<&Self, Stop> {
        if self.fields.contains_key(name) {
            return Err(Stop::failed(format!("no field `{name}`"), self.shown(name)));
        }
        Ok(self)
    }

    /// A list has this element. Case does not matter, as in names of fields and methods it does not
    /// to browsers.
    pub(crate) fn lists(&self, name: &str, element: &str) -> Result<&Self, Stop> {
        let list = self.list(name);
        if list
            .iter()
            .any(|listed| listed.eq_ignore_ascii_case(element))
        {
            return Ok(self);
        }
        Err(Stop::failed(
            format!("`{element}` in `{name}`"),
            self.shown(name),
        ))
    }

    /// The lines of a field, for people.
    pub(crate) fn shown(&self, name: &str) -> String {
        let lines: Vec<_> = self
            .lines(name)
            .map(|line| format!("`{name}: {}`", line.escape_ascii()))
            .collect();
        match lines.len() {
            0 => format!("no field `{name}`"),
            _ => lines.join(", "),
        }
    }
}
