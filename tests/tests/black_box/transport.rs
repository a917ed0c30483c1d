//! What HTTP itself can do with requests and connections. (TRN-*)

use oxitus_tests::client::Http;
use oxitus_tests::http1::Connection;
use oxitus_tests::http2;
use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::server::Server;
use oxitus_tests::{tus, wait};

/// The raw bytes of a PATCH.
fn raw_patch(url: &str, offset: usize, headers: &str, body: &str) -> String {
    format!(
        "PATCH {url} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n\
         Upload-Offset: {offset}\r\nContent-Type: application/offset+octet-stream\r\n\
         {headers}\r\n{body}"
    )
}

fn raw_head(url: &str) -> String {
    format!("HEAD {url} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n\r\n")
}

/// TRN-01, TRN-02.
#[test]
fn a_body_may_come_in_chunks() {
    let server = Server::start();
    let bytes = payload::bytes(1, 500_000);
    for client in server.clients() {
        let url = client.create(bytes.len() as u64);
        let none: [&str; 0] = [];
        client
            .send(&tus::patch_head(&url, 0).chunks(none))
            .expect(204)
            .expect_offset(0);
        let chunks = bytes.chunks(3_333).map(<[u8]>::to_vec).collect::<Vec<_>>();
        client
            .send(&tus::patch_head(&url, 0).chunks(chunks))
            .expect(204);
        assert_same(&client.download(&url), &bytes);
    }
    let client = server.client(Http::One);
    let url = client.create(10);
    let body = "3;name=value\r\nhel\r\n2;x\r\nlo\r\n05\r\nworld\r\n0;last\r\n\r\n";
    let mut connection = server.connect();
    connection
        .write(raw_patch(&url, 0, "Transfer-Encoding: chunked\r\n", body))
        .unwrap();
    connection
        .read_response("PATCH")
        .unwrap()
        .expect(204)
        .expect_offset(10);
    assert_same(&client.download(&url), b"helloworld");
}

/// TRN-03: two framings at once must not become two requests.
#[test]
fn chunked_and_a_length_are_not_two_requests() {
    let server = Server::start();
    let client = server.client(Http::One);
    for headers in [
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
    ] {
        let url = client.create(10);
        let smuggled = format!("DELETE {url} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\n\r\n");
        let body = format!("5\r\nhello\r\n0\r\n\r\n{smuggled}");
        let mut connection = server.connect();
        connection
            .write(raw_patch(&url, 0, headers, &body))
            .unwrap();
        let answer = connection
            .read_response("PATCH")
            .unwrap()
            .expect_any(&[204, 400]);
        connection.wait_for_end();
        let offset = if answer.status == 204 { 5 } else { 0 };
        client.head(&url).expect(200).expect_offset(offset);
    }
}

/// TRN-06: the same length twice is one length.
#[test]
fn the_same_length_twice_does_no_harm() {
    let server = Server::start();
    let client = server.client(Http::One);
    let url = client.create(5);
    let mut connection = server.connect();
    let twice = "Content-Length: 5\r\nContent-Length: 5\r\n";
    connection
        .write(raw_patch(&url, 0, twice, "hello"))
        .unwrap();
    let answer = connection
        .read_response("PATCH")
        .unwrap()
        .expect_any(&[204, 400]);
    assert_eq!(
        client.offset(&url),
        if answer.status == 204 { 5 } else { 0 }
    );
}

/// TRN-08, TRN-09, TRN-10, TRN-11.
#[test]
fn a_client_that_asks_first_is_answered_first() {
    let server = Server::start();
    let client = server.client(Http::One);
    let url = client.create(10);
    let expecting = |offset, length: usize| {
        tus::patch_of_length(&url, offset, length).header("Expect", "100-continue")
    };
    let mut connection = server.connect();
    connection.send_head(&expecting(0, 5)).unwrap();
    assert_eq!(connection.read_interim().unwrap(), 100);
    connection.write("hello").unwrap();
    connection
        .read_response("PATCH")
        .unwrap()
        .expect(204)
        .expect_offset(5);
    // And the connection goes on.
    connection.send_head(&expecting(5, 2)).unwrap();
    assert_eq!(connection.read_interim().unwrap(), 100);
    connection.write("wo").unwrap();
    connection
        .read_response("PATCH")
        .unwrap()
        .expect(204)
        .expect_offset(7);

    let nobody = tus::patch_of_length("/files/nobody", 0, 5).header("Expect", "100-continue");
    for (refused, status) in [
        (nobody, 404),
        (expecting(3, 2), 409),
        (expecting(7, 3).without("Tus-Resumable"), 412),
        (expecting(7, 4), 413),
        (expecting(7, 3).without("Content-Type"), 415),
        (expecting(7, 3).without("Upload-Offset"), 400),
        (expecting(7, 3).header("Upload-Checksum", "foo AAAA"), 400),
    ] {
        let mut connection = server.connect();
        connection.send_head(&refused).unwrap();
        let answer = connection.read_response("PATCH").unwrap().expect(status);
        assert!(answer.interim.is_empty(), "{answer:?}");
        assert_not_confused(&mut connection, &url, 7);
    }

    let other = expecting(7, 1).with("Expect", "200-ok");
    let mut connection = server.connect();
    connection.send_head(&other).unwrap();
    let _ = connection.write("r");
    let answer = connection.read_response("PATCH").unwrap();
    let offset = if answer.expect_any(&[204, 417]).status == 204 {
        8
    } else {
        7
    };
    assert_eq!(client.offset(&url), offset);

    let old = raw_patch(
        &url,
        usize::try_from(offset).unwrap(),
        "Content-Length: 1\r\nExpect: 100-continue\r\n",
        "x",
    )
    .replace("HTTP/1.1", "HTTP/1.0");
    let mut connection = server.connect();
    connection.write(old).unwrap();
    let answer = connection.read_response("PATCH").unwrap().expect(204);
    assert!(answer.interim.is_empty(), "{answer:?}");
}

