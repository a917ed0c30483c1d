//! The core protocol: HEAD, PATCH and OPTIONS. (CORE-*)

use oxitus_tests::client::Http;
use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::request::Request;
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::tus;

/// Versions that are not spoken here.
const OTHER_VERSIONS: [&str; 7] = [
    "0.2.2",
    "1.0.1",
    "1.0",
    "2.0.0",
    "1.0.0,0.2.2",
    "1.0.0 ; x",
    "",
];

/// Paths below the base that name no upload, and must not reach a file.
const STRANGE_NAMES: [&str; 10] = [
    "%00",
    "..%2f..%2fetc%2fpasswd",
    "a%2Fb",
    ".info",
    "oxitus.json",
    "%2e%2e",
    "a.b",
    "é",
    "%ff",
    "a/b",
];

/// CORE-02, CORE-03, CORE-17, CORE-18, CORE-20, CORE-21, CORE-22, CORE-26, CORE-27.
#[test]
fn an_upload_grows_by_what_is_sent() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(10);
        let head = client.head(&url).expect(200).expect_offset(0);
        assert_eq!(head.number("upload-length"), Some(10));
        assert_eq!(head.header("upload-defer-length"), None);
        client.patch(&url, 0, b"hello").expect(204).expect_offset(5);
        client.head(&url).expect(200).expect_offset(5);
        client
            .patch(&url, 5, b"world")
            .expect(204)
            .expect_offset(10);
        client.head(&url).expect(200).expect_offset(10);
        assert_same(&client.download(&url), b"helloworld");
    }
}

/// CORE-22.2.
#[test]
fn every_byte_is_kept() {
    let server = Server::start();
    let every_value: Vec<u8> = (0..=u8::MAX).collect();
    for client in server.clients() {
        let url = client.upload(&every_value);
        assert_same(&client.download(&url), &every_value);
        for length in [1, 65_535, 65_536, 65_537, 10 * 1024 * 1024] {
            let bytes = payload::bytes(length as u64, length);
            let url = client.upload(&bytes);
            assert_same(&client.download(&url), &bytes);
        }
    }
}

/// CORE-25.1, TRN-24.
#[test]
fn a_thousand_pieces_over_one_connection() {
    let server = Server::start();
    let bytes = payload::bytes(1, 1000);
    let client = server.client(Http::Two);
    let url = client.create(1000);
    for (offset, byte) in bytes.iter().enumerate() {
        client.patch(&url, offset as u64, &[*byte]).expect(204);
    }
    assert_same(&client.download(&url), &bytes);

    let url = client.create(1000);
    let mut connection = server.connect();
    for (offset, byte) in bytes.iter().enumerate() {
        let patch = tus::patch(&url, offset as u64, vec![*byte]);
        let answer = connection.exchange(&patch).unwrap().expect(204);
        assert_eq!(answer.offset(), offset as u64 + 1);
    }
    assert_same(&client.download(&url), &bytes);
}

/// CORE-27.2, OFF-11, A09.
#[test]
fn a_patch_without_bytes_is_taken() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(5);
        client.patch(&url, 0, b"").expect(204).expect_offset(0);
        client
            .send(&tus::patch_head(&url, 0))
            .expect(204)
            .expect_offset(0);
        client.patch(&url, 0, b"hello").expect(204);
        client.patch(&url, 5, b"").expect(204).expect_offset(5);
        client.patch(&url, 5, b"!").expect(413).expect_offset(5);
        assert_same(&client.download(&url), b"hello");
    }
}

/// CORE-24.
#[test]
fn a_patch_at_another_offset_changes_nothing() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(10);
        client.patch(&url, 0, b"hello").expect(204);
        for offset in [0, 4, 6, 10, 11, i64::MAX as u64] {
            client
                .patch(&url, offset, b"x")
                .expect(409)
                .expect_offset(5);
            client.patch(&url, offset, b"").expect(409).expect_offset(5);
            assert_eq!(client.offset(&url), 5);
        }
        client.patch(&url, 5, b"world").expect(204);
        client.patch(&url, 9, b"x").expect(409).expect_offset(10);
        assert_same(&client.download(&url), b"helloworld");
    }
}

