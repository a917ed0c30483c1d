//! [`Call`]: a request that a case is about to send.

use std::io;

use bytes::Bytes;

use super::exchange::Exchange;
use super::{Entry, Stop, Trial, Verdict};
use crate::http::{Connection, Connector, Framing, Request, Response};

/// A request in the making. Each one is sent on a connection of its own, unless it is sent
/// [`on`](Self::on) another.
#[derive(Clone)]
#[must_use]
pub(crate) struct Call<'a> {
    trial: &'a Trial,
    connector: Connector,
    request: Request,
    /// The offset that had been told when it was sent.
    told: Option<u64>,
    is_observed: bool,
}

impl<'a> Call<'a> {
    pub(super) fn new(trial: &'a Trial, connector: &Connector, mut request: Request) -> Self {
        for (name, value) in &trial.session().options().fields {
            request
                .fields
                .push((name.clone(), value.clone().into_bytes()));
        }
        Self {
            trial,
            connector: connector.clone(),
            request,
            told: None,
            is_observed: true,
        }
    }

    /// One more line of fields.
    pub(crate) fn field(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref().to_vec();
        self.request.fields.push((name.to_owned(), value));
        self
    }

    /// No line with this name but this one.
    pub(crate) fn set(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).field(name, value)
    }

    /// No line with this name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        let fields = &mut self.request.fields;
        fields.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
        self
    }

    /// Another path.
    pub(crate) fn path(mut self, path: &str) -> Self {
        self.request.path = path.to_owned();
        self
    }

    /// Another method.
    pub(crate) fn method(mut self, method: &str) -> Self {
        self.request.method = method.to_owned();
        self
    }

    /// Content with its length told.
    pub(crate) fn body(mut self, content: impl AsRef<[u8]>) -> Self {
        let content = Bytes::copy_from_slice(content.as_ref());
        self.request.framing = Framing::Length(content.len() as u64);
        self.request.content = vec![content];
        self
    }

    /// Content whose length is not told, in these chunks.
    pub(crate) fn chunks(mut self, chunks: &[&[u8]]) -> Self {
        self.request.framing = Framing::Chunked;
        self.request.content = chunks
            .iter()
            .map(|chunk| Bytes::copy_from_slice(chunk))
            .collect();
        self
    }

    /// A field behind the content, which has to come in [`chunks`](Self::chunks).
    pub(crate) fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref().to_vec();
        self.request.trailers.push((name.to_owned(), value));
        self
    }

    /// A length in bytes, and no content: it is sent piece by piece when the call is [open](Self::open).
    pub(crate) fn declared(mut self, length: u64) -> Self {
        self.request.framing = Framing::Length(length);
        self.request.content = Vec::new();
        self
    }

    /// The answer is not held to what every answer is held to, since HTTP itself may refuse the
    /// request before TUS sees it.
    pub(crate) const fn unobserved(mut self) -> Self {
        self.is_observed = false;
        self
    }

    /// A creation asks for no more than the server takes of anybody, which it says in `Tus-Max-Size`.
    /// Other ones have nothing to say of it.
    pub(crate) fn fits(&self) -> Verdict {
        let length = self.request.field("upload-length");
        let length = length.and_then(|length| std::str::from_utf8(length).ok()?.parse().ok());
        self.trial.fits(length.unwrap_or_default())
    }

    /// Sends it, and reads the answer.
    pub(crate) async fn send(self) -> Result<Response, Stop> {
        let opening = Connection::open(&self.connector);
        let result = self.trial.within(opening).await;
        let mut connection = result.map_err(|stop| self.failed(stop))?;
        self.over(&mut connection).await
    }

    /// Sends it on a connection to the server that is there, and reads the answer.
    pub(crate) async fn on(self, connection: &mut Connection) -> Result<Response, Stop> {
        self.trial.reaches(&self.connector)?;
        self.over(connection).await
    }

    async fn over(mut self, connection: &mut Connection) -> Result<Response, Stop> {
        self.prepare();
        let result = self.trial.within(connection.exchange(&self.request)).await;
        self.heard(result)
    }

    /// Sends the head only.
    pub(crate) async fn open(mut self) -> Result<Exchange<'a>, Stop> {
        let opening = Connection::open(&self.connector);
        let mut connection = self.trial.within(opening).await?;
        self.prepare();
        let result = self.trial.within(connection.begin(&self.request)).await;
        result.map_err(|stop| self.failed(stop))?;
        Ok(Exchange::new(self, connection))
    }

    /// Sends it, and reads the answer, or nothing where the server ends the connection instead.
    pub(crate) async fn send_or_end(mut self) -> Result<Option<Response>, Stop> {
        self.prepare();
        let connector = &self.connector;
        let answering = async {
            let mut connection = Connection::open(connector).await?;
            match connection.exchange(&self.request).await {
                Err(error) if is_end(&error) => Ok(None),
                answer => answer.map(Some),
            }
        };
        match self.trial.within(answering).await {
            Ok(Some(answer)) => self.heard(Ok(answer)).map(Some),
            Ok(None) => {
                self.write_down("(the server ended the connection)".to_owned());
                Ok(None)
            }
            Err(stop) => Err(self.failed(stop)),
        }
    }

    /// A creation without metadata gets those that the server asks for.
    fn prepare(&mut self) {
        let session = self.trial.session();
        self.told = session.observations().offset(&self.request.path);
        let metadata = &session.options().metadata;
        if let Some(metadata) = metadata
            && self.request.effective_method() == "POST"
            && !self.request.has("Upload-Metadata")
        {
            let value = metadata.clone().into_bytes();
            let field = ("Upload-Metadata".to_owned(), value);
            self.request.fields.push(field);
        }
    }

    pub(super) const fn trial(&self) -> &'a Trial {
        self.trial
    }

    pub(super) const fn request(&self) -> &Request {
        &self.request
    }

    pub(super) const fn request_mut(&mut self) -> &mut Request {
        &mut self.request
    }

    /// Writes down what came of it, and looks at what every answer is held to.
    pub(super) fn heard(&self, result: Result<Response, Stop>) -> Result<Response, Stop> {
        match result {
            Ok(response) => {
                let entry = self.entry(response.describe());
                if self.is_observed {
                    let observations = self.trial.session().observations();
                    observations.look(&self.request, self.told, &response, &entry);
                }
                self.trial.transcript().add(entry);
                Ok(response)
            }
            Err(stop) => Err(self.failed(stop)),
        }
    }

    fn failed(&self, stop: Stop) -> Stop {
        if let Stop::Failed { observed, .. } = &stop {
            self.write_down(format!("({observed})"));
        }
        stop
    }

    pub(super) fn write_down(&self, received: String) {
        self.trial.transcript().add(self.entry(received));
    }

    fn entry(&self, received: String) -> Entry {
        let protocol = self.connector.protocol();
        let options = self.trial.session().options();
        let sent = self.request.describe(protocol, &options.fields);
        Entry { sent, received }
    }
}

/// Whether the other side ended the connection, or its stream.
fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    )
}