/// After a refusal before the body, the server either closes the connection or waits for that
/// body; it never takes it for a request.
fn assert_not_confused(connection: &mut Connection, url: &str, offset: u64) {
    let sent = connection.write(format!("abc{}", raw_head(url)));
    if sent.is_ok()
        && let Ok(answer) = connection.read_response("HEAD")
    {
        assert!([200, 400].contains(&answer.status), "{answer:?}");
        if answer.status == 200 {
            answer.expect_offset(offset);
        }
    }
}

/// TRN-13.
#[test]
fn requests_may_follow_each_other_at_once() {
    let server = Server::start();
    let client = server.client(Http::One);

    let creation =
        "POST /files/ HTTP/1.1\r\nHost: h\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 5\r\n\r\n";
    let mut connection = server.connect();
    connection.write(creation.repeat(3)).unwrap();
    let mut urls: Vec<String> = (0..3)
        .map(|_| tus::location(&connection.read_response("POST").unwrap().expect(201)))
        .collect();
    urls.dedup();
    assert_eq!(urls.len(), 3);

    let url = client.create(10);
    let mut connection = server.connect();
    let both = [
        raw_patch(&url, 0, "Content-Length: 5\r\n", "hello"),
        raw_patch(
            &url,
            5,
            "Transfer-Encoding: chunked\r\n",
            "5\r\nworld\r\n0\r\n\r\n",
        ),
        raw_head(&url),
    ];
    connection.write(both.concat()).unwrap();
    connection
        .read_response("PATCH")
        .unwrap()
        .expect(204)
        .expect_offset(5);
    connection
        .read_response("PATCH")
        .unwrap()
        .expect(204)
        .expect_offset(10);
    connection
        .read_response("HEAD")
        .unwrap()
        .expect(200)
        .expect_offset(10);
    assert_same(&client.download(&url), b"helloworld");

    // A refusal does not lose its place either.
    let url = client.create(10);
    let mut connection = server.connect();
    let refused = [
        raw_patch(&url, 7, "Content-Length: 5\r\n", "hello"),
        raw_patch(
            &url,
            7,
            "Transfer-Encoding: chunked\r\n",
            "5\r\nworld\r\n0\r\n\r\n",
        ),
        raw_head(&url),
    ];
    connection.write(refused.concat()).unwrap();
    connection
        .read_response("PATCH")
        .unwrap()
        .expect(409)
        .expect_offset(0);
    if let Ok(second) = connection.read_response("PATCH") {
        second.expect(409).expect_offset(0);
        if let Ok(head) = connection.read_response("HEAD") {
            head.expect(200).expect_offset(0);
        }
    }
    assert_eq!(client.offset(&url), 0);
}

/// TRN-14, CRE-04.4, H-11.
#[test]
fn old_clients_are_served() {
    let server = Server::start();
    let old = |request: &str| {
        let mut connection = server.connect();
        connection.write(request).unwrap();
        let method = request.split(' ').next().unwrap();
        let answer = connection.read_response(method).unwrap();
        connection.wait_for_end();
        answer
    };
    let creation = "POST /files/ HTTP/1.0\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 5\r\n\r\n";
    let created = old(creation).expect(201);
    assert!(
        !created.header("location").unwrap().contains("null"),
        "{created:?}"
    );
    let url = tus::location(&created);
    let patch = raw_patch(&url, 0, "Content-Length: 5\r\n", "hello")
        .replace("HTTP/1.1\r\nHost: localhost", "HTTP/1.0");
    old(&patch).expect(204).expect_offset(5);
    let head = raw_head(&url).replace("HTTP/1.1\r\nHost: localhost", "HTTP/1.0");
    old(&head).expect(200).expect_offset(5);
    let answer = old(&format!("GET {url} HTTP/1.0\r\n\r\n")).expect(200);
    assert_eq!(answer.header("transfer-encoding"), None);
    assert_same(&answer.body, b"hello");

    let url = tus::location(&old(creation).expect(201));
    let chunked = raw_patch(
        &url,
        0,
        "Transfer-Encoding: chunked\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
    )
    .replace("HTTP/1.1\r\nHost: localhost", "HTTP/1.0");
    let answer = old(&chunked);
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert_eq!(server.client(Http::One).offset(&url), 0);
}