/// CORE-23.
#[test]
fn a_patch_has_one_content_type() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(10);
        let patch = tus::patch(&url, 0, "x");
        for other in ["text/plain", "application/octet-stream", "", "x"] {
            client
                .send(&patch.clone().with("Content-Type", other))
                .expect(415);
        }
        client
            .send(&patch.clone().without("Content-Type"))
            .expect(415);
        let twice = patch
            .clone()
            .header("Content-Type", tus::OFFSET_OCTET_STREAM);
        client.send(&twice).expect_any(&[400, 415]);
        assert_eq!(client.offset(&url), 0);
        for (offset, same) in [
            "Application/Offset+Octet-Stream",
            "application/offset+octet-stream; charset=utf-8",
        ]
        .into_iter()
        .enumerate()
        {
            let patch = tus::patch(&url, offset as u64, "x").with("Content-Type", same);
            client
                .send(&patch)
                .expect(204)
                .expect_offset(offset as u64 + 1);
        }
    }
}

/// CORE-04, CORE-05, CORE-10, CORE-13.2, CORE-31, CORE-32, CORE-33; and the first statement of
/// each extension.
#[test]
fn options_tells_what_is_offered() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(5);
        let options = client.options().expect(204);
        assert_eq!(options.header("tus-version"), Some("1.0.0"));
        // Without a limit there is only what a number of the protocol can say, and a bucket: 5,000
        // parts of a quarter of the memory.
        let no_limit = match server.storage().is_bucket() {
            true => [None, Some(5_000 * 64 * 1024 * 1024)],
            false => [None, Some(i64::MAX as u64)],
        };
        assert!(
            no_limit.contains(&options.number("tus-max-size")),
            "{options:?}"
        );
        let extensions = options.header("tus-extension").unwrap();
        let mut extensions: Vec<&str> = extensions.split(',').map(str::trim).collect();
        extensions.sort_unstable();
        let all = [
            "checksum",
            "checksum-trailer",
            "concatenation",
            "concatenation-unfinished",
            "creation",
            "creation-defer-length",
            "creation-with-upload",
            "termination",
        ];
        let offered: Vec<_> = extensions
            .iter()
            .filter(|name| **name != "expiration")
            .collect();
        assert!(offered.into_iter().eq(&all), "{extensions:?}");
        for target in ["/files", "/files/", &url, "/files/nobody", "/files/%00"] {
            let options = client
                .send(&Request::new("OPTIONS", target))
                .expect_any(&[200, 204]);
            assert_eq!(options.header("tus-version"), Some("1.0.0"), "{target}");
        }
        for version in ["9.9.9", "\u{e9}", ""] {
            let options = Request::new("OPTIONS", tus::BASE).header("Tus-Resumable", version);
            client.send(&options).expect_any(&[200, 204]);
        }
    }
    let mut connection = server.connect();
    connection
        .exchange(&Request::new("OPTIONS", "*"))
        .unwrap()
        .expect_any(&[200, 204, 404]);
}

/// CORE-12, CORE-13.1.
#[test]
fn options_tells_the_limit() {
    let server = Settings::default().option("--max-size", 1000).start();
    let options = server.client(Http::One).options();
    assert_eq!(options.number("tus-max-size"), Some(1000));
}

/// CORE-06, CORE-07, CORE-08, CORE-09, A02.
#[test]
fn another_version_is_not_processed() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(10);
        let files = server.storage().files();
        let requests = [
            tus::create(5),
            tus::patch(&url, 0, "hello"),
            tus::delete(&url),
            tus::head(&url),
        ];
        for request in &requests {
            for version in OTHER_VERSIONS {
                let answer = client.send(&request.clone().with("Tus-Resumable", version));
                assert_eq!(answer.expect(412).header("tus-version"), Some("1.0.0"));
            }
            let twice = request.clone().header("Tus-Resumable", "1.0.0");
            client.send(&twice).expect(412);
            if request.method != "HEAD" {
                let answer = client.send(&request.clone().without("Tus-Resumable"));
                assert_eq!(answer.expect(412).header("tus-version"), Some("1.0.0"));
            }
        }
        let overridden = tus::create(5)
            .with("Tus-Resumable", "9.9.9")
            .header("X-HTTP-Method-Override", "DELETE");
        client.send(&overridden).expect(412);
        assert_eq!(server.storage().files(), files);
        client
            .send(&Request::new("HEAD", &url))
            .expect(200)
            .expect_offset(0);
        let padded = tus::head(&url).with("Tus-Resumable", " 1.0.0 ");
        if client.http() == Http::One {
            client.send(&padded).expect(200);
        }
    }
}

