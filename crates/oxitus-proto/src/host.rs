//! `Host` (RFC 9112, section 3.2): one line, which names one host.

use fluent_uri::UriRef;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderValue, Version};

use crate::refusal::Refusal;

/// Refuses what could be read as meant for several hosts, or for none.
pub(crate) fn check(parts: &Parts) -> Result<(), Refusal> {
    let mut lines = parts.headers.get_all(HOST).iter();
    let is_fine = match lines.next() {
        Some(line) => lines.next().is_none() && names_a_host(line),
        // HTTP/1.0 had none, and HTTP/2 has `:authority`.
        None => parts.version != Version::HTTP_11,
    };
    if is_fine {
        Ok(())
    } else {
        Err(Refusal::InvalidHost)
    }
}

/// Whether it is a host with or without a port, or empty, as it is where the target has no authority.
fn names_a_host(line: &HeaderValue) -> bool {
    let Ok(host) = line.to_str() else {
        return false;
    };
    let reference = format!("//{host}");
    let Ok(reference) = UriRef::parse(reference.as_str()) else {
        return false;
    };
    let has_nothing_else = reference.path().is_empty()
        && reference.query().is_none()
        && reference.fragment().is_none();
    let authority = reference.authority();
    has_nothing_else && authority.is_some_and(|authority| authority.userinfo().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_fine(version: Version, lines: &[&'static str]) -> bool {
        let mut request = http::Request::new(());
        *request.version_mut() = version;
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
            request.headers_mut().append(HOST, line);
        }
        check(&request.into_parts().0).is_ok()
    }

    #[test]
    fn one_host_is_named() {
        for host in [
            "example.org",
            "example.org:8080",
            "127.0.0.1:1",
            "[::1]:80",
            "[::1]",
            "",
        ] {
            assert!(is_fine(Version::HTTP_11, &[host]), "{host}");
        }
    }

    #[test]
    fn what_names_no_host_is_refused() {
        for host in [
            "one.example two.example",
            "one.example,two.example/",
            "user@example.org",
            "example.org/path",
            "example.org?query",
            "example.org#fragment",
            "example.org:port",
            "[::1",
            "exämple.org",
        ] {
            assert!(!is_fine(Version::HTTP_11, &[host]), "{host}");
        }
    }

    #[test]
    fn there_is_one_line_where_there_has_to_be() {
        assert!(!is_fine(Version::HTTP_11, &[]));
        assert!(!is_fine(Version::HTTP_11, &["example.org", "example.org"]));
        assert!(is_fine(Version::HTTP_10, &[]));
        assert!(is_fine(Version::HTTP_2, &[]));
    }
}
