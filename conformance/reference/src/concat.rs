//! `Upload-Concat`, and which upload a URL names.

use fluent_uri::{Uri, UriRef};
use http::HeaderMap;
use percent_encoding::percent_decode_str;

use crate::answer::Refusal;
use crate::fields;

/// What `Upload-Concat` asks for.
#[derive(Debug)]
pub(crate) enum Concat {
    /// `partial`
    Partial,
    /// `final;` with the URLs of the parts.
    Final {
        /// The header as it came, which HEAD repeats.
        field: String,
        /// The URLs, in their order.
        references: Vec<String>,
    },
}

impl Concat {
    /// Reads the header.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let Some(field) = fields::text(headers, "upload-concat")? else {
            return Ok(None);
        };
        if field == "partial" {
            return Ok(Some(Self::Partial));
        }
        let references: Vec<_> = field
            .strip_prefix("final;")
            .map(|list| list.split_ascii_whitespace().map(str::to_owned).collect())
            .unwrap_or_default();
        if references.is_empty() {
            return Err(Refusal::malformed(
                "Upload-Concat is neither partial nor a list of parts",
            ));
        }
        Ok(Some(Self::Final {
            field: field.to_owned(),
            references,
        }))
    }
}

/// Where a path leads.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// The creation URL.
    Creation,
    /// An upload, which may or may not exist.
    Upload(String),
    /// No place of this server.
    Outside,
}

impl Place {
    /// Finds the place of a path; `base` is the path of the creation URL.
    pub(crate) fn of(path: &str, base: &str) -> Self {
        let Some(rest) = path.strip_prefix(base) else {
            return Self::Outside;
        };
        match rest.strip_prefix('/') {
            None if rest.is_empty() => Self::Creation,
            Some("") => Self::Creation,
            Some(segment) if !segment.contains('/') => {
                Self::Upload(percent_decode_str(segment).decode_utf8_lossy().into_owned())
            }
            _ => Self::Outside,
        }
    }

    /// Finds the upload that a reference names, seen from the path of the request. Scheme and
    /// authority are another matter behind a proxy, so they are not looked at.
    pub(crate) fn of_reference(reference: &str, request_path: &str, base: &str) -> Option<String> {
        let request = format!("http://server.invalid{request_path}");
        let request = Uri::parse(request.as_str()).ok()?;
        let resolved = UriRef::parse(reference)
            .ok()?
            .resolve_against(&request)
            .ok()?;
        match Self::of(resolved.path().as_str(), base) {
            Self::Upload(id) => Some(id),
            Self::Creation | Self::Outside => None,
        }
    }
}
