//! Digests, before the bytes and behind them. (CHK-*, TRL-*, CKS-*)

use oxitus_tests::checksum::{self, ALGORITHMS};
use oxitus_tests::client::Http;
use oxitus_tests::http1;
use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::request::Request;
use oxitus_tests::server::Server;
use oxitus_tests::{tus, wait};

const HELLO: &str = "hello world";
const SHA1_OF_HELLO: &str = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
const SHA1_OF_OTHER: &str = "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// PATCH of "hello world" in chunks, with the digest behind them.
fn with_trailer(url: &str, value: &str) -> Request {
    tus::patch_head(url, 0)
        .header("Trailer", "Upload-Checksum")
        .chunks(["hello", " ", "world"])
        .trailer("Upload-Checksum", value)
}

/// CHK-01, CHK-02, CHK-03, CHK-04.1, TRL-01.
#[test]
fn options_tells_the_algorithms() {
    let server = Server::start();
    for client in server.clients() {
        let options = client.options();
        let algorithms = options.header("tus-checksum-algorithm").unwrap();
        let mut algorithms: Vec<&str> = algorithms.split(',').map(str::trim).collect();
        algorithms.sort_unstable();
        let mut wanted = ALGORITHMS;
        wanted.sort_unstable();
        assert_eq!(algorithms, wanted);
    }
}

/// CHK-03.2, CHK-05, CHK-07, CHK-08.1.
#[test]
fn every_algorithm_tells_right_from_wrong() {
    let server = Server::start();
    let bytes = payload::bytes(1, 300_000);
    let mut damaged = bytes.clone();
    damaged[299_999] ^= 1;
    for client in server.clients() {
        for algorithm in ALGORITHMS {
            let url = client.create(bytes.len() as u64);
            let patch = tus::patch_checked(&url, 0, algorithm, &bytes);
            client
                .send(&patch.clone().body(damaged.clone()))
                .expect(460);
            assert_eq!(client.offset(&url), 0, "{algorithm}");
            client.send(&tus::get(&url)).expect(404);
            client
                .send(&patch)
                .expect(204)
                .expect_offset(bytes.len() as u64);
            assert_same(&client.download(&url), &bytes);
        }
    }
}

/// CHK-06.1: the status line is not one that every HTTP library knows.
#[test]
fn a_large_wrong_chunk_leaves_nothing() {
    let server = Server::start();
    let bytes = payload::bytes(2, 10 * 1024 * 1024);
    for client in server.clients() {
        let url = client.create(bytes.len() as u64);
        let patch = tus::patch(&url, 0, bytes.clone()).header("Upload-Checksum", SHA1_OF_OTHER);
        client.send(&patch).expect(460);
        assert_eq!(client.offset(&url), 0);
        client.patch(&url, 0, &bytes).expect(204);
        assert_same(&client.download(&url), &bytes);
    }
}

/// CHK-06.2, CHK-08.2.
#[test]
fn a_wrong_chunk_between_right_ones_can_be_sent_again() {
    let server = Server::start();
    let bytes = payload::bytes(3, 30_000);
    for client in server.clients() {
        let url = client.create(30_000);
        for offset in [0, 10_000, 20_000] {
            let chunk = &bytes[offset..offset + 10_000];
            let patch = tus::patch_checked(&url, offset as u64, "md5", chunk);
            for wrong in [vec![0; 10_000], vec![0; 9_999], bytes[..10_000].to_vec()] {
                if wrong != chunk {
                    client.send(&patch.clone().body(wrong)).expect(460);
                    assert_eq!(client.offset(&url), offset as u64);
                }
            }
            client
                .send(&patch)
                .expect(204)
                .expect_offset(offset as u64 + 10_000);
        }
        assert_same(&client.download(&url), &bytes);
    }
}

