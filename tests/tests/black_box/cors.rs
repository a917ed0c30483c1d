//! What a browser needs to hear. (H-01 to H-04)
//!
//! That every answer has `Access-Control-Allow-Origin` is checked on every answer of every test.

use oxitus_tests::client::{Http, ORIGIN};
use oxitus_tests::request::Request;
use oxitus_tests::server::Server;
use oxitus_tests::tus;

/// The names in a header that lists them, in lower case.
fn names(list: &str) -> Vec<String> {
    list.split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .collect()
}

#[track_caller]
fn assert_lists(list: &str, wanted: &[&str]) {
    let names = names(list);
    for name in wanted {
        assert!(
            names.contains(&name.to_ascii_lowercase()),
            "{name} is not in {list}"
        );
    }
}

/// H-01.
#[test]
fn a_preflight_allows_what_tus_needs() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(5);
        for target in [tus::BASE, &url] {
            let preflight = Request::new("OPTIONS", target)
                .header("Origin", ORIGIN)
                .header("Access-Control-Request-Method", "PATCH")
                .header(
                    "Access-Control-Request-Headers",
                    "tus-resumable,upload-offset",
                );
            let answer = client.send(&preflight).expect_any(&[200, 204]);
            let origin = answer.header("access-control-allow-origin").unwrap();
            assert!(["*", ORIGIN].contains(&origin), "{origin}");
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert_lists(
                answer.header("access-control-allow-methods").unwrap(),
                &["POST", "HEAD", "PATCH", "GET", "DELETE", "OPTIONS"],
            );
            assert_lists(
                answer.header("access-control-allow-headers").unwrap(),
                &[
                    "Authorization",
                    "Content-Type",
                    "Origin",
                    "X-Requested-With",
                    "X-Request-ID",
                    "X-HTTP-Method-Override",
                    "Tus-Resumable",
                    "Upload-Length",
                    "Upload-Offset",
                    "Upload-Metadata",
                    "Upload-Defer-Length",
                    "Upload-Concat",
                    "Upload-Checksum",
                    "Upload-Complete",
                    "Upload-Draft-Interop-Version",
                    "Content-Digest",
                    "Repr-Digest",
                    "If-Match",
                    "Range",
                ],
            );
            assert_eq!(answer.number("access-control-max-age"), Some(86_400));
        }
    }
}

/// H-02, H-03.
#[test]
fn scripts_may_read_what_tus_tells() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(5);
        for request in [
            tus::head(&url),
            tus::create(5),
            tus::patch(&url, 3, "x"),
            tus::head("/files/nobody"),
            tus::create(5).without("Tus-Resumable"),
            tus::request("PUT", &url),
            tus::patch(&url, 0, "toolong"),
            tus::patch(&url, 0, "x").without("Content-Type"),
            tus::patch_checked(&url, 0, "sha1", b"x").body("y"),
            tus::patch(&url, 0, "hello"),
            tus::get(&url),
            tus::delete(&url),
        ] {
            let answer = client.send(&request);
            assert_lists(
                answer.header("access-control-expose-headers").unwrap(),
                &[
                    "Location",
                    "Upload-Offset",
                    "Upload-Length",
                    "Upload-Defer-Length",
                    "Upload-Metadata",
                    "Upload-Expires",
                    "Upload-Concat",
                    "Tus-Resumable",
                    "Tus-Version",
                    "Tus-Extension",
                    "Tus-Max-Size",
                    "Tus-Checksum-Algorithm",
                    "Upload-Complete",
                    "Upload-Limit",
                    "Upload-Draft-Interop-Version",
                    "Retry-After",
                    "ETag",
                    "Content-Disposition",
                    "Content-Range",
                ],
            );
        }
    }
}

/// H-04: who does not come from a page is not told about pages.
#[test]
fn without_an_origin_there_is_nothing_to_allow() {
    let server = Server::start();
    let client = server.client(Http::One);
    let url = client.create(5);
    let answer = server
        .connect()
        .exchange(&tus::head(&url))
        .unwrap()
        .expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}
