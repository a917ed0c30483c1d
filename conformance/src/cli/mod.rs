//! The command line.

mod judging;
mod output;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};

use self::judging::Judging;
use self::output::{progress, read, say, write};
use crate::report::{self, Report};
use crate::runner::judge;
use crate::session::SessionError;

/// The exit code where a case failed, or could not get to its point.
const FAILED: u8 = 1;

/// The exit code where nothing could be judged.
const NOT_JUDGED: u8 = 2;

/// Judges a TUS 1.0.0 server, statement by statement.
///
/// Exit codes: 0 when every case that says something about the server passed, 1 when one did not,
/// 2 when nothing could be judged.
#[derive(Debug, Parser)]
#[command(
    name = "tus-conformance",
    version,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    judging: Judging,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compares servers: a table in Markdown from JSON reports
    Matrix {
        /// Reports that were written with --json
        #[arg(required = true)]
        reports: Vec<PathBuf>,
    },
    /// Prints the catalogue of all statements and cases in Markdown
    Catalogue,
}

/// Why nothing was judged.
#[derive(Debug, Error)]
enum Error {
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error("{}: it cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    #[error("{}: it is no report", .0.display())]
    NoReport(PathBuf, #[source] serde_json::Error),
    #[error("{}: it cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    #[error("the report cannot be put into words")]
    Serialize(#[source] Box<dyn std::error::Error>),
    #[error("no case is left by these filters")]
    NothingChosen,
    #[error("the runtime does not start")]
    Runtime(#[source] io::Error),
    #[error("it was interrupted")]
    Interrupted,
    #[error("nothing can be printed")]
    Print(#[source] io::Error),
}

/// What the program does. Its exit code.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            let mut source = std::error::Error::source(&error);
            eprint!("tus-conformance: {error}");
            while let Some(inner) = source {
                eprint!(": {inner}");
                source = inner.source();
            }
            eprintln!();
            ExitCode::from(NOT_JUDGED)
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Error> {
    match cli.command {
        Some(Command::Matrix { reports }) => {
            let reports: Vec<_> = reports
                .iter()
                .map(|file| read(file))
                .collect::<Result<_, _>>()?;
            say(&report::matrix(&reports))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Catalogue) => {
            say(&report::catalogue())?;
            Ok(ExitCode::SUCCESS)
        }
        None => cli.judging.run(),
    }
}

impl Judging {
    fn run(self) -> Result<ExitCode, Error> {
        let selection = self.selection();
        let cases = selection.cases();
        if cases.is_empty() {
            return Err(Error::NothingChosen);
        }
        let options = self.url.clone().map(|target| self.options(target));
        let Some(options) = options.filter(|_| !self.list) else {
            say(&report::list(&cases))?;
            return Ok(ExitCode::SUCCESS);
        };
        let progress = progress(cases.len());
        let judging = judge(options, &cases, |finding| {
            if finding.outcome.is_bad() {
                progress.println(format!("{} {}", report::mark(&finding.outcome), finding.id));
            }
            progress.inc(1);
        });
        let runtime = tokio::runtime::Runtime::new().map_err(Error::Runtime)?;
        let report = runtime.block_on(async {
            // The server that was started ends with the future that is given up.
            tokio::select! {
                report = judging => report.map(Some),
                () = interrupted() => Ok(None),
            }
        });
        let mut report = report?.ok_or(Error::Interrupted)?;
        progress.finish_and_clear();
        if let Some(name) = &self.name {
            report.name.clone_from(name);
        }
        self.write(&report)?;
        say(&report::summary(&report))?;
        Ok(if report.is_bad() {
            ExitCode::from(FAILED)
        } else {
            ExitCode::SUCCESS
        })
    }

    fn write(&self, report: &Report) -> Result<(), Error> {
        if let Some(file) = &self.json {
            let text = serde_json::to_string_pretty(report);
            let text = text.map_err(|error| Error::Serialize(Box::new(error)))?;
            write(file, &text)?;
        }
        if let Some(file) = &self.junit {
            let text = report::junit(report).map_err(|error| Error::Serialize(Box::new(error)))?;
            write(file, &text)?;
        }
        Ok(())
    }
}

/// Somebody wants the program to end.
async fn interrupted() {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}
