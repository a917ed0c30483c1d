//! Each fault of the inside is one.

use std::time::Duration;

use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;
use tus_reference::{Behaviour, Fault, Server, Settings};

use crate::client::{
    Connection, PATCH, create, exchange, get, head, patch, post, request, start_with, wait_for,
};

const VERSION: [&str; 1] = ["Tus-Resumable: 1.0.0"];
const WRONG: &str = "Upload-Checksum: sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=";

async fn with(behaviour: Behaviour) -> Server {
    start_with(Settings::default(), Fault::behaviour(behaviour)).await
}

/// A server, and an upload of ten bytes with the first five of them.
async fn half(behaviour: Behaviour) -> (Server, String) {
    let server = with(behaviour).await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    patch(&server, &path, 0, &[], b"hello").await;
    (server, path)
}

/// Begins a PATCH at 5 with two of its five bytes, and waits until they have arrived.
async fn unfinished(server: &Server, path: &str) -> Connection {
    let bytes = request(
        "PATCH",
        path,
        &[&PATCH[..], &["Upload-Offset: 5"]].concat(),
        b"world",
    );
    let mut connection = Connection::open(server).await;
    connection.send(&bytes[..bytes.len() - 3]).await;
    wait_for(server, path, |reply| reply.offset() == Some(7)).await;
    connection
}

/// Two partial uploads, `ab` and `c`, and a final one of them.
async fn joined(behaviour: Behaviour) -> (Server, [String; 3]) {
    let server = with(behaviour).await;
    let a = create(
        &server,
        &[
            "Upload-Concat: partial",
            "Upload-Length: 2",
            "Upload-Metadata: k dg==",
        ],
    )
    .await;
    let b = create(&server, &["Upload-Concat: partial", "Upload-Length: 1"]).await;
    patch(&server, &a, 0, &[], b"ab").await;
    patch(&server, &b, 0, &[], b"c").await;
    let path = create(&server, &[&format!("Upload-Concat: final;{a} {b}")]).await;
    (server, [a, b, path])
}

/// Whether something does not happen soon.
async fn hangs(future: impl Future<Output = ()> + Send) -> bool {
    timeout(Duration::from_millis(200), future).await.is_err()
}

#[tokio::test]
async fn no_answer_comes() {
    let server = with(Behaviour::HangsUp).await;
    let mut connection = Connection::open(&server).await;
    connection
        .send(request("OPTIONS", "/files", &[], b""))
        .await;
    assert!(connection.is_closed().await);
    let server = with(Behaviour::NeverAnswers).await;
    assert!(hangs(async { _ = exchange(&server, "OPTIONS", "/files", &[], b"").await }).await);
}

#[tokio::test]
async fn other_bytes_are_stored() {
    let (server, path) = half(Behaviour::IgnoresOffset).await;
    assert_eq!(
        patch(&server, &path, 1, &[], b"world").await.offset(),
        Some(10)
    );
    assert_eq!(get(&server, &path).await.body, b"helloworld");

    let (server, path) = half(Behaviour::SpoilsBytes).await;
    patch(&server, &path, 5, &[], b"world").await;
    assert_eq!(get(&server, &path).await.body[0], !b'h');

    let server = with(Behaviour::SpoilsLargeUploads).await;
    let path = create(&server, &["Upload-Length: 65537"]).await;
    patch(&server, &path, 0, &[], &[7; 65537]).await;
    assert_eq!(get(&server, &path).await.body[65535..], [7, !7]);

    let (server, path) = half(Behaviour::StoresNothing).await;
    assert_eq!(head(&server, &path).await.offset(), Some(0));
}

