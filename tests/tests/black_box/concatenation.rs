//! Partial uploads, and the final ones that are made of them. (CON-*, CUF-*, CAT-*)

use oxitus_tests::client::{Client, Http};
use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::{tus, wait};

fn hello_and_world(client: &Client) -> [String; 2] {
    [
        client.upload_partial(b"hello"),
        client.upload_partial(b" world"),
    ]
}

fn wait_until_joined(client: &Client, url: &str, bytes: &[u8]) {
    wait::until("the parts to be joined", || {
        let head = client.head(url).expect(200);
        head.number("upload-offset")
            .filter(|offset| *offset == bytes.len() as u64)
    });
    assert_same(&client.download(url), bytes);
}

/// CON-02, CON-04, CON-06, CON-13, CON-14, CON-16, CON-18.1, CAT-01, CAT-03.
#[test]
fn parts_are_joined_in_order() {
    let server = Server::start();
    for client in server.clients() {
        let parts = hello_and_world(&client);
        let head = client.head(&parts[0]).expect(200).expect_offset(5);
        assert_eq!(head.header("upload-concat"), Some("partial"));
        client.send(&tus::get(&parts[0])).expect(404);
        for (parts, bytes) in [
            ([&parts[0], &parts[1]], "hello world"),
            ([&parts[1], &parts[0]], " worldhello"),
            ([&parts[0], &parts[0]], "hellohello"),
        ] {
            let creation = tus::create_final(&parts);
            let url = client.created(&creation);
            let head = client
                .head(&url)
                .expect(200)
                .expect_offset(bytes.len() as u64);
            assert_eq!(head.number("upload-length"), Some(bytes.len() as u64));
            let sent = creation.value("upload-concat").unwrap();
            assert_eq!(head.header("upload-concat").map(str::as_bytes), Some(sent));
            assert_same(&client.download(&url), bytes.as_bytes());
        }
        let ordinary = client.create(5);
        client.head(&ordinary).expect_header("upload-concat", None);
    }
}

/// CON-09.
#[test]
fn metadata_of_parts_stays_with_them() {
    let server = Server::start();
    for client in server.clients() {
        let part = client.created(&tus::create_partial(1).header("Upload-Metadata", "part eA=="));
        client.patch(&part, 0, b"x").expect(204);
        let url = client.created(&tus::create_final(&[&part]));
        client.head(&url).expect_header("upload-metadata", None);
        let with_metadata = tus::create_final(&[&part]).header("Upload-Metadata", "whole eA==");
        let url = client.created(&with_metadata);
        client
            .head(&url)
            .expect_header("upload-metadata", "whole eA==");
    }
}

/// CON-20.1.
#[test]
fn a_final_upload_outlives_its_parts() {
    let server = Server::start();
    for client in server.clients() {
        let parts = hello_and_world(&client);
        let url = client.created(&tus::create_final(&parts));
        for part in &parts {
            client.delete(part).expect(204);
        }
        assert_same(&client.download(&url), b"hello world");
        client
            .send(&tus::create_final(&parts))
            .expect_any(&[400, 404, 410]);
    }
}

/// CON-11, CUF-02.3.
#[test]
fn a_final_upload_takes_no_bytes() {
    let server = Server::start();
    for client in server.clients() {
        let parts = hello_and_world(&client);
        let url = client.created(&tus::create_final(&parts));
        for (offset, bytes) in [(11, ""), (0, "x"), (11, "x"), (5, "")] {
            let patch = tus::patch(&url, offset, bytes);
            client.send(&patch).expect(403);
            let mut overridden = patch.header("X-HTTP-Method-Override", "PATCH");
            overridden.method = "POST".to_owned();
            client.send(&overridden).expect(403);
        }
        assert_same(&client.download(&url), b"hello world");
        client.head(&parts[0]).expect_offset(5);
        client.head(&parts[1]).expect_offset(6);
    }
}