/// CORE-14, CORE-15.
#[test]
fn the_method_can_be_overridden() {
    let server = Server::start();
    for client in server.clients() {
        let method = |request: Request, method: &str| Request {
            method: method.to_owned(),
            ..request
        };
        let by_post = |request: Request| {
            let meant = request.method.clone();
            method(request, "POST").header("X-HTTP-Method-Override", meant)
        };
        let url = client.create(10);
        client
            .send(&by_post(tus::patch(&url, 0, "hello")))
            .expect(204)
            .expect_offset(5);
        let options = Request::new("POST", tus::BASE).header("X-HTTP-Method-Override", "OPTIONS");
        let options = client.send(&options).expect_any(&[200, 204]);
        assert_eq!(options.header("tus-version"), Some("1.0.0"));
        let head = tus::head(&url).header("X-HTTP-Method-Override", "HEAD");
        for actual in ["GET", "POST", "DELETE", "PUT"] {
            let head = method(head.clone(), actual);
            client.send(&head).expect(200).expect_offset(5);
        }
        let with_body =
            method(tus::patch(&url, 5, "world"), "PATCH").header("X-HTTP-Method-Override", "HEAD");
        client.send(&with_body).expect(200).expect_offset(5);
        client.head(&url).expect_offset(5);

        for (value, statuses) in [
            ("patch", [400, 405, 501]),
            ("BREW", [400, 405, 501]),
            ("PA TCH", [400, 405, 501]),
        ] {
            let request = tus::patch(&url, 5, "world").with("X-HTTP-Method-Override", value);
            client.send(&request).expect_any(&statuses);
        }
        let twice = tus::patch(&url, 5, "world")
            .header("X-HTTP-Method-Override", "PATCH")
            .header("X-HTTP-Method-Override", "PATCH");
        client.send(&twice).expect(400);
        client.head(&url).expect_offset(5);

        client
            .send(&tus::create(5).header("X-HTTP-Method-Override", ""))
            .expect(201);
        client.send(&by_post(tus::delete(&url))).expect(204);
        client.head(&url).expect_any(&[404, 410]);
    }
}

/// CORE-19, CORE-28, TRM-04, H-06.
#[test]
fn what_is_not_there_is_not_found() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(5);
        let files = server.storage().files();
        let id = tus::id(&url);
        let mut names: Vec<String> = STRANGE_NAMES.map(str::to_owned).into();
        if client.http() == Http::Two {
            // Not a path that HTTP/2 can carry, as the library sees it.
            names.retain(|name| name.is_ascii());
        }
        names.extend([
            "aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
            "a".repeat(300),
            format!("{id}.info"),
            format!("{id}%2einfo"),
            id.to_uppercase(),
            format!("{id}/x"),
            format!("{id}%00"),
        ]);
        for name in names {
            let target = format!("{}{name}", tus::BASE);
            for request in [
                tus::head(&target),
                tus::patch(&target, 0, "hello"),
                tus::delete(&target),
                tus::get(&target),
            ] {
                let answer = client.send(&request);
                if !answer.is_of_parser() {
                    let answer = answer.expect_any(&[404, 410, 403]);
                    assert_eq!(answer.header("upload-offset"), None, "{request:?}");
                    assert_eq!(answer.header("upload-length"), None, "{request:?}");
                }
            }
        }
        assert_eq!(server.storage().files(), files);
    }
}

/// CORE-19.3.
#[test]
fn a_slash_at_the_end_makes_no_difference() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(5);
        let with_slash = format!("{url}/");
        client.head(&with_slash).expect(200).expect_offset(0);
        client.patch(&with_slash, 0, b"hello").expect(204);
        assert_same(&client.download(&with_slash), b"hello");
        client.delete(&with_slash).expect(204);
        client.head(&url).expect_any(&[404, 410]);
    }
}