#[tokio::test]
async fn too_much_is_stored() {
    let (server, path) = half(Behaviour::IgnoresOverrun).await;
    assert_eq!(
        patch(&server, &path, 5, &[], b"too long").await.offset(),
        Some(13)
    );
    let body = post(&server, &["Upload-Length: 1", PATCH[1]], b"ab").await;
    assert_eq!(body.offset(), Some(2));

    let (server, path) = half(Behaviour::CompletesOverrun).await;
    assert_eq!(patch(&server, &path, 5, &[], b"world!").await.status, 413);
    assert_eq!(get(&server, &path).await.body, b"helloworld");

    let settings = Settings {
        max_size: Some(5),
        ..Settings::default()
    };
    let server = start_with(settings, Fault::behaviour(Behaviour::IgnoresMaxSize)).await;
    create(&server, &["Upload-Length: 6"]).await;
    let path = create(&server, &["Upload-Defer-Length: 1"]).await;
    assert_eq!(
        patch(&server, &path, 0, &[], b"123456").await.offset(),
        Some(6)
    );
}

#[tokio::test]
async fn interruptions_do_harm() {
    let (server, path) = half(Behaviour::LosesInterruptedBytes).await;
    drop(unfinished(&server, &path).await);
    wait_for(&server, &path, |reply| reply.offset() == Some(5)).await;

    let (server, path) = half(Behaviour::AcceptsBrokenBodies).await;
    let mut connection = unfinished(&server, &path).await;
    connection.stream.shutdown().await.unwrap();
    assert_eq!(connection.reply("PATCH").await.unwrap().status, 204);

    let (server, path) = half(Behaviour::DiesWithConnection).await;
    let mut connection = Connection::open(&server).await;
    connection
        .send(request(
            "PATCH",
            &path,
            &[&PATCH[..], &["Upload-Offset: 5"]].concat(),
            b"world",
        ))
        .await;
    drop(connection);
    // The next one waits for the first to be gone, or to be done.
    assert_eq!(patch(&server, &path, 5, &[], b"WORLD").await.status, 204);
    assert_eq!(get(&server, &path).await.body, b"helloWORLD");

    let settings = Settings {
        head_timeout: Duration::from_millis(10),
        ..Settings::default()
    };
    let server = start_with(settings, Fault::behaviour(Behaviour::NeverTimesOut)).await;
    let mut connection = Connection::open(&server).await;
    assert!(hangs(async { _ = connection.is_closed().await }).await);
}

#[tokio::test]
async fn bodies_are_met_wrongly() {
    let (server, path) = half(Behaviour::ContinuesBeforeChecking).await;
    let mut connection = Connection::open(&server).await;
    let lines = [&PATCH[..], &["Upload-Offset: 0", "Expect: 100-continue"]].concat();
    let bytes = request("PATCH", &path, &lines, b"hello");
    connection.send(&bytes[..bytes.len() - 5]).await;
    assert_eq!(connection.reply("PATCH").await.unwrap().status, 100);
    assert_eq!(connection.reply("PATCH").await.unwrap().status, 409);

    let (server, path) = half(Behaviour::NeverDrains).await;
    assert_eq!(
        patch(&server, &path, 0, &[], b"hello")
            .await
            .header("connection"),
        Some("close")
    );
}

#[tokio::test]
async fn writers_are_at_odds() {
    let (server, path) = half(Behaviour::NeverOvertakes).await;
    let _writer = unfinished(&server, &path).await;
    assert!(hangs(async { _ = patch(&server, &path, 7, &[], b"rld").await }).await);

    let (server, path) = half(Behaviour::OvertakesAtOnce).await;
    let mut writer = unfinished(&server, &path).await;
    assert_eq!(patch(&server, &path, 7, &[], b"RLD").await.status, 204);
    assert_eq!(writer.reply("PATCH").await.unwrap().status, 400);

    let server = with(Behaviour::WritesWithoutLock).await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    let (one, other) = tokio::join!(
        patch(&server, &path, 0, &[], b"11111"),
        patch(&server, &path, 0, &[], b"22222")
    );
    assert_eq!((one.status, other.status), (204, 204));

    let (server, path) = half(Behaviour::HeadStopsWriter).await;
    let bytes = request(
        "PATCH",
        &path,
        &[&PATCH[..], &["Upload-Offset: 5"]].concat(),
        b"world",
    );
    let mut writer = Connection::open(&server).await;
    writer.send(&bytes[..bytes.len() - 5]).await;
    let stopped = async {
        while !matches!(
            timeout(Duration::from_millis(10), writer.reply("PATCH")).await,
            Ok(Some(_))
        ) {
            head(&server, &path).await;
        }
    };
    timeout(Duration::from_secs(10), stopped).await.unwrap();
}

