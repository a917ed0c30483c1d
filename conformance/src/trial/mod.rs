//! [`Trial`]: what a case has in hand while it runs.
//!
//! A case asks for uploads ([`Trial::upload`] and its like), sends requests ([`Call`]), and says what
//! it expects ([`expect`]). What it needs on the way to its point and does not get stops it with
//! [`Stop::Blocked`], so that a server that fails at one thing is not said to fail at all the others.

mod call;
pub(crate) mod checksum;
pub(crate) mod content;
mod exchange;
mod expect;
pub(crate) mod page;
mod stop;
mod transcript;
mod upload;
mod wire;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) use self::call::Call;
pub(crate) use self::exchange::{Ending, Exchange};
pub(crate) use self::stop::{Stop, Verdict};
pub use self::transcript::Entry;
use self::transcript::Transcript;
pub(crate) use self::upload::Upload;
pub(crate) use self::wire::Wire;
use crate::http::{Connector, Http1, Request, Response};
use crate::options::{Target, path_and_query};
use crate::session::Extension::Creation;
use crate::session::Session;

/// The type of content in a PATCH.
pub(crate) const OFFSET_OCTET_STREAM: &str = "application/offset+octet-stream";

/// The version of the protocol.
pub(crate) const VERSION: &str = "1.0.0";

/// How many places are tried until nothing is at one.
const CHOICES: usize = 3;

/// What a case has in hand.
pub(crate) struct Trial {
    session: Arc<Session>,
    transcript: Transcript,
}

