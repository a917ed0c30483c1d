//! Bad input of every kind: refused with the right 4xx (or by the HTTP parser, or with a closed
//! connection), and nothing is changed by it. (LEN-*, OFF-*, META-*, TRN-*; INV-2, INV-4)
//!
//! The tables of `Upload-Checksum` and `Upload-Concat` are in `checksum` and `concatenation`.

use oxitus_tests::client::{Client, Http};
use oxitus_tests::payload::{self, RngExt, assert_same};
use oxitus_tests::request::Request;
use oxitus_tests::server::Server;
use oxitus_tests::tus;

/// What is no number, whatever it may look like.
const NOT_NUMBERS: [&[u8]; 24] = [
    b"-1",
    b"-0",
    b"-5",
    b"+5",
    b"5 0",
    b"5,5",
    b"5;q=1",
    b"5.0",
    b"5e3",
    b"1e3",
    b"0x5",
    b"1_0",
    "\u{ff11}".as_bytes(),
    "\u{665}".as_bytes(),
    b"",
    b"abc",
    b"NaN",
    b"Infinity",
    b"\xb2",
    b"\xa0",
    b"5\t5",
    b"'5'",
    b"\"5\"",
    b"5\x80",
];

/// Numbers that no upload can have.
const BEYOND: [&str; 5] = [
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "36893488147419103237",
    "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
];

/// Header values that only raw bytes can have.
const BROKEN_VALUES: [&[u8]; 4] = [b"5\0", b"5\r", b"5\x7f", b"5\x01"];

/// Sends what may not even reach the server's own code, and wants a 4xx or a closed connection.
fn send_broken(server: &Server, bytes: &[u8]) {
    let mut connection = server.connect();
    // The server may have hung up before it has all of that.
    let _ = connection.write(bytes);
    connection.finish();
    if let Ok(answer) = connection.read_response("POST") {
        assert!(
            (400..500).contains(&answer.status),
            "{:?}: {answer:?}",
            bytes.escape_ascii()
        );
    }
}

/// LEN-01 to LEN-24.
#[test]
fn lengths() {
    let server = Server::start();
    for client in server.clients() {
        let limit = client.options().number("tus-max-size");
        let files = server.storage().files();
        for value in NOT_NUMBERS {
            client
                .send(&tus::post().header("Upload-Length", value))
                .expect(400);
        }
        for value in BEYOND {
            client
                .send(&tus::post().header("Upload-Length", value))
                .expect(413);
        }
        let endless = "9".repeat(10_000);
        client
            .send(&tus::post().header("Upload-Length", endless))
            .expect_any(&[413, 431]);
        for second in ["5", "6"] {
            client
                .send(&tus::create(5).header("Upload-Length", second))
                .expect(400);
        }
        assert_eq!(server.storage().files(), files);

        for (value, length) in [
            ("05", 5),
            ("000", 0),
            ("5", 5),
            ("9007199254740993", 9_007_199_254_740_993),
        ] {
            let created = client.send(&tus::post().header("Upload-Length", value));
            if limit.is_some_and(|limit| limit < length) {
                created.expect(413);
                continue;
            }
            let url = tus::location(&created.expect(201));
            assert_eq!(
                client.head(&url).expect(200).number("upload-length"),
                Some(length)
            );
            client.delete(&url).expect(204);
        }
        let largest = client
            .send(&tus::create(i64::MAX as u64))
            .expect_any(&[201, 413, 507]);
        if largest.status == 201 {
            let head = client.head(&tus::location(&largest)).expect(200);
            assert_eq!(head.number("upload-length"), Some(i64::MAX as u64));
        }
    }
    let client = server.client(Http::One);
    for value in [" 5 ", "\t5\t", "  5"] {
        let url = client.created(&tus::post().header("UPLOAD-LENGTH", value));
        assert_eq!(client.head(&url).number("upload-length"), Some(5));
    }
    let files = server.storage().files();
    for value in BROKEN_VALUES {
        let head = b"POST /files/ HTTP/1.1\r\nHost: h\r\nTus-Resumable: 1.0.0\r\nUpload-Length: ";
        send_broken(&server, &[head, value, b"\r\n\r\n"].concat());
    }
    assert_eq!(server.storage().files(), files);
}

