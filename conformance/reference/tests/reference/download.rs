use tus_reference::Server;

use crate::client::{create, exchange, get, patch, start};

async fn uploaded(server: &Server, metadata: &str) -> String {
    let path = create(
        server,
        &["Upload-Length: 10", &format!("Upload-Metadata: {metadata}")],
    )
    .await;
    patch(server, &path, 0, &[], b"0123456789").await;
    path
}

#[tokio::test]
async fn ranges_are_parts_of_the_content() {
    let server = start().await;
    let path = uploaded(&server, "k").await;
    for (range, status, body, bounds) in [
        ("bytes=2-4", 206, "234", Some("bytes 2-4/10")),
        ("bytes=7-", 206, "789", Some("bytes 7-9/10")),
        ("bytes=-3", 206, "789", Some("bytes 7-9/10")),
        ("bytes=-99", 206, "0123456789", Some("bytes 0-9/10")),
        (
            "bytes=9-99999999999999999999",
            206,
            "9",
            Some("bytes 9-9/10"),
        ),
        ("bytes=10-", 416, "", Some("bytes */10")),
        ("bytes=-0", 416, "", Some("bytes */10")),
        ("bytes=4-2", 200, "0123456789", None),
        ("bytes=0-1,3-4", 200, "0123456789", None),
        ("lines=0-1", 200, "0123456789", None),
        ("bytes=a-b", 200, "0123456789", None),
    ] {
        let reply = exchange(&server, "GET", &path, &[&format!("Range: {range}")], b"").await;
        assert_eq!(
            (reply.status, reply.header("content-range")),
            (status, bounds),
            "{range}"
        );
        assert!(status == 416 || reply.body == body.as_bytes(), "{range}");
    }
}

#[tokio::test]
async fn etags_are_compared() {
    let server = start().await;
    let path = uploaded(&server, "k").await;
    let etag = get(&server, &path).await.header("etag").unwrap().to_owned();
    for (line, status) in [
        (format!("If-None-Match: {etag}"), 304),
        ("If-None-Match: *".to_owned(), 304),
        ("If-None-Match: \"x\"".to_owned(), 200),
        (format!("If-Match: {etag}"), 200),
        ("If-Match: \"x\"".to_owned(), 412),
        (format!("Range: bytes=0-1\r\nIf-Range: {etag}"), 206),
        (format!("Range: bytes=0-1\r\nIf-Range: W/{etag}"), 200),
    ] {
        assert_eq!(
            exchange(&server, "GET", &path, &[&line], b"").await.status,
            status,
            "{line}"
        );
    }
    let head = exchange(&server, "HEAD", &path, &["If-None-Match: *"], b"").await;
    assert_eq!((head.status, head.offset()), (200, Some(10)));
}

#[tokio::test]
async fn names_and_types_do_no_harm() {
    let server = start().await;
    for (metadata, content_type, disposition) in [
        (
            "filename YS50eHQ=,filetype dGV4dC9wbGFpbg==",
            "text/plain",
            "inline; filename=\"a.txt\"; filename*=UTF-8''a.txt",
        ),
        // a".html as text/html
        (
            "filename YSIuaHRtbA==,filetype dGV4dC9odG1s",
            "text/html",
            "attachment; filename=\"a_.html\"; filename*=UTF-8''a%22.html",
        ),
        // a\r\nX: y
        (
            "filename YQ0KWDogeQ==",
            "application/octet-stream",
            "attachment; filename=\"aX: y\"; filename*=UTF-8''aX%3A%20y",
        ),
        // ../../x
        (
            "filename Li4vLi4veA==",
            "application/octet-stream",
            "attachment; filename=\"x\"; filename*=UTF-8''x",
        ),
        // я
        (
            "filename 0Y8=,filetype eA==",
            "application/octet-stream",
            "attachment; filename=\"_\"; filename*=UTF-8''%D1%8F",
        ),
        (
            "filename,filetype",
            "application/octet-stream",
            "attachment",
        ),
    ] {
        let reply = get(&server, &uploaded(&server, metadata).await).await;
        assert_eq!(reply.header("content-type"), Some(content_type));
        assert_eq!(reply.header("content-disposition"), Some(disposition));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
}
