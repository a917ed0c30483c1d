use std::time::Duration;

use tus_reference::{Fault, Settings};

use crate::client::{Connection, PATCH, create, get, head, request, start, start_with};

fn patch_with(path: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    request("PATCH", path, &[&PATCH[..], headers].concat(), body)
}

#[tokio::test]
async fn continue_is_sent_only_for_a_body_that_is_wanted() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    let expect = "Expect: 100-continue";
    for (headers, status) in [
        (vec!["Upload-Offset: 3", expect], 409),
        (vec!["Upload-Offset: x", expect], 400),
        (
            vec!["Upload-Offset: 0", expect, "Upload-Checksum: foo AAAA"],
            400,
        ),
    ] {
        let mut connection = Connection::open(&server).await;
        let bytes = patch_with(&path, &headers, b"hello");
        connection.send(&bytes[..bytes.len() - 5]).await;
        let reply = connection.reply("PATCH").await.unwrap();
        assert_eq!(
            (reply.status, reply.header("connection")),
            (status, Some("close"))
        );
        assert!(connection.is_closed().await);
    }
    let mut connection = Connection::open(&server).await;
    let bytes = patch_with(&path, &["Upload-Offset: 0", expect], b"hello");
    connection.send(&bytes[..bytes.len() - 5]).await;
    assert_eq!(connection.reply("PATCH").await.unwrap().status, 100);
    connection.send("hello").await;
    assert_eq!(connection.reply("PATCH").await.unwrap().status, 204);
}

#[tokio::test]
async fn a_rejected_body_does_not_spoil_the_connection() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    let mut connection = Connection::open(&server).await;
    connection
        .send(patch_with(
            "/files/unknown",
            &["Upload-Offset: 0"],
            &vec![b'G'; 10 << 20],
        ))
        .await;
    connection
        .send(request("HEAD", &path, &["Tus-Resumable: 1.0.0"], b""))
        .await;
    assert_eq!(connection.reply("PATCH").await.unwrap().status, 404);
    assert_eq!(connection.reply("HEAD").await.unwrap().offset(), Some(0));
}

#[tokio::test]
async fn a_rejected_body_that_is_too_long_ends_the_connection() {
    let settings = Settings {
        max_drain: 1 << 20,
        ..Settings::default()
    };
    let server = start_with(settings, Fault::none()).await;
    let mut connection = Connection::open(&server).await;
    let bytes = patch_with(
        "/files/unknown",
        &["Upload-Offset: 0"],
        &vec![b'G'; 2 << 20],
    );
    connection.send(&bytes[..1 << 20]).await;
    let reply = connection.reply("PATCH").await.unwrap();
    assert_eq!(
        (reply.status, reply.header("connection")),
        (404, Some("close"))
    );
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    let mut connection = Connection::open(&server).await;
    let [one, two] = [
        ("Upload-Offset: 0", b"hello"),
        ("Upload-Offset: 5", b"world"),
    ]
    .map(|(offset, body)| patch_with(&path, &[offset], body));
    connection.send([one, two].concat()).await;
    assert_eq!(connection.reply("PATCH").await.unwrap().offset(), Some(5));
    assert_eq!(connection.reply("PATCH").await.unwrap().offset(), Some(10));
    assert_eq!(get(&server, &path).await.body, b"helloworld");
}

#[tokio::test]
async fn ambiguous_framing_is_refused() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    let body = "5\r\nhello\r\n0\r\n\r\n";
    for (hosts, framing) in [
        ("", "Content-Length: 5"),
        ("Host: a\r\nHost: a\r\n", "Content-Length: 5"),
        ("Host: a b\r\n", "Content-Length: 5"),
        ("Host: a@b\r\n", "Content-Length: 5"),
        ("Host: a\r\n", "Transfer-Encoding: gzip, chunked"),
        ("Host: a\r\n", "Transfer-Encoding: gzip"),
        ("Host: a\r\n", "Content-Length: -1"),
        ("Host: a\r\n", "Content-Length: 5\r\nContent-Length: 6"),
        ("Host: a\r\n", "X : y\r\nContent-Length: 5"),
    ] {
        let mut connection = Connection::open(&server).await;
        let lines = PATCH.join("\r\n");
        connection.send(format!("PATCH {path} HTTP/1.1\r\n{hosts}{lines}\r\nUpload-Offset: 0\r\n{framing}\r\n\r\n{body}")).await;
        let reply = connection.reply("PATCH").await.unwrap();
        assert_eq!(reply.status, 400, "{hosts}{framing}");
        assert_eq!(reply.header("connection"), Some("close"));
        assert_eq!(head(&server, &path).await.offset(), Some(0));
    }
}

#[tokio::test]
async fn both_framings_mean_chunks_and_the_end() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    let mut connection = Connection::open(&server).await;
    let bytes = patch_with(
        &path,
        &["Upload-Offset: 0", "Transfer-Encoding: chunked"],
        b"5\r\nhello\r\n0\r\n\r\n",
    );
    connection.send(bytes).await;
    assert_eq!(connection.reply("PATCH").await.unwrap().offset(), Some(5));
    assert!(connection.is_closed().await);
}

#[tokio::test]
async fn old_clients_are_served() {
    let server = start().await;
    let mut connection = Connection::open(&server).await;
    connection
        .send("POST /files HTTP/1.0\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 5\r\n\r\n")
        .await;
    let reply = connection.reply("POST").await.unwrap();
    assert_eq!(reply.status, 201);
    assert!(connection.is_closed().await);
    assert_eq!(
        head(&server, reply.header("location").unwrap())
            .await
            .offset(),
        Some(0)
    );
}

#[tokio::test]
async fn heads_have_limits() {
    let server = start().await;
    for (head, status) in [
        (
            format!(
                "GET /files HTTP/1.1\r\nHost: a\r\n{}\r\n",
                "X: y\r\n".repeat(101)
            ),
            431,
        ),
        (
            format!(
                "GET /files HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
                "y".repeat(500 << 10)
            ),
            431,
        ),
        (
            format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "y".repeat(500 << 10)),
            431,
        ),
    ] {
        let mut connection = Connection::open(&server).await;
        connection.send(head).await;
        if let Some(reply) = connection.reply("GET").await {
            assert_eq!(reply.status, status);
        }
    }
    assert_eq!(
        crate::client::exchange(&server, "OPTIONS", "/files", &[], b"")
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn slow_heads_are_not_waited_for() {
    let settings = Settings {
        head_timeout: Duration::from_millis(100),
        ..Settings::default()
    };
    let server = start_with(settings, Fault::none()).await;
    for beginning in ["", "OPTIONS /files HT"] {
        let mut connection = Connection::open(&server).await;
        connection.send(beginning).await;
        assert!(connection.is_closed().await);
    }
}
