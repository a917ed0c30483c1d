//! [`RealS3`]: an S3 server of others, for tests that want more than a store of our own.
//!
//! Two are known. Each is taken from where an environment variable says, or from `PATH`:
//!
//! | server | variable |
//! |---|---|
//! | [versitygw](https://github.com/versity/versitygw) | `OXITUS_VERSITYGW` |
//! | [MinIO](https://github.com/minio/minio) | `OXITUS_MINIO` |
//!
//! Where a server is not there its tests say so and do nothing, unless `OXITUS_REAL_S3` is
//! `required`. A server that is there already, Amazon's for one, is told by `OXITUS_S3_ENDPOINT`,
//! `OXITUS_S3_BUCKET`, `OXITUS_S3_REGION`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
#![expect(
    clippy::expect_used,
    reason = "a test whose server does not start has failed"
)]

use std::env;
use std::ffi::OsStr;
use std::fs::create_dir;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const ACCESS_KEY: &str = "oxitus";
const SECRET_KEY: &str = "not-a-secret-of-anybody";
const BUCKET: &str = "uploads";

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// An S3 server with a bucket.
#[derive(Debug)]
pub struct RealS3 {
    /// Where it is.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// The name of a bucket that is there.
    pub bucket: String,
    /// Who may use it.
    pub access_key: String,
    /// How they prove it.
    pub secret_key: String,
    /// Is there as long as this value is, where it was started for it.
    _process: Option<Process>,
}

/// A server that can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Implementation {
    /// versitygw on a directory.
    Versitygw,
    /// MinIO on a directory.
    Minio,
}

impl RealS3 {
    /// Starts a server with an empty bucket on a free port of the loopback interface. It is gone
    /// with the value.
    ///
    /// `None`, and a line on standard error, where there is no such program.
    ///
    /// # Panics
    /// Where it does not start, or is not there and has to be.
    #[must_use]
    pub fn start(implementation: Implementation) -> Option<Self> {
        let Some(program) = implementation.program() else {
            let name = implementation.name();
            let variable = implementation.variable();
            assert!(
                env::var_os("OXITUS_REAL_S3").is_none_or(|value| value != "required"),
                "{name} is required and neither in PATH nor in {variable}",
            );
            eprintln!("SKIPPED: {name} is neither in PATH nor in {variable}");
            return None;
        };
        let (process, address) = Process::start(implementation, &program);
        Some(Self {
            endpoint: format!("http://{address}"),
            region: "us-east-1".to_owned(),
            bucket: BUCKET.to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned(),
            _process: Some(process),
        })
    }

    /// The server that the environment tells of.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        Some(Self {
            endpoint: env::var("OXITUS_S3_ENDPOINT").ok()?,
            bucket: env::var("OXITUS_S3_BUCKET").ok()?,
            region: env::var("OXITUS_S3_REGION").unwrap_or_else(|_| "us-east-1".to_owned()),
            access_key: env::var("AWS_ACCESS_KEY_ID").ok()?,
            secret_key: env::var("AWS_SECRET_ACCESS_KEY").ok()?,
            _process: None,
        })
    }
}

impl Implementation {
    fn name(self) -> &'static str {
        match self {
            Self::Versitygw => "versitygw",
            Self::Minio => "minio",
        }
    }

    fn variable(self) -> &'static str {
        match self {
            Self::Versitygw => "OXITUS_VERSITYGW",
            Self::Minio => "OXITUS_MINIO",
        }
    }

    fn program(self) -> Option<PathBuf> {
        let told = env::var_os(self.variable()).map(PathBuf::from);
        let path = env::var_os("PATH");
        let directories = path.as_deref().unwrap_or(OsStr::new(""));
        let found = || {
            env::split_paths(directories)
                .map(|directory| directory.join(self.name()))
                .find(|program| program.is_file())
        };
        told.or_else(found)
    }

    /// The command that serves the buckets in `directory`, each of which is a directory there.
    fn command(self, program: &Path, directory: &Path, address: SocketAddr) -> Command {
        let mut command = Command::new(program);
        match self {
            Self::Versitygw => command
                .env("ROOT_ACCESS_KEY", ACCESS_KEY)
                .env("ROOT_SECRET_KEY", SECRET_KEY)
                .args(["--port", &address.to_string(), "-q", "posix"])
                .arg(directory),
            Self::Minio => command
                .env("MINIO_ROOT_USER", ACCESS_KEY)
                .env("MINIO_ROOT_PASSWORD", SECRET_KEY)
                .arg("server")
                .arg(directory)
                .args(["--quiet", "--address", &address.to_string()]),
        };
        command
    }
}

/// A process that ends with this value, and its directory with it.
#[derive(Debug)]
struct Process {
    child: Child,
    _directory: TempDir,
}

impl Process {
    /// A free port may be taken by somebody else before the server has it, so this is tried again.
    fn start(implementation: Implementation, program: &Path) -> (Self, SocketAddr) {
        let begun = Instant::now();
        loop {
            let directory = tempfile::tempdir().expect("a directory");
            create_dir(directory.path().join(BUCKET)).expect("a directory for the bucket");
            let address = free_address();
            let child = implementation
                .command(program, directory.path(), address)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the server starts");
            let mut process = Self {
                child,
                _directory: directory,
            };
            while process.child.try_wait().expect("a child").is_none() {
                if answers(address) {
                    return (process, address);
                }
                assert!(begun.elapsed() < PATIENCE, "the server answers");
                sleep(Duration::from_millis(20));
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
}

/// Whether a server is there that does not ask for patience.
fn answers(address: SocketAddr) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET /{BUCKET} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    };
    ask().is_ok_and(|answer: String| answer.starts_with("HTTP/1.1 403"))
}
