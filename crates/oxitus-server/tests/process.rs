//! The server as a process: how it starts, what it prints, how it ends.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use oxitus_testkit::real_s3::RealS3;
use tempfile::TempDir;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxitus-server"));
    command
        .env_clear()
        .env("OXITUS_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null());
    command
}

/// A server that runs. It is killed with its test.
struct Server {
    process: Child,
    // Held open: a server whose output nobody reads is not what is tested.
    stdout: BufReader<ChildStdout>,
    /// `127.0.0.1:<port>`.
    address: String,
    /// The path of the collection.
    base_path: String,
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let url = loop {
            line.clear();
            assert_ne!(
                stdout.read_line(&mut line).unwrap(),
                0,
                "no URL was printed"
            );
            if let Some((_, url)) = line.split_once("http://") {
                break url.trim();
            }
        };
        let (address, path) = url.split_once('/').unwrap();
        Self {
            address: address.to_owned(),
            base_path: format!("/{path}"),
            process,
            stdout,
        }
    }

    fn in_directory(directory: &Path) -> Self {
        Self::start(command().arg("--dir").arg(directory))
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends the head of a request, and what there is of its body.
    fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Tus-Resumable: 1.0.0\r\n{headers}\r\n",
            self.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        stream
    }

    fn request(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> String {
        answer(self.send(method, path, headers, body))
    }

    /// Makes an upload of `length` bytes and returns its path.
    fn create(&self, length: usize) -> String {
        let headers = format!("Upload-Length: {length}\r\n");
        let created = self.request("POST", &self.base_path, &headers, b"");
        assert!(created.starts_with("HTTP/1.1 201 "), "{created}");
        header(&created, "location").to_owned()
    }

    fn offset(&self, path: &str) -> String {
        header(&self.request("HEAD", path, "", b""), "upload-offset").to_owned()
    }

    /// Sends SIGTERM.
    fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.process.id());
        let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(sent.success());
    }

    fn wait(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn answer(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let lines = answer.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter_map(|(found, value)| (found == name).then_some(value));
    values
        .next()
        .unwrap_or_else(|| panic!("no {name} in {answer}"))
}

fn patch_headers(offset: usize, length: usize) -> String {
    format!(
        "Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\n\
         Content-Length: {length}\r\n"
    )
}

#[test]
fn takes_an_upload_and_gives_it_back() {
    let directory = TempDir::new().unwrap();
    let server = Server::in_directory(directory.path());
    assert_eq!(server.base_path, "/files/");
    let path = server.create(11);
    for (offset, bytes) in [(0, "hello "), (6, "world")] {
        let headers = patch_headers(offset, bytes.len());
        let patched = server.request("PATCH", &path, &headers, bytes.as_bytes());
        assert!(patched.starts_with("HTTP/1.1 204 "), "{patched}");
    }
    let fetched = server.request("GET", &path, "", b"");
    assert!(fetched.ends_with("\r\n\r\nhello world"), "{fetched}");
}

/// A server on a bucket.
fn in_bucket(s3: &RealS3) -> Command {
    let mut command = command();
    command
        .arg("--s3-path-style")
        .env("OXITUS_S3_ENDPOINT", &s3.endpoint)
        .env("OXITUS_S3_BUCKET", &s3.bucket)
        .env("OXITUS_S3_PREFIX", "some/where/")
        .env("AWS_ACCESS_KEY_ID", &s3.access_key)
        .env("AWS_SECRET_ACCESS_KEY", &s3.secret_key)
        // Nobody asks the machine who it is.
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

#[test]
fn keeps_uploads_in_a_bucket() {
    let s3 = RealS3::in_memory();
    let place = format!("s3://{}/some/where/ at {}", s3.bucket, s3.endpoint);
    let mut server = Server::start(&mut in_bucket(&s3));
    let mut welcome = String::new();
    server.stdout.read_line(&mut welcome).unwrap();
    assert!(welcome.contains(&place), "{welcome}");
    let path = server.create(11);
    let patched = server.request("PATCH", &path, &patch_headers(0, 6), b"hello ");
    assert!(patched.starts_with("HTTP/1.1 204 "), "{patched}");
    drop(server);

    // Another one, which knows nothing but the bucket.
    let server = Server::start(&mut in_bucket(&s3));
    let patched = server.request("PATCH", &path, &patch_headers(6, 5), b"world");
    assert!(patched.starts_with("HTTP/1.1 204 "), "{patched}");
    let fetched = server.request("GET", &path, "", b"");
    assert!(fetched.ends_with("\r\n\r\nhello world"), "{fetched}");
}

#[test]
fn offers_the_same_in_a_bucket_as_in_a_directory() {
    let s3 = RealS3::in_memory();
    let directory = TempDir::new().unwrap();
    let offers = [
        Server::start(in_bucket(&s3).args(["--expire-after", "1h"])),
        Server::start(
            command()
                .args(["--expire-after", "1h", "--dir"])
                .arg(directory.path()),
        ),
    ]
    .map(|server| {
        let options = server.request("OPTIONS", "/files/", "", b"");
        ["tus-version", "tus-extension", "tus-checksum-algorithm"]
            .map(|name| header(&options, name).to_owned())
    });
    assert_eq!(offers[0], offers[1]);
}

#[test]
fn says_in_one_line_why_it_does_not_use_a_bucket() {
    let s3 = RealS3::in_memory();
    for (variable, value, reason) in [
        ("OXITUS_S3_BUCKET", "no-such-bucket", "NoSuchBucket"),
        ("AWS_SECRET_ACCESS_KEY", "another", "SignatureDoesNotMatch"),
        ("AWS_ACCESS_KEY_ID", "", "there are no credentials"),
        ("OXITUS_S3_ENDPOINT", "http://127.0.0.1:1", "can be reached"),
        ("OXITUS_S3_PART_SIZE", "1MiB", "5 MiB"),
        ("OXITUS_S3_MEMORY", "31MiB", "--s3-memory"),
        ("OXITUS_S3_REDIRECT_DOWNLOADS", "8days", "7 days"),
    ] {
        let complaint = complaint(&in_bucket(&s3).env(variable, value).output().unwrap());
        assert!(complaint.contains(reason), "{reason}: {complaint}");
    }
}

#[test]
fn tells_that_it_is_healthy() {
    let directory = TempDir::new().unwrap();
    let server = Server::in_directory(directory.path());
    let health = server.request("GET", "/health", "", b"");
    assert!(health.starts_with("HTTP/1.1 200 "), "{health}");
}

#[test]
fn is_set_up_by_the_environment_too() {
    let directory = TempDir::new().unwrap();
    let server = Server::start(
        command()
            .env("OXITUS_DIR", directory.path())
            .env("OXITUS_BASE_PATH", "/up")
            .env("OXITUS_MAX_SIZE", "1KiB")
            .env("OXITUS_EXPIRE_AFTER", "1h")
            .env("OXITUS_DURABILITY", "acknowledgement")
            .env("OXITUS_LOG_FORMAT", "json"),
    );
    let options = server.request("OPTIONS", "/up/", "", b"");
    assert_eq!(header(&options, "tus-max-size"), "1024");
    assert!(header(&options, "tus-extension").contains("expiration"));
    assert!(server.create(1024).starts_with("/up/"));
}

/// What a server that does not start says.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr
}

#[test]
fn says_in_one_line_why_it_does_not_start() {
    let directory = TempDir::new().unwrap();
    let server = Server::in_directory(directory.path());
    let taken = command()
        .args(["--listen", &server.address, "--dir"])
        .arg(directory.path())
        .output()
        .unwrap();
    assert!(complaint(&taken).contains(&server.address));

    let file = directory.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let no_directory = command().arg("--dir").arg(&file).output().unwrap();
    assert!(complaint(&no_directory).contains("a-file"));
}

#[test]
fn ends_at_once_when_it_is_asked_twice() {
    let directory = TempDir::new().unwrap();
    let mut server = Server::in_directory(directory.path());
    // More than what fits into the buffers of a connection on which nobody reads.
    let bytes = vec![b'x'; 32 * 1024 * 1024];
    let path = server.create(bytes.len());
    let stored = server.request("PATCH", &path, &patch_headers(0, bytes.len()), &bytes);
    assert!(stored.starts_with("HTTP/1.1 204 "), "{stored}");
    let mut unread = server.send("GET", &path, "", b"");
    unread.read_exact(&mut [0]).unwrap();

    server.terminate();
    while TcpStream::connect(&server.address).is_ok() {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(server.process.try_wait().unwrap().is_none());
    server.terminate();
    assert_eq!(server.wait().code(), Some(1));
}

#[test]
fn ends_when_it_is_asked_to_and_keeps_what_came() {
    let directory = TempDir::new().unwrap();
    let mut server = Server::in_directory(directory.path());
    let path = server.create(10);
    let idle = server.connect();
    let mut patch = server.send("PATCH", &path, &patch_headers(0, 10), b"hello");
    while server.offset(&path) != "5" {
        std::thread::sleep(Duration::from_millis(1));
    }

    server.terminate();
    let mut status = [0; 12];
    patch.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 503");
    // Until it has gone, or for a while, the rest of its body is still awaited.
    drop(patch);
    assert!(server.wait().success());
    drop(idle);

    let server = Server::in_directory(directory.path());
    assert_eq!(server.offset(&path), "5");
    let rest = server.request("PATCH", &path, &patch_headers(5, 5), b"world");
    assert!(rest.starts_with("HTTP/1.1 204 "), "{rest}");
    let fetched = server.request("GET", &path, "", b"");
    assert!(fetched.ends_with("\r\n\r\nhelloworld"), "{fetched}");
}