#[tokio::test]
async fn readers_wait_for_writers() {
    let fault = Fault::behaviour(Behaviour::HeadWaitsForWriter)
        .with("x-wait")
        .and(Fault::behaviour(Behaviour::DeleteWaitsForWriter));
    let server = start_with(Settings::default(), fault).await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    patch(&server, &path, 0, &[], b"hello").await;
    let _writer = unfinished(&server, &path).await;
    assert!(hangs(async { _ = exchange(&server, "HEAD", &path, &["X-Wait: 1"], b"").await }).await);
    assert!(hangs(async { _ = exchange(&server, "DELETE", &path, &VERSION, b"").await }).await);
}

#[tokio::test]
async fn lengths_are_not_kept() {
    let server = with(Behaviour::ForgetsDeclaredLength).await;
    let path = create(&server, &["Upload-Defer-Length: 1"]).await;
    patch(&server, &path, 0, &["Upload-Length: 5"], b"hello").await;
    assert_eq!(head(&server, &path).await.header("upload-length"), None);

    let (server, path) = half(Behaviour::ChangesLength).await;
    assert_eq!(
        patch(&server, &path, 5, &["Upload-Length: 11"], b"")
            .await
            .status,
        204
    );
    assert_eq!(
        head(&server, &path).await.header("upload-length"),
        Some("11")
    );

    let server = with(Behaviour::RecordsRefusedLength).await;
    for (headers, status) in [
        (vec!["Upload-Length: 4"], 413),
        (vec!["Upload-Length: 5", WRONG], 460),
    ] {
        let path = create(&server, &["Upload-Defer-Length: 1"]).await;
        assert_eq!(
            patch(&server, &path, 0, &headers, b"hello").await.status,
            status
        );
        assert_ne!(head(&server, &path).await.header("upload-length"), None);
    }
}

#[tokio::test]
async fn creations_go_wrong() {
    let server = with(Behaviour::IgnoresCreationBody).await;
    assert_eq!(
        post(&server, &["Upload-Length: 5", PATCH[1]], b"hello")
            .await
            .offset(),
        Some(0)
    );
    let server = with(Behaviour::CountsIds).await;
    assert!(
        create(&server, &["Upload-Length: 5"])
            .await
            .ends_with("0001")
    );
    let server = with(Behaviour::ReusesIds).await;
    assert_eq!(
        create(&server, &["Upload-Length: 5"]).await,
        create(&server, &["Upload-Length: 5"]).await
    );
}