/// The same values on a PATCH that tells the length of a deferred upload. (CDL-06.6)
#[test]
fn lengths_that_come_late() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.created(&tus::create_deferred());
        client.patch(&url, 0, b"abc").expect(204);
        let files = server.storage().files();
        let patch = tus::patch(&url, 3, "d");
        for value in NOT_NUMBERS {
            client
                .send(&patch.clone().header("Upload-Length", value))
                .expect(400);
        }
        for value in BEYOND {
            client
                .send(&patch.clone().header("Upload-Length", value))
                .expect(413);
        }
        for value in ["0", "2"] {
            client
                .send(&patch.clone().header("Upload-Length", value))
                .expect(400);
        }
        let twice = patch
            .clone()
            .header("Upload-Length", "5")
            .header("Upload-Length", "5");
        client.send(&twice).expect(400);
        let head = client.head(&url).expect(200).expect_offset(3);
        assert_eq!(head.header("upload-length"), None);
        assert_eq!(server.storage().files(), files);
        client
            .send(&patch.header("Upload-Length", "04"))
            .expect(204);
        assert_same(&client.download(&url), b"abcd");
    }
}

/// OFF-01 to OFF-14.
#[test]
fn offsets() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(10);
        client.patch(&url, 0, b"hello").expect(204);
        let files = server.storage().files();
        let patch = |value: &[u8]| tus::patch(&url, 0, "").with("Upload-Offset", value);
        client
            .send(&patch(b"").without("Upload-Offset"))
            .expect(400);
        for value in NOT_NUMBERS {
            client.send(&patch(value)).expect(400);
            client.send(&patch(value).body("x")).expect(400);
        }
        for value in BEYOND
            .into_iter()
            .chain(["4", "6", "0", "10", "11", "9223372036854775807"])
        {
            client
                .send(&patch(value.as_bytes()))
                .expect(409)
                .expect_offset(5);
            client
                .send(&patch(value.as_bytes()).body("x"))
                .expect(409)
                .expect_offset(5);
        }
        for second in ["5", "6"] {
            client
                .send(&patch(b"5").header("Upload-Offset", second))
                .expect(400);
        }
        client
            .send(&patch(b"5").body("world!"))
            .expect(413)
            .expect_offset(5);
        assert_eq!(client.offset(&url), 5);
        assert_eq!(server.storage().files(), files);
        client.send(&patch(b"05")).expect(204).expect_offset(5);
        if client.http() == Http::One {
            client.send(&patch(b" 5 ")).expect(204).expect_offset(5);
        }
        client.patch(&url, 5, b"world").expect(204);
        assert_same(&client.download(&url), b"helloworld");
    }
}

/// OFF-14, A16: however a body goes beyond the end, it does not complete the upload.
#[test]
fn bodies_that_go_beyond_the_end() {
    let server = Server::start();
    for client in server.clients() {
        for chunks in [["wo", "rl", "d!"], ["wor", "ld", "!"], ["w", "", "orld!"]] {
            let url = client.create(10);
            client.patch(&url, 0, b"hello").expect(204);
            client
                .send(&tus::patch_head(&url, 5).chunks(chunks))
                .expect(413);
            let offset = client.offset(&url);
            assert!((5..=9).contains(&offset), "{offset} after {chunks:?}");
            client.send(&tus::get(&url)).expect(404);
            let rest = &b"helloworld"[usize::try_from(offset).unwrap()..];
            client.patch(&url, offset, rest).expect(204);
            assert_same(&client.download(&url), b"helloworld");
        }
    }
}

/// META-01 to META-17.
#[test]
fn metadata() {
    let server = Server::start();
    for client in server.clients() {
        let creation = |value: &[u8]| tus::create(5).header("Upload-Metadata", value);
        for value in [
            "filename d29ybGQ=,is_confidential",
            "k",
            "k ,j dg==",
            "k dg==,K dg==",
            "k dg==, j dg==",
            "k Zh==",
            "k=\"/; dg==",
            "constructor dg==,__proto__ dg==,toString dg==",
            "nul AA==,crlf DQo=,not_utf8 /w==,path Li4vLi4vZXRjL3Bhc3N3ZA==",
        ] {
            let url = client.created(&creation(value.as_bytes()));
            client
                .head(&url)
                .expect(200)
                .expect_header("upload-metadata", value);
        }
        let url = client.created(&creation(b"a dg==").header("Upload-Metadata", "b dg=="));
        let head = client.head(&url).expect(200);
        let joined = head.header("upload-metadata").unwrap();
        assert!(
            ["a dg==,b dg==", "a dg==, b dg=="].contains(&joined),
            "{joined}"
        );
        let url = client.created(&creation(b""));
        client
            .head(&url)
            .expect(200)
            .expect_header("upload-metadata", None);

        let files = server.storage().files();
        for value in [
            b"k dg==,k dg==".as_slice(),
            b",k dg==",
            b"k dg==,,j dg==",
            b",",
            b"k dg==,",
            b"k  dg==",
            b"k d g==",
            b"k\tdg==",
            b"k !!!!",
            b"k dg",
            b"k dg=",
            b"k dg===",
            b"k ====",
            b"k _-8=",
            "k\u{e9}y dg==".as_bytes(),
            b"k\xe9y dg==",
            b"k dg==\xff",
        ] {
            client.send(&creation(value)).expect(400);
        }
        let twice = creation(b"a dg==").header("Upload-Metadata", "a dg==");
        client.send(&twice).expect(400);
        assert_eq!(server.storage().files(), files);

        let many: Vec<String> = (0..1000).map(|number| format!("k{number} dg==")).collect();
        for large in [many.join(","), format!("k {}", "QUJD".repeat(15_000))] {
            let files = server.storage().files();
            let answer = client.send(&creation(large.as_bytes()));
            if answer.expect_any(&[201, 400, 413, 431]).status != 201 {
                assert_eq!(server.storage().files(), files);
            }
        }
    }
    let client = server.client(Http::One);
    let url = client.created(&tus::create(5).header("Upload-Metadata", "k "));
    client.head(&url).expect_header("upload-metadata", "k");
    let head = b"POST /files/ HTTP/1.1\r\nHost: h\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 5\r\n";
    send_broken(
        &server,
        &[head.as_slice(), b"Upload-Metadata: k\x7f dg==\r\n\r\n"].concat(),
    );
}

