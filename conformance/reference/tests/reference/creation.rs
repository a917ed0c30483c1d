use tus_reference::{Fault, Settings};

use crate::client::{create, exchange, get, head, post, start, start_with};

const TYPE: &str = "Content-Type: application/offset+octet-stream";

#[tokio::test]
async fn a_new_upload_is_as_it_was_asked_for() {
    let server = start().await;
    let path = create(
        &server,
        &[
            "Upload-Length: 9007199254740993",
            "Upload-Metadata: filename d29ybGQ=,x",
        ],
    )
    .await;
    let reply = head(&server, &path).await;
    assert_eq!((reply.status, reply.offset()), (200, Some(0)));
    assert_eq!(reply.header("upload-length"), Some("9007199254740993"));
    assert_eq!(reply.header("upload-metadata"), Some("filename d29ybGQ=,x"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(
        [
            reply.header("upload-concat"),
            reply.header("upload-defer-length")
        ],
        [None, None]
    );
    assert_eq!(reply.header("content-length"), None);
}

#[tokio::test]
async fn lengths_are_digits() {
    let settings = Settings {
        max_size: Some(1000),
        ..Settings::default()
    };
    let server = start_with(settings, Fault::none()).await;
    for (value, status) in [
        ("0", 201),
        ("05", 201),
        ("\t5 ", 201),
        ("1000", 201),
        ("1001", 413),
        ("9223372036854775808", 413),
        ("18446744073709551616", 413),
        ("-1", 400),
        ("-0", 400),
        ("+5", 400),
        ("5 0", 400),
        ("5,5", 400),
        ("5.0", 400),
        ("5e3", 400),
        ("0x5", 400),
        ("1_0", 400),
        ("５", 400),
        ("", 400),
        ("abc", 400),
        ("5\r\nUpload-Length: 5", 400),
    ] {
        let reply = post(&server, &[&format!("Upload-Length: {value}")], b"").await;
        assert_eq!(reply.status, status, "{value:?}");
        assert_eq!(
            reply.header("tus-max-size"),
            (status == 413).then_some("1000")
        );
        assert_eq!(reply.header("location").is_some(), status == 201);
    }
    assert_eq!(post(&server, &[], b"").await.status, 400);
}

#[tokio::test]
async fn metadata_keeps_its_grammar_and_its_spelling() {
    let server = start().await;
    for (value, echo) in [
        ("k", Some("k")),
        ("k ,j dg==", Some("k ,j dg==")),
        ("k dg==, j dg==", Some("k dg==, j dg==")),
        ("k dg==,K dg==", Some("k dg==,K dg==")),
        ("k Zh==", Some("k Zh==")),
        ("=\"/; dg==", Some("=\"/; dg==")),
        ("__proto__ dg==", Some("__proto__ dg==")),
        ("a\r\nUpload-Metadata: b", Some("a,b")),
        ("", None),
        ("k /w==", Some("k /w==")),
    ] {
        let path = create(
            &server,
            &["Upload-Length: 5", &format!("Upload-Metadata: {value}")],
        )
        .await;
        assert_eq!(head(&server, &path).await.header("upload-metadata"), echo);
    }
    for value in [
        "k dg==,k dg==",
        ",k dg==",
        "k dg==,,j dg==",
        ",",
        "k dg==,",
        "k  dg==",
        "k d g==",
        "k\tdg==",
        "k !!!!",
        "k dg",
        "k dg=",
        "k dg===",
        "k ====",
        "k _-8=",
        "kéy dg==",
    ] {
        let reply = post(
            &server,
            &["Upload-Length: 5", &format!("Upload-Metadata: {value}")],
            b"",
        )
        .await;
        assert_eq!(reply.status, 400, "{value:?}");
    }
}

#[tokio::test]
async fn a_length_may_come_later_and_then_stays() {
    let server = start().await;
    for value in [
        "0",
        "2",
        "01",
        "+1",
        "true",
        "1,1",
        "",
        "1\r\nUpload-Defer-Length: 1",
    ] {
        assert_eq!(
            post(&server, &[&format!("Upload-Defer-Length: {value}")], b"")
                .await
                .status,
            400,
            "{value:?}"
        );
    }
    assert_eq!(
        post(
            &server,
            &["Upload-Defer-Length: 1", "Upload-Length: 5"],
            b""
        )
        .await
        .status,
        400
    );

    let patch = crate::client::patch;
    let path = create(&server, &["Upload-Defer-Length: 1"]).await;
    assert_eq!(
        patch(&server, &path, 0, &[], b"abc").await.offset(),
        Some(3)
    );
    for (length, body, status) in [
        ("2", "", 400),
        ("4", "def", 413),
        ("x", "d", 400),
        ("99999999999999999999", "d", 413),
    ] {
        let reply = patch(
            &server,
            &path,
            3,
            &[&format!("Upload-Length: {length}")],
            body.as_bytes(),
        )
        .await;
        assert_eq!(reply.status, status, "{length}");
        let reply = head(&server, &path).await;
        assert_eq!(
            (reply.offset(), reply.header("upload-length")),
            (Some(3), None)
        );
        assert_eq!(reply.header("upload-defer-length"), Some("1"));
    }
    assert_eq!(
        patch(&server, &path, 3, &["Upload-Length: 5"], b"d")
            .await
            .offset(),
        Some(4)
    );
    assert_eq!(
        head(&server, &path).await.header("upload-length"),
        Some("5")
    );
    assert_eq!(
        patch(&server, &path, 4, &["Upload-Length: 6"], b"e")
            .await
            .status,
        400
    );
    assert_eq!(
        patch(&server, &path, 4, &["Upload-Length: 5"], b"e")
            .await
            .status,
        204
    );
    assert_eq!(get(&server, &path).await.body, b"abcde");

    let path = create(&server, &["Upload-Defer-Length: 1"]).await;
    assert_eq!(
        patch(&server, &path, 0, &["Upload-Length: 0"], b"")
            .await
            .status,
        204
    );
    assert_eq!(get(&server, &path).await.status, 200);
}

#[tokio::test]
async fn an_upload_may_begin_with_its_creation() {
    let server = start().await;
    let reply = post(&server, &["Upload-Length: 10", TYPE], b"hello").await;
    assert_eq!((reply.status, reply.offset()), (201, Some(5)));
    assert_eq!(
        head(&server, reply.header("location").unwrap())
            .await
            .offset(),
        Some(5)
    );
    let reply = post(&server, &["Upload-Length: 5", TYPE], b"hello").await;
    assert_eq!(
        (reply.offset(), reply.header("upload-expires")),
        (Some(5), None)
    );
    assert_eq!(
        get(&server, reply.header("location").unwrap()).await.body,
        b"hello"
    );
    for (headers, body, status) in [
        (
            vec!["Upload-Length: 5", "Content-Type: text/plain"],
            "hello",
            415,
        ),
        (vec!["Upload-Length: 5"], "hello", 415),
        (
            vec!["Upload-Length: 5", "Content-Type: application/json"],
            "",
            201,
        ),
        (vec!["Upload-Length: 4", TYPE], "hello", 413),
        (
            vec!["Upload-Length: 5", TYPE, "Upload-Offset: 3"],
            "hello",
            400,
        ),
        (
            vec!["Upload-Length: 5", TYPE, "Upload-Offset: 0"],
            "hello",
            201,
        ),
        (
            vec![
                "Upload-Length: 11",
                TYPE,
                "Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            ],
            "hello world",
            201,
        ),
        (
            vec![
                "Upload-Length: 11",
                TYPE,
                "Upload-Checksum: sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            ],
            "hello world",
            460,
        ),
        (
            vec!["Upload-Length: 11", TYPE, "Upload-Checksum: foo AAAA"],
            "hello world",
            400,
        ),
        (
            vec!["Upload-Length: 4", TYPE, "Transfer-Encoding: chunked"],
            "",
            413,
        ),
    ] {
        let reply = if headers.contains(&"Transfer-Encoding: chunked") {
            let mut connection = crate::client::Connection::open(&server).await;
            let headers = [&["Tus-Resumable: 1.0.0"], &headers[..]].concat();
            connection
                .send(crate::client::request("POST", "/files", &headers, b""))
                .await;
            connection.send(b"5\r\nhello\r\n0\r\n\r\n").await;
            connection.reply("POST").await.unwrap()
        } else {
            post(&server, &headers, body.as_bytes()).await
        };
        assert_eq!(reply.status, status, "{headers:?}");
    }
}

#[tokio::test]
async fn nothing_is_an_upload_too() {
    let server = start().await;
    let reply = post(&server, &["Upload-Length: 0"], b"").await;
    assert_eq!(reply.header("upload-expires"), None);
    let path = reply.header("location").unwrap();
    assert_eq!(get(&server, path).await.status, 200);
    assert_eq!(
        crate::client::patch(&server, path, 0, &[], b"")
            .await
            .status,
        204
    );
    assert_eq!(
        crate::client::patch(&server, path, 0, &[], b"x")
            .await
            .status,
        413
    );
    let reply = exchange(&server, "GET", path, &["Range: bytes=0-"], b"").await;
    assert_eq!(
        (reply.status, reply.header("content-range")),
        (416, Some("bytes */0"))
    );
}
