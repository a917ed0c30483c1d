//! [`Judging`]: what the program is told about a server.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::http::Protocol;
use crate::options::{Options, ReadBack, Target};
use crate::runner::Selection;
use crate::spec::Strength;

#[derive(Args, Debug)]
pub(super) struct Judging {
    /// Where uploads are made: http://127.0.0.1:1080/files/
    #[arg(required_unless_present = "list")]
    pub(super) url: Option<Target>,
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
    pub(super) list: bool,
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
    pub(super) name: Option<String>,
    /// Writes a report as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Writes a report for JUnit
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Weight {
    Must,
    Should,
    May,
}

impl Judging {
    /// The cases that are chosen.
    pub(super) fn selection(&self) -> Selection {
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

    /// How to go about a server.
    pub(super) fn options(&self, target: Target) -> Options {
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
}

fn field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a field is NAME: VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
