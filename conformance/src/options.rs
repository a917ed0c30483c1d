//! [`Options`]: what the judge is told about a server.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;
use url::Url;

use crate::http::Protocol;

/// What the judge is told about a server, and how to go about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server.
    pub target: Target,
    /// The version of HTTP to speak.
    pub protocol: Protocol,
    /// Fields that each request carries besides its own: `("authorization", "Bearer …")`.
    pub fields: Vec<(String, String)>,
    /// What each creation without metadata of its own says in `Upload-Metadata`.
    pub metadata: Option<String>,
    /// A file with certificates (PEM) to trust besides those of the system.
    pub certificates: Option<PathBuf>,
    /// How to get at what was uploaded.
    pub read_back: ReadBack,
    /// The command that starts the server, where the judge may kill it.
    pub start: Option<String>,
    /// How many cases run side by side.
    pub jobs: usize,
    /// How long an answer may take.
    pub patience: Duration,
}

impl Options {
    /// The defaults for a server.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self {
            target,
            protocol: Protocol::Http1,
            fields: Vec::new(),
            metadata: None,
            certificates: None,
            read_back: ReadBack::Download,
            start: None,
            jobs: 16,
            patience: Duration::from_secs(10),
        }
    }
}

/// How to get at what was uploaded. `{id}` in a text is the last segment of the path of an upload, and
/// `{url}` its URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReadBack {
    /// By GET, where the server has that.
    Download,
    /// In a file with this name.
    File(String),
    /// This command writes it to its standard output.
    Command(String),
}

/// The URL where uploads are made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    url: Url,
}

/// Why a text is no [`Target`].
#[derive(Debug, Error)]
pub enum InvalidUrl {
    /// It is no URL.
    #[error(transparent)]
    Syntax(#[from] url::ParseError),
    /// It is one, but not of a server that speaks HTTP.
    #[error("it has to begin with http:// or https:// and name a host")]
    NotHttp,
}

impl FromStr for Target {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        Self::new(Url::parse(text)?)
    }
}

impl Target {
    /// What the URL says of a user is left out: nobody sends it, and it is not for reports.
    pub(crate) fn new(mut url: Url) -> Result<Self, InvalidUrl> {
        let is_http = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        // Both can only fail where there is no host.
        if is_http && url.set_username("").is_ok() && url.set_password(None).is_ok() {
            Ok(Self { url })
        } else {
            Err(InvalidUrl::NotHttp)
        }
    }

    /// The URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Whether it is reached over TLS.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// What the field `Host` says: without the port where that is the usual one.
    pub(crate) fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// The path of the URL, with its query.
    pub(crate) fn path(&self) -> String {
        path_and_query(&self.url)
    }

    /// Where a reference in an answer to this target leads.
    pub(crate) fn resolve(&self, reference: &str) -> Option<Url> {
        self.url.join(reference).ok()
    }
}

pub(crate) fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}
