//! GET of completed uploads: plain HTTP, beside the protocol. (H-14 to H-18)

use oxitus_tests::client::{Client, Http};
use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::request::Request;
use oxitus_tests::server::Server;
use oxitus_tests::tus;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

fn upload_with(client: &Client, metadata: &[(&str, &str)], bytes: &[u8]) -> String {
    let pairs: Vec<String> = metadata
        .iter()
        .map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)))
        .collect();
    let creation = tus::create(bytes.len() as u64)
        .header("Upload-Metadata", pairs.join(","))
        .header("Content-Type", tus::OFFSET_OCTET_STREAM)
        .body(bytes.to_vec());
    client.created(&creation)
}

/// H-14.
#[test]
fn a_complete_upload_can_be_fetched() {
    let server = Server::start();
    let bytes = payload::bytes(1, 5_000_000);
    for client in server.clients() {
        let url = client.upload(&bytes);
        let answer = client.send(&tus::get(&url)).expect(200);
        assert_eq!(answer.number("content-length"), Some(bytes.len() as u64));
        assert_eq!(answer.header("accept-ranges"), Some("bytes"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            answer.header("content-type"),
            Some("application/octet-stream")
        );
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("sandbox") && policy.contains("default-src 'none'"),
            "{policy}"
        );
        assert_same(&answer.body, &bytes);
        // A version does not matter here.
        client
            .send(&tus::get(&url).header("Tus-Resumable", "9.9.9"))
            .expect(200);
    }
}

/// H-14.
#[test]
fn an_unfinished_upload_cannot() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(10);
        client.send(&tus::get(&url)).expect(404);
        client.patch(&url, 0, b"hello").expect(204);
        client.send(&tus::get(&url)).expect(404);
        client
            .send(&tus::get(&client.upload_partial(b"part")))
            .expect(404);
        client.send(&tus::get("/files/nobody")).expect(404);
    }
}

/// H-15.
#[test]
fn conditions_are_kept() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.upload(b"hello world");
        let get = tus::get(&url);
        let answer = client.send(&get).expect(200);
        let tag = answer.header("etag").unwrap();
        assert!(
            tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2,
            "{tag}"
        );
        let modified = answer.header("last-modified").unwrap();
        let with = |name: &str, value: &str| client.send(&get.clone().header(name, value));

        let not_modified = with("If-None-Match", tag).expect(304);
        assert!(not_modified.body.is_empty());
        not_modified.expect_header("etag", tag);
        with("If-None-Match", "*").expect(304);
        with("If-None-Match", &format!("W/{tag}, \"x\"")).expect(304);
        with("If-None-Match", "\"x\"").expect(200);
        with("If-Modified-Since", modified).expect(304);
        with("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT").expect(200);
        with("If-Match", tag).expect(200);
        with("If-Match", "*").expect(200);
        with("If-Match", "\"x\"").expect(412);
        with("If-Unmodified-Since", modified).expect(200);
        with("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT").expect(412);
    }
}

/// H-16.
#[test]
fn a_range_can_be_fetched() {
    let server = Server::start();
    let bytes = payload::bytes(2, 3_000_000);
    let length = bytes.len();
    for client in server.clients() {
        let url = client.upload(&bytes);
        let get = tus::get(&url);
        for (range, start, end) in [
            ("bytes=0-0", 0, 1),
            ("bytes=0-4", 0, 5),
            ("bytes=1000000-1999999", 1_000_000, 2_000_000),
            ("bytes=2999990-", 2_999_990, length),
            ("bytes=-5", length - 5, length),
            ("bytes=2999999-99999999", 2_999_999, length),
            ("bytes=-99999999", 0, length),
        ] {
            let answer = client.send(&get.clone().header("Range", range)).expect(206);
            let wanted = format!("bytes {start}-{}/{length}", end - 1);
            assert_eq!(
                answer.header("content-range"),
                Some(wanted.as_str()),
                "{range}"
            );
            assert_eq!(
                answer.number("content-length"),
                Some((end - start) as u64),
                "{range}"
            );
            assert_same(&answer.body, &bytes[start..end]);
        }
        for range in ["bytes=3000000-", "bytes=99999999-", "bytes=-0"] {
            let answer = client.send(&get.clone().header("Range", range)).expect(416);
            assert_eq!(
                answer.header("content-range"),
                Some("bytes */3000000"),
                "{range}"
            );
        }
        for range in [
            "bytes=5-4",
            "bytes=x-y",
            "bytes",
            "items=0-4",
            "",
            "bytes=",
            "bytes=--1",
        ] {
            let answer = client.send(&get.clone().header("Range", range)).expect(200);
            assert_same(&answer.body, &bytes);
        }
        // Many, and overlapping: never more than the upload itself.
        let many = format!("bytes={}", vec!["0-"; 1000].join(","));
        let answer = client
            .send(&get.clone().header("Range", many))
            .expect_any(&[200, 206, 416]);
        assert!(
            answer.body.len() <= length + 10_000,
            "{} bytes",
            answer.body.len()
        );

        let whole = client.send(&get).expect(200);
        let tag = whole.header("etag").unwrap();
        let range = get.header("Range", "bytes=0-4");
        client
            .send(&range.clone().header("If-Range", tag))
            .expect(206);
        client
            .send(&range.clone().header("If-Range", "\"x\""))
            .expect(200);
        client
            .send(&range.clone().header("If-Range", format!("W/{tag}")))
            .expect(200);
    }
}

