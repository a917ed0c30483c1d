//! The command line.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};

use crate::http::Protocol;
use crate::options::{Options, ReadBack, Target};
use crate::report::{self, Report};
use crate::runner::{Selection, judge};
use crate::session::SessionError;
use crate::spec::Strength;

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

#[derive(Args, Debug)]
struct Judging {
    /// Where uploads are made: http://127.0.0.1:1080/files/
    #[arg(required_unless_present = "list")]
    url: Option<Target>,
    /// Only cases with this text in their id, chapter or description; may be given several times
    #[arg(long, short, value_name = "TEXT")]
    filter: Vec<String>,
    /// Only what is at least so strong
    #[arg(long, value_enum, default_value = "may")]
    strength: Weight,
    /// Also hold the server to our answers where the documents leave a choice
    #[arg(long)]
    resolutions: bool,
    /// Lists the cases instead of running them
    #[arg(long, short)]
    list: bool,
    /// Speak HTTP/2: by ALPN over TLS, by prior knowledge without
    #[arg(long)]
    http2: bool,
    /// One more field in each request: 'Authorization: Bearer …'
    #[arg(long, value_name = "FIELD", value_parser = field)]
    header: Vec<(String, String)>,
    /// Metadata for each creation that has none, where the server asks for some: 'filename YQ==,filetype YQ=='
    #[arg(long, value_name = "PAIRS")]
    metadata: Option<String>,
    /// A file with certificates (PEM) to trust besides those of the system
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Where the bytes of an upload are, instead of behind GET: 'uploads/{id}'
    #[arg(long, value_name = "NAME", conflicts_with = "read_command")]
    read_file: Option<String>,
    /// What prints the bytes of an upload, instead of GET: 'cat uploads/{id}'; {url} is its URL
    #[arg(long, value_name = "COMMAND")]
    read_command: Option<String>,
    /// Starts the server with this command, so that cases may kill it and start it again
    #[arg(long, value_name = "COMMAND")]
    start: Option<String>,
    /// How many cases run side by side
    #[arg(long, short, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// How long an answer may take, in seconds, from when its request begins to be sent: up to 10 MiB
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
    /// What the server is called in reports
    #[arg(long)]
    name: Option<String>,
    /// Writes a report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes a report for JUnit
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Weight {
    Must,
    Should,
    May,
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

    fn selection(&self) -> Selection {
        Selection {
            filters: self.filter.clone(),
            strength: match self.strength {
                Weight::Must => Strength::Must,
                Weight::Should => Strength::Should,
                Weight::May => Strength::May,
            },
            resolutions: self.resolutions,
        }
    }

    fn options(&self, target: Target) -> Options {
        let mut options = Options::new(target);
        if self.http2 {
            options.protocol = Protocol::Http2;
        }
        options.fields.clone_from(&self.header);
        options.metadata.clone_from(&self.metadata);
        options.certificates.clone_from(&self.ca);
        options.read_back = match (&self.read_file, &self.read_command) {
            (Some(name), _) => ReadBack::File(name.clone()),
            (None, Some(command)) => ReadBack::Command(command.clone()),
            (None, None) => ReadBack::Download,
        };
        options.start.clone_from(&self.start);
        options.jobs = usize::from(self.jobs);
        options.patience = Duration::from_secs(u64::from(self.timeout));
        options
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

/// Prints. Somebody who has seen enough may hang up.
fn say(text: &str) -> Result<(), Error> {
    let mut output = io::stdout().lock();
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Print(error)),
        _ => Ok(()),
    }
}

fn field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a field is NAME: VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn read(file: &Path) -> Result<Report, Error> {
    let text = fs::read_to_string(file).map_err(|error| Error::Read(file.to_owned(), error))?;
    serde_json::from_str(&text).map_err(|error| Error::NoReport(file.to_owned(), error))
}

fn write(file: &Path, text: &str) -> Result<(), Error> {
    fs::write(file, text).map_err(|error| Error::Write(file.to_owned(), error))
}

/// How far it is: a bar for people, and nothing for logs.
fn progress(cases: usize) -> ProgressBar {
    let bar = ProgressBar::new(cases as u64);
    if !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos} of {len} cases, {elapsed}") {
        bar.set_style(style);
    }
    bar
}
