//! [`Process`]: a server that the judge started, and may kill.

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::TcpStream;

use crate::options::Target;

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the end of a server that was killed may take until nothing listens any more.
const ENDING: Duration = Duration::from_secs(5);

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that the judge started. It ends with this value, and all that it started does.
#[derive(Debug)]
pub(super) struct Process {
    command: String,
    target: Target,
    group: Mutex<Option<Group>>,
}

impl Process {
    /// Starts it, and waits until it listens. Nothing may listen there before: it would be judged in
    /// place of what is started, and would survive it.
    pub(super) async fn start(command: &str, target: &Target) -> io::Result<Self> {
        let process = Self {
            command: command.to_owned(),
            target: target.clone(),
            group: Mutex::new(None),
        };
        if process.is_listening().await {
            let url = target.url();
            return Err(io::Error::new(
                io::ErrorKind::AddrInUse,
                format!("something listens at {url} before `{command}` is started"),
            ));
        }
        process.launch().await?;
        Ok(process)
    }

    /// Kills it without warning, and waits until nothing listens.
    pub(super) async fn kill(&self) -> io::Result<()> {
        self.replace(None);
        let begun = Instant::now();
        while self.is_listening().await {
            if begun.elapsed() > ENDING {
                let reason = format!(
                    "killing `{}` does not end the server: it has to stay in the foreground, and in its process group",
                    self.command
                );
                return Err(io::Error::other(reason));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Starts it, and waits until it listens.
    pub(super) async fn launch(&self) -> io::Result<()> {
        self.replace(Some(Group::start(&self.command)?));
        let begun = Instant::now();
        loop {
            let is_listening = self.is_listening().await;
            if let Some(status) = self.ended() {
                return Err(io::Error::other(format!(
                    "`{}` ended ({status}), but has to stay in the foreground",
                    self.command
                )));
            }
            if is_listening {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                let (command, url) = (&self.command, self.target.url());
                let reason = format!("`{command}` does not listen at {url}");
                return Err(io::Error::new(io::ErrorKind::TimedOut, reason));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&self) -> bool {
        self.ended().is_some()
    }

    /// How it has ended by itself, if it has.
    fn ended(&self) -> Option<ExitStatus> {
        let mut group = self.group.lock().ok()?;
        group.as_mut()?.leader.try_wait().ok()?
    }

    fn replace(&self, group: Option<Group>) {
        if let Ok(mut current) = self.group.lock() {
            *current = group;
        }
    }

    async fn is_listening(&self) -> bool {
        let host = self.target.host().trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, self.target.port())).await;
        stream.is_ok()
    }
}

/// The processes of a command.
#[derive(Debug)]
struct Group {
    leader: std::process::Child,
}

impl Group {
    fn start(command: &str) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;

        let leader = Command::new("sh")
            .arg("-c")
            .arg(command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .process_group(0)
            .spawn()?;
        Ok(Self { leader })
    }
}

impl Drop for Group {
    /// SIGKILL for all of them. Those that are gone already cannot be killed, which is as well.
    fn drop(&mut self) {
        let leader = i32::try_from(self.leader.id()).ok().and_then(Pid::from_raw);
        if let Some(leader) = leader {
            let _ = kill_process_group(leader, Signal::KILL);
        }
        let _ = self.leader.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tempfile::TempDir;
    use tokio::net::TcpListener;

    use super::*;

    /// Says in a file that it was started, and then is there.
    fn idle(file: &Path) -> String {
        format!("echo > '{}'; exec sleep 600", file.display())
    }

    /// Listens when a server is said to have been started, as one does that has left its process group.
    async fn listen_when(file: &Path, target: &Target) -> TcpListener {
        while !file.exists() {
            tokio::time::sleep(PAUSE).await;
        }
        TcpListener::bind((target.host(), target.port()))
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_server_that_outlives_its_command_is_told_of() {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("started");
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target: Target = format!("http://{}/", free.local_addr().unwrap())
            .parse()
            .unwrap();
        drop(free);
        let command = idle(&file);
        let (process, _listener) = tokio::join!(
            Process::start(&command, &target),
            listen_when(&file, &target)
        );
        let error = process.unwrap().kill().await.unwrap_err().to_string();
        assert!(error.contains("does not end the server"), "{error}");
    }
}
