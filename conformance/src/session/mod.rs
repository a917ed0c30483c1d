//! [`Session`]: the server that is judged, as far as it is known before the cases run.

mod features;
pub(crate) mod observations;
mod probe;
mod process;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

pub use self::features::Extension;
pub(crate) use self::features::Features;
pub(crate) use self::observations::Observations;
use self::probe::NO_DOWNLOADS;
use self::process::Process;
use crate::case::Need;
use crate::http::{Connection, Connector, Request};
use crate::options::{Options, ReadBack};
use crate::trial::{Stop, Trial};

/// How soon uploads have to expire for a case to wait for it.
const SOON: Duration = Duration::from_secs(10);

/// The server that is judged.
pub(crate) struct Session {
    options: Options,
    connector: Connector,
    features: Features,
    /// Downloads by GET, or why there are none.
    downloads: Result<(), &'static str>,
    takes_untold_length: bool,
    has_uploads_elsewhere: bool,
    /// How long an unfinished upload lives, where the server tells.
    lifetime: Option<Duration>,
    process: Option<Process>,
    /// How many times the server ended or fell silent. One case at a time looks whether it did.
    failures: tokio::sync::Mutex<usize>,
    observations: Observations,
}

/// Why a server cannot be judged.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The certificates to trust cannot be read.
    #[error("the certificates cannot be read")]
    Certificates(#[source] io::Error),
    /// The command that starts the server does not.
    #[error("the server does not start")]
    Start(#[source] io::Error),
    /// Nothing answers there.
    #[error("nothing answers at {url}: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// What happened instead.
        reason: String,
    },
}

impl Session {
    /// Starts the server where that is asked for, and learns what it offers.
    ///
    /// # Errors
    /// Where nothing answers.
    pub(crate) async fn open(options: Options) -> Result<Arc<Self>, SessionError> {
        let connector = Connector::new(&options).map_err(SessionError::Certificates)?;
        let process = match &options.start {
            Some(command) => {
                let process = Process::start(command, &options.target).await;
                Some(process.map_err(SessionError::Start)?)
            }
            None => None,
        };
        let mut session = Self {
            options,
            connector,
            features: Features::default(),
            downloads: Err(NO_DOWNLOADS),
            takes_untold_length: false,
            has_uploads_elsewhere: false,
            lifetime: None,
            process,
            failures: tokio::sync::Mutex::default(),
            observations: Observations::default(),
        };
        // Nothing that is learnt here is judged here, so what was observed is not kept.
        let probe = Trial::new(Arc::new(session.without_findings()));
        session.features = probe.features().await?;
        session.lifetime = probe.lifetime().await;
        session.downloads = probe.downloads().await;
        session.has_uploads_elsewhere = probe.has_uploads_elsewhere().await;
        session.takes_untold_length = probe.takes_untold_length().await;
        Ok(Arc::new(session))
    }

    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) const fn connector(&self) -> &Connector {
        &self.connector
    }

    pub(crate) const fn features(&self) -> &Features {
        &self.features
    }

    pub(crate) const fn observations(&self) -> &Observations {
        &self.observations
    }

    /// Whether uploads are at another origin than where they are made.
    pub(crate) const fn has_uploads_elsewhere(&self) -> bool {
        self.has_uploads_elsewhere
    }

    /// Kills the server without warning (SIGKILL), and starts it again.
    pub(crate) async fn crash(&self, pause: Duration) -> Result<(), Stop> {
        let Some(process) = &self.process else {
            return Err(Stop::NotApplicable(
                "the judge did not start the server".to_owned(),
            ));
        };
        // A server that cannot be killed is no fault of its own.
        let killed = process.kill().await;
        killed.map_err(|error| Stop::Blocked(error.to_string()))?;
        tokio::time::sleep(pause).await;
        let launched = process.launch().await;
        launched.map_err(|error| Stop::failed("the server to start again", error.to_string()))
    }

    /// Whether the judge started the server.
    pub(crate) const fn is_started_here(&self) -> bool {
        self.process.is_some()
    }

    /// How many times the server has ended by itself, or fallen silent, so far.
    pub(crate) async fn failures(&self) -> usize {
        *self.failures.lock().await
    }

    /// Starts the server again where it has ended by itself or fallen silent. How many times it has so
    /// far.
    pub(crate) async fn revive(&self) -> usize {
        let mut failures = self.failures.lock().await;
        if let Some(process) = &self.process
            && (process.has_ended() || !self.is_answering().await)
        {
            *failures += 1;
            // If it does not start, that is what the next case finds.
            let _ = process.kill().await;
            let _ = process.launch().await;
        }
        *failures
    }

    async fn is_answering(&self) -> bool {
        let question = Request::new("OPTIONS", &self.options.target.path());
        let answer = async {
            let mut connection = Connection::open(&self.connector).await?;
            connection.exchange(&question).await
        };
        let answer = tokio::time::timeout(self.options.patience, answer).await;
        answer.is_ok_and(|answer| answer.is_ok())
    }

    /// Whether what a case needs is there; and if not, why it says nothing about this server.
    pub(crate) fn provides(&self, need: Need) -> Result<(), String> {
        let (is_there, reason) = match need {
            Need::Offered(extension) => (
                self.features.offers(extension),
                format!("`{extension}` is not offered"),
            ),
            Need::NotOffered(extension) => (
                !self.features.offers(extension),
                format!("`{extension}` is offered"),
            ),
            Need::MaxSize => (
                self.features.max_size().is_some(),
                "no `Tus-Max-Size` is told".to_owned(),
            ),
            Need::Content => (
                self.downloads.is_ok() || self.options.read_back != ReadBack::Download,
                format!(
                    "{}: tell with --read-file or --read-command where bytes are",
                    self.downloads.err().unwrap_or_default()
                ),
            ),
            Need::Downloads => (
                self.downloads.is_ok(),
                self.downloads.err().unwrap_or_default().to_owned(),
            ),
            Need::UntoldLength => (
                self.takes_untold_length,
                "content has to tell its length".to_owned(),
            ),
            Need::ShortExpiry => (
                self.lifetime.is_some_and(|lifetime| lifetime <= SOON),
                format!("no upload expires within {} s", SOON.as_secs()),
            ),
            Need::Process => (
                self.process.is_some(),
                "the judge did not start the server: tell with --start how".to_owned(),
            ),
            Need::Http(protocol) => (
                self.connector.protocol() == protocol,
                format!("it is about {protocol}"),
            ),
        };
        if is_there { Ok(()) } else { Err(reason) }
    }

    fn without_findings(&self) -> Self {
        Self {
            options: self.options.clone(),
            connector: self.connector.clone(),
            features: Features::default(),
            downloads: Err(NO_DOWNLOADS),
            takes_untold_length: false,
            has_uploads_elsewhere: false,
            lifetime: None,
            process: None,
            failures: tokio::sync::Mutex::default(),
            observations: Observations::default(),
        }
    }
}
