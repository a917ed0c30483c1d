//! TUS 1.0.0 as a client speaks it: its requests, and short ways to send them.

use bytes::Bytes;

use crate::checksum;
use crate::client::Client;
use crate::request::Request;
use crate::response::Response;

/// Where uploads are created.
pub const BASE: &str = "/files/";

/// The media type of bytes that are appended.
pub const OFFSET_OCTET_STREAM: &str = "application/offset+octet-stream";

/// A request that speaks version 1.0.0.
#[must_use]
pub fn request(method: &str, target: &str) -> Request {
    Request::new(method, target).header("Tus-Resumable", "1.0.0")
}

/// POST, with no word on what is to be made.
#[must_use]
pub fn post() -> Request {
    request("POST", BASE)
}

/// POST of an upload with a known length.
#[must_use]
pub fn create(length: u64) -> Request {
    post().header("Upload-Length", length.to_string())
}

/// POST of an upload whose length comes later.
#[must_use]
pub fn create_deferred() -> Request {
    post().header("Upload-Defer-Length", "1")
}

/// POST of a partial upload.
#[must_use]
pub fn create_partial(length: u64) -> Request {
    create(length).header("Upload-Concat", "partial")
}

/// POST of a final upload.
#[must_use]
pub fn create_final(parts: &[impl AsRef<str>]) -> Request {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    post().header("Upload-Concat", format!("final;{}", parts.join(" ")))
}

/// HEAD.
#[must_use]
pub fn head(url: &str) -> Request {
    request("HEAD", url)
}

/// PATCH without a body.
#[must_use]
pub fn patch_head(url: &str, offset: u64) -> Request {
    request("PATCH", url)
        .header("Content-Type", OFFSET_OCTET_STREAM)
        .header("Upload-Offset", offset.to_string())
}

/// PATCH of these bytes.
#[must_use]
pub fn patch(url: &str, offset: u64, bytes: impl Into<Bytes>) -> Request {
    patch_head(url, offset).body(bytes)
}

/// PATCH of these bytes, with the digest that they have.
#[must_use]
pub fn patch_checked(url: &str, offset: u64, algorithm: &str, bytes: &[u8]) -> Request {
    patch(url, offset, Bytes::copy_from_slice(bytes))
        .header("Upload-Checksum", checksum::of(algorithm, bytes))
}

/// PATCH that announces `length` bytes, for [`Client::begin`].
#[must_use]
pub fn patch_of_length(url: &str, offset: u64, length: usize) -> Request {
    patch_head(url, offset)
        .header("Content-Length", length.to_string())
        .body("")
}

/// DELETE.
#[must_use]
pub fn delete(url: &str) -> Request {
    request("DELETE", url)
}

/// GET, as any browser sends it.
#[must_use]
pub fn get(url: &str) -> Request {
    Request::new("GET", url)
}

impl Client {
    /// Sends a creation and returns the path of the new upload.
    ///
    /// # Panics
    /// Where none is made.
    #[track_caller]
    pub fn created(&self, creation: &Request) -> String {
        location(&self.send(creation).expect(201))
    }

    /// Creates an upload of `length` bytes and returns its path.
    ///
    /// # Panics
    /// Where none is made.
    #[track_caller]
    pub fn create(&self, length: u64) -> String {
        self.created(&create(length))
    }

    /// Creates an upload, sends all its bytes, and returns its path.
    ///
    /// # Panics
    /// Where the server does not take them.
    #[track_caller]
    pub fn upload(&self, bytes: &[u8]) -> String {
        let url = self.create(bytes.len() as u64);
        if !bytes.is_empty() {
            self.patch(&url, 0, bytes).expect(204);
        }
        url
    }

    /// Creates a partial upload, sends all its bytes, and returns its path.
    ///
    /// # Panics
    /// Where the server does not take them.
    #[track_caller]
    pub fn upload_partial(&self, bytes: &[u8]) -> String {
        let url = self.created(&create_partial(bytes.len() as u64));
        if !bytes.is_empty() {
            self.patch(&url, 0, bytes).expect(204);
        }
        url
    }

    /// Sends a PATCH.
    ///
    /// # Panics
    /// Where there is no answer.
    #[track_caller]
    pub fn patch(&self, url: &str, offset: u64, bytes: &[u8]) -> Response {
        self.send(&patch(url, offset, Bytes::copy_from_slice(bytes)))
    }

    /// Sends a HEAD.
    ///
    /// # Panics
    /// Where there is no answer.
    #[track_caller]
    pub fn head(&self, url: &str) -> Response {
        self.send(&head(url))
    }

    /// Asks how far an upload is.
    ///
    /// # Panics
    /// Where it does not exist.
    #[track_caller]
    pub fn offset(&self, url: &str) -> u64 {
        self.head(url).expect(200).offset()
    }

    /// Sends a DELETE.
    ///
    /// # Panics
    /// Where there is no answer.
    #[track_caller]
    pub fn delete(&self, url: &str) -> Response {
        self.send(&delete(url))
    }

    /// Fetches the bytes of a completed upload.
    ///
    /// # Panics
    /// Where the server does not give them.
    #[track_caller]
    pub fn download(&self, url: &str) -> Vec<u8> {
        self.send(&get(url)).expect(200).body
    }

    /// Sends an OPTIONS for the creation URL.
    ///
    /// # Panics
    /// Where there is no answer.
    #[track_caller]
    pub fn options(&self) -> Response {
        self.send(&Request::new("OPTIONS", BASE))
    }
}

/// The path of the upload that a 201 names.
///
/// # Panics
/// Where it names none.
#[must_use]
#[track_caller]
pub fn location(created: &Response) -> String {
    let location = created.header("location").expect("a 201 has a Location");
    let path = match location.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/').expect("a URL has a path")..],
        None => location,
    };
    assert!(
        path.starts_with(BASE),
        "{location} does not lie below {BASE}"
    );
    path.to_owned()
}

/// The id of the upload at a path.
#[must_use]
pub fn id(url: &str) -> &str {
    url.strip_prefix(BASE).unwrap_or(url)
}
