//! Creation without a length, which comes later. (CDL-*)

use oxitus_tests::payload::assert_same;
use oxitus_tests::request::Request;
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::tus;

fn with_length(patch: Request, length: impl ToString) -> Request {
    patch.header("Upload-Length", length.to_string())
}

/// CDL-02, CDL-05.1 to CDL-05.3, CDL-07.1.
#[test]
fn the_length_may_come_with_any_patch() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.created(&tus::create_deferred());
        for (offset, byte) in [(0, "a"), (1, "b"), (2, "c")] {
            let head = client.head(&url).expect(200).expect_offset(offset);
            assert_eq!(head.header("upload-defer-length"), Some("1"));
            assert_eq!(head.header("upload-length"), None);
            client
                .send(&tus::patch(&url, offset, byte))
                .expect(204)
                .expect_offset(offset + 1);
        }
        client
            .send(&with_length(tus::patch(&url, 3, "d"), 5))
            .expect(204)
            .expect_offset(4);
        let head = client.head(&url).expect(200).expect_offset(4);
        assert_eq!(head.number("upload-length"), Some(5));
        assert_eq!(head.header("upload-defer-length"), None);
        client.send(&tus::get(&url)).expect(404);
        client.patch(&url, 4, b"e").expect(204).expect_offset(5);
        assert_same(&client.download(&url), b"abcde");
    }
}

/// CDL-05.4, CDL-05.5, CDL-05.6.
#[test]
fn a_length_that_is_reached_completes() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.created(&tus::create_deferred());
        client.patch(&url, 0, b"abc").expect(204);
        client
            .send(&with_length(tus::patch(&url, 3, ""), 3))
            .expect(204)
            .expect_offset(3);
        assert_same(&client.download(&url), b"abc");

        let url = client.created(&tus::create_deferred());
        client
            .send(&with_length(tus::patch(&url, 0, ""), 0))
            .expect(204)
            .expect_offset(0);
        assert_same(&client.download(&url), b"");

        let url = client.created(&tus::create_deferred());
        client
            .send(&with_length(tus::patch(&url, 0, "abc"), 3))
            .expect(204)
            .expect_offset(3);
        assert_same(&client.download(&url), b"abc");
    }
}

/// CDL-03, CDL-04.
#[test]
fn deferring_is_said_with_a_one() {
    let server = Server::start();
    for client in server.clients() {
        let files = server.storage().files();
        for value in ["0", "2", "01", "+1", "-1", "true", "1,1", "1 1", ""] {
            client
                .send(&tus::post().header("Upload-Defer-Length", value))
                .expect(400);
        }
        client
            .send(&tus::create_deferred().header("Upload-Defer-Length", "1"))
            .expect(400);
        client
            .send(&tus::create_deferred().header("Upload-Length", "5"))
            .expect(400);
        client
            .send(&tus::create(5).header("Upload-Defer-Length", "2"))
            .expect(400);
        assert_eq!(server.storage().files(), files);
    }
}

/// CDL-06.1 to CDL-06.3, CDL-06.7, CDL-10.1, A12.
#[test]
fn a_length_is_final() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.created(&tus::create_deferred());
        client.patch(&url, 0, b"abc").expect(204);
        client
            .send(&with_length(tus::patch(&url, 3, "d"), 2))
            .expect(400);
        assert_eq!(
            client.head(&url).expect_offset(3).header("upload-length"),
            None
        );
        client
            .send(&with_length(tus::patch(&url, 3, "d"), 5))
            .expect(204);
        for other in [4, 6, 0] {
            client
                .send(&with_length(tus::patch(&url, 4, "e"), other))
                .expect(400);
        }
        let head = client.head(&url).expect(200).expect_offset(4);
        assert_eq!(head.number("upload-length"), Some(5));
        client
            .send(&with_length(tus::patch(&url, 4, "e"), 5))
            .expect(204);
        assert_same(&client.download(&url), b"abcde");

        let url = client.create(10);
        client
            .send(&with_length(tus::patch(&url, 0, "a"), 11))
            .expect(400);
        client
            .send(&with_length(tus::patch(&url, 0, "a"), 10))
            .expect(204)
            .expect_offset(1);
    }
}

/// CDL-08.1, CDL-10.2, CDL-11.1.
#[test]
fn a_length_that_does_not_fit_is_not_recorded() {
    let server = Settings::default().option("--max-size", 10).start();
    for client in server.clients() {
        let url = client.created(&tus::create_deferred());
        client.patch(&url, 0, b"ab").expect(204);
        for length in [
            "11",
            "9223372036854775807",
            "9223372036854775808",
            "99999999999999999999",
        ] {
            let answer = client
                .send(&with_length(tus::patch(&url, 2, "c"), length))
                .expect(413);
            assert_eq!(answer.number("tus-max-size"), Some(10));
        }
        client
            .send(&with_length(tus::patch(&url, 2, "cdefgh"), 4))
            .expect(413);
        client.send(&tus::patch(&url, 2, "cdefghijk")).expect(413);
        let head = client.head(&url).expect(200).expect_offset(2);
        assert_eq!(head.header("upload-length"), None);
        client
            .send(&with_length(tus::patch(&url, 2, "cd"), 4))
            .expect(204);
        assert_same(&client.download(&url), b"abcd");
    }
}

/// CDL-08.2.
#[test]
fn the_limit_holds_for_a_body_of_unknown_length_too() {
    let server = Settings::default().option("--max-size", 10).start();
    for client in server.clients() {
        let url = client.created(&tus::create_deferred());
        let patch = tus::patch_head(&url, 0).chunks(["hello", "world", "!"]);
        client.send(&patch).expect(413);
        let head = client.head(&url).expect(200);
        assert!(head.offset() <= 10, "{head:?}");
        assert_eq!(head.header("upload-length"), None);
        client.send(&tus::get(&url)).expect(404);
    }
}

/// CDL-06.10, A12: a request that is refused declares nothing.
#[test]
fn a_refused_body_declares_no_length() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.created(&tus::create_deferred());
        let wrong = tus::patch_checked(&url, 0, "sha1", b"abc").body("abd");
        client.send(&with_length(wrong, 3)).expect(460);
        let head = client.head(&url).expect(200).expect_offset(0);
        assert_eq!(head.header("upload-length"), None);
        assert_eq!(head.header("upload-defer-length"), Some("1"));
        client
            .send(&with_length(tus::patch(&url, 0, "abcd"), 4))
            .expect(204);
        assert_same(&client.download(&url), b"abcd");
    }
}

/// CDL-09, LEN-24, META-18, CAT-19: headers of a creation mean nothing elsewhere.
#[test]
fn headers_of_a_creation_mean_nothing_elsewhere() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.created(&tus::create_deferred());
        let patch = tus::patch(&url, 0, "abc")
            .header("Upload-Defer-Length", "1")
            .header("Upload-Metadata", "filename d29ybGQ=")
            .header("Upload-Concat", "partial");
        client.send(&patch).expect(204).expect_offset(3);
        let head = tus::head(&url)
            .header("Upload-Length", "7")
            .header("Upload-Concat", "nonsense");
        let head = client.send(&head).expect(200).expect_offset(3);
        assert_eq!(head.header("upload-length"), None);
        assert_eq!(head.header("upload-metadata"), None);
        assert_eq!(head.header("upload-concat"), None);
        client
            .send(&tus::delete(&url).header("Upload-Length", "nonsense"))
            .expect(204);
    }
}
