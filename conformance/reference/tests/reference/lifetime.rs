use std::time::Duration;

use tus_reference::{Fault, Settings};

use crate::client::{create, exchange, get, head, patch, post, start, start_with, wait_for};

#[tokio::test]
async fn unfinished_uploads_expire_and_finished_ones_stay() {
    let settings = Settings {
        time_to_live: Duration::from_millis(1100),
        ..Settings::default()
    };
    let server = start_with(settings, Fault::none()).await;
    let finished = create(&server, &["Upload-Length: 5"]).await;
    assert_eq!(
        patch(&server, &finished, 0, &[], b"hello")
            .await
            .header("upload-expires"),
        None
    );
    let part = create(&server, &["Upload-Length: 5", "Upload-Concat: partial"]).await;
    let unfinished = create(&server, &["Upload-Length: 5"]).await;
    let reply = patch(&server, &unfinished, 0, &[], b"h").await;
    assert!(reply.header("upload-expires").unwrap().ends_with(" GMT"));

    wait_for(&server, &unfinished, |reply| reply.status == 410).await;
    assert_eq!(head(&server, &unfinished).await.offset(), None);
    assert_eq!(
        patch(&server, &unfinished, 1, &[], b"ello").await.status,
        410
    );
    assert_eq!(
        exchange(
            &server,
            "DELETE",
            &unfinished,
            &["Tus-Resumable: 1.0.0"],
            b""
        )
        .await
        .status,
        410
    );
    wait_for(&server, &part, |reply| reply.status == 410).await;
    assert_eq!(
        post(&server, &[&format!("Upload-Concat: final;{part}")], b"")
            .await
            .status,
        404
    );
    assert_eq!(get(&server, &finished).await.body, b"hello");
}

#[tokio::test]
async fn deleted_uploads_are_gone() {
    let server = start().await;
    let version = ["Tus-Resumable: 1.0.0"];
    for headers in [
        ["Upload-Length: 5", "X: y"],
        ["Upload-Length: 0", "X: y"],
        ["Upload-Defer-Length: 1", "Upload-Concat: partial"],
    ] {
        let path = create(&server, &headers).await;
        assert_eq!(
            exchange(&server, "DELETE", &path, &version, b"")
                .await
                .status,
            204
        );
        for method in ["HEAD", "DELETE", "GET"] {
            assert_eq!(
                exchange(&server, method, &path, &version, b"").await.status,
                404
            );
        }
        assert_eq!(patch(&server, &path, 0, &[], b"x").await.status, 404);
    }
}
