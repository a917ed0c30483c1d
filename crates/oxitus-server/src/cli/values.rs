//! What flags take: paths, sizes, durations.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;

/// A path below which uploads live: it begins and ends with a slash, and no proxy or client reads
/// it in two ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BasePath(String);

impl BasePath {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BasePath {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let segments = text.strip_prefix('/').ok_or("a path begins with a slash")?;
        if segments.is_empty() {
            return Ok(Self("/".to_owned()));
        }
        let segments = segments.strip_suffix('/').unwrap_or(segments);
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        for segment in segments.split('/') {
            if matches!(segment, "" | "." | "..") {
                return Err("a path has no empty segments, and none that is . or ..");
            }
            if !segment.bytes().all(unreserved) {
                return Err("a path has letters, digits, and the characters - . _ ~ only");
            }
        }
        Ok(Self(format!("/{segments}/")))
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    match parse_size::parse_size(text) {
        Ok(0) => Err("leave it out for no limit".to_owned()),
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}

pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("leave it out for uploads that stay".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

/// The address of a server: `http` or `https`, a name or number, perhaps a port and a path.
pub(crate) fn parse_endpoint(text: &str) -> Result<String, &'static str> {
    let uri: Uri = text.parse().map_err(|_| "it is no URL")?;
    if ![Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&uri.scheme()) {
        return Err("it begins with http:// or https://");
    }
    // It is shown to whoever starts the server, and credentials are told in another way.
    if uri
        .authority()
        .is_some_and(|host| host.as_str().contains('@'))
    {
        return Err("it has no user and no password; say them with AWS_ACCESS_KEY_ID and such");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes_and_durations() {
        assert_eq!(parse_size("10GiB"), Ok(10 << 30));
        assert_eq!(parse_size("500MB"), Ok(500_000_000));
        assert_eq!(parse_size("77"), Ok(77));
        assert_eq!(parse_duration("24h"), Ok(Duration::from_secs(24 * 60 * 60)));
        assert_eq!(parse_duration("1h 30m"), Ok(Duration::from_secs(90 * 60)));
        for text in ["", "0", "-1", "many", "1XB", "99999999999GiB"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
        for text in ["", "0s", "-1s", "24", "soon"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_base_paths() {
        for (text, path) in [
            ("/", "/"),
            ("/files", "/files/"),
            ("/files/", "/files/"),
            ("/a/b.c", "/a/b.c/"),
        ] {
            assert_eq!(text.parse(), Ok(BasePath(path.to_owned())), "{text}");
        }
        for text in [
            "", "files", "//", "/a//b", "/../x", "/.", "/a b", "/a?b", "/a%2fb", "/é",
        ] {
            assert!(text.parse::<BasePath>().is_err(), "{text}");
        }
    }

    #[test]
    fn reads_endpoints() {
        for text in ["http://127.0.0.1:7070", "https://s3.example.org/path"] {
            assert_eq!(parse_endpoint(text).as_deref(), Ok(text));
        }
        for text in [
            "",
            "127.0.0.1:7070",
            "s3.example.org",
            "/s3",
            "ftp://a",
            "http://",
            "http://user:password@127.0.0.1:7070",
            "https://user@s3.example.org",
        ] {
            assert!(parse_endpoint(text).is_err(), "{text}");
        }
    }
}
