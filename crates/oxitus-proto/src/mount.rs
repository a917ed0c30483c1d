//! [`Mount`]: where the service lives, and which upload a URL names.

use fluent_uri::UriRef;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};

use crate::id::UploadId;

/// What cannot stand in a segment of a path as itself (RFC 3986, section 3.3).
const NOT_IN_A_SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Where the service lives in the URL space.
///
/// `POST` on the base path creates uploads; an upload lives at the base path and its id. A slash
/// at the end of either is optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// As it stands in a URL, without a slash at the end: empty for the root.
    base_path: String,
    /// What comes before the base path in a `Location`: empty, or scheme, authority and
    /// `public_path`.
    public_prefix: String,
    /// What a proxy cuts off before the base path: mostly empty.
    public_path: String,
    prefix_is_stripped: bool,
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The base path: uploads are created here.
    Collection,
    /// One upload, which may or may not exist.
    Upload(UploadId),
}

impl Mount {
    /// A service at `base_path`, for example `/files`. Slashes at the ends are optional, and what
    /// cannot stand in a URL as itself is percent-encoded.
    #[must_use]
    pub fn new(base_path: &str) -> Self {
        Self {
            base_path: normalize(base_path),
            public_prefix: String::new(),
            public_path: String::new(),
            prefix_is_stripped: false,
        }
    }

    /// Makes `Location` a full URL: `origin` (`https://example.org`, perhaps with a path prefix
    /// that a proxy cuts) and the base path. Without it `Location` is an absolute path, which is
    /// right behind any proxy that keeps paths.
    #[must_use]
    pub fn public_origin(mut self, origin: &str) -> Self {
        self.public_prefix = origin.trim_end_matches('/').to_owned();
        self.public_path = UriRef::parse(self.public_prefix.as_str())
            .map(|origin| origin.path().as_str().to_owned())
            .unwrap_or_default();
        self
    }

    /// Says that a router in front of the service has cut the base path off (as
    /// `axum::Router::nest_service` does), so that paths arrive without it.
    #[must_use]
    pub fn prefix_is_stripped(mut self, stripped: bool) -> Self {
        self.prefix_is_stripped = stripped;
        self
    }

    /// What the path of a request names; `None` where it is none of ours.
    #[must_use]
    pub fn target(&self, path: &str) -> Option<Target> {
        if self.prefix_is_stripped {
            target_below_base(path)
        } else {
            self.public_target(path)
        }
    }

    /// Whether the path of a request lies at or below the base path, whatever it names there.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.prefix_is_stripped || self.below_base(path).is_some()
    }

    /// The upload that a reference in `Upload-Concat` names; `None` where it names none.
    ///
    /// The reference is resolved as RFC 3986 says, against the base path with a slash at its end.
    /// Scheme and authority do not matter, since proxies change both, nor does it matter whether
    /// the path is the one that clients see or the one behind a proxy that cuts a prefix; query
    /// and fragment are ignored.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Option<UploadId> {
        let base = format!("http://host{}{}/", self.public_path, self.base_path);
        let base = fluent_uri::Uri::parse(base.as_str()).ok()?;
        let resolved = UriRef::parse(reference).ok()?.resolve_against(&base).ok()?;
        let scheme = resolved.scheme().as_str();
        if !["http", "https"]
            .iter()
            .any(|web| scheme.eq_ignore_ascii_case(web))
        {
            return None;
        }
        let path = resolved.path().as_str();
        let seen_by_clients = path.strip_prefix(self.public_path.as_str());
        let target = seen_by_clients
            .and_then(|path| self.public_target(path))
            .or_else(|| self.public_target(path))?;
        match target {
            Target::Collection => None,
            Target::Upload(id) => Some(id),
        }
    }

    /// The URL of an upload, for `Location`.
    #[must_use]
    pub fn location(&self, id: &UploadId) -> String {
        format!("{}{}/{id}", self.public_prefix, self.base_path)
    }

    /// The path on which uploads are created.
    #[must_use]
    pub fn base_path(&self) -> &str {
        match self.base_path.as_str() {
            "" => "/",
            path => path,
        }
    }

    fn public_target(&self, path: &str) -> Option<Target> {
        self.below_base(path).and_then(target_below_base)
    }

    fn below_base<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(&self.base_path)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// A path as it stands in a URL: no empty and no dot segments, and no slash at the end.
fn normalize(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        let segment: Vec<u8> = percent_decode_str(segment).collect();
        match segment.as_slice() {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            segment => segments.push(format!("/{}", percent_encode(segment, NOT_IN_A_SEGMENT))),
        }
    }
    segments.concat()
}