#[tokio::test]
async fn checksums_mean_little() {
    let (server, path) = half(Behaviour::SkipsChecksums).await;
    assert_eq!(
        patch(&server, &path, 5, &[WRONG], b"world").await.status,
        204
    );

    let (server, path) = half(Behaviour::KeepsUnverified).await;
    assert_eq!(
        patch(&server, &path, 5, &[WRONG], b"world").await.status,
        460
    );
    assert_eq!(head(&server, &path).await.offset(), Some(10));

    let (server, path) = half(Behaviour::KeepsInterruptedUnverified).await;
    let bytes = request(
        "PATCH",
        &path,
        &[&PATCH[..], &["Upload-Offset: 5", WRONG]].concat(),
        b"world",
    );
    let mut connection = Connection::open(&server).await;
    connection.send(&bytes[..bytes.len() - 3]).await;
    drop(connection);
    wait_for(&server, &path, |reply| reply.offset() == Some(7)).await;

    for (behaviour, trailer, length) in [
        (Behaviour::IgnoresTrailers, WRONG, None),
        (Behaviour::ObeysTrailers, "Upload-Length: 7", Some("7")),
    ] {
        let server = with(behaviour).await;
        let path = create(&server, &["Upload-Defer-Length: 1"]).await;
        let mut connection = Connection::open(&server).await;
        let lines = [
            &PATCH[..],
            &["Upload-Offset: 0", "Transfer-Encoding: chunked"],
        ]
        .concat()
        .join("\r\n");
        connection.send(format!("PATCH {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n1\r\nx\r\n0\r\n{trailer}\r\n\r\n")).await;
        assert_eq!(connection.reply("PATCH").await.unwrap().status, 204);
        assert_eq!(head(&server, &path).await.header("upload-length"), length);
    }
}

#[tokio::test]
async fn uploads_stay_or_go_wrongly() {
    let settings = Settings {
        time_to_live: Duration::ZERO,
        ..Settings::default()
    };
    let fault = Fault::behaviour(Behaviour::ExpiresFinished);
    let server = start_with(settings.clone(), fault).await;
    let reply = post(&server, &["Upload-Length: 5", PATCH[1]], b"hello").await;
    wait_for(&server, reply.header("location").unwrap(), |reply| {
        reply.status == 410
    })
    .await;
    let server = start_with(settings, Fault::behaviour(Behaviour::KeepsExpired)).await;
    let path = create(&server, &["Upload-Length: 5"]).await;
    assert_eq!(head(&server, &path).await.status, 200);

    let (server, path) = half(Behaviour::DeletesNothing).await;
    assert_eq!(
        exchange(&server, "DELETE", &path, &VERSION, b"")
            .await
            .status,
        204
    );
    assert_eq!(head(&server, &path).await.status, 200);

    let (server, path) = half(Behaviour::DeletesUnfinishedOnly).await;
    patch(&server, &path, 5, &[], b"world").await;
    assert_eq!(
        exchange(&server, "DELETE", &path, &VERSION, b"")
            .await
            .status,
        400
    );

    let (server, path) = half(Behaviour::RevivesDeleted).await;
    let mut writer = unfinished(&server, &path).await;
    assert_eq!(
        exchange(&server, "DELETE", &path, &VERSION, b"")
            .await
            .status,
        204
    );
    writer.send("rld").await;
    writer.reply("PATCH").await.unwrap();
    assert_eq!(head(&server, &path).await.status, 200);
}

#[tokio::test]
async fn parts_are_joined_wrongly() {
    let (server, [_, _, path]) = joined(Behaviour::ReversesParts).await;
    assert_eq!(get(&server, &path).await.body, b"cab");
    let (server, [_, _, path]) = joined(Behaviour::NeverAssembles).await;
    assert_eq!(head(&server, &path).await.offset(), None);
    let (server, [_, _, path]) = joined(Behaviour::CopiesPartMetadata).await;
    assert_eq!(
        head(&server, &path).await.header("upload-metadata"),
        Some("k dg==")
    );
    let (server, [_, _, path]) = joined(Behaviour::PatchesFinals).await;
    assert_eq!(patch(&server, &path, 3, &[], b"x").await.offset(), Some(4));

    let (server, [a, _, path]) = joined(Behaviour::SharesParts).await;
    exchange(&server, "DELETE", &a, &VERSION, b"").await;
    assert_eq!(get(&server, &path).await.body, [0; 3]);
    let (server, [a, _, _]) = joined(Behaviour::ConsumesParts).await;
    assert_eq!(head(&server, &a).await.status, 404);
    let (server, [a, _, path]) = joined(Behaviour::DeletesParts).await;
    exchange(&server, "DELETE", &path, &VERSION, b"").await;
    assert_eq!(head(&server, &a).await.status, 404);
}

