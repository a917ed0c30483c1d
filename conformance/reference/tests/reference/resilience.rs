use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tus_reference::{Fault, Server, Settings};

use crate::client::{
    Connection, PATCH, create, exchange, get, head, patch, request, start, start_with, wait_for,
};

/// Begins a PATCH at 0 of ten bytes and sends five of them, which the server has when this returns.
async fn half_sent(server: &Server, path: &str) -> Connection {
    let bytes = request(
        "PATCH",
        path,
        &[&PATCH[..], &["Upload-Offset: 0"]].concat(),
        b"helloworld",
    );
    let mut connection = Connection::open(server).await;
    connection.send(&bytes[..bytes.len() - 5]).await;
    wait_for(server, path, |reply| reply.offset() == Some(5)).await;
    connection
}

#[tokio::test]
async fn bytes_stay_when_their_client_goes() {
    let server = start().await;
    for is_reset in [true, false] {
        let path = create(&server, &["Upload-Length: 10"]).await;
        let mut connection = half_sent(&server, &path).await;
        if is_reset {
            connection.stream.set_zero_linger().unwrap();
            drop(connection);
        } else {
            connection.stream.shutdown().await.unwrap();
            assert_eq!(connection.reply("PATCH").await.unwrap().status, 400);
        }
        assert_eq!(patch(&server, &path, 5, &[], b"world").await.status, 204);
        assert_eq!(get(&server, &path).await.body, b"helloworld");
    }
}

#[tokio::test]
async fn a_silent_body_is_ended() {
    let settings = Settings {
        body_timeout: Duration::from_millis(100),
        ..Settings::default()
    };
    let server = start_with(settings, Fault::none()).await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    let mut connection = half_sent(&server, &path).await;
    let reply = connection.reply("PATCH").await.unwrap();
    assert_eq!(
        (reply.status, reply.offset(), reply.header("connection")),
        (409, Some(5), Some("close"))
    );
    assert!(connection.is_closed().await);
    assert_eq!(head(&server, &path).await.offset(), Some(5));
}

#[tokio::test]
async fn a_silent_writer_is_overtaken() {
    let server = start_with(
        Settings {
            body_timeout: Duration::from_secs(60),
            ..Settings::default()
        },
        Fault::none(),
    )
    .await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    let mut stale = half_sent(&server, &path).await;
    assert_eq!(patch(&server, &path, 0, &[], b"other").await.status, 409);
    assert_eq!(patch(&server, &path, 5, &[], b"world").await.status, 204);
    let reply = stale.reply("PATCH").await.unwrap();
    assert_eq!(
        (reply.status, reply.header("connection")),
        (400, Some("close"))
    );
    assert_eq!(get(&server, &path).await.body, b"helloworld");
}

#[tokio::test]
async fn a_writer_that_goes_on_is_waited_for() {
    let settings = Settings {
        lock_timeout: Duration::from_millis(50),
        stale_after: Duration::from_secs(60),
        ..Settings::default()
    };
    let server = start_with(settings, Fault::none()).await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    let mut writer = half_sent(&server, &path).await;
    let reply = patch(&server, &path, 5, &[], b"other").await;
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (423, Some("1"))
    );
    writer.send("world").await;
    assert_eq!(writer.reply("PATCH").await.unwrap().status, 204);
    assert_eq!(get(&server, &path).await.body, b"helloworld");
}

#[tokio::test]
async fn of_two_racers_one_wins() {
    let server = start().await;
    for _ in 0..20 {
        let path = create(&server, &["Upload-Length: 5"]).await;
        let (one, other) = tokio::join!(
            patch(&server, &path, 0, &[], b"11111"),
            patch(&server, &path, 0, &[], b"22222")
        );
        let (winner, loser) = if one.status == 204 {
            (b"11111", other)
        } else {
            (b"22222", one)
        };
        assert_eq!(loser.status, 409);
        assert_eq!(get(&server, &path).await.body, winner);
    }
}

#[tokio::test]
async fn delete_stops_a_writer() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    let mut writer = half_sent(&server, &path).await;
    assert_eq!(
        exchange(&server, "DELETE", &path, &["Tus-Resumable: 1.0.0"], b"")
            .await
            .status,
        204
    );
    assert_eq!(writer.reply("PATCH").await.unwrap().status, 400);
    assert_eq!(head(&server, &path).await.status, 404);
}

#[tokio::test]
async fn a_whole_body_is_stored_though_nobody_waits_for_the_answer() {
    let server = start().await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    let mut connection = Connection::open(&server).await;
    connection
        .send(request(
            "PATCH",
            &path,
            &[&PATCH[..], &["Upload-Offset: 0"]].concat(),
            b"helloworld",
        ))
        .await;
    drop(connection);
    wait_for(&server, &path, |reply| reply.offset() == Some(10)).await;
}