/// TRN-20, TRN-15, TRN-06, TRN-04, H-08, H-21.
#[test]
fn what_is_not_http_is_refused() {
    let server = Server::start();
    let client = server.client(Http::One);
    let url = client.create(10);
    client.patch(&url, 0, b"hello").expect(204);
    let files = server.storage().files();
    let patch = |headers: &str, body: &str| {
        format!(
            "PATCH {url} HTTP/1.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 5\r\n\
             Content-Type: application/offset+octet-stream\r\n{headers}\r\n{body}"
        )
    };
    let host = "Host: localhost\r\n";
    let many: String = (0..200)
        .map(|number| format!("X-{number}: x\r\n"))
        .collect();
    for broken in [
        patch("Content-Length: 5\r\n", "world"),
        patch("Host: a\r\nHost: b\r\nContent-Length: 5\r\n", "world"),
        patch(&format!("{host}Content-Length: -1\r\n"), "world"),
        patch(&format!("{host}Content-Length: +5\r\n"), "world"),
        patch(&format!("{host}Content-Length: 5, 4\r\n"), "world"),
        patch(
            &format!("{host}Content-Length: 5\r\nContent-Length: 4\r\n"),
            "world",
        ),
        patch(
            &format!("{host}Content-Length: 111111111111111111111\r\n"),
            "world",
        ),
        patch(&format!("{host}Content-Length: 0x5\r\n"), "world"),
        patch(&format!("{host}Transfer-Encoding: gzip\r\n"), "world"),
        patch(
            &format!("{host}Transfer-Encoding: chunked, gzip\r\n"),
            "5\r\nworld\r\n0\r\n\r\n",
        ),
        patch(
            &format!("{host}Transfer-Encoding: gzip, chunked\r\n"),
            "5\r\nworld\r\n0\r\n\r\n",
        ),
        patch(
            &format!("{host}Transfer-Encoding: chunked, chunked\r\n"),
            "5\r\nworld\r\n0\r\n\r\n",
        ),
        patch(
            &format!("{host}Transfer-Encoding: xchunked\r\n"),
            "5\r\nworld\r\n0\r\n\r\n",
        ),
        patch(&format!("{host}{many}Content-Length: 5\r\n"), "world"),
        patch(
            &format!("{host}X: {}\r\nContent-Length: 5\r\n", "x".repeat(500_000)),
            "world",
        ),
        patch(
            &format!("{host}X: a\r\n folded\r\nContent-Length: 5\r\n"),
            "world",
        ),
        patch(&format!("{host}X : a\r\nContent-Length: 5\r\n"), "world"),
        patch(&format!("{host}X: \0\r\nContent-Length: 5\r\n"), "world"),
        patch(&format!("{host}X: a\rb\r\nContent-Length: 5\r\n"), "world"),
        patch(
            &format!("{host}X\u{0}: a\r\nContent-Length: 5\r\n"),
            "world",
        ),
        format!("GET /{} HTTP/1.1\r\n{host}\r\n", "x".repeat(70_000)),
        format!("P@TCH: {url} HTTP/1.1\r\n{host}\r\n"),
        format!("PATCH {url} HTTP/3.0\r\n{host}\r\n"),
        format!("PATCH {url}\r\n\r\n"),
        format!("PATCH  {url} HTTP/1.1\r\n{host}\r\n"),
        "\0\0\0\0\0\0\0\0\r\n\r\n".to_owned(),
        "\r\n\r\n\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnot a frame at all, not even near".to_owned(),
        String::new(),
    ] {
        send_broken(&server, broken.as_bytes());
        assert_eq!(
            client.offset(&url),
            5,
            "{:?}",
            &broken[..broken.len().min(300)]
        );
    }
    assert_eq!(server.storage().files(), files);
    client.patch(&url, 5, b"world").expect(204);
    assert_same(&client.download(&url), b"helloworld");
}

