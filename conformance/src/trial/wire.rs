//! [`Wire`]: requests as bytes, for those that no client would send.

use super::{Entry, OFFSET_OCTET_STREAM, Stop, Trial, Upload, VERSION, Verdict};
use crate::http::{Http1, Response, SECRET};

/// A connection on which requests are written byte for byte. Nothing that it brings is held to what
/// every answer is held to, since HTTP itself may refuse what is sent.
pub(crate) struct Wire<'a> {
    trial: &'a Trial,
    connection: Http1,
    /// What was written and is not answered yet.
    sent: Vec<u8>,
}

impl Trial {
    /// A connection on which requests are written byte for byte.
    pub(crate) async fn by_hand(&self) -> Result<Wire<'_>, Stop> {
        Ok(Wire {
            trial: self,
            connection: self.wire().await?,
            sent: Vec::new(),
        })
    }

    /// The head of a request with what each one needs, and then these lines.
    pub(crate) fn lines(&self, method: &str, path: &str, lines: &str) -> String {
        let authority = self.connector().target().authority();
        let options = self.session().options();
        let mut asked: String = options
            .fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        if method == "POST"
            && let Some(metadata) = &options.metadata
        {
            asked.push_str(&format!("Upload-Metadata: {metadata}\r\n"));
        }
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nTus-Resumable: {VERSION}\r\n{asked}{lines}\r\n"
        )
    }
}

impl Upload<'_> {
    /// The head of a PATCH at an offset, with these lines.
    pub(crate) fn patch_lines(&self, offset: u64, lines: &str) -> String {
        let lines =
            format!("Content-Type: {OFFSET_OCTET_STREAM}\r\nUpload-Offset: {offset}\r\n{lines}");
        self.trial.lines("PATCH", &self.path, &lines)
    }

    /// A whole PATCH at an offset.
    pub(crate) fn patch_bytes(&self, offset: u64, content: &str) -> String {
        let length = format!("Content-Length: {}\r\n", content.len());
        self.patch_lines(offset, &length) + content
    }

    /// The head of a HEAD, which is all of it.
    pub(crate) fn head_lines(&self) -> String {
        self.trial.lines("HEAD", &self.path, "")
    }
}

impl Wire<'_> {
    /// Writes. A server that does not read on has its reason, which its answer tells.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> Verdict {
        let bytes = bytes.as_ref();
        self.sent.extend_from_slice(bytes);
        let writing = self.connection.write(bytes);
        let patience = self.trial.session().options().patience;
        let _ = tokio::time::timeout(patience, writing).await;
        Ok(())
    }

    /// Says that nothing more is written (FIN).
    pub(crate) async fn half_close(&mut self) -> Verdict {
        let _ = self.connection.half_close().await;
        Ok(())
    }

    /// The next answer, which is one to this method.
    pub(crate) async fn answer(&mut self, method: &str) -> Result<Response, Stop> {
        let answer = self.trial.within(self.connection.response_to(method)).await;
        self.write_down(&answer);
        answer
    }

    /// The next head: that of an interim answer, or of the last one.
    pub(crate) async fn next_head(&mut self) -> Result<Response, Stop> {
        let answer = self.trial.within(self.connection.head()).await;
        self.write_down(&answer);
        answer
    }

    /// The next answer, or nothing where the server closes the connection instead.
    pub(crate) async fn answer_or_end(&mut self, method: &str) -> Result<Option<Response>, Stop> {
        let patience = self.trial.session().options().patience;
        let answer = tokio::time::timeout(patience, self.connection.response_to(method)).await;
        let Ok(answer) = answer else {
            let nothing =
                Stop::failed("an answer, or the end of the connection", "neither in time");
            self.write_down(&Err(nothing.clone()));
            return Err(nothing);
        };
        let answer = answer.map_err(Stop::from);
        self.write_down(&answer);
        Ok(answer.ok())
    }

    /// Whatever else comes until the server closes the connection, for as long as patience lasts.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let patience = self.trial.session().options().patience;
        let rest = tokio::time::timeout(patience, self.connection.rest()).await;
        rest.map(Result::unwrap_or_default).unwrap_or_default()
    }

    /// The server closes the connection, and sends nothing before.
    pub(crate) async fn is_closed(&mut self) -> Verdict {
        let patience = self.trial.session().options().patience;
        if self.connection.is_closed_within(patience).await {
            return Ok(());
        }
        Err(Stop::failed(
            "the end of the connection",
            "it goes on, or something else comes",
        ))
    }

    fn write_down(&mut self, answer: &Result<Response, Stop>) {
        let received = match answer {
            Ok(answer) => answer.describe(),
            Err(Stop::Failed { observed, .. }) => format!("({observed})"),
            Err(Stop::NotApplicable(reason) | Stop::Blocked(reason)) => format!("({reason})"),
        };
        let sent = std::mem::take(&mut self.sent);
        let mut shown: String = sent.escape_ascii().to_string().replace(r"\r\n", "\n");
        for (name, value) in &self.trial.session().options().fields {
            let secret = format!("{name}: {}\n", value.as_bytes().escape_ascii());
            shown = shown.replace(&secret, &format!("{name}: {SECRET}\n"));
        }
        if shown.len() > 2000 {
            shown.truncate(2000); // It is ASCII.
            shown.push('…');
        }
        let entry = Entry {
            sent: shown,
            received,
        };
        self.trial.transcript().add(entry);
    }
}
