//! Creation, with everything a creating POST can say but its body. (CRE-*)

use std::collections::HashSet;

use oxitus_tests::client::Http;
use oxitus_tests::payload::assert_same;
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::tus;

/// CRE-03.
#[test]
fn a_creation_says_how_long_the_upload_is() {
    let server = Server::start();
    for client in server.clients() {
        let files = server.storage().files();
        client.send(&tus::post()).expect(400);
        assert_eq!(server.storage().files(), files);
        for target in ["/files", "/files/", "/files?x=1"] {
            let creation = tus::request("POST", target).header("Upload-Length", "5");
            let url = client.created(&creation);
            client.head(&url).expect(200).expect_offset(0);
        }
    }
}

/// CRE-04.1, CRE-04.2, CRE-04.5.
#[test]
fn the_location_leads_to_the_upload() {
    let server = Server::start();
    for client in server.clients() {
        let created = client.send(&tus::create(5)).expect(201);
        let location = created.header("location").unwrap();
        if let Some((scheme, rest)) = location.split_once("://") {
            assert_eq!(scheme, "http");
            assert!(
                rest.starts_with(&server.address().to_string()),
                "{location}"
            );
        }
        client.head(&tus::location(&created)).expect(200);
    }
}

/// CRE-04.3: what a stranger says of its way here leads nowhere.
#[test]
fn forwarding_headers_are_not_trusted() {
    let server = Server::start();
    for client in server.clients() {
        let creation = tus::create(5)
            .header("X-Forwarded-Host", "evil.example")
            .header("X-Forwarded-Proto", "https")
            .header("Forwarded", "host=evil.example;proto=https");
        let created = client.send(&creation).expect(201);
        assert!(
            !created.header("location").unwrap().contains("evil"),
            "{created:?}"
        );
    }
}

/// CRE-04.6.
#[test]
fn ids_cannot_be_guessed() {
    let server = Server::start();
    let client = server.client(Http::Two);
    let ids: HashSet<String> = (0..100)
        .map(|_| tus::id(&client.create(1)).to_owned())
        .collect();
    assert_eq!(ids.len(), 100);
    for id in ids {
        // 26 characters of 5 bits each are what 128 random bits need.
        assert!(id.len() >= 26, "{id}");
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(id.bytes().all(is_safe), "{id}");
    }
}

/// CRE-06, LEN-10.
#[test]
fn an_empty_upload_is_complete_at_once() {
    let server = Server::start();
    for client in server.clients() {
        let created = client.send(&tus::create(0)).expect(201).expect_offset(0);
        assert_eq!(created.header("upload-expires"), None);
        let url = tus::location(&created);
        let head = client.head(&url).expect(200).expect_offset(0);
        assert_eq!(head.number("upload-length"), Some(0));
        assert_same(&client.download(&url), b"");
        client.patch(&url, 0, b"").expect(204).expect_offset(0);
        client.patch(&url, 0, b"x").expect(413);
        assert_same(&client.download(&url), b"");
    }
}

/// CRE-08.
#[test]
fn metadata_comes_back_as_it_was_sent() {
    let server = Server::start();
    let long = format!("name {}", "QUJD".repeat(2048));
    for client in server.clients() {
        for metadata in [
            "filename d29ybGQ=,is_confidential",
            "b dg==,a dg==,c",
            long.as_str(),
        ] {
            let url = client.created(&tus::create(4).header("Upload-Metadata", metadata));
            for (offset, piece) in [(0, b"ab"), (2, b"cd")] {
                let head = client.head(&url).expect(200);
                assert_eq!(head.header("upload-metadata"), Some(metadata));
                client.patch(&url, offset, piece).expect(204);
            }
            let head = client.head(&url).expect(200);
            assert_eq!(head.header("upload-metadata"), Some(metadata));
        }
        let url = client.create(4);
        client.head(&url).expect_header("upload-metadata", None);
    }
}

/// CRE-09, LEN-11, LEN-12, H-07.
#[test]
fn an_upload_beyond_the_limit_is_refused() {
    let server = Settings::default().option("--max-size", 1000).start();
    for client in server.clients() {
        let files = server.storage().files();
        for length in ["1001", "9223372036854775807", "99999999999999999999"] {
            let creation = tus::post().header("Upload-Length", length);
            let answer = client.send(&creation).expect(413);
            assert_eq!(answer.number("tus-max-size"), Some(1000));
        }
        assert_eq!(server.storage().files(), files);
        client.create(1000);
    }
}

/// CRE-12, H-12: what the client says of its file does not become a part of an answer.
#[test]
fn metadata_is_cleaned_before_it_is_used() {
    let server = Server::start();
    for client in server.clients() {
        for metadata in [
            // a"\r\nSet-Cookie: x=1
            "filename YSINClNldC1Db29raWU6IHg9MQ==",
            // text/html
            "filename YQ==,filetype dGV4dC9odG1s",
            // Not UTF-8.
            "filename /w==,filetype /w==",
            // NUL, ../../etc/passwd
            "filename AA==,name Li4vLi4vZXRjL3Bhc3N3ZA==",
        ] {
            let url = client.created(&tus::create(1).header("Upload-Metadata", metadata));
            client.patch(&url, 0, b"x").expect(204);
            client.head(&url).expect_header("upload-metadata", metadata);
            let download = client.send(&tus::get(&url)).expect(200);
            assert_eq!(download.header("set-cookie"), None);
            assert_eq!(download.header("x-content-type-options"), Some("nosniff"));
            let disposition = download.header("content-disposition").unwrap();
            assert!(disposition.starts_with("attachment"), "{disposition}");
            assert!(!disposition.contains(".."), "{disposition}");
        }
    }
}