/// CON-08, CON-18.2, A23.
#[test]
fn a_final_upload_has_neither_length_nor_bytes_of_its_own() {
    let server = Server::start();
    for client in server.clients() {
        let parts = hello_and_world(&client);
        let files = server.storage().files();
        let creation = tus::create_final(&parts);
        client
            .send(&creation.clone().header("Upload-Length", "11"))
            .expect(400);
        client
            .send(&creation.clone().header("Upload-Defer-Length", "1"))
            .expect(400);
        let with_body = creation
            .header("Content-Type", tus::OFFSET_OCTET_STREAM)
            .body("x");
        client.send(&with_body).expect_any(&[400, 403]);
        assert_eq!(server.storage().files(), files);
    }
}

/// CON-21.1, CON-21.2, CAT-13.
#[test]
fn a_sum_beyond_the_limit_is_refused() {
    let server = Settings::default().option("--max-size", 1000).start();
    for client in server.clients() {
        let part = client.upload_partial(&[0; 300]);
        client.created(&tus::create_final(&[&part; 3]));
        let files = server.storage().files();
        client.send(&tus::create_final(&[&part; 4])).expect(413);
        assert_eq!(server.storage().files(), files);
    }
    let server = Server::start();
    for client in server.clients() {
        let largest = client.options().number("tus-max-size");
        let largest = largest.unwrap_or(i64::MAX as u64);
        let huge = client.created(&tus::create_partial(largest / 2 + 1));
        let files = server.storage().files();
        client.send(&tus::create_final(&[&huge; 2])).expect(413);
        let short = huge.strip_prefix(tus::BASE).unwrap();
        // Where there is no limit, 2^62 times four is 2^64, which is nothing if nobody looks.
        client
            .send(&tus::create_final(&[short; 4]))
            .expect_any(&[400, 413]);
        let many = vec![short; 1_001];
        client
            .send(&tus::create_final(&many))
            .expect_any(&[400, 413, 431]);
        assert_eq!(server.storage().files(), files);
    }
}

/// CON-10.1, CAT-12, CAT-15.
#[test]
fn parts_may_be_empty_and_many() {
    let server = Server::start();
    for client in server.clients() {
        let empty = client.created(&tus::create_partial(0));
        let url = client.created(&tus::create_final(&[&empty]));
        assert_same(&client.download(&url), b"");
        let bytes: Vec<Vec<u8>> = (0..20).map(|seed| payload::bytes(seed, 7_001)).collect();
        let mut parts: Vec<String> = bytes
            .iter()
            .map(|bytes| client.upload_partial(bytes))
            .collect();
        parts.insert(10, empty);
        let url = client.created(&tus::create_final(&parts));
        assert_same(&client.download(&url), &bytes.concat());
    }
}

/// CAT-04 to CAT-06, CAT-08, CAT-09, CON-16.2, A24.
#[test]
fn parts_are_named_by_any_kind_of_url() {
    let server = Server::start();
    for client in server.clients() {
        let [hello, world] = hello_and_world(&client);
        let (hello_id, world_id) = (tus::id(&hello), tus::id(&world));
        let host = server.address();
        for list in [
            format!("http://{host}{hello} http://{host}{world}"),
            format!("http://{host}{hello} {world}"),
            format!("https://proxy.example:8443{hello} //other.example{world}"),
            format!("{hello_id} {world_id}"),
            format!("../files/{hello_id} ./{world_id}"),
            format!(" {hello}  {world}"),
            format!("{hello}?query {world}#fragment"),
        ] {
            let value = format!("final;{list}");
            let creation = tus::post().header("Upload-Concat", &value);
            let url = client.created(&creation);
            let head = client.head(&url).expect(200).expect_offset(11);
            assert_eq!(head.header("upload-concat"), Some(value.as_str()));
            assert_same(&client.download(&url), b"hello world");
        }
    }
}