fn target_below_base(rest: &str) -> Option<Target> {
    let name = rest.strip_prefix('/').unwrap_or(rest);
    let name = name.strip_suffix('/').unwrap_or(name);
    if name.is_empty() {
        return (rest.len() <= 1).then_some(Target::Collection);
    }
    let decoded = percent_decode_str(name).decode_utf8().ok()?;
    UploadId::parse(&decoded).ok().map(Target::Upload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(id: &str) -> Option<Target> {
        Some(Target::Upload(UploadId::parse(id).unwrap()))
    }

    #[test]
    fn tells_the_collection_from_an_upload() {
        for base in ["/files", "/files/", "files"] {
            let mount = Mount::new(base);
            assert_eq!(mount.base_path(), "/files");
            assert_eq!(mount.target("/files"), Some(Target::Collection));
            assert_eq!(mount.target("/files/"), Some(Target::Collection));
            assert_eq!(mount.target("/files/abc"), upload("abc"));
            assert_eq!(mount.target("/files/abc/"), upload("abc"));
            assert_eq!(mount.target("/files/%61bc"), upload("abc"));
            #[rustfmt::skip]
            let values = [
                "/", "/filesx", "/other/abc", "/files//", "/files//abc", "/files/a/b",
                "/files/abc.info", "/files/.info", "/files/ABC", "/files/%00", "/files/..",
                "/files/..%2f..%2fetc%2fpasswd", "/files/a%2Fb", "/files/%ff",
            ];
            for other in values {
                assert_eq!(mount.target(other), None, "{other}");
            }
        }
    }

    #[test]
    fn lives_at_the_root_or_behind_a_router_that_cuts() {
        let root = Mount::new("/");
        assert_eq!(root.target("/"), Some(Target::Collection));
        assert_eq!(root.target("/abc"), upload("abc"));
        assert_eq!(root.location(&UploadId::parse("abc").unwrap()), "/abc");

        let nested = Mount::new("/files").prefix_is_stripped(true);
        assert_eq!(nested.target("/"), Some(Target::Collection));
        assert_eq!(nested.target("/abc"), upload("abc"));
        assert_eq!(
            nested.location(&UploadId::parse("abc").unwrap()),
            "/files/abc"
        );
        assert_eq!(nested.resolve("/files/abc"), UploadId::parse("abc").ok());
    }

    #[test]
    fn resolves_references_whatever_their_origin() {
        let mount = Mount::new("/files").public_origin("https://example.org/");
        let abc = UploadId::parse("abc").unwrap();
        assert_eq!(mount.location(&abc), "https://example.org/files/abc");
        #[rustfmt::skip]
        let values = [
            "/files/abc", "http://example.org/files/abc", "HTTP://EXAMPLE.ORG/files/abc",
            "https://other:81/files/abc", "//other/files/abc", "abc", "../files/abc",
            "/files/abc?query#fragment", "/files/./abc", "/files/%61bc",
        ];
        for reference in values {
            assert_eq!(mount.resolve(reference).as_ref(), Some(&abc), "{reference}");
        }
        #[rustfmt::skip]
        let values = [
            "", "/files/", "/abc", "/other/abc", "/files/a/b", "/files/%2e%2e%2fabc",
            "/files/../abc", "ftp://example.org/files/abc", "http://[/files/abc",
            "/files/abc.info",
        ];
        for reference in values {
            assert_eq!(mount.resolve(reference), None, "{reference}");
        }
    }

    #[test]
    fn makes_a_url_of_any_base_path() {
        let abc = UploadId::parse("abc").unwrap();
        #[rustfmt::skip]
        let rows = [
            ("", "/abc"),
            ("//a//b//", "/a/b/abc"),
            ("/my files", "/my%20files/abc"),
            ("/my%20files", "/my%20files/abc"),
            ("/100%", "/100%25/abc"),
            ("/a?b#c", "/a%3Fb%23c/abc"),
            ("/ж", "/%D0%B6/abc"),
            ("/a/./b/../c", "/a/c/abc"),
            ("/%2e%2e/a", "/a/abc"),
            ("/a:b@c;d=e,f", "/a:b@c;d=e,f/abc"),
        ];
        for (base, location) in rows {
            let mount = Mount::new(base);
            assert_eq!(mount.location(&abc), location, "{base}");
            assert_eq!(mount.target(location), upload("abc"), "{base}");
            assert_eq!(mount.resolve(location).as_ref(), Some(&abc), "{base}");
        }
    }

    #[test]
    fn resolves_its_own_locations_behind_a_proxy_that_cuts() {
        let abc = UploadId::parse("abc").unwrap();
        for base in ["/files", "/"] {
            let mount = Mount::new(base).public_origin("https://example.org/prefix/");
            let location = mount.location(&abc);
            assert!(
                location.starts_with("https://example.org/prefix/"),
                "{location}"
            );
            let path = location.strip_prefix("https://example.org").unwrap();
            let cut = path.strip_prefix("/prefix").unwrap();
            for reference in [&location, path, cut, "abc"] {
                assert_eq!(mount.resolve(reference).as_ref(), Some(&abc), "{reference}");
            }
            assert_eq!(mount.resolve(&format!("/other{cut}")), None, "{base}");
        }
    }
}
