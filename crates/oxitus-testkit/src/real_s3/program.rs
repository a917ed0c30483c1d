//! Servers of others: where their programs are, and how they are called.

use std::env;
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ACCESS_KEY, SECRET_KEY};

/// A server that can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Implementation {
    /// versitygw on a directory.
    Versitygw,
    /// MinIO on a directory.
    Minio,
}

impl Implementation {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Versitygw => "versitygw",
            Self::Minio => "minio",
        }
    }

    pub(super) fn variable(self) -> &'static str {
        match self {
            Self::Versitygw => "OXITUS_VERSITYGW",
            Self::Minio => "OXITUS_MINIO",
        }
    }

    pub(super) fn program(self) -> Option<PathBuf> {
        let told = env::var_os(self.variable()).map(PathBuf::from);
        let found = || {
            let mut programs = directories().map(|directory| directory.join(self.name()));
            programs.find(|program| program.is_file())
        };
        told.or_else(found)
    }

    /// The command that serves the buckets in `directory`, each of which is a directory there.
    pub(super) fn command(self, program: &Path, directory: &Path, address: SocketAddr) -> Command {
        let mut command = Command::new(program);
        match self {
            Self::Versitygw => command
                .env("ROOT_ACCESS_KEY", ACCESS_KEY)
                .env("ROOT_SECRET_KEY", SECRET_KEY)
                .args(["--port", &address.to_string(), "-q", "posix"])
                .arg(directory),
            Self::Minio => command
                .env("MINIO_ROOT_USER", ACCESS_KEY)
                .env("MINIO_ROOT_PASSWORD", SECRET_KEY)
                .arg("server")
                .arg(directory)
                .args(["--quiet", "--address", &address.to_string()]),
        };
        command
    }
}

/// Where programs are: `PATH`, and the places of `go install`, which are seldom in it.
fn directories() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH");
    let path: Vec<_> = env::split_paths(path.as_deref().unwrap_or(OsStr::new(""))).collect();
    let gopath = env::var_os("GOPATH").map(PathBuf::from);
    let gopath = gopath.or_else(|| env::home_dir().map(|home| home.join("go")));
    let of_go = env::var_os("GOBIN").map(PathBuf::from);
    path.into_iter()
        .chain(of_go)
        .chain(gopath.map(|gopath| gopath.join("bin")))
}