#[tokio::test]
async fn anything_is_a_part() {
    let (server, path) = half(Behaviour::ConcatenatesAnything).await;
    patch(&server, &path, 5, &[], b"world").await;
    create(&server, &[&format!("Upload-Concat: final;{path}")]).await;
    let (server, [a, ..]) = joined(Behaviour::SkipsMissingParts).await;
    let path = create(
        &server,
        &[&format!("Upload-Concat: final;/files/unknown {a}")],
    )
    .await;
    assert_eq!(get(&server, &path).await.body, b"ab");
    let server = with(Behaviour::ConcatenatesUnfinished).await;
    let part = create(&server, &["Upload-Concat: partial", "Upload-Length: 5"]).await;
    patch(&server, &part, 0, &[], b"he").await;
    let path = create(&server, &[&format!("Upload-Concat: final;{part}")]).await;
    assert_eq!(get(&server, &path).await.body, b"he");
}

/// Settings for a server that finds what the one before it has left in the directory.
fn lasting() -> (TempDir, Settings) {
    let directory = tempfile::tempdir().unwrap();
    let settings = Settings {
        directory: Some(directory.path().to_owned()),
        ..Settings::default()
    };
    (directory, settings)
}

#[tokio::test]
async fn a_restart_tells_a_length_that_nobody_told() {
    let (_directory, settings) = lasting();
    let fault = Fault::behaviour(Behaviour::ForgetsDeferral);
    let server = start_with(settings.clone(), fault.clone()).await;
    let path = create(&server, &["Upload-Defer-Length: 1"]).await;
    patch(&server, &path, 0, &[], b"hello").await;
    drop(server);
    let server = start_with(settings, fault).await;
    let reply = head(&server, &path).await;
    assert_eq!(reply.header("upload-length"), Some("5"));
}

#[tokio::test]
async fn a_restart_does_not_know_the_length_of_what_is_unfinished() {
    let (_directory, settings) = lasting();
    let fault = Fault::behaviour(Behaviour::ForgetsLengths);
    let server = start_with(settings.clone(), fault.clone()).await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    patch(&server, &path, 0, &[], b"hello").await;
    let told = head(&server, &path).await;
    assert_eq!(told.header("upload-length"), Some("10"));
    drop(server);
    let server = start_with(settings, fault).await;
    let told = head(&server, &path).await;
    assert_eq!(told.header("upload-length"), None);
    assert_eq!(told.header("upload-offset"), Some("5"));
}

#[tokio::test]
async fn a_restart_loses_something() {
    for (behaviour, offset, metadata) in [
        (Behaviour::ForgetsUploads, None, None),
        (Behaviour::ForgetsMetadata, Some(5), None),
        (Behaviour::LosesTails, Some(4), Some("k")),
    ] {
        let (_directory, settings) = lasting();
        let server = start_with(settings.clone(), Fault::behaviour(behaviour)).await;
        let path = create(&server, &["Upload-Length: 10", "Upload-Metadata: k"]).await;
        patch(&server, &path, 0, &[], b"hello").await;
        drop(server);
        let server = start_with(settings, Fault::behaviour(behaviour)).await;
        let reply = head(&server, &path).await;
        assert_eq!(
            (reply.offset(), reply.header("upload-metadata")),
            (offset, metadata)
        );
    }
    let (_directory, settings) = lasting();
    let fault = Fault::behaviour(Behaviour::RevivesFiles);
    let server = start_with(settings.clone(), fault.clone()).await;
    let path = create(&server, &["Upload-Length: 10"]).await;
    exchange(&server, "DELETE", &path, &VERSION, b"").await;
    assert_eq!(head(&server, &path).await.status, 404);
    drop(server);
    let server = start_with(settings, fault).await;
    assert_eq!(head(&server, &path).await.status, 200);
}