/// CORE-21.4: HEAD is the protocol's own, and knows no conditions.
#[test]
fn head_is_always_fresh() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.upload(b"hello");
        let tag = client
            .send(&tus::get(&url))
            .expect(200)
            .header("etag")
            .unwrap()
            .to_owned();
        for value in ["*", tag.as_str()] {
            let head = tus::head(&url).header("If-None-Match", value);
            client.send(&head).expect(200).expect_offset(5);
        }
        let head = tus::head(&url).header("Range", "bytes=1-2");
        client.send(&head).expect(200).expect_offset(5);
    }
}

/// CORE-28.2, H-10: a client that is still sending hears why it is refused.
#[test]
fn a_refusal_is_heard_in_spite_of_a_body() {
    let server = Server::start();
    for client in server.clients() {
        let body = vec![0; 10_000_000];
        let nobody = tus::patch("/files/nobody", 0, body.clone());
        client.send(&nobody).expect(404);
        let url = client.create(10);
        client.send(&tus::patch(&url, 5, body.clone())).expect(409);
        client.send(&tus::patch(&url, 0, body)).expect(413);
    }
}

/// H-05.
#[test]
fn other_methods_are_not_allowed() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(5);
        let files = server.storage().files();
        for method in ["HEAD", "GET", "PATCH", "DELETE", "PUT", "BREW"] {
            let answer = client.send(&tus::request(method, tus::BASE));
            if answer.expect_any(&[405, 501]).status == 405 {
                let answer = client.send(&tus::request(method, "/files"));
                let allow = methods(answer.header("allow").unwrap());
                assert_eq!(allow, ["OPTIONS", "POST"]);
            }
        }
        for method in ["POST", "PUT", "BREW", "patch"] {
            for target in [url.as_str(), "/files/nobody"] {
                let request = tus::request(method, target).header("Upload-Length", "5");
                let answer = client.send(&request).expect_any(&[405, 501]);
                if answer.status == 405 {
                    let allow = methods(answer.header("allow").unwrap());
                    assert_eq!(allow, ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH"]);
                }
            }
        }
        assert_eq!(server.storage().files(), files);
    }
}

fn methods(allow: &str) -> Vec<&str> {
    let mut methods: Vec<&str> = allow.split(',').map(str::trim).collect();
    methods.sort_unstable();
    methods
}

#[test]
fn the_server_tells_that_it_is_well() {
    let server = Server::start();
    for client in server.clients() {
        client.send(&Request::new("GET", "/health")).expect(200);
        client.send(&Request::new("GET", "/nowhere")).expect(404);
    }
}

/// What was acknowledged is still there after a restart, down to the metadata. (CORE-27.3,
/// CRE-08.3, CDL-07.2)
#[test]
fn uploads_outlive_the_server() {
    let mut server = Server::start();
    let client = server.client(Http::One);
    let metadata = "filename d29ybGQ=,is_confidential";
    let plain = client.created(&tus::create(10).header("Upload-Metadata", metadata));
    client.patch(&plain, 0, b"hello").expect(204);
    let deferred = client.created(&tus::create_deferred());
    client.patch(&deferred, 0, b"abc").expect(204);
    let part = client.upload_partial(b"part");
    let whole = client.created(&tus::create_final(&[&part, &part]));
    server.kill();
    server.restart();

    let client = server.client(Http::One);
    let head = client.head(&plain).expect(200).expect_offset(5);
    assert_eq!(head.header("upload-metadata"), Some(metadata));
    let head = client.head(&deferred).expect(200).expect_offset(3);
    assert_eq!(head.header("upload-defer-length"), Some("1"));
    assert_eq!(head.header("upload-length"), None);
    let head = client.head(&part).expect(200).expect_offset(4);
    assert_eq!(head.header("upload-concat"), Some("partial"));
    let wanted = format!("final;{part} {part}");
    let head = client.head(&whole).expect(200).expect_offset(8);
    assert_eq!(head.header("upload-concat"), Some(wanted.as_str()));
    assert_same(&client.download(&whole), b"partpart");
    client.patch(&plain, 5, b"world").expect(204);
    let last = tus::patch(&deferred, 3, "d").header("Upload-Length", "4");
    client.send(&last).expect(204);
    assert_same(&client.download(&plain), b"helloworld");
    assert_same(&client.download(&deferred), b"abcd");
}
