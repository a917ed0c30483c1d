use crate::client::{Connection, PATCH, create, exchange, get, head, patch, request, start};

#[tokio::test]
async fn bytes_come_back_as_they_were_sent() {
    let server = start().await;
    for length in [1, 65_535, 65_536, 65_537, 10 << 20] {
        let bytes: Vec<u8> = (0..length)
            .map(|index: usize| (index % 251) as u8)
            .collect();
        let path = create(&server, &[&format!("Upload-Length: {length}")]).await;
        let half = length / 2;
        patch(&server, &path, 0, &[], &bytes[..half]).await;
        let reply = patch(&server, &path, half as u64, &[], &bytes[half..]).await;
        assert_eq!((reply.status, reply.offset()), (204, Some(length as u64)));
        assert!(get(&server, &path).await.body == bytes, "{length}");
    }
}

#[tokio::test]
async fn only_the_right_offset_is_taken() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    patch(&server, &path, 0, &[], b"hello").await;
    for (value, status) in [
        ("", 400),
        ("abc", 400),
        ("5.0", 400),
        ("-5", 400),
        ("+5", 400),
        ("5,5", 400),
        ("5\r\nUpload-Offset: 5", 400),
        ("0", 409),
        ("4", 409),
        ("6", 409),
        ("10", 409),
        ("9223372036854775808", 409),
        ("18446744073709551616", 409),
    ] {
        let line = format!("Upload-Offset: {value}");
        let reply = exchange(
            &server,
            "PATCH",
            &path,
            &[&PATCH[..], &[&line]].concat(),
            b"x",
        )
        .await;
        assert_eq!(
            (reply.status, reply.offset()),
            (status, (status == 409).then_some(5)),
            "{value}"
        );
        assert_eq!(head(&server, &path).await.offset(), Some(5));
    }
    assert_eq!(
        exchange(&server, "PATCH", &path, &PATCH, b"").await.status,
        400
    );
    assert_eq!(
        exchange(
            &server,
            "PATCH",
            &path,
            &[&PATCH[..], &["Upload-Offset: 05"]].concat(),
            b""
        )
        .await
        .status,
        204
    );
    assert_eq!(
        patch(&server, &path, 5, &["Upload-Length: 11"], b"")
            .await
            .status,
        400
    );
    assert_eq!(patch(&server, &path, 5, &[], b"world!").await.status, 413);
    assert_eq!(patch(&server, &path, 5, &[], b"world").await.status, 204);
    assert_eq!(patch(&server, &path, 10, &[], b"").await.status, 204);
    assert_eq!(patch(&server, &path, 10, &[], b"!").await.status, 413);
    assert_eq!(get(&server, &path).await.body, b"helloworld");
    assert_eq!(
        patch(&server, "/files/unknown", 0, &[], b"x").await.status,
        404
    );
}

#[tokio::test]
async fn the_content_type_is_that_of_the_protocol() {
    let server = start().await;
    for (line, status) in [
        ("X-None: 1", 415),
        ("Content-Type: text/plain", 415),
        ("Content-Type: application/octet-stream", 415),
        ("Content-Type: Application/Offset+Octet-Stream", 204),
        (
            "Content-Type: application/offset+octet-stream; charset=utf-8",
            204,
        ),
        (
            "Content-Type: application/offset+octet-stream\r\nContent-Type: application/offset+octet-stream",
            400,
        ),
    ] {
        let path = create(&server, &["Upload-Length: 5"]).await;
        let headers = ["Tus-Resumable: 1.0.0", "Upload-Offset: 0", line];
        assert_eq!(
            exchange(&server, "PATCH", &path, &headers, b"hello")
                .await
                .status,
            status,
            "{line}"
        );
        assert_eq!(
            head(&server, &path).await.offset(),
            Some(if status == 204 { 5 } else { 0 })
        );
    }
}

#[tokio::test]
async fn too_many_chunks_do_not_complete_an_upload() {
    let server = start().await;
    for (body, offset) in [
        ("6\r\n123456\r\n0\r\n\r\n", 0),
        ("5\r\n12345\r\n1\r\n6\r\n0\r\n\r\n", 0),
    ] {
        let path = create(&server, &["Upload-Length: 5"]).await;
        let mut connection = Connection::open(&server).await;
        let head_lines = [
            &PATCH[..],
            &["Upload-Offset: 0", "Transfer-Encoding: chunked"],
        ]
        .concat();
        let head_bytes = request("PATCH", &path, &head_lines, b"");
        let head_bytes = String::from_utf8(head_bytes)
            .unwrap()
            .replace("Content-Length: 0\r\n", "");
        connection.send(head_bytes + body).await;
        let reply = connection.reply("PATCH").await.unwrap();
        assert_eq!(
            (reply.status, reply.header("connection")),
            (413, Some("close"))
        );
        assert_eq!(head(&server, &path).await.offset(), Some(offset));
        assert_eq!(get(&server, &path).await.status, 404);
    }
}
