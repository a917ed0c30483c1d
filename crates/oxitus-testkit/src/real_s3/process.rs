//! A server of others in a process that does not outlive this one.

use std::fs::create_dir;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{BUCKET, Implementation};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with this value, and its directory with it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    guard: Guard,
    _directory: TempDir,
}

impl Process {
    /// A free port may be taken by somebody else before the server has it, so this is tried again.
    pub(super) fn start(implementation: Implementation, program: &Path) -> (Self, SocketAddr) {
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
                guard: Guard::over(&child, directory.path()),
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
        self.guard.dismiss();
    }
}

/// Kills a server when this process ends without having dropped it: where it is killed itself, and
/// where the server is kept in a static.
///
/// It waits for the end of a pipe whose other end only this process has.
#[derive(Debug)]
struct Guard(Child);

impl Guard {
    /// Whoever interrupts the tests from a terminal interrupts the guard too, which must still act.
    const SCRIPT: &str = r#"trap "" INT TERM HUP; read -r _ || { kill -KILL "$1"; rm -rf "$2" || { sleep 1; rm -rf "$2"; }; }"#;

    fn over(child: &Child, directory: &Path) -> Self {
        let guard = Command::new("sh")
            .args(["-c", Self::SCRIPT, "guard"])
            .arg(child.id().to_string())
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(guard.expect("a shell"))
    }

    /// There is nothing to guard any more.
    fn dismiss(&mut self) {
        if let Some(mut pipe) = self.0.stdin.take() {
            let _ = pipe.write_all(b"dismissed\n");
        }
        let _ = self.0.wait();
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
