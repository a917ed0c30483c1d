//! [`RealS3`]: an S3 server that is reached over TCP, for tests that want more than a store of ours
//! in the same process.
//!
//! | server | where from |
//! |---|---|
//! | [versitygw](https://github.com/versity/versitygw) | `OXITUS_VERSITYGW`, `PATH`, or where `go install` puts it |
//! | [MinIO](https://github.com/minio/minio) | `OXITUS_MINIO`, `PATH`, or where `go install` puts it |
//! | [ours in memory](crate::s3) | here |
//! | one that is there already, Amazon's for one | `OXITUS_S3_ENDPOINT`, `OXITUS_S3_BUCKET`, `OXITUS_S3_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` |
//!
//! Where a server is not there its tests say so and do nothing, unless `OXITUS_REAL_S3` is
//! `required`. Whole runs of tests are on the server that `OXITUS_TEST_STORAGE` names: `versitygw`,
//! `minio`, `memory` or `remote`, in the order of the table.
#![expect(clippy::expect_used, reason = "a panic is how a test reports")]

mod process;
mod program;
mod thread;

use std::env;
use std::sync::OnceLock;

use self::process::Process;
pub use self::program::Implementation;
use self::thread::Thread;
use crate::s3;

const ACCESS_KEY: &str = "oxitus";
const SECRET_KEY: &str = "not-a-secret-of-anybody";
const BUCKET: &str = "uploads";

/// An S3 server with a bucket.
#[derive(Debug)]
pub struct RealS3 {
    /// Where it is.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// The name of a bucket that is there.
    pub bucket: String,
    /// Who may use it.
    pub access_key: String,
    /// How they prove it.
    pub secret_key: String,
    _life: Life,
}

/// What the server lives in. It ends with this.
#[derive(Debug)]
enum Life {
    Process { _process: Process },
    Thread { _thread: Thread },
    OfOthers,
}

impl RealS3 {
    /// Starts a server with an empty bucket on a free port of the loopback interface. It is gone
    /// with the value, and with this process, however that ends.
    ///
    /// `None`, and a line on standard error, where there is no such program.
    ///
    /// # Panics
    /// Where it does not start, or is not there and has to be.
    #[must_use]
    pub fn start(implementation: Implementation) -> Option<Self> {
        if let Some(program) = implementation.program() {
            let (process, address) = Process::start(implementation, &program);
            return Some(Self {
                endpoint: format!("http://{address}"),
                region: "us-east-1".to_owned(),
                bucket: BUCKET.to_owned(),
                access_key: ACCESS_KEY.to_owned(),
                secret_key: SECRET_KEY.to_owned(),
                _life: Life::Process { _process: process },
            });
        }
        let name = implementation.name();
        let variable = implementation.variable();
        assert!(
            env::var_os("OXITUS_REAL_S3").is_none_or(|value| value != "required"),
            "{name} is required and neither in PATH nor in {variable}",
        );
        eprintln!("SKIPPED: {name} is neither in PATH nor in {variable}");
        None
    }

    /// Starts a server in a thread of this process, with an empty bucket in memory.
    ///
    /// # Panics
    /// Where it does not start.
    #[must_use]
    pub fn in_memory() -> Self {
        let (thread, endpoint) = Thread::start();
        Self {
            endpoint,
            region: s3::REGION.to_owned(),
            bucket: s3::BUCKET.to_owned(),
            access_key: s3::ACCESS_KEY_ID.to_owned(),
            secret_key: s3::SECRET_ACCESS_KEY.to_owned(),
            _life: Life::Thread { _thread: thread },
        }
    }

    /// The server that the environment tells of.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        Some(Self {
            endpoint: env::var("OXITUS_S3_ENDPOINT").ok()?,
            bucket: env::var("OXITUS_S3_BUCKET").ok()?,
            region: env::var("OXITUS_S3_REGION").unwrap_or_else(|_| "us-east-1".to_owned()),
            access_key: env::var("AWS_ACCESS_KEY_ID").ok()?,
            secret_key: env::var("AWS_SECRET_ACCESS_KEY").ok()?,
            _life: Life::OfOthers,
        })
    }

    /// The server that all tests of this process are on, where `OXITUS_TEST_STORAGE` names one. It
    /// is started when it is first asked for.
    ///
    /// # Panics
    /// Where there is no such server: what was asked for by name is not skipped.
    #[must_use]
    pub fn of_this_process() -> Option<&'static Self> {
        static CHOSEN: OnceLock<Option<RealS3>> = OnceLock::new();
        CHOSEN.get_or_init(Self::chosen).as_ref()
    }

    fn chosen() -> Option<Self> {
        let name = env::var("OXITUS_TEST_STORAGE").unwrap_or_default();
        let server = match name.as_str() {
            "" | "fs" => return None,
            "versitygw" => Self::start(Implementation::Versitygw),
            "minio" => Self::start(Implementation::Minio),
            "memory" => Some(Self::in_memory()),
            "remote" => Self::from_environment(),
            _ => panic!("OXITUS_TEST_STORAGE is fs, versitygw, minio, memory or remote"),
        };
        Some(server.unwrap_or_else(|| panic!("OXITUS_TEST_STORAGE: {name} is not there")))
    }
}
