use crate::client::{Connection, PATCH, Reply, create, exchange, get, head, patch, request, start};

const RIGHT: &str = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
const WRONG: &str = "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=";

#[tokio::test]
async fn only_right_bytes_are_stored() {
    let server = start().await;
    for (value, status) in [
        (RIGHT, 204),
        ("md5 XrY7u+Ae7tCTyyK7j1rNww==", 204),
        ("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", 204),
        ("crc32 DUoRhQ==", 204),
        ("crc32 AAAAAA==", 460),
        (WRONG, 460),
        ("SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 400),
        ("sha-1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 400),
        ("foo AAAA", 400),
        ("sha1", 400),
        ("", 400),
        ("sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 400),
        ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0", 400),
        ("sha1 AAAA", 400),
        ("sha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed", 400),
        (
            "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=\r\nUpload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            400,
        ),
    ] {
        let path = create(&server, &["Upload-Length: 11"]).await;
        let reply = patch(
            &server,
            &path,
            0,
            &[&format!("Upload-Checksum: {value}")],
            b"hello world",
        )
        .await;
        assert_eq!(reply.status, status, "{value}");
        assert_eq!(
            head(&server, &path).await.offset(),
            Some(if status == 204 { 11 } else { 0 })
        );
    }
}

#[tokio::test]
async fn a_refused_chunk_leaves_no_trace() {
    let server = start().await;
    let path = create(&server, &["Upload-Defer-Length: 1"]).await;
    patch(&server, &path, 0, &[], b"hello").await;
    let wrong = format!("Upload-Checksum: {WRONG}");
    assert_eq!(
        patch(&server, &path, 5, &[&wrong, "Upload-Length: 11"], b"XXXXXX")
            .await
            .status,
        460
    );
    let reply = head(&server, &path).await;
    assert_eq!(
        (reply.offset(), reply.header("upload-length")),
        (Some(5), None)
    );
    assert_eq!(
        patch(&server, &path, 5, &["Upload-Length: 11"], b" world")
            .await
            .status,
        204
    );
    assert_eq!(get(&server, &path).await.body, b"hello world");
}

#[tokio::test]
async fn a_trailer_counts_as_a_header() {
    let server = start().await;
    let announced = "Trailer: Upload-Checksum";
    for (headers, trailer, status) in [
        (
            vec![announced],
            format!("Upload-Checksum: {RIGHT}\r\n"),
            204,
        ),
        (
            vec![announced],
            format!("Upload-Checksum: {WRONG}\r\n"),
            460,
        ),
        (
            vec![announced],
            "Upload-Checksum: foo AAAA\r\n".to_owned(),
            400,
        ),
        (vec![announced], "Upload-Checksum: sha1\r\n".to_owned(), 400),
        (vec![announced], String::new(), 400),
        (vec![], format!("Upload-Checksum: {RIGHT}\r\n"), 204),
        (vec![], format!("Upload-Checksum: {WRONG}\r\n"), 460),
        (
            vec![],
            "Upload-Length: 5\r\nTus-Resumable: 9.9.9\r\nContent-Length: 3\r\n".to_owned(),
            204,
        ),
        (
            vec![
                announced,
                "Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            ],
            format!("Upload-Checksum: {RIGHT}\r\n"),
            400,
        ),
        (
            vec!["Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="],
            format!("Upload-Checksum: {RIGHT}\r\n"),
            400,
        ),
    ] {
        let path = create(&server, &["Upload-Length: 20"]).await;
        let reply = chunked(
            &server,
            &path,
            &headers,
            &format!("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n{trailer}\r\n"),
        )
        .await;
        assert_eq!(reply.status, status, "{headers:?} {trailer}");
        let reply = head(&server, &path).await;
        assert_eq!(reply.offset(), Some(if status == 204 { 11 } else { 0 }));
        assert_eq!(reply.header("upload-length"), Some("20"));
    }
}

#[tokio::test]
async fn a_length_goes_with_the_bytes_it_came_with() {
    let server = start().await;
    let path = create(&server, &["Upload-Defer-Length: 1"]).await;
    let body = format!("1\r\nx\r\n0\r\nUpload-Checksum: {WRONG}\r\n\r\n");
    let reply = chunked(&server, &path, &["Upload-Length: 5"], &body).await;
    assert_eq!(reply.status, 460);
    let reply = head(&server, &path).await;
    assert_eq!(
        (reply.offset(), reply.header("upload-length")),
        (Some(0), None)
    );
}

#[tokio::test]
async fn an_interrupted_chunk_with_a_checksum_is_discarded() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 11"]).await;
    let checksum = format!("Upload-Checksum: {RIGHT}");
    let lines = [&PATCH[..], &["Upload-Offset: 0", &checksum]].concat();
    let bytes = request("PATCH", &path, &lines, b"hello world");
    let mut connection = Connection::open(&server).await;
    connection.send(&bytes[..bytes.len() - 6]).await;
    drop(connection);
    // The upload is taken again when the writer before is gone, and then its offset is still 0.
    assert_eq!(
        exchange(&server, "PATCH", &path, &lines, b"hello world")
            .await
            .status,
        204
    );
    assert_eq!(get(&server, &path).await.body, b"hello world");
}

/// A PATCH at 0 with a chunked body that is written out.
async fn chunked(
    server: &tus_reference::Server,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Reply {
    let mut connection = Connection::open(server).await;
    let lines = [
        &PATCH[..],
        &["Upload-Offset: 0", "Transfer-Encoding: chunked"],
        headers,
    ]
    .concat();
    connection
        .send(format!(
            "PATCH {path} HTTP/1.1\r\nHost: reference\r\n{}\r\n\r\n{body}",
            lines.join("\r\n")
        ))
        .await;
    connection.reply("PATCH").await.unwrap()
}
