use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tus_reference::{Behaviour, Fault, Server, Settings};

use crate::client::{create, exchange, get, head, patch, start_with};

async fn open(directory: &Path, fault: Fault) -> Server {
    start_with(
        Settings {
            directory: Some(directory.to_owned()),
            ..Settings::default()
        },
        fault,
    )
    .await
}

#[tokio::test]
async fn uploads_survive() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path(), Fault::none()).await;
    let plain = create(
        &server,
        &["Upload-Defer-Length: 1", "Upload-Metadata: k dg=="],
    )
    .await;
    let part = create(&server, &["Upload-Length: 5", "Upload-Concat: partial"]).await;
    let whole = create(&server, &[&format!("Upload-Concat: final;{part}")]).await;
    let deleted = create(&server, &["Upload-Length: 5"]).await;
    exchange(&server, "DELETE", &deleted, &["Tus-Resumable: 1.0.0"], b"").await;
    patch(&server, &plain, 0, &[], b"hello").await;
    drop(server);

    let server = open(directory.path(), Fault::none()).await;
    let reply = head(&server, &plain).await;
    assert_eq!(
        (reply.offset(), reply.header("upload-defer-length")),
        (Some(5), Some("1"))
    );
    assert_eq!(reply.header("upload-metadata"), Some("k dg=="));
    patch(&server, &plain, 5, &["Upload-Length: 10"], b"world").await;
    assert_eq!(get(&server, &plain).await.body, b"helloworld");
    patch(&server, &part, 0, &[], b"hello").await;
    assert_eq!(get(&server, &whole).await.body, b"hello");
    assert_eq!(head(&server, &deleted).await.status, 404);
    drop(server);

    let server = open(directory.path(), Fault::none()).await;
    assert_eq!(get(&server, &plain).await.body, b"helloworld");
    assert_eq!(get(&server, &whole).await.body, b"hello");
    drop(server);
    let server = open(
        directory.path(),
        Fault::behaviour(Behaviour::ForgetsUploads),
    )
    .await;
    assert_eq!(head(&server, &plain).await.status, 404);
}

/// Starts the process and returns it with the authority it listens on.
async fn spawn(directory: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tus-reference"))
        .args(["--dir", directory.to_str().unwrap()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap();
    (
        child,
        url.strip_prefix("http://")
            .unwrap()
            .strip_suffix("/files")
            .unwrap()
            .to_owned(),
    )
}

#[tokio::test]
async fn a_killed_process_has_lost_nothing_it_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let (mut child, address) = spawn(directory.path()).await;
    let location = talk(
        &address,
        "POST /files",
        "Upload-Length: 10\r\nContent-Length: 5",
        "hello",
    )
    .await;
    let path = location
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap()
        .to_owned();
    child.kill().await.unwrap();

    let (_child, address) = spawn(directory.path()).await;
    let reply = talk(
        &address,
        &format!("PATCH {path}"),
        "Upload-Offset: 5\r\nContent-Length: 5",
        "world",
    )
    .await;
    assert!(reply.starts_with("HTTP/1.1 204"), "{reply}");
    assert!(
        talk(&address, &format!("GET {path}"), "X: y", "")
            .await
            .ends_with("\r\n\r\nhelloworld")
    );
}

/// One request, and all that comes back.
async fn talk(address: &str, line: &str, headers: &str, body: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let common = "Host: a\r\nConnection: close\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream";
    stream
        .write_all(format!("{line} HTTP/1.1\r\n{common}\r\n{headers}\r\n\r\n{body}").as_bytes())
        .await
        .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}