/// CHK-11.
#[test]
fn nothing_has_a_digest_too() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(5);
        let right =
            tus::patch(&url, 0, "").header("Upload-Checksum", "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
        client.send(&right).expect(204).expect_offset(0);
        client
            .send(&right.with("Upload-Checksum", SHA1_OF_HELLO))
            .expect(460);
        let complete = client.upload(b"hello");
        let wrong = tus::patch(&complete, 5, "").header("Upload-Checksum", SHA1_OF_HELLO);
        client.send(&wrong).expect(460);
        assert_same(&client.download(&complete), b"hello");
    }
}

/// CKS-01 to CKS-11, CHK-04.2, CHK-09.
#[test]
fn the_header_has_one_form() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(11);
        let patch = tus::patch(&url, 0, HELLO);
        for value in [
            "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "Sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "foo AAAA",
            "sha-1 AAAA",
            "sha1",
            "sha1 ",
            "",
            "sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "sha1\tKq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "sha1 !!!",
            "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0",
            "sha1 Kq5sNclPz7QV2-lfQIuc6R7oRu0=",
            "sha1 AAAA",
            "sha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed",
            "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=,sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        ] {
            client
                .send(&patch.clone().header("Upload-Checksum", value))
                .expect(400);
            assert_eq!(client.offset(&url), 0, "{value:?}");
        }
        let once = patch.header("Upload-Checksum", SHA1_OF_HELLO);
        client
            .send(&once.clone().header("Upload-Checksum", SHA1_OF_HELLO))
            .expect(400);
        assert_eq!(client.offset(&url), 0);
        if client.http() == Http::One {
            let padded = format!(" {SHA1_OF_HELLO} ");
            client
                .send(&once.with("Upload-Checksum", padded))
                .expect(204);
        } else {
            client.send(&once).expect(204);
        }
        assert_same(&client.download(&url), HELLO.as_bytes());
    }
}

/// CHK-07.1, TRN-09: what is wrong with the header is told before the body is asked for.
#[test]
fn a_client_that_asks_first_sends_no_body_in_vain() {
    let server = Server::start();
    let url = server.client(Http::One).create(11);
    let mut connection = server.connect();
    let patch = tus::patch_of_length(&url, 0, 11)
        .header("Upload-Checksum", "foo AAAA")
        .header("Expect", "100-continue");
    connection.send_head(&patch).unwrap();
    let answer = connection.read_response("PATCH").unwrap().expect(400);
    assert!(answer.interim.is_empty(), "{answer:?}");
}

/// TRL-02.1 to TRL-02.6, TRL-02.9.
#[test]
fn a_digest_may_follow_the_bytes() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(11);
        client.send(&with_trailer(&url, SHA1_OF_OTHER)).expect(460);
        assert_eq!(client.offset(&url), 0);
        for malformed in [
            "foo AAAA",
            "sha1",
            "sha1 !!!",
            "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        ] {
            client.send(&with_trailer(&url, malformed)).expect(400);
            assert_eq!(client.offset(&url), 0, "{malformed}");
        }
        let twice = with_trailer(&url, SHA1_OF_HELLO).trailer("Upload-Checksum", SHA1_OF_HELLO);
        client.send(&twice).expect(400);
        let both = with_trailer(&url, SHA1_OF_HELLO).header("Upload-Checksum", SHA1_OF_HELLO);
        client.send(&both).expect(400);
        let missing = tus::patch_head(&url, 0)
            .header("Trailer", "Upload-Checksum")
            .chunks(["hello", " ", "world"]);
        client.send(&missing).expect(400);
        assert_eq!(client.offset(&url), 0);
        client
            .send(&with_trailer(&url, SHA1_OF_HELLO))
            .expect(204)
            .expect_offset(11);
        assert_same(&client.download(&url), HELLO.as_bytes());
        for algorithm in ALGORITHMS {
            let url = client.create(11);
            let trailer = checksum::of(algorithm, HELLO.as_bytes());
            client
                .send(&with_trailer(&url, &trailer))
                .expect(204)
                .expect_offset(11);
            assert_same(&client.download(&url), HELLO.as_bytes());
        }
    }
}

