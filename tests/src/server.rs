//! The server as its own process: started, stopped, killed and started again.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::binary::server_binary;
use crate::client::{Client, Http};
use crate::http1;
use crate::storage::Storage;
use crate::wait;

/// How to start a server. The default is a server without a limit and without expiry.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    options: Vec<(&'static str, String)>,
}

impl Settings {
    /// Sets an option of the command line, `--max-size` for example.
    #[must_use]
    pub fn option(mut self, name: &'static str, value: impl ToString) -> Self {
        self.options.push((name, value.to_string()));
        self
    }

    /// The command that starts a server on a place for uploads.
    #[must_use]
    pub fn command(&self, storage: &Storage, listen: SocketAddr) -> Command {
        let mut command = Command::new(server_binary());
        command.arg("--listen").arg(listen.to_string());
        command.args(["--base-path", "/files/"]);
        storage.tell(&mut command);
        for (name, value) in &self.options {
            command.arg(name).arg(value);
        }
        command
    }

    /// Starts a server with a new place for uploads.
    #[must_use]
    pub fn start(&self) -> Server {
        self.start_on(&Storage::new())
    }

    /// Starts a server with a place for uploads, which others may use too.
    #[must_use]
    pub fn start_on(&self, storage: &Storage) -> Server {
        let (child, address, output) = spawn(self, storage);
        Server {
            settings: self.clone(),
            storage: storage.clone(),
            child,
            address,
            output,
        }
    }
}

/// A running server. It is killed when it goes out of scope.
#[derive(Debug)]
pub struct Server {
    settings: Settings,
    storage: Storage,
    child: Child,
    address: SocketAddr,
    output: Output,
}

impl Server {
    /// Starts a server with default settings with a new place for uploads.
    #[must_use]
    pub fn start() -> Self {
        Settings::default().start()
    }

    /// A client of this server.
    #[must_use]
    pub fn client(&self, http: Http) -> Client {
        Client::new(http, self.address, self.storage.history().clone())
    }

    /// Clients that speak each version of HTTP.
    #[must_use]
    pub fn clients(&self) -> [Client; 2] {
        Http::BOTH.map(|http| self.client(http))
    }

    /// A bare connection to this server.
    ///
    /// # Panics
    /// Where it cannot be reached.
    #[must_use]
    #[track_caller]
    pub fn connect(&self) -> http1::Connection {
        http1::Connection::open(self.address).expect("the server accepts connections")
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Where it keeps uploads.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Kills it (SIGKILL), without a chance to clean up.
    ///
    /// # Panics
    /// Where it is gone already.
    pub fn kill(&mut self) {
        self.child.kill().expect("the server was running");
        self.child.wait().expect("a killed process ends");
    }

    /// Starts it again on the same uploads, on another port: the old one may have gone to
    /// somebody else.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn restart(&mut self) {
        (self.child, self.address, self.output) = spawn(&self.settings, &self.storage);
    }

    /// Asks it to end (SIGTERM).
    ///
    /// # Panics
    /// Where it is gone already.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Stops it where it is (SIGSTOP), as a machine does that is paused or short of memory.
    ///
    /// # Panics
    /// Where it is gone already.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Has it go on where it was stopped (SIGCONT).
    ///
    /// # Panics
    /// Where it is gone already.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let id = id.expect("a running process has an id");
        kill_process(id, signal).expect("the server was running");
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// Where it does not.
    pub fn wait_for_exit(&mut self) -> ExitStatus {
        wait::until("the server to end", || {
            self.child.try_wait().expect("a child can be waited for")
        })
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// Never, for a child of this process.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("a child can be waited for")
            .is_none()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed before.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- what {} said:\n{}", self.address, self.output.text());
        }
    }
}

/// What a server writes to its standard output and standard error.
#[derive(Clone, Debug, Default)]
struct Output(Arc<Mutex<String>>);

impl Output {
    fn text(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Goes on reading, so that the server is never held up by a full pipe.
    fn follow(&self, source: impl Read + Send + 'static) {
        let output = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                let mut text = output.0.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&line);
                text.push('\n');
            }
        });
    }
}

/// How long a server may take to start: it tries a bucket out first, and gives up by itself after two
/// minutes.
const READY_AFTER: Duration = Duration::from_secs(150);

fn spawn(settings: &Settings, storage: &Storage) -> (Child, SocketAddr, Output) {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut child = settings
        .command(storage, any_port)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let output = Output::default();
    output.follow(child.stdout.take().expect("its output is a pipe"));
    output.follow(child.stderr.take().expect("its error output is a pipe"));
    let address = wait::as_long_as(READY_AFTER, "the server to be ready", || {
        let text = output.text();
        let ended = child.try_wait().expect("a child can be waited for");
        assert!(
            ended.is_none(),
            "the server ended with {ended:?} and said:\n{text}"
        );
        announced_address(&text)
    });
    (child, address, output)
}

/// The address in `http://127.0.0.1:PORT/files/`.
fn announced_address(text: &str) -> Option<SocketAddr> {
    let (_, rest) = text.split_once("http://127.0.0.1:")?;
    let (port, _) = rest.split_once("/files/")?;
    Some(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?)))
}
