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
use crate::options::path_and_query;
use crate::session::Session;

/// The type of content in a PATCH.
pub(crate) const OFFSET_OCTET_STREAM: &str = "application/offset+octet-stream";

/// The version of the protocol.
pub(crate) const VERSION: &str = "1.0.0";

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
        Call::new(self, Request::new(method, path)).field("Tus-Resumable", VERSION)
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

    /// A request for a final upload of these partial ones, named by their paths.
    pub(crate) fn join(&self, parts: &[&Upload<'_>]) -> Call<'_> {
        let paths: Vec<_> = parts.iter().map(|part| part.path.as_str()).collect();
        self.post()
            .field("Upload-Concat", format!("final;{}", paths.join(" ")))
    }

    /// What a creation makes, for a case whose point is another.
    pub(crate) async fn create(&self, creation: Call<'_>) -> Result<Upload<'_>, Stop> {
        let answer = creation.send().await.map_err(Stop::on_the_way)?;
        answer.status(&[201]).map_err(Stop::on_the_way)?;
        self.located(&answer).map_err(Stop::on_the_way)
    }

    /// The upload that the answer to a creation names.
    pub(crate) fn located<'a>(&'a self, answer: &Response) -> Result<Upload<'a>, Stop> {
        let location = answer.present("location")?;
        let url = self.connector().target().resolve(location);
        let url = url.ok_or_else(|| Stop::failed("a URL in Location", location))?;
        Ok(Upload {
            trial: self,
            path: path_and_query(&url),
            url,
        })
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
            path: path.to_owned(),
            url,
        })
    }

    /// A path like that of an upload, where none is.
    pub(crate) async fn nowhere(&self) -> Result<Upload<'_>, Stop> {
        self.upload(1).await?.sibling()
    }

    /// A connection for bytes as they are.
    pub(crate) async fn wire(&self) -> Result<Http1, Stop> {
        self.within(Http1::open(self.connector())).await
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