/// TRN-07: a length that makes a sum overflow.
#[test]
fn a_body_as_long_as_a_number_can_be() {
    let server = Server::start();
    let client = server.client(Http::One);
    let url = client.create(10);
    client.patch(&url, 0, b"hello").expect(204);
    for length in [
        "6",
        "9223372036854775803",
        "9223372036854775807",
        "18446744073709551610",
        "18446744073709551613",
    ] {
        let mut connection = server.connect();
        let patch = tus::patch_head(&url, 5)
            .header("Content-Length", length)
            .body("");
        connection.send_head(&patch).unwrap();
        // It may have been answered by now.
        let _ = connection.write("world!");
        connection
            .read_response("PATCH")
            .unwrap()
            .expect_any(&[413, 431]);
        assert_eq!(client.offset(&url), 5);
    }
    let deferred = client.created(&tus::create_deferred());
    client.patch(&deferred, 0, b"hello").expect(204);
    let mut connection = server.connect();
    let patch = tus::patch_head(&deferred, 5).header("Content-Length", "9223372036854775807");
    connection.send_head(&patch.body("")).unwrap();
    connection.read_response("PATCH").unwrap().expect(413);
    assert_eq!(client.offset(&deferred), 5);
}

/// TRN-23: bytes are stored as they are sent, so a coding would be stored with them.
#[test]
fn coded_bodies_are_not_decoded_behind_anybodys_back() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(10);
        let coded = tus::patch(&url, 0, "hello").header("Content-Encoding", "gzip");
        client.send(&coded).expect(415);
        assert_eq!(client.offset(&url), 0);
    }
}

/// Requests made of pieces of good ones: whatever they are, no answer is a 5xx, and the server
/// goes on. The client checks every answer; what this adds is imagination.
#[test]
fn random_requests_do_no_harm() {
    let mut random = payload::random();
    let server = Server::start();
    let names = [
        "Tus-Resumable",
        "Upload-Length",
        "Upload-Offset",
        "Upload-Defer-Length",
        "Upload-Metadata",
        "Upload-Concat",
        "Upload-Checksum",
        "Content-Type",
        "Content-Encoding",
        "X-HTTP-Method-Override",
        "Range",
        "If-Match",
        "If-None-Match",
        "If-Range",
        "Trailer",
        "Origin",
        "Access-Control-Request-Method",
        "Upload-Draft-Interop-Version",
        "Upload-Complete",
        "Expect",
    ];
    let values: [&[u8]; 24] = [
        b"1.0.0",
        b"0",
        b"1",
        b"5",
        b"10",
        b"-1",
        b"99999999999999999999",
        b"",
        b"partial",
        b"final;",
        b"final;/files/x",
        b"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        b"sha1",
        b"application/offset+octet-stream",
        b"text/plain",
        b"PATCH",
        b"DELETE",
        b"HEAD",
        b"bytes=0-5",
        b"\"x\"",
        b"*",
        b"\xff\xfe",
        b"a dg==,b",
        b"Upload-Checksum",
    ];
    let methods = [
        "GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT", "X",
    ];
    let client_of: [Client; 2] = server.clients();
    let url = client_of[0].upload(b"untouchable");
    let part = client_of[0].upload_partial(b"part");
    let whole = client_of[0].created(&tus::create_final(&[&part]));
    let mut targets = vec![
        tus::BASE.to_owned(),
        "/files".to_owned(),
        "/files/x".to_owned(),
        "/".to_owned(),
        "/health".to_owned(),
        "/files/../x".to_owned(),
    ];
    for round in 0..1500 {
        let client = &client_of[round % 2];
        let one_of = |list: &[String], random: &mut payload::Random| {
            list[random.random_range(0..list.len())].clone()
        };
        if round % 50 == 0 {
            targets.push(client.create(10));
        }
        let target = one_of(&targets, &mut random);
        let method = methods[random.random_range(0..methods.len())];
        let mut request = match random.random_range(0..3) {
            0 => Request::new(method, &target),
            _ => tus::request(method, &target),
        };
        for _ in 0..random.random_range(0..6) {
            let name = names[random.random_range(0..names.len())];
            request = request.header(name, values[random.random_range(0..values.len())]);
        }
        request = match random.random_range(0..4) {
            0 => request,
            1 => request.body(""),
            2 => request.body("hello"),
            _ => request.chunks(["hel", "lo"]),
        };
        // Over HTTP/2 a stream may be reset where HTTP/1.1 has an answer of its parser.
        let _ = client.try_send(&request);
    }
    for client in &client_of {
        assert_same(&client.download(&url), b"untouchable");
        assert_same(&client.download(&whole), b"part");
    }
}
