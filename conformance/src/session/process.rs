//! [`Process`]: a server that the judge started, and may kill.

use std::io;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::TcpStream;

use crate::options::Target;

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that the judge started. It ends with this value, and all that it started does.
#[derive(Debug)]
pub(super) struct Process {
    command: String,
    target: Target,
    group: Mutex<Option<Group>>,
}

impl Process {
    /// Starts it, and waits until it listens.
    pub(super) async fn start(command: &str, target: &Target) -> io::Result<Self> {
        let group = Group::start(command)?;
        let process = Self {
            command: command.to_owned(),
            target: target.clone(),
            group: Mutex::new(Some(group)),
        };
        process.listens().await?;
        Ok(process)
    }

    /// Kills it without warning, waits for some time, and starts it again.
    pub(super) async fn crash(&self, pause: Duration) -> io::Result<()> {
        self.replace(None);
        tokio::time::sleep(pause).await;
        self.replace(Some(Group::start(&self.command)?));
        self.listens().await
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&self) -> bool {
        let Ok(mut group) = self.group.lock() else {
            return false;
        };
        let leader = group.as_mut().map(|group| group.leader.try_wait());
        matches!(leader, Some(Ok(Some(_))))
    }

    fn replace(&self, group: Option<Group>) {
        if let Ok(mut current) = self.group.lock() {
            *current = group;
        }
    }

    async fn listens(&self) -> io::Result<()> {
        let begun = Instant::now();
        let host = self.target.host().trim_matches(['[', ']']);
        while TcpStream::connect((host, self.target.port()))
            .await
            .is_err()
        {
            if begun.elapsed() > PATIENCE {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!(
                        "`{}` does not listen at {}",
                        self.command,
                        self.target.url()
                    ),
                ));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
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