/// TRL-02.7.
#[test]
fn bytes_whose_digest_never_came_leave_nothing() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(11);
        let none: [&str; 0] = [];
        let patch = tus::patch_head(&url, 0)
            .header("Trailer", "Upload-Checksum")
            .chunks(none);
        let mut pending = client.begin(&patch);
        pending.write(HELLO.as_bytes());
        pending.wait_until_read();
        pending.close();
        let client = server.client(client.http());
        assert_eq!(client.offset(&url), 0);
        client.send(&with_trailer(&url, SHA1_OF_HELLO)).expect(204);
        assert_same(&client.download(&url), HELLO.as_bytes());
    }
}

/// TRL-02.8: a digest that nobody announced is either honoured or refused, never ignored.
#[test]
fn an_unannounced_digest_is_not_ignored() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(11);
        let wrong = with_trailer(&url, SHA1_OF_OTHER).without("Trailer");
        client.send(&wrong).expect_any(&[400, 460]);
        let url = client.create(11);
        let right = with_trailer(&url, SHA1_OF_HELLO).without("Trailer");
        client.send(&right).expect_any(&[204, 400]);
    }
}

/// TRL-02.10.
#[test]
fn other_trailers_mean_nothing() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.created(&tus::create_deferred());
        let patch = tus::patch_head(&url, 0)
            .chunks([HELLO])
            .trailer("Upload-Length", "5")
            .trailer("Tus-Resumable", "9.9.9")
            .trailer("Upload-Offset", "7");
        client.send(&patch).expect(204).expect_offset(11);
        let head = client.head(&url).expect(200).expect_offset(11);
        assert_eq!(head.header("upload-length"), None);
    }
    // Fields that HTTP/2 cannot carry there.
    let client = server.client(Http::One);
    let url = client.create(11);
    let patch = tus::patch_head(&url, 0)
        .chunks([HELLO])
        .trailer("Content-Length", "5")
        .trailer("Transfer-Encoding", "gzip");
    let answer = client.send(&patch).expect_any(&[204, 400]);
    wait::until("the offset", || {
        let offset = client.offset(&url);
        (offset == 11 || (answer.status == 400 && offset <= 11)).then_some(())
    });
}

/// TRL-02.11.
#[test]
fn too_many_trailers_do_no_harm() {
    let server = Server::start();
    let client = server.client(Http::One);
    for (count, length) in [(1000, 10), (1, 1_000_000)] {
        let url = client.create(11);
        let mut connection = server.connect();
        let patch = tus::patch_head(&url, 0).chunks([HELLO]);
        let trailers: Vec<(String, String)> = (0..count)
            .map(|number| (format!("X-{number}"), "x".repeat(length)))
            .collect();
        connection.send_head(&patch).unwrap();
        connection.write(http1::chunk_of(&HELLO.into())).unwrap();
        // The server may have hung up before it has all of that.
        let _ = connection.write(http1::last_chunk(&trailers));
        if let Ok(answer) = connection.read_response("PATCH") {
            answer.expect_any(&[204, 400, 431]);
        }
        wait::until("the end of the request", || {
            client.send(&tus::delete(&url)).expect(204);
            Some(())
        });
    }
    client.upload(b"still well");
}

/// CHK-02: a digest that is right for other bytes of the same length is of no use to anybody.
#[test]
fn the_digest_is_of_this_body_only() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(22);
        client.patch(&url, 0, HELLO.as_bytes()).expect(204);
        let both = [HELLO, HELLO].concat();
        let patch = tus::patch_checked(&url, 11, "sha256", both.as_bytes()).body(HELLO);
        client.send(&patch).expect(460);
        let patch = tus::patch_checked(&url, 11, "sha256", HELLO.as_bytes());
        client.send(&patch).expect(204).expect_offset(22);
        assert_same(&client.download(&url), both.as_bytes());
    }
}