impl Trial {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            transcript: Transcript::default(),
        }
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    pub(crate) fn connector(&self) -> &Connector {
        self.session.connector()
    }

    /// The path where uploads are made.
    pub(crate) fn path(&self) -> String {
        self.connector().target().path()
    }

    /// A request with the version of the protocol and nothing else.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        self.call_toward(self.connector(), method, path)
    }

    fn call_toward(&self, connector: &Connector, method: &str, path: &str) -> Call<'_> {
        Call::new(self, connector, Request::new(method, path)).field("Tus-Resumable", VERSION)
    }

    /// A creation without a word on the length.
    pub(crate) fn post(&self) -> Call<'_> {
        self.call("POST", &self.path()).body("")
    }

    /// A creation.
    pub(crate) fn post_of(&self, length: u64) -> Call<'_> {
        self.post().field("Upload-Length", length.to_string())
    }

    /// The question what the server can do.
    pub(crate) fn options(&self) -> Call<'_> {
        self.call("OPTIONS", &self.path()).without("Tus-Resumable")
    }

    /// An empty upload of some bytes.
    pub(crate) async fn upload(&self, length: u64) -> Result<Upload<'_>, Stop> {
        self.create(self.post_of(length)).await
    }

    /// An empty upload whose length is told later.
    pub(crate) async fn deferred(&self) -> Result<Upload<'_>, Stop> {
        self.create(self.post().field("Upload-Defer-Length", "1"))
            .await
    }

    /// An upload that is complete.
    pub(crate) async fn complete(&self, content: &[u8]) -> Result<Upload<'_>, Stop> {
        let upload = self.upload(content.len() as u64).await?;
        upload.append(0, content).await?;
        Ok(upload)
    }

    /// An empty partial upload of some bytes.
    pub(crate) async fn partial(&self, length: u64) -> Result<Upload<'_>, Stop> {
        self.create(self.post_of(length).field("Upload-Concat", "partial"))
            .await
    }

    /// A partial upload that is complete.
    pub(crate) async fn complete_partial(&self, content: &[u8]) -> Result<Upload<'_>, Stop> {
        let upload = self.partial(content.len() as u64).await?;
        if !content.is_empty() {
            upload.append(0, content).await?;
        }
        Ok(upload)
    }

    /// A request for a final upload of these partial ones.
    pub(crate) fn join(&self, parts: &[&Upload<'_>]) -> Call<'_> {
        let names: Vec<_> = parts.iter().map(|part| part.name()).collect();
        self.post()
            .field("Upload-Concat", format!("final;{}", names.join(" ")))
    }

    /// What a creation makes, for a case whose point is another.
    pub(crate) async fn create(&self, creation: Call<'_>) -> Result<Upload<'_>, Stop> {
        creation.fits()?;
        let answer = creation.send().await.map_err(Stop::on_the_way)?;
        if answer.status.is_client_error() && !self.session.features().offers(Creation) {
            let reason = "the server makes no uploads: `creation` is not offered";
            return Err(Stop::NotApplicable(reason.to_owned()));
        }
        answer.status(&[201]).map_err(Stop::on_the_way)?;
        self.located(&answer).map_err(Stop::on_the_way)
    }

    /// The upload that the answer to a creation names.
    pub(crate) fn located<'a>(&'a self, answer: &Response) -> Result<Upload<'a>, Stop> {
        let location = answer.present("location")?;
        let no_url = || Stop::failed("a URL in Location", location);
        let url = self.connector().target().resolve(location);
        let url = url.ok_or_else(no_url)?;
        let target = Target::new(url.clone()).map_err(|_| no_url())?;
        let connector = self.connector().toward(target)?;
        Ok(Upload {
            trial: self,
            connector,
            path: path_and_query(&url),
            url,
        })
    }

    /// The server takes uploads of so many bytes.
    pub(crate) fn fits(&self, length: u64) -> Verdict {
        match self.session.features().max_size() {
            Some(largest) if largest < length => Err(Stop::NotApplicable(format!(
                "it takes an upload of {length} bytes, and `Tus-Max-Size` is {largest}"
            ))),
            _ => Ok(()),
        }
    }

    /// A creation is refused, and nothing is made.
    pub(crate) async fn creates_nothing(&self, answer: &Response) -> Verdict {
        answer.refused()?;
        if answer.fields.contains_key("location") {
            self.located(answer)?.is_gone().await?;
        }
        Ok(())
    }

    /// The upload that something with this path would be.
    pub(crate) fn at(&self, path: &str) -> Result<Upload<'_>, Stop> {
        let url = self.connector().target().resolve(path);
        let url = url.ok_or_else(|| Stop::NotApplicable(format!("{path} is no path")))?;
        Ok(Upload {
            trial: self,
            connector: self.connector().clone(),
            path: path.to_owned(),
            url,
        })
    }

    /// A path like that of an upload, where none is.
    pub(crate) async fn nowhere(&self) -> Result<Upload<'_>, Stop> {
        let mut place = self.upload(1).await?.sibling()?;
        for _ in 0..CHOICES {
            // Whatever else is wrong there, cases find.
            let answer = place.head().send().await;
            if !answer.is_ok_and(|answer| answer.status.is_success()) {
                break;
            }
            place = place.sibling()?;
        }
        Ok(place)
    }

    /// A connection for bytes as they are.
    pub(crate) async fn wire(&self) -> Result<Http1, Stop> {
        if self.session.has_uploads_elsewhere() {
            return Err(elsewhere());
        }
        self.within(Http1::open(self.connector())).await
    }

    /// What this leads to is reached by a connection to the server.
    fn reaches(&self, connector: &Connector) -> Verdict {
        if connector.shares_origin_with(self.connector()) {
            Ok(())
        } else {
            Err(elsewhere())
        }
    }

    /// What something brings within the patience of the session.
    pub(crate) async fn within<T>(
        &self,
        work: impl Future<Output = io::Result<T>>,
    ) -> Result<T, Stop> {
        let patience = self.session.options().patience;
        match tokio::time::timeout(patience, work).await {
            Ok(result) => result.map_err(Stop::from),
            Err(_) => Err(Stop::failed(
                "an answer",
                format!("none within {} s", patience.as_secs_f32()),
            )),
        }
    }

    /// Asks again and again until something holds, for as long as the patience of the session lasts.
    pub(crate) async fn eventually<F>(&self, what: &str, mut ask: impl FnMut() -> F) -> Verdict
    where
        F: Future<Output = Result<bool, Stop>>,
    {
        let begun = Instant::now();
        while !ask().await? {
            if begun.elapsed() > self.session.options().patience {
                return Err(Stop::failed(what, "not in time"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

fn elsewhere() -> Stop {
    let reason = "uploads are at another origin than creations, and the case has one connection";
    Stop::NotApplicable(reason.to_owned())
}
