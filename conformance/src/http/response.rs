//! [`Response`]: what came back.

use http::{HeaderMap, StatusCode};

use super::Protocol;
use super::request::shown;

/// An answer, whole.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) protocol: Protocol,
    pub(crate) status: StatusCode,
    pub(crate) fields: HeaderMap,
    pub(crate) content: Vec<u8>,
    /// The statuses of the interim answers before it.
    pub(crate) interim: Vec<StatusCode>,
}

impl Response {
    /// The values of a field, each line for itself.
    pub(crate) fn lines(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.fields
            .get_all(name)
            .into_iter()
            .map(|value| value.as_bytes())
    }

    /// The value of a field, if it is there and is text.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.to_str().ok()
    }

    /// The elements of a list, over all of its lines.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.lines(name)
            .filter_map(|line| std::str::from_utf8(line).ok())
            .flat_map(|line| line.split(','))
            .map(|element| element.trim().to_owned())
            .filter(|element| !element.is_empty())
            .collect()
    }

    /// The value of a field as a number without anything else.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        let value = self.field(name)?;
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        value.parse().ok().filter(|_| is_number)
    }

    /// Whether the connection ends behind it.
    pub(crate) fn closes(&self) -> bool {
        let options = self.list("connection");
        options
            .iter()
            .any(|option| option.eq_ignore_ascii_case("close"))
    }

    /// Its lines, for people.
    pub(crate) fn describe(&self) -> String {
        let mut text = String::new();
        for status in &self.interim {
            text.push_str(&format!("{} {}\n", self.protocol, status.as_u16()));
        }
        text.push_str(&format!("{} {}", self.protocol, self.status.as_u16()));
        for (name, value) in &self.fields {
            text.push_str(&format!("\n{name}: {}", shown(value.as_bytes())));
        }
        if !self.content.is_empty() {
            text.push_str(&format!("\n\n{}", shown(&self.content)));
        }
        text
    }
}
