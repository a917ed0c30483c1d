use bytes::Bytes;
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;
use crate::options::Options;

/// A connection to a server that reads something, says this, and hangs up.
async fn connected_to(says: &'static [u8]) -> (Http1, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/files/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = vec![0; 4096];
        let count = stream.read(&mut read).await.unwrap();
        stream.write_all(says).await.unwrap();
        stream.shutdown().await.unwrap();
        read.truncate(count);
        // Until the client hangs up as well, so that nothing is reset.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        read
    });
    let connector = Connector::new(&Options::new(url.parse().unwrap())).unwrap();
    (Http1::open(&connector).await.unwrap(), server)
}

async fn answer_to(method: &str, says: &'static [u8]) -> io::Result<Response> {
    let (mut connection, _) = connected_to(says).await;
    connection.exchange(&Request::new(method, "/files/")).await
}

#[tokio::test]
async fn sends_what_it_is_told() {
    let (mut connection, server) = connected_to(b"HTTP/1.1 204 x\r\n\r\n").await;
    let mut request = Request::new("PATCH", "/files/%00");
    request
        .fields
        .push(("Upload-Offset".to_owned(), b"\xb2 ".to_vec()));
    request.framing = Framing::Chunked;
    request.content = vec![Bytes::from("hello"), Bytes::new(), Bytes::from(" world")];
    request
        .trailers
        .push(("Upload-Checksum".to_owned(), b"sha1 x".to_vec()));
    connection.exchange(&request).await.unwrap();
    drop(connection);
    let sent = server.await.unwrap();
    let sent = sent.escape_ascii().to_string();
    let (head, fields) = sent.split_once(r"Host: ").unwrap();
    assert_eq!(head, r"PATCH /files/%00 HTTP/1.1\r\n");
    assert!(
        fields.contains(r"\r\nUpload-Offset: \xb2 \r\nTransfer-Encoding: chunked\r\n\r\n"),
        "{sent}"
    );
}

#[tokio::test]
async fn interim_answers_come_before_the_last_one() {
    let answer = answer_to(
        "PATCH",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 104\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    );
    let answer = answer.await.unwrap();
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.interim,
        [100, 104].map(|status| StatusCode::from_u16(status).unwrap())
    );
}

#[tokio::test]
async fn content_ends_where_the_server_says() {
    for says in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nx: y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
    ] {
        let answer = answer_to("GET", says).await.unwrap();
        assert_eq!(answer.content, b"hello", "{}", says.escape_ascii());
    }
}

#[tokio::test]
async fn answers_without_content_have_none() {
    let head = answer_to("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await;
    assert!(head.unwrap().content.is_empty());
    let no_content = answer_to("PATCH", b"HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n").await;
    assert!(no_content.unwrap().content.is_empty());
}

#[tokio::test]
async fn what_is_not_an_answer_is_an_error() {
    for (says, reason) in [
        (&b""[..], "the connection was closed before an answer came"),
        (
            b"HTTP/1.1 200 OK\r\nConte",
            "the connection was closed after 22 bytes of an answer",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
            "closed after 5 of 9 bytes of the content",
        ),
        (b"SMTP ready\r\n\r\n", "invalid HTTP version"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "invalid digit",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n0\r\n\r\n",
            "a chunk that does not end where it should",
        ),
    ] {
        let error = answer_to("GET", says).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{}: {error}", says.escape_ascii());
    }
}

#[tokio::test]
async fn an_answer_may_come_before_everything_is_sent() {
    let (mut connection, _) =
        connected_to(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n").await;
    let mut request = Request::new("PATCH", "/files/");
    request.framing = Framing::Length(u64::MAX);
    request.content = vec![Bytes::from(vec![0; 1 << 20])];
    assert_eq!(connection.exchange(&request).await.unwrap().status, 413);
}

#[tokio::test]
async fn the_end_of_a_connection_is_seen() {
    let (mut connection, _) = connected_to(b"HTTP/1.1 204 x\r\n\r\n").await;
    connection
        .exchange(&Request::new("HEAD", "/"))
        .await
        .unwrap();
    assert!(connection.is_closed_within(Duration::from_secs(5)).await);

    let (mut connection, _) = connected_to(b"HTTP/1.1 204 x\r\n\r\nmore").await;
    connection
        .exchange(&Request::new("HEAD", "/"))
        .await
        .unwrap();
    assert!(!connection.is_closed_within(Duration::from_secs(5)).await);
    assert_eq!(connection.rest().await.unwrap(), b"more");
}

#[tokio::test]
async fn an_answer_may_come_before_the_head_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/files/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        let answer = b"HTTP/1.1 431 x\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        // What was not read makes of its end a reset.
    });
    let connector = Connector::new(&Options::new(url.parse().unwrap())).unwrap();
    let mut connection = Http1::open(&connector).await.unwrap();
    let mut request = Request::new("POST", "/files/");
    request
        .fields
        .push(("Large".to_owned(), vec![b'a'; 16 << 20]));
    assert_eq!(connection.exchange(&request).await.unwrap().status, 431);
}
