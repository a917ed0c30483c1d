//! The command line. Every flag is an environment variable too: `--base-path` is
//! `OXITUS_BASE_PATH`.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use oxitus::Durability;

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

    /// The largest upload, such as 500MB or 10GiB. Without it there is no limit.
    #[arg(long, env = "OXITUS_MAX_SIZE", value_name = "SIZE", value_parser = parse_size)]
    pub(crate) max_size: Option<u64>,

    /// How long an unfinished upload may lie idle before it is removed, such as 24h or 7days.
    /// Without it uploads stay for ever.
    #[arg(long, env = "OXITUS_EXPIRE_AFTER", value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) expire_after: Option<Duration>,

    /// What survives a power failure: never (what the system had written by chance), completion
    /// (every complete upload) or acknowledgement (every byte that was acknowledged). A crash of
    /// the server alone loses nothing in any of them.
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
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// A path below which uploads live: it begins and ends with a slash, and no proxy or client reads
/// it in two ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BasePath(String);

impl BasePath {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BasePath {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let segments = text.strip_prefix('/').ok_or("a path begins with a slash")?;
        if segments.is_empty() {
            return Ok(Self("/".to_owned()));
        }
        let segments = segments.strip_suffix('/').unwrap_or(segments);
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        for segment in segments.split('/') {
            if matches!(segment, "" | "." | "..") {
                return Err("a path has no empty segments, and none that is . or ..");
            }
            if !segment.bytes().all(unreserved) {
                return Err("a path has letters, digits, and the characters - . _ ~ only");
            }
        }
        Ok(Self(format!("/{segments}/")))
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn parse_size(text: &str) -> Result<u64, String> {
    match parse_size::parse_size(text) {
        Ok(0) => Err("leave it out for no limit".to_owned()),
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("leave it out for uploads that stay".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

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
    fn reads_sizes_and_durations() {
        assert_eq!(parse_size("10GiB"), Ok(10 << 30));
        assert_eq!(parse_size("500MB"), Ok(500_000_000));
        assert_eq!(parse_size("77"), Ok(77));
        assert_eq!(parse_duration("24h"), Ok(Duration::from_secs(24 * 60 * 60)));
        assert_eq!(parse_duration("1h 30m"), Ok(Duration::from_secs(90 * 60)));
        for text in ["", "0", "-1", "many", "1XB", "99999999999GiB"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
        for text in ["", "0s", "-1s", "24", "soon"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_base_paths() {
        for (text, path) in [
            ("/", "/"),
            ("/files", "/files/"),
            ("/files/", "/files/"),
            ("/a/b.c", "/a/b.c/"),
        ] {
            assert_eq!(text.parse(), Ok(BasePath(path.to_owned())), "{text}");
        }
        for text in [
            "", "files", "//", "/a//b", "/../x", "/.", "/a b", "/a?b", "/a%2fb", "/é",
        ] {
            assert!(text.parse::<BasePath>().is_err(), "{text}");
        }
    }
}