/// TRN-16: over HTTP/2 a body that is not as long as it says is an error of the stream.
#[test]
fn a_body_of_another_length_than_announced_is_no_success() {
    let server = Server::start();
    for (announced, sent) in [("5", "hel"), ("5", "hello!"), ("5", "")] {
        let client = server.client(Http::Two);
        let url = client.create(10);
        let connection = http2::Connection::open(server.address()).unwrap();
        let patch = tus::patch_head(&url, 0)
            .header("Content-Length", announced)
            .body(sent);
        if let Ok(answer) = connection.exchange(&patch) {
            assert!((400..500).contains(&answer.status), "{answer:?}");
        }
        let client = server.client(Http::Two);
        // What came may be stored a moment after the stream has ended.
        wait::until("an offset that stays", || {
            let offset = client.offset(&url);
            assert!(offset <= sent.len().min(5) as u64, "{offset} of {sent:?}");
            let rest = &b"helloworld"[usize::try_from(offset).unwrap()..];
            let answer = client.patch(&url, offset, rest).expect_any(&[204, 409]);
            (answer.status == 204).then_some(())
        });
        assert_same(&client.download(&url), b"helloworld");
    }
}

/// TRN-16.
#[test]
fn many_streams_share_a_connection() {
    let server = Server::start();
    let client = server.client(Http::Two);
    let uploads: Vec<(String, Vec<u8>)> = (0..16)
        .map(|seed| payload::bytes(seed, 300_000))
        .map(|bytes| (client.create(bytes.len() as u64), bytes))
        .collect();
    std::thread::scope(|scope| {
        for (url, bytes) in &uploads {
            scope.spawn(|| client.patch(url, 0, bytes).expect(204));
        }
    });
    for (url, bytes) in &uploads {
        assert_same(&client.download(url), bytes);
    }
}

/// CRE-04.5, H-19.
#[test]
fn connection_headers_stay_with_http1() {
    let server = Server::start();
    let client = server.client(Http::Two);
    let url = client.create(5);
    for request in [tus::head(&url), tus::patch(&url, 3, "x"), tus::delete(&url)] {
        let answer = client.send(&request);
        for name in ["connection", "keep-alive", "transfer-encoding", "upgrade"] {
            assert_eq!(answer.header(name), None, "{answer:?}");
        }
    }
}

/// TRN-19: the path decides, wherever the target claims to lie.
#[test]
fn an_absolute_target_is_routed_by_its_path() {
    let server = Server::start();
    let client = server.client(Http::One);
    let creation = tus::request("POST", "http://evil.example/files/").header("Upload-Length", "5");
    let created = server.connect().exchange(&creation).unwrap().expect(201);
    assert!(
        !created.header("location").unwrap().contains("evil"),
        "{created:?}"
    );
    let url = tus::location(&created);
    let patch = tus::patch(&format!("http://evil.example{url}"), 0, "hello");
    server
        .connect()
        .exchange(&patch)
        .unwrap()
        .expect(204)
        .expect_offset(5);
    assert_same(&client.download(&url), b"hello");
}

/// A connection that is only opened, or says only half of what it wants, is nobody's problem.
#[test]
fn silent_connections_do_no_harm() {
    let server = Server::start();
    let client = server.client(Http::One);
    let url = client.create(5);
    let mut silent: Vec<Connection> = (0..50).map(|_| server.connect()).collect();
    for (number, connection) in silent.iter_mut().enumerate() {
        let begun = raw_patch(&url, 0, "Content-Length: 5\r\n", "");
        connection
            .write(&begun[..number * begun.len() / 60])
            .unwrap();
    }
    client.patch(&url, 0, b"hello").expect(204);
    for connection in silent {
        connection.reset();
    }
    assert_same(&client.download(&url), b"hello");
}

/// A refused body does not cost the connection, where it is not too large. (H-10)
#[test]
fn a_connection_outlives_a_refusal() {
    let server = Server::start();
    let client = server.client(Http::One);
    let url = client.create(10);
    let mut connection = server.connect();
    for _ in 0..20 {
        let refused = tus::patch(&url, 7, vec![0; 100_000]);
        connection
            .exchange(&refused)
            .unwrap()
            .expect(409)
            .expect_offset(0);
    }
    connection
        .exchange(&tus::patch(&url, 0, "hello"))
        .unwrap()
        .expect(204)
        .expect_offset(5);
    wait::until("the offset", || (client.offset(&url) == 5).then_some(()));
}
