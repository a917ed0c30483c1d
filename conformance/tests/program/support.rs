//! A server to judge, and the program that judges it.

use std::process::{Command, Output};

use tokio::runtime::Runtime;
use tus_reference::{Fault, Server, Settings};

/// A server in the background of a test.
pub(crate) struct Subject {
    pub(crate) server: Server,
    pub(crate) runtime: Runtime,
}

impl Subject {
    pub(crate) fn start(fault: Fault) -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime
            .block_on(Server::start(Settings::default(), fault))
            .unwrap();
        Self { server, runtime }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }
}

/// Calls the program.
pub(crate) fn conformance(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tus-conformance"));
    command.args(arguments).output().unwrap()
}

pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn complained(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
