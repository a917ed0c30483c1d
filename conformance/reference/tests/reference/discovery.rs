use tus_reference::{Extension, Fault, Settings};

use crate::client::{create, exchange, head, start, start_with};

#[tokio::test]
async fn options_tells_what_is_offered() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    for path in ["/files", "/files/", "/files/unknown", &path, "*"] {
        let reply = exchange(&server, "OPTIONS", path, &["Tus-Resumable: 9.9.9"], b"").await;
        assert_eq!(
            (reply.status, reply.header("tus-version")),
            (204, Some("1.0.0"))
        );
        assert_eq!(
            reply.header("tus-checksum-algorithm"),
            Some("sha1,sha256,sha512,md5,crc32")
        );
        assert_eq!(reply.header("tus-extension").unwrap().split(',').count(), 9);
    }
    assert_eq!(
        exchange(&server, "OPTIONS", "/elsewhere", &[], b"")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn without_extensions_there_is_no_list() {
    let settings = Settings {
        max_size: None,
        ..Settings::default()
    }
    .with_extensions([]);
    let server = start_with(settings, Fault::none()).await;
    let reply = exchange(&server, "OPTIONS", "/files", &[], b"").await;
    assert_eq!(
        [reply.header("tus-extension"), reply.header("tus-max-size")],
        [None, None]
    );
    let reply = exchange(
        &server,
        "POST",
        "/files",
        &["Tus-Resumable: 1.0.0", "Upload-Length: 5"],
        b"",
    )
    .await;
    assert_eq!(
        (reply.status, reply.header("allow")),
        (405, Some("OPTIONS"))
    );
}

#[tokio::test]
async fn what_is_not_offered_is_refused() {
    let settings = Settings::default().with_extensions([Extension::Creation]);
    let server = start_with(settings, Fault::none()).await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    let version = "Tus-Resumable: 1.0.0";
    for headers in [
        ["Upload-Length: 5", "Upload-Concat: partial"],
        ["Upload-Defer-Length: 1", "X-Any: 1"],
    ] {
        let reply = exchange(
            &server,
            "POST",
            "/files",
            &[&[version], &headers[..]].concat(),
            b"",
        )
        .await;
        assert_eq!(reply.status, 400, "{headers:?}");
    }
    let reply = exchange(&server, "DELETE", &path, &[version], b"").await;
    assert_eq!(
        (reply.status, reply.header("allow")),
        (405, Some("HEAD, PATCH, GET, OPTIONS"))
    );
    let checksum = "Upload-Checksum: sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
    assert_eq!(
        crate::client::patch(&server, &path, 0, &[checksum], b"")
            .await
            .status,
        400
    );
    assert_eq!(head(&server, &path).await.header("upload-expires"), None);
}

#[tokio::test]
async fn a_version_that_is_not_ours_is_not_processed() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    for version in [
        "0.2.2",
        "1.0.1",
        "1.0",
        "1.0.0,0.2.2",
        "",
        "1.0.0\r\nTus-Resumable: 1.0.0",
    ] {
        let line = format!("Tus-Resumable: {version}");
        for method in ["POST", "PATCH", "HEAD", "DELETE"] {
            let reply = exchange(&server, method, &path, &[&line], b"").await;
            assert_eq!(
                (reply.status, reply.header("tus-version")),
                (412, Some("1.0.0")),
                "{method} {version}"
            );
        }
        assert_eq!(
            exchange(&server, "OPTIONS", &path, &[&line], b"")
                .await
                .status,
            204
        );
        assert_eq!(
            exchange(&server, "GET", &path, &[&line], b"").await.status,
            404
        );
    }
    for method in ["POST", "PATCH", "DELETE"] {
        assert_eq!(
            exchange(&server, method, &path, &[], b"").await.status,
            412,
            "{method}"
        );
    }
    assert_eq!(
        exchange(&server, "HEAD", &path, &[], b"").await.offset(),
        Some(0)
    );
    assert_eq!(head(&server, "/files/unknown").await.status, 404);
}

