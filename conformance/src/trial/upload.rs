//! [`Upload`]: an upload of the server.

use std::ops::Range;
use std::time::{Duration, Instant};

use url::Url;

use super::{Call, OFFSET_OCTET_STREAM, Stop, Trial, Verdict};
use crate::http::{Connector, Response};

/// How many characters of an id are changed for one that is not there.
const CHANGED: usize = 8;

/// How many digits a number has up to which no server counts, and which still is one of 64 bits.
const FAR: usize = 18;

/// An upload of the server, or a place where one could be.
#[derive(Clone)]
pub(crate) struct Upload<'a> {
    pub(super) trial: &'a Trial,
    /// The way to it, which may be another server than the one that made it.
    pub(super) connector: Connector,
    /// The path of its URL, with its query.
    pub(crate) path: String,
    /// Its URL, as the server told it.
    pub(crate) url: Url,
}

impl<'a> Upload<'a> {
    /// The last segment of its path.
    pub(crate) fn id(&self) -> &str {
        self.path.get(self.place_of_id()).unwrap_or_default()
    }

    fn place_of_id(&self) -> Range<usize> {
        let end = self.path.find('?').unwrap_or(self.path.len());
        let path = self.path.get(..end).unwrap_or_default();
        let end = path.trim_end_matches('/').len();
        let path = path.get(..end).unwrap_or_default();
        path.rfind('/').map_or(0, |slash| slash + 1)..end
    }

    /// What it is called where others are made of it: by its path, or where that is another server's,
    /// by its URL.
    pub(super) fn name(&self) -> &str {
        if self.is_elsewhere() {
            self.url.as_str()
        } else {
            &self.path
        }
    }

    /// Whether it is at another origin than where it was made.
    pub(crate) fn is_elsewhere(&self) -> bool {
        !self.connector.shares_origin_with(self.trial.connector())
    }

    pub(crate) fn call(&self, method: &str) -> Call<'a> {
        self.trial.call_toward(&self.connector, method, &self.path)
    }

    pub(crate) fn head(&self) -> Call<'a> {
        self.call("HEAD")
    }

    pub(crate) fn delete(&self) -> Call<'a> {
        self.call("DELETE")
    }

    /// A download. It is no request of TUS.
    pub(crate) fn get(&self) -> Call<'a> {
        self.call("GET").without("Tus-Resumable")
    }

    /// A PATCH at an offset, without content so far.
    pub(crate) fn patch(&self, offset: u64) -> Call<'a> {
        self.call("PATCH")
            .field("Content-Type", OFFSET_OCTET_STREAM)
            .field("Upload-Offset", offset.to_string())
            .body("")
    }

    /// Appends bytes, for a case whose point is another.
    pub(crate) async fn append(&self, offset: u64, content: &[u8]) -> Verdict {
        let end = offset + content.len() as u64;
        self.trial.fits(end)?;
        let answer = self.patch(offset).body(content).send().await;
        let answer = answer.map_err(Stop::on_the_way)?;
        answer
            .status(&[204])
            .and_then(|answer| answer.has("upload-offset", end.to_string()))
            .map_err(Stop::on_the_way)?;
        Ok(())
    }

    /// What HEAD tells, for a case whose point is another.
    pub(crate) async fn told(&self) -> Result<Response, Stop> {
        let answer = self.head().send().await.map_err(Stop::on_the_way)?;
        answer.status(&[200, 204]).map_err(Stop::on_the_way)?;
        Ok(answer)
    }

    /// The offset that HEAD tells.
    pub(crate) async fn offset(&self) -> Result<u64, Stop> {
        let answer = self.head().send().await?;
        answer.status(&[200, 204])?;
        let offset = answer.number("upload-offset");
        offset.ok_or_else(|| {
            Stop::failed("a number in `upload-offset`", answer.shown("upload-offset"))
        })
    }

    /// Goes on as clients do until the upload is complete: asks for the offset, sends the rest, and
    /// asks again where the moment was a bad one. No offset that it is told is beyond `sent`.
    pub(crate) async fn is_resumed(&self, content: &[u8], sent: usize) -> Verdict {
        let begun = Instant::now();
        let mut sent = sent;
        loop {
            let offset = self.offset().await?;
            let rest = usize::try_from(offset)
                .ok()
                .filter(|offset| *offset <= sent)
                .and_then(|offset| content.get(offset..));
            let Some(rest) = rest else {
                return Err(Stop::failed(
                    format!("an offset of {sent} at most"),
                    offset.to_string(),
                ));
            };
            let answer = self.patch(offset).body(rest).send().await?;
            if answer.status.as_u16() == 204 {
                return self.is_at(content.len() as u64).await;
            }
            answer.status(&[400, 409, 423, 503])?;
            sent = content.len();
            if begun.elapsed() > self.trial.session().options().patience {
                return Err(Stop::failed(
                    "the upload to go on",
                    format!("status {} all the time", answer.status.as_u16()),
                ));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// HEAD tells this offset.
    pub(crate) async fn is_at(&self, offset: u64) -> Verdict {
        let answer = self.head().send().await?;
        answer
            .status(&[200, 204])?
            .has("upload-offset", offset.to_string())?;
        Ok(())
    }

    /// HEAD tells that nothing is there.
    pub(crate) async fn is_gone(&self) -> Verdict {
        let answer = self.head().send().await?;
        answer.status(&[403, 404, 410])?.lacks("upload-offset")?;
        Ok(())
    }

    /// A path like this one, where no upload is. Ids that are counted, or few, have large neighbours
    /// only far away; of the others some letters and digits are changed.
    pub(crate) fn sibling(&self) -> Result<Self, Stop> {
        let id = self.id();
        let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
        let length = id.chars().count();
        if length < CHANGED || (is_number && length < FAR) {
            return self.with_id(&"9".repeat(FAR));
        }
        let kept = length - CHANGED;
        let sibling: String = id
            .chars()
            .enumerate()
            .map(|(place, character)| {
                if place < kept {
                    character
                } else {
                    other(character)
                }
            })
            .collect();
        self.with_id(&sibling)
    }

    /// The place with another last segment of the path.
    pub(crate) fn with_id(&self, id: &str) -> Result<Self, Stop> {
        let mut path = self.path.clone();
        path.replace_range(self.place_of_id(), id);
        let place = self.trial.at(&path)?;
        Ok(Self {
            connector: self.connector.clone(),
            ..place
        })
    }
}

/// Another character that may stand where this one does: ids are hexadecimal at times.
const fn other(character: char) -> char {
    match character {
        '0'..='8' | 'a'..='e' | 'A'..='E' | 'g'..='y' | 'G'..='Y' => (character as u8 + 1) as char,
        '9' => '0',
        'f' => 'a',
        'F' => 'A',
        'z' => 'g',
        'Z' => 'G',
        _ => character,
    }
}
