use bytes::Bytes;
use h2::client::SendRequest;
use http::{HeaderMap, Method, Request, Response};
use tokio::net::TcpStream;
use tus_reference::Server;

use crate::client::{create, get, head, start, wait_for};

async fn open(server: &Server) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    client.ready().await.unwrap()
}

fn request(server: &Server, method: Method, path: &str, headers: &[(&str, &str)]) -> Request<()> {
    let builder = Request::builder()
        .method(method)
        .uri(format!("http://{}{path}", server.address()));
    let builder = builder
        .header("tus-resumable", "1.0.0")
        .header("content-type", "application/offset+octet-stream");
    headers
        .iter()
        .fold(builder, |builder, (name, value)| {
            builder.header(*name, *value)
        })
        .body(())
        .unwrap()
}

fn header<'response>(
    response: &'response Response<h2::RecvStream>,
    name: &str,
) -> Option<&'response str> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn http2_does_the_same() {
    let server = start().await;
    let mut client = open(&server).await;
    let (response, _) = client
        .send_request(
            request(&server, Method::POST, "/files", &[("upload-length", "10")]),
            true,
        )
        .unwrap();
    let response = response.await.unwrap();
    assert_eq!(response.status(), 201);
    let path = header(&response, "location").unwrap().to_owned();
    for (offset, body) in [("0", "hello"), ("5", "world")] {
        let request = request(&server, Method::PATCH, &path, &[("upload-offset", offset)]);
        let (response, mut stream) = client.send_request(request, false).unwrap();
        stream.send_data(body.into(), true).unwrap();
        assert_eq!(response.await.unwrap().status(), 204);
    }
    let (response, mut stream) = client
        .send_request(
            request(&server, Method::PATCH, &path, &[("upload-offset", "3")]),
            false,
        )
        .unwrap();
    stream.send_data("x".into(), true).unwrap();
    let response = response.await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            header(&response, "upload-offset")
        ),
        (409, Some("10"))
    );
    assert_eq!(get(&server, &path).await.body, b"helloworld");
}

#[tokio::test]
async fn a_trailer_of_http2_is_a_trailer() {
    let server = start().await;
    let mut client = open(&server).await;
    for (digest, status) in [
        ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 204),
        ("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=", 460),
    ] {
        let path = create(&server, &["Upload-Length: 11"]).await;
        let (response, mut stream) = client
            .send_request(
                request(&server, Method::PATCH, &path, &[("upload-offset", "0")]),
                false,
            )
            .unwrap();
        stream.send_data("hello world".into(), false).unwrap();
        let trailers =
            HeaderMap::from_iter([("upload-checksum".parse().unwrap(), digest.parse().unwrap())]);
        stream.send_trailers(trailers).unwrap();
        assert_eq!(response.await.unwrap().status(), status);
        assert_eq!(
            head(&server, &path).await.offset(),
            Some(if status == 204 { 11 } else { 0 })
        );
    }
}

#[tokio::test]
async fn a_reset_stream_leaves_its_bytes() {
    let server = start().await;
    let mut client = open(&server).await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    let (response, mut stream) = client
        .send_request(
            request(&server, Method::PATCH, &path, &[("upload-offset", "0")]),
            false,
        )
        .unwrap();
    stream.send_data("hello".into(), false).unwrap();
    wait_for(&server, &path, |reply| reply.offset() == Some(5)).await;
    stream.send_reset(h2::Reason::CANCEL);
    drop(response);
    assert_eq!(
        crate::client::patch(&server, &path, 5, &[], b"world")
            .await
            .status,
        204
    );
    assert_eq!(get(&server, &path).await.body, b"helloworld");
}
