//! Bytes: those that are sent, and those that are read back.

use std::collections::BTreeSet;
use std::process::Stdio;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use tokio::process::Command;

use super::{Stop, Trial, Upload, Verdict};
use crate::case::Need;
use crate::options::ReadBack;

/// Bytes without a pattern, the same ones for the same seed.
pub(crate) fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    SmallRng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

/// The pairs of a value of `Upload-Metadata`. Their order, and the space before an empty value, are left
/// to the server.
pub(crate) fn pairs(metadata: &str) -> BTreeSet<(&str, &str)> {
    metadata
        .split(',')
        .map(str::trim)
        .map(|pair| pair.split_once(' ').unwrap_or((pair, "")))
        .collect()
}

/// A value of `Upload-Metadata` with these keys and values.
pub(crate) fn metadata(pairs: &[(&str, &[u8])]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)))
        .collect();
    pairs.join(",")
}

/// Where an upload is, in a text that leaves this open.
fn named(text: &str, id: &str, url: &str) -> String {
    text.replace("{id}", id).replace("{url}", url)
}

/// Whether a shell takes a word as it is, within quotes and without them. The server that is judged
/// chose it, and is not to choose what is run.
fn is_plain(word: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:?=%+,@".contains(&byte);
    word.bytes().all(is_plain)
}

impl Trial {
    /// A complete upload with this metadata. Not every server takes all of it.
    pub(crate) async fn described(&self, pairs: &[(&str, &[u8])]) -> Result<Upload<'_>, Stop> {
        let upload = self.with_metadata(pairs).await?;
        upload.append(0, b"hello").await?;
        Ok(upload)
    }

    /// An empty upload of five bytes with this metadata. Not every server takes all of it.
    pub(crate) async fn with_metadata(&self, pairs: &[(&str, &[u8])]) -> Result<Upload<'_>, Stop> {
        let creation = self.post_of(5).field("Upload-Metadata", metadata(pairs));
        let answer = creation.send().await.map_err(Stop::on_the_way)?;
        if answer.status.is_client_error() {
            let reason = "the server does not take this metadata";
            return Err(Stop::NotApplicable(reason.to_owned()));
        }
        self.located(&answer).map_err(Stop::on_the_way)
    }

    /// What the server has of a complete upload.
    pub(crate) async fn content(&self, upload: &Upload<'_>) -> Result<Vec<u8>, Stop> {
        match &self.session().options().read_back {
            ReadBack::Download => {
                let answer = upload.get().send().await?;
                answer.status(&[200])?;
                Ok(answer.content)
            }
            ReadBack::File(name) => {
                let name = named(name, upload.id(), upload.url.as_str());
                tokio::fs::read(&name)
                    .await
                    .map_err(|error| Stop::failed(format!("the file {name}"), error.to_string()))
            }
            ReadBack::Command(command) => {
                for (place, word) in [("{id}", upload.id()), ("{url}", upload.url.as_str())] {
                    if command.contains(place) && !is_plain(word) {
                        let reason = format!("no shell is given this: {word}");
                        return Err(Stop::Blocked(reason));
                    }
                }
                let command = named(command, upload.id(), upload.url.as_str());
                let mut shell = Command::new("sh");
                shell
                    .arg("-c")
                    .arg(&command)
                    .stdin(Stdio::null())
                    .stderr(Stdio::null())
                    .kill_on_drop(true);
                let output = shell.output().await?;
                if !output.status.success() {
                    let status = output.status.to_string();
                    return Err(Stop::failed(format!("`{command}` to succeed"), status));
                }
                Ok(output.stdout)
            }
        }
    }

    /// The server has these bytes of a complete upload, where they can be read back at all: for a
    /// case whose point is another.
    pub(crate) async fn holds_if_readable(&self, upload: &Upload<'_>, expected: &[u8]) -> Verdict {
        match self.session().provides(Need::Content) {
            Ok(()) => self.holds(upload, expected).await,
            Err(_) => Ok(()),
        }
    }

    /// The server has these bytes of a complete upload.
    pub(crate) async fn holds(&self, upload: &Upload<'_>, expected: &[u8]) -> Verdict {
        let content = self.content(upload).await?;
        if content == expected {
            return Ok(());
        }
        let same = content
            .iter()
            .zip(expected)
            .take_while(|(is, should)| is == should)
            .count();
        Err(Stop::failed(
            format!("the {} bytes that were sent", expected.len()),
            format!(
                "{} bytes, of which the first {same} are right",
                content.len()
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_given_nothing_that_it_acts_on() {
        for word in [
            "24e533e02ec3bc40c387f1a0e460e216+x",
            "http://h:1/files/a%20b?c=d",
        ] {
            assert!(is_plain(word), "{word}");
        }
        for word in [
            "$(reboot)",
            "a;b",
            "a&b",
            "a|b",
            "a'b",
            "a`b`",
            "a\\b",
            "(a)",
            "*",
        ] {
            assert!(!is_plain(word), "{word}");
        }
    }
}