/// CAT-02, CAT-07, CAT-09, CAT-10, CAT-14, CAT-16, A22.
#[test]
fn what_is_not_a_list_of_parts_is_refused() {
    let server = Server::start();
    for client in server.clients() {
        let [part, gone] = hello_and_world(&client);
        let whole = client.created(&tus::create_final(&[&part]));
        let ordinary = client.upload(b"ordinary");
        client.delete(&gone).expect(204);
        let files = server.storage().files();
        for value in [
            "Partial",
            "PARTIAL",
            "partial;",
            "partial x",
            "bogus",
            "",
            "final;",
            "final; ",
            "final",
            "FINAL;a",
            "final,a",
        ] {
            client
                .send(&tus::create(5).header("Upload-Concat", value))
                .expect(400);
            client
                .send(&tus::post().header("Upload-Concat", value))
                .expect(400);
        }
        for other in [
            gone.as_str(),
            &whole,
            &ordinary,
            "/files/aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "/files/",
            "/other/x",
            "/files/%2e%2e%2fetc%2fpasswd",
            "/files/../oxitus.json",
            "http://[bad",
            "http://",
            "%zz",
            &format!("{part}.info"),
            &format!("/other{part}"),
        ] {
            for list in [[other].as_slice(), &[part.as_str(), other]] {
                let answer = client.send(&tus::create_final(list));
                answer.expect_any(&[400, 404, 410]);
            }
        }
        let twice = tus::create_partial(5).header("Upload-Concat", "partial");
        client.send(&twice).expect(400);
        assert_eq!(server.storage().files(), files);
    }
}

/// CUF-01, CUF-02, CUF-03, CON-12, CON-15, CAT-11.
#[test]
fn a_final_upload_may_be_asked_for_before_its_parts_are_there() {
    let server = Server::start();
    for client in server.clients() {
        let hello = client.created(&tus::create_partial(5));
        client.patch(&hello, 0, b"hel").expect(204);
        let world = client.upload_partial(b" world");
        let created = client
            .send(&tus::create_final(&[&hello, &world]))
            .expect(201);
        let url = tus::location(&created);
        let head = client.head(&url).expect_any(&[200, 204]);
        assert_eq!(head.header("upload-offset"), None);
        assert_eq!(head.number("upload-length"), Some(11));
        assert!(head.header("upload-concat").unwrap().starts_with("final;"));
        client.patch(&url, 0, b"x").expect(403);
        client.send(&tus::get(&url)).expect(404);
        client.patch(&hello, 3, b"lo").expect(204);
        wait_until_joined(&client, &url, b"hello world");
    }
}

/// CUF-03.
#[test]
fn a_final_upload_of_parts_without_length_has_none_either() {
    let server = Server::start();
    for client in server.clients() {
        let part = client.created(&tus::create_deferred().header("Upload-Concat", "partial"));
        let url = client.created(&tus::create_final(&[&part, &part]));
        let head = client.head(&url).expect_any(&[200, 204]);
        assert_eq!(head.header("upload-offset"), None);
        assert_eq!(head.header("upload-length"), None);
        client
            .send(&tus::patch(&part, 0, "ab").header("Upload-Length", "2"))
            .expect(204);
        wait_until_joined(&client, &url, b"abab");
        assert_eq!(client.head(&url).number("upload-length"), Some(4));
    }
}

/// CUF-04: a final upload that can no longer be made does not hang, and takes nothing with it.
#[test]
fn a_part_that_is_deleted_leaves_its_final_upload_unmade() {
    let server = Server::start();
    for client in server.clients() {
        let hello = client.created(&tus::create_partial(5));
        let world = client.upload_partial(b" world");
        let url = client.created(&tus::create_final(&[&hello, &world]));
        client.delete(&hello).expect(204);
        let answer = client.head(&url).expect_any(&[200, 404, 409, 410]);
        assert_eq!(answer.header("upload-offset"), None);
        client.send(&tus::get(&url)).expect_any(&[404, 410]);

        let hello = client.created(&tus::create_partial(5));
        let url = client.created(&tus::create_final(&[&hello, &world]));
        client.delete(&url).expect(204);
        client.patch(&hello, 0, b"hello").expect(204);
        let url = client.created(&tus::create_final(&[&hello, &world]));
        wait_until_joined(&client, &url, b"hello world");
    }
}

/// Two final uploads over the same parts, and more than one process: each is joined once.
#[test]
fn parts_are_shared() {
    let server = Server::start();
    let other = Settings::default().start_on(server.storage());
    let part = payload::bytes(1, 1_000_000);
    let url = server.client(Http::One).upload_partial(&part);
    let whole = [part.as_slice(); 5].concat();
    std::thread::scope(|scope| {
        for server in [&server, &other, &server, &other] {
            scope.spawn(|| {
                let client = server.client(Http::One);
                let url = client.created(&tus::create_final(&[&url; 5]));
                wait_until_joined(&client, &url, &whole);
            });
        }
    });
}