/// H-16.
#[test]
fn nothing_has_no_range() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(0);
        for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            let answer = client
                .send(&tus::get(&url).header("Range", range))
                .expect(416);
            assert_eq!(answer.header("content-range"), Some("bytes */0"));
        }
    }
}

/// H-17.
#[test]
fn only_harmless_types_are_shown_in_place() {
    let server = Server::start();
    for client in server.clients() {
        for (media_type, is_shown) in [
            ("text/plain", true),
            ("image/png", true),
            ("video/mp4", true),
            ("text/html", false),
            ("TEXT/HTML", false),
            ("text/html;charset=x", false),
            ("image/svg+xml", false),
            ("application/pdf", false),
            ("application/xml", false),
            ("x", false),
            ("text/plain\r\nX: y", false),
            ("", false),
        ] {
            let url = upload_with(&client, &[("filetype", media_type)], b"x");
            let answer = client.send(&tus::get(&url)).expect(200);
            let disposition = answer.header("content-disposition").unwrap();
            assert_eq!(
                disposition.starts_with("inline"),
                is_shown,
                "{media_type}: {disposition}"
            );
            assert_eq!(answer.header("x"), None);
        }
    }
}

/// H-18.
#[test]
fn names_are_made_safe() {
    let server = Server::start();
    let long = "n".repeat(5_000);
    for client in server.clients() {
        for name in [
            "a\".html",
            "a\\",
            "a\r\nX: y",
            "../../x",
            "файл.txt",
            "\u{202e}gpj.exe",
            &long,
            "",
            "\0",
            "a;b",
            "a%41",
            "C:\\Windows\\x",
            "..",
            "a\nb",
        ] {
            let url = upload_with(&client, &[("filename", name)], b"x");
            let answer = client.send(&tus::get(&url)).expect(200);
            assert_eq!(answer.header("x"), None);
            let disposition = answer.header("content-disposition").unwrap();
            assert!(disposition.starts_with("attachment"), "{disposition}");
            assert!(
                disposition.is_ascii() && disposition.len() < 2_000,
                "{disposition}"
            );
            assert!(
                !disposition.contains("..") && !disposition.contains('/'),
                "{disposition}"
            );
            assert!(!disposition.contains('\\'), "{disposition}");
            assert!(disposition.matches('"').count() % 2 == 0, "{disposition}");
        }
        let url = upload_with(&client, &[("filename", "файл.txt")], b"x");
        let answer = client.send(&tus::get(&url)).expect(200);
        let disposition = answer.header("content-disposition").unwrap();
        assert!(disposition.contains("filename*=UTF-8''%D1%84%D0%B0%D0%B9%D0%BB.txt"));
    }
}

/// H-14: HEAD of the same URL is the protocol's, with or without its version.
#[test]
fn head_is_not_the_head_of_a_download() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.upload(b"hello");
        let head = client
            .send(&Request::new("HEAD", &url))
            .expect(200)
            .expect_offset(5);
        assert_eq!(head.header("content-disposition"), None);
    }
}

/// A download that nobody reads to its end holds nothing up.
#[test]
fn a_download_may_be_broken_off() {
    let server = Server::start();
    let client = server.client(Http::One);
    let bytes = payload::bytes(3, 20_000_000);
    let url = client.upload(&bytes);
    for _ in 0..3 {
        let mut connection = server.connect();
        connection.send(&tus::get(&url)).unwrap();
        connection.reset();
    }
    assert_same(&client.download(&url), &bytes);
    client.delete(&url).expect(204);
    let left = server.storage().files_of(tus::id(&url));
    assert!(left.is_empty(), "{left:?}");
}
