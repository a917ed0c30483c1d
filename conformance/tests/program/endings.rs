//! What remains when the program is told to end early: nothing.

use std::fs::read_to_string;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

/// How long anything may take that takes no time.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn the_server_ends_with_the_judge() {
    for signal in [Signal::INT, Signal::TERM] {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("server");
        // It never listens, so that the judge waits for it.
        let server = format!("echo $$ > '{}'; exec sleep 600", file.display());
        let mut judge = Command::new(env!("CARGO_BIN_EXE_tus-conformance"))
            .args(["http://127.0.0.1:9/files/", "--start", &server])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = soon(|| read_to_string(&file).ok()?.trim().parse().ok());
        let server = Pid::from_raw(server).unwrap();
        kill_process(Pid::from_child(&judge), signal).unwrap();
        assert_eq!(judge.wait().unwrap().code(), Some(2));
        soon(|| test_kill_process(server).is_err().then_some(()));
    }
}

fn soon<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "it never comes");
        std::thread::sleep(Duration::from_millis(20));
    }
}
