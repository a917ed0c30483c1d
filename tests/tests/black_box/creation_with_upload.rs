//! A creating POST that brings the first bytes along. (CWU-*)

use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::request::Request;
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::{checksum, tus};

fn with_bytes(creation: Request, bytes: &[u8]) -> Request {
    creation
        .header("Content-Type", tus::OFFSET_OCTET_STREAM)
        .body(bytes.to_vec())
}

/// CWU-02, CWU-05.
#[test]
fn the_first_bytes_may_come_with_the_creation() {
    let server = Server::start();
    for client in server.clients() {
        let created = client.send(&with_bytes(tus::create(10), b"hello"));
        let url = tus::location(&created.expect(201).expect_offset(5));
        client.head(&url).expect(200).expect_offset(5);
        client.patch(&url, 5, b"world").expect(204);
        assert_same(&client.download(&url), b"helloworld");

        let bytes = payload::bytes(1, 3_000_000);
        let whole = tus::create(bytes.len() as u64);
        let created = client.send(&with_bytes(whole, &bytes)).expect(201);
        assert_eq!(created.offset(), bytes.len() as u64);
        assert_same(&client.download(&tus::location(&created)), &bytes);

        let created = client.send(&with_bytes(tus::create_deferred(), b"hello"));
        let url = tus::location(&created.expect(201).expect_offset(5));
        client
            .head(&url)
            .expect_offset(5)
            .expect_header("upload-defer-length", "1");

        let created = client.send(&with_bytes(tus::create_partial(5), b"hello"));
        let url = tus::location(&created.expect(201).expect_offset(5));
        client
            .head(&url)
            .expect_offset(5)
            .expect_header("upload-concat", "partial");
    }
}

/// CWU-03, A13.
#[test]
fn bytes_have_a_content_type() {
    let server = Server::start();
    for client in server.clients() {
        let files = server.storage().files();
        client
            .send(
                &tus::create(5)
                    .header("Content-Type", "text/plain")
                    .body("hello"),
            )
            .expect(415);
        client.send(&tus::create(5).body("hello")).expect(415);
        assert_eq!(server.storage().files(), files);
        for other in ["application/json", "application/x-www-form-urlencoded", "x"] {
            let empty = tus::create(5).header("Content-Type", other);
            client.send(&empty).expect(201).expect_offset(0);
            client.send(&empty.body("")).expect(201).expect_offset(0);
        }
        client
            .send(&with_bytes(tus::create(5), b""))
            .expect(201)
            .expect_offset(0);
    }
}

/// CWU-07.1, CWU-07.2, A16.
#[test]
fn bytes_beyond_the_length_make_no_upload() {
    let server = Server::start();
    for client in server.clients() {
        let files = server.storage().files();
        client
            .send(&with_bytes(tus::create(5), b"hello!"))
            .expect(413);
        let chunked = with_bytes(tus::create(5), b"").chunks(["hel", "lo", "!"]);
        client.send(&chunked).expect(413);
        client.send(&with_bytes(tus::create(0), b"x")).expect(413);
        assert_eq!(server.storage().files(), files);
        let fitting = with_bytes(tus::create(5), b"").chunks(["hel", "lo"]);
        let created = client.send(&fitting).expect(201).expect_offset(5);
        assert_same(&client.download(&tus::location(&created)), b"hello");
    }
}

#[test]
fn bytes_beyond_the_limit_make_no_upload() {
    let server = Settings::default().option("--max-size", 10).start();
    for client in server.clients() {
        let files = server.storage().files();
        client
            .send(&with_bytes(tus::create_deferred(), b"hello world"))
            .expect(413);
        let chunked = with_bytes(tus::create_deferred(), b"").chunks(["hello", "world", "!"]);
        client.send(&chunked).expect(413);
        assert_eq!(server.storage().files(), files);
    }
}

/// CWU-07.3, CHK-12.
#[test]
fn the_digest_of_a_creation_is_verified() {
    let server = Server::start();
    for client in server.clients() {
        let files = server.storage().files();
        let creation = with_bytes(tus::create(10), b"hello");
        let with = |value: &str| creation.clone().header("Upload-Checksum", value);
        client
            .send(&with(&checksum::of("sha1", b"world")))
            .expect(460);
        client.send(&with("foo AAAA")).expect(400);
        client.send(&with("sha1")).expect(400);
        assert_eq!(server.storage().files(), files);
        let created = client
            .send(&with(&checksum::of("sha1", b"hello")))
            .expect(201);
        let url = tus::location(&created.expect_offset(5));
        client.patch(&url, 5, b"world").expect(204);
        assert_same(&client.download(&url), b"helloworld");
    }
}

/// CWU-07.4, OFF-13.
#[test]
fn the_bytes_of_a_creation_begin_at_zero() {
    let server = Server::start();
    for client in server.clients() {
        let creation = with_bytes(tus::create(10), b"hello");
        client
            .send(&creation.clone().header("Upload-Offset", "0"))
            .expect(201)
            .expect_offset(5);
        let files = server.storage().files();
        for offset in ["3", "-1", "x", "99999999999999999999"] {
            client
                .send(&creation.clone().header("Upload-Offset", offset))
                .expect(400);
        }
        assert_eq!(server.storage().files(), files);
    }
}

/// CWU-06.
#[test]
fn a_client_that_asks_first_is_answered_first() {
    let server = Settings::default().option("--max-size", 1000).start();
    let creation = |length| {
        tus::create(length)
            .header("Content-Type", tus::OFFSET_OCTET_STREAM)
            .header("Content-Length", "5")
            .header("Expect", "100-continue")
            .body("")
    };
    let mut connection = server.connect();
    connection.send_head(&creation(5)).unwrap();
    assert_eq!(connection.read_interim().unwrap(), 100);
    connection.write("hello").unwrap();
    connection
        .read_response("POST")
        .unwrap()
        .expect(201)
        .expect_offset(5);

    for refused in [
        creation(1001),
        creation(5).without("Tus-Resumable"),
        creation(4),
    ] {
        let mut connection = server.connect();
        connection.send_head(&refused).unwrap();
        let answer = connection
            .read_response("POST")
            .unwrap()
            .expect_any(&[412, 413]);
        assert!(answer.interim.is_empty(), "{answer:?}");
    }
}
