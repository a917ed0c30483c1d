//! The command line. Every flag is an environment variable too: `--base-path` is
//! `OXITUS_BASE_PATH`.

mod s3;
mod values;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, ValueEnum};
use oxitus::Durability;

pub(crate) use self::s3::S3Options;
pub(crate) use self::values::BasePath;
use self::values::{parse_duration, parse_size};

/// A server for resumable uploads (TUS 1.0.0).
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    /// The address and port to listen on; port 0 takes any that is free.
    #[arg(
        long,
        env = "OXITUS_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:1080"
    )]
    pub(crate) listen: SocketAddr,

    /// The directory to keep uploads in. It is made if it is not there.
    #[arg(
        long,
        env = "OXITUS_DIR",
        value_name = "PATH",
        default_value = "./uploads"
    )]
    pub(crate) dir: PathBuf,

    /// The path under which uploads are made and live.
    #[arg(
        long,
        env = "OXITUS_BASE_PATH",
        value_name = "PATH",
        default_value = "/files/"
    )]
    pub(crate) base_path: BasePath,

    /// The largest upload, such as 500MB or 10GiB. Without it there is no limit but that of the
    /// place where uploads are kept.
    #[arg(long, env = "OXITUS_MAX_SIZE", value_name = "SIZE", value_parser = parse_size)]
    pub(crate) max_size: Option<u64>,

    /// How long an unfinished upload may lie idle before it is removed, such as 24h or 7days.
    /// Without it uploads stay for ever.
    #[arg(long, env = "OXITUS_EXPIRE_AFTER", value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) expire_after: Option<Duration>,

    /// What survives a power failure in a directory: never (what the system had written by
    /// chance), completion (every complete upload) or acknowledgement (every byte that was
    /// acknowledged). A crash of the server alone loses nothing in any of them, and what a bucket
    /// has taken is as durable as the bucket.
    #[arg(long, env = "OXITUS_DURABILITY", value_name = "MODE", default_value_t)]
    pub(crate) durability: Durability,

    /// How log lines look. Which there are says RUST_LOG, such as info or debug.
    #[arg(
        long,
        env = "OXITUS_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub(crate) log_format: LogFormat,

    /// Where a bucket is named, uploads are kept there, and not in the directory.
    #[command(flatten)]
    pub(crate) s3: Option<S3Options>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl Cli {
    /// What this process was told. It ends here where that is wrong, or where it was asked for help.
    pub(crate) fn of_this_process() -> Self {
        Self::read(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// A directory on the command line wins over a bucket in the environment, as the command line
    /// does everywhere.
    fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(arguments)?;
        let mut cli =
            Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        let on_command_line = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        if on_command_line("dir") {
            if on_command_line(s3::GROUP) {
                let both = "uploads are kept in a directory (--dir) or in a bucket (--s3-bucket), \
                            not in both";
                return Err(command.error(ErrorKind::ArgumentConflict, both));
            }
            cli.s3 = None;
        }
        Ok(cli)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Cli, clap::Error> {
        let program = std::iter::once("oxitus-server");
        Cli::read(program.chain(arguments.iter().copied()).map(OsString::from))
    }

    #[test]
    fn is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_is_an_environment_variable_too() {
        for flag in Cli::command().get_arguments() {
            let name = flag.get_long().unwrap();
            let variable = format!("OXITUS_{}", name.replace('-', "_").to_uppercase());
            assert_eq!(flag.get_env().unwrap().to_str(), Some(variable.as_str()));
        }
    }

    #[test]
    fn a_bucket_takes_the_place_of_the_directory() {
        assert!(read(&[]).unwrap().s3.is_none());
        assert!(read(&["--dir", "here"]).unwrap().s3.is_none());
        let s3 = read(&["--s3-bucket", "uploads"]).unwrap().s3.unwrap();
        assert_eq!((s3.bucket.as_str(), s3.prefix.as_str()), ("uploads", ""));
        assert_eq!((s3.part_size, s3.memory), (8 << 20, 256 << 20));
        assert!(!s3.path_style);

        let both = read(&["--dir", "here", "--s3-bucket", "uploads"]).unwrap_err();
        assert_eq!(both.kind(), ErrorKind::ArgumentConflict);
        for flags in [
            ["--s3-endpoint=http://127.0.0.1:1"].as_slice(),
            &["--s3-path-style"],
            &["--s3-part-size=8MiB"],
            &["--s3-region=eu-central-1", "--s3-prefix=uploads/"],
        ] {
            let no_bucket = read(flags).unwrap_err();
            assert_eq!(no_bucket.kind(), ErrorKind::MissingRequiredArgument);
            assert!(no_bucket.to_string().contains("--s3-bucket"));
        }
    }
}