#[tokio::test]
async fn methods_that_do_nothing_are_refused_with_those_that_do() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    let version = ["Tus-Resumable: 1.0.0"];
    for method in ["HEAD", "PATCH", "DELETE", "GET", "PUT"] {
        let reply = exchange(&server, method, "/files", &version, b"").await;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, Some("POST, OPTIONS")),
            "{method}"
        );
    }
    for (method, path) in [
        ("POST", path.as_str()),
        ("PUT", &path),
        ("BREW", &path),
        ("POST", "/files/unknown"),
    ] {
        let reply = exchange(&server, method, path, &version, b"").await;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, Some("HEAD, PATCH, DELETE, GET, OPTIONS"))
        );
    }
    for path in [
        format!("{path}/"),
        format!("{path}/x"),
        "/".to_owned(),
        "/filesystem".to_owned(),
    ] {
        assert_eq!(head(&server, &path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_override_is_the_method() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    let named = |method: &str| format!("X-HTTP-Method-Override: {method}");
    let patch = [&crate::client::PATCH[..], &["Upload-Offset: 0"]].concat();
    let with = |method: &str| [&patch[..], &[&*named(method).leak()]].concat();

    let reply = exchange(&server, "PATCH", &path, &with("HEAD"), b"hello").await;
    assert_eq!(
        (reply.status, reply.offset(), reply.body.len()),
        (200, Some(0), 0)
    );
    assert_eq!(
        exchange(&server, "POST", &path, &with("patch"), b"hello")
            .await
            .status,
        405
    );
    assert_eq!(
        exchange(
            &server,
            "POST",
            &path,
            &with("PATCH\r\nX-HTTP-Method-Override: PATCH"),
            b"hello"
        )
        .await
        .status,
        400
    );
    assert_eq!(head(&server, &path).await.offset(), Some(0));
    assert_eq!(
        exchange(&server, "POST", &path, &with("PATCH"), b"hello")
            .await
            .offset(),
        Some(5)
    );
    assert_eq!(
        exchange(&server, "POST", "/files", &[&named("OPTIONS")], b"")
            .await
            .status,
        204
    );
    assert_eq!(
        exchange(&server, "PATCH", &path, &with(""), b"")
            .await
            .status,
        409
    );
    assert_eq!(
        exchange(&server, "POST", &path, &with("DELETE"), b"")
            .await
            .status,
        204
    );
    assert_eq!(head(&server, &path).await.status, 404);
}

#[tokio::test]
async fn browsers_see_every_answer() {
    let server = start().await;
    let preflight = [
        "Origin: http://page.test",
        "Access-Control-Request-Method: PATCH",
    ];
    let reply = exchange(&server, "OPTIONS", "/files/x", &preflight, b"").await;
    assert_eq!(reply.header("access-control-max-age"), Some("86400"));
    assert!(
        reply
            .header("access-control-allow-headers")
            .unwrap()
            .contains("Upload-Checksum")
    );
    for (method, status) in [("POST", 412), ("HEAD", 405), ("PUT", 405)] {
        let reply = exchange(
            &server,
            method,
            "/files",
            &["Origin: http://page.test"],
            b"",
        )
        .await;
        assert_eq!(reply.status, status);
        assert_eq!(
            reply.header("access-control-allow-origin"),
            Some("http://page.test")
        );
        assert_eq!(reply.header("vary"), Some("Origin"));
        assert!(
            reply
                .header("access-control-expose-headers")
                .unwrap()
                .contains("Upload-Expires")
        );
    }
    let settings = Settings {
        origins: Some(vec!["http://other.test".to_owned()]),
        ..Settings::default()
    };
    let server = start_with(settings, Fault::none()).await;
    let reply = exchange(&server, "OPTIONS", "/files", &preflight, b"").await;
    assert_eq!(
        (reply.status, reply.header("access-control-allow-origin")),
        (204, None)
    );
}
