use http::Method;
use tus_reference::{Fault, Settings};

use crate::client::{Connection, create, exchange, get, head, patch, request, start_with};

#[tokio::test]
async fn answers_can_be_wrong() {
    let fault = Fault::drop_header("upload-offset")
        .on(Method::HEAD)
        .and(Fault::swap_status(204, 200).on(Method::PATCH))
        .and(Fault::edit_header("upload-metadata", str::to_uppercase))
        .and(Fault::set_body(b"other").on(Method::GET).at(200));
    let server = start_with(Settings::default(), fault).await;
    let path = create(&server, &["Upload-Length: 5", "Upload-Metadata: k dg=="]).await;
    let reply = patch(&server, &path, 0, &[], b"hello").await;
    assert_eq!((reply.status, reply.offset()), (200, Some(5)));
    let reply = head(&server, &path).await;
    assert_eq!(
        (reply.offset(), reply.header("upload-metadata")),
        (None, Some("K DG=="))
    );
    assert_eq!(get(&server, &path).await.body, b"other");
}

#[tokio::test]
async fn requests_can_be_misread() {
    let fault = Fault::rewrite_header("upload-length", |value| {
        value.trim_end_matches(".0").to_owned()
    })
    .and(Fault::first_line_of("upload-metadata"))
    .and(Fault::replace_header("tus-resumable", "1.0.0").with("x-old"))
    .and(Fault::ignore_header("x-http-method-override"));
    let server = start_with(Settings::default(), fault).await;
    let path = create(
        &server,
        &[
            "Upload-Length: 5.0",
            "Upload-Metadata: a\r\nUpload-Metadata: b",
        ],
    )
    .await;
    let reply = head(&server, &path).await;
    assert_eq!(
        (
            reply.header("upload-length"),
            reply.header("upload-metadata")
        ),
        (Some("5"), Some("a"))
    );
    let headers = [
        "Tus-Resumable: 0.2.2",
        "X-Old: 1",
        "X-HTTP-Method-Override: HEAD",
    ];
    assert_eq!(
        exchange(&server, "DELETE", &path, &headers, b"")
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn heads_can_be_changed_in_transit() {
    let fault = Fault::request_bytes(|head| {
        *head = String::from_utf8_lossy(head)
            .replace("Host: a\r\nHost: a\r\n", "Host: a\r\n")
            .into_bytes();
    })
    .and(Fault::response_bytes(|head| {
        *head = String::from_utf8_lossy(head)
            .replace(" 204 No Content", " 204 Nothing")
            .into_bytes();
    }));
    let server = start_with(Settings::default(), fault).await;
    let mut connection = Connection::open(&server).await;
    let bytes = b"OPTIONS /files HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n";
    connection.send(bytes.repeat(2)).await;
    for _ in 0..2 {
        assert!(
            connection
                .reply("OPTIONS")
                .await
                .unwrap()
                .head
                .starts_with("HTTP/1.1 204 Nothing\r\n")
        );
    }
    let path = create(&server, &["Upload-Length: 10"]).await;
    assert_eq!(
        patch(&server, &path, 0, &[], b"HELLO").await.offset(),
        Some(5)
    );

    let server = start_with(Settings::default(), Fault::request_bytes(Vec::clear)).await;
    let mut connection = Connection::open(&server).await;
    connection
        .send(request("OPTIONS", "/files", &[], b""))
        .await;
    assert!(connection.is_closed().await);
}
