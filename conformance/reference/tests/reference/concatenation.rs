use tus_reference::{Extension, Fault, Server, Settings};

use crate::client::{create, exchange, get, head, patch, post, start, start_with};

const TYPE: &str = "Content-Type: application/offset+octet-stream";

async fn part(server: &Server, bytes: &str) -> String {
    let length = format!("Upload-Length: {}", bytes.len());
    let reply = post(
        server,
        &["Upload-Concat: partial", &length, TYPE],
        bytes.as_bytes(),
    )
    .await;
    assert_eq!(reply.status, 201);
    reply.header("location").unwrap().to_owned()
}

fn joined(list: &str) -> String {
    format!("Upload-Concat: final;{list}")
}

#[tokio::test]
async fn parts_are_joined_in_their_order() {
    let server = start().await;
    let [a, b, nothing] = [
        part(&server, "hello").await,
        part(&server, " world").await,
        part(&server, "").await,
    ];
    assert_eq!(
        head(&server, &a).await.header("upload-concat"),
        Some("partial")
    );
    assert_eq!(get(&server, &a).await.status, 404);
    let id = a.rsplit('/').next().unwrap();
    for (list, content) in [
        (format!("{a} {b}"), "hello world"),
        (format!("{b} {a}"), " worldhello"),
        (format!("{a} {a}"), "hellohello"),
        (format!("{nothing} {a}"), "hello"),
        (
            format!("http://reference{a} https://elsewhere:1{b}?x#y"),
            "hello world",
        ),
        (format!(" {a}  {b} "), "hello world"),
        (format!("./files/{id} /files/x/../{id}"), "hellohello"),
    ] {
        let path = create(&server, &[&joined(&list)]).await;
        let reply = head(&server, &path).await;
        assert_eq!(
            (reply.offset(), reply.header("upload-length")),
            (Some(content.len() as u64), reply.header("upload-offset"))
        );
        assert_eq!(
            reply.header("upload-concat"),
            Some(format!("final;{list}").trim_end())
        );
        assert_eq!(get(&server, &path).await.body, content.as_bytes());
    }
    let path = create(&server, &[&joined(&a)]).await;
    exchange(&server, "DELETE", &a, &["Tus-Resumable: 1.0.0"], b"").await;
    assert_eq!(get(&server, &path).await.body, b"hello");
}

#[tokio::test]
async fn a_final_upload_has_its_own_facts() {
    let server = start().await;
    let a = create(
        &server,
        &[
            "Upload-Concat: partial",
            "Upload-Length: 1",
            "Upload-Metadata: part eA==",
        ],
    )
    .await;
    patch(&server, &a, 0, &[], b"a").await;
    let path = create(&server, &[&joined(&a)]).await;
    assert_eq!(head(&server, &path).await.header("upload-metadata"), None);
    let path = create(&server, &[&joined(&a), "Upload-Metadata: own eA=="]).await;
    assert_eq!(
        head(&server, &path).await.header("upload-metadata"),
        Some("own eA==")
    );
    for (offset, body) in [(0, "x"), (1, ""), (1, "x")] {
        assert_eq!(
            patch(&server, &path, offset, &[], body.as_bytes())
                .await
                .status,
            403
        );
    }
    assert_eq!(get(&server, &path).await.body, b"a");
}

#[tokio::test]
async fn what_is_no_list_of_parts_is_refused() {
    let server = start().await;
    let a = part(&server, "hello").await;
    let plain = create(&server, &["Upload-Length: 0"]).await;
    let whole = create(&server, &[&joined(&a)]).await;
    for (value, status) in [
        ("Partial".to_owned(), 400),
        ("partial;".to_owned(), 400),
        ("bogus".to_owned(), 400),
        (String::new(), 400),
        ("final;".to_owned(), 400),
        ("final".to_owned(), 400),
        (format!("FINAL;{a}"), 400),
        (format!("final,{a}"), 400),
        (format!("final;{a} {plain}"), 400),
        (format!("final;{whole}"), 400),
        ("final;/files/unknown".to_owned(), 404),
        ("final;/other/x".to_owned(), 400),
        (format!("final;{a}%2e%2e%2f"), 404),
        (format!("partial\r\nUpload-Concat: final;{a}"), 400),
        (format!("final;{}", [a.as_str(); 257].join(" ")), 400),
    ] {
        let headers = [format!("Upload-Concat: {value}")];
        let mut headers: Vec<_> = headers.iter().map(String::as_str).collect();
        headers.extend(
            ["Upload-Length: 5"]
                .iter()
                .filter(|_| !value.starts_with("final;")),
        );
        assert_eq!(post(&server, &headers, b"").await.status, status, "{value}");
    }
    for (extra, body) in [
        ("Upload-Length: 5", ""),
        ("Upload-Defer-Length: 1", ""),
        (TYPE, "x"),
    ] {
        let reply = post(&server, &[&joined(&a), extra], body.as_bytes()).await;
        assert!([400, 413].contains(&reply.status), "{extra}: {reply:?}");
    }
}

#[tokio::test]
async fn unfinished_parts_are_waited_for() {
    let server = start().await;
    let a = create(&server, &["Upload-Concat: partial", "Upload-Length: 5"]).await;
    let b = create(
        &server,
        &["Upload-Concat: partial", "Upload-Defer-Length: 1"],
    )
    .await;
    let path = create(&server, &[&joined(&format!("{a} {b}"))]).await;
    let short = create(&server, &[&joined(&a)]).await;
    let reply = head(&server, &path).await;
    assert_eq!(
        [
            reply.header("upload-offset"),
            reply.header("upload-length"),
            reply.header("upload-defer-length")
        ],
        [None; 3]
    );
    assert_eq!(
        head(&server, &short).await.header("upload-length"),
        Some("5")
    );
    assert_eq!(patch(&server, &path, 0, &[], b"x").await.status, 403);
    patch(&server, &a, 0, &[], b"hello").await;
    assert_eq!(get(&server, &short).await.body, b"hello");
    assert_eq!(get(&server, &path).await.status, 404);
    patch(&server, &b, 0, &["Upload-Length: 1"], b"!").await;
    assert_eq!(head(&server, &path).await.offset(), Some(6));
    assert_eq!(get(&server, &path).await.body, b"hello!");
}

#[tokio::test]
async fn a_final_upload_goes_with_a_part_it_waits_for() {
    let server = start().await;
    let a = create(&server, &["Upload-Concat: partial", "Upload-Length: 5"]).await;
    let path = create(&server, &[&joined(&a)]).await;
    exchange(&server, "DELETE", &a, &["Tus-Resumable: 1.0.0"], b"").await;
    assert_eq!(head(&server, &path).await.status, 410);
}

#[tokio::test]
async fn without_the_extension_parts_must_be_complete() {
    let extensions = [Extension::Creation, Extension::Concatenation];
    let server = start_with(
        Settings::default().with_extensions(extensions),
        Fault::none(),
    )
    .await;
    let a = create(&server, &["Upload-Concat: partial", "Upload-Length: 5"]).await;
    assert_eq!(post(&server, &[&joined(&a)], b"").await.status, 400);
    patch(&server, &a, 0, &[], b"hello").await;
    assert_eq!(
        get(&server, &create(&server, &[&joined(&a)]).await)
            .await
            .body,
        b"hello"
    );
}
