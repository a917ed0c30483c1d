//! [`World`]: how the server is set up.

use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tus_conformance::report::Report;
use tus_conformance::{Case, Options, Protocol, Target, judge};
use tus_reference::{Extension, Fault, Server, Settings};

use crate::process;

/// How the server is set up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum World {
    /// With everything that it has.
    Whole,
    /// With creation, and no other extension.
    Bare,
    /// With everything but `concatenation-unfinished`.
    Finished,
    /// With unfinished uploads that expire soon.
    Expiring,
    /// In a process that the judge starts and kills.
    Process,
}

impl World {
    /// Where cases with these ids have something to judge.
    pub(crate) fn of(cases: &[&str]) -> Self {
        let all = |prefix: &str| cases.iter().all(|id| id.starts_with(prefix));
        if all("EXP-") {
            Self::Expiring
        } else if all("RST-") {
            Self::Process
        } else {
            Self::Whole
        }
    }

    pub(crate) fn settings(self) -> Settings {
        let settings = Settings {
            max_size: Some(100_000_000),
            ..Settings::default()
        };
        match self {
            Self::Whole | Self::Process => settings,
            Self::Bare => settings.with_extensions([Extension::Creation]),
            Self::Finished => settings.with_extensions(
                Extension::ALL
                    .into_iter()
                    .filter(|extension| *extension != Extension::ConcatenationUnfinished),
            ),
            Self::Expiring => Settings {
                time_to_live: Duration::from_secs(6),
                ..settings
            },
        }
    }
}

/// What the judge finds of a server with a fault, which a process finds by the index of its row.
pub(crate) fn judged(
    world: World,
    protocol: Protocol,
    fault: Fault,
    index: Option<usize>,
    cases: &[&'static Case],
) -> Result<Report, String> {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let directory = TempDir::new().map_err(|error| error.to_string())?;
        // Until the end of the block, in which the server runs.
        let mut server = None;
        let mut options = if world == World::Process {
            process::options(directory.path(), index)?
        } else {
            let started = Server::start(world.settings(), fault).await;
            let started = started.map_err(|error| error.to_string())?;
            let options = Options::new(target(&started.url())?);
            server = Some(started);
            options
        };
        options.protocol = protocol;
        let report = judge(options, cases, |_| {}).await;
        drop(server);
        report.map_err(|error| error.to_string())
    })
}

pub(crate) fn target(url: &str) -> Result<Target, String> {
    url.parse().map_err(|error| format!("{url}: {error}"))
}
