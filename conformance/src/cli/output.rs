//! What the program reads and writes.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Error;
use crate::report::Report;

/// Prints. Somebody who has seen enough may hang up.
pub(super) fn say(text: &str) -> Result<(), Error> {
    let mut output = io::stdout().lock();
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Print(error)),
        _ => Ok(()),
    }
}

/// How far it is: a bar for people, and nothing for logs.
pub(super) fn progress(cases: usize) -> ProgressBar {
    let bar = ProgressBar::new(cases as u64);
    if !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos} of {len} cases, {elapsed}") {
        bar.set_style(style);
    }
    bar
}

/// A report that was written as JSON.
pub(super) fn read(file: &Path) -> Result<Report, Error> {
    let text = fs::read_to_string(file).map_err(|error| Error::Read(file.to_owned(), error))?;
    serde_json::from_str(&text).map_err(|error| Error::NoReport(file.to_owned(), error))
}

/// Writes a report.
pub(super) fn write(file: &Path, text: &str) -> Result<(), Error> {
    fs::write(file, text).map_err(|error| Error::Write(file.to_owned(), error))
}
