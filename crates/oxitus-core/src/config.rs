//! [`Config`]: what a server decides for itself.

use std::sync::Arc;
use std::time::Duration;

use oxitus_proto::cors::Cors;
use oxitus_proto::extension::{Extension, Extensions};
use oxitus_proto::header::Number;
use oxitus_proto::mount::Mount;
use oxitus_proto::protocol::Protocol;

use crate::clock::{Clock, SystemClock};
use crate::hook::{AllowAll, Hooks};
use crate::storage::Capabilities;

/// The settings of an [`Engine`](crate::engine::Engine). The defaults are safe for strangers.
///
/// ```
/// use std::time::Duration;
/// use oxitus_core::config::Config;
///
/// let config = Config::new("/files")
///     .max_size(Some(10 * 1024 * 1024 * 1024))
///     .expire_after(Some(Duration::from_secs(24 * 60 * 60)));
/// # drop(config);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    mount: Mount,
    extensions: Extensions,
    max_size: Option<u64>,
    max_metadata_length: usize,
    max_concat_parts: usize,
    downloads: bool,
    cors: Option<Cors>,
    expire_after: Option<Duration>,
    sweep_every: Option<Duration>,
    pub(crate) hooks: Arc<dyn Hooks>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Limits,
}

/// How long to wait for what, and how much to do at once.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) hook_timeout: Duration,
    pub(crate) lock_timeout: Duration,
    pub(crate) takeover_after: Duration,
    pub(crate) body_idle_timeout: Duration,
    pub(crate) minimum_rate: u64,
    pub(crate) max_bodies: usize,
}

/// Longer than any process runs, and short enough to be added to any moment.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

impl Config {
    /// The defaults, for a service that lives at `base_path`, for example `/files`.
    #[must_use]
    pub fn new(base_path: &str) -> Self {
        let defaults = Protocol::new(Mount::new(base_path));
        Self {
            mount: defaults.mount,
            extensions: defaults.extensions,
            max_size: defaults.max_size,
            max_metadata_length: defaults.max_metadata_length,
            max_concat_parts: defaults.max_concat_parts,
            downloads: defaults.downloads,
            cors: defaults.cors,
            expire_after: None,
            sweep_every: None,
            hooks: Arc::new(AllowAll),
            clock: Arc::new(SystemClock),
            limits: Limits {
                hook_timeout: Duration::from_secs(30),
                lock_timeout: Duration::from_secs(10),
                takeover_after: Duration::from_millis(500),
                body_idle_timeout: Duration::from_secs(60),
                minimum_rate: 128,
                max_bodies: 10_000,
            },
        }
    }

    /// Makes `Location` a full URL on this origin (`https://example.org`), perhaps with a path that
    /// a proxy cuts. By default it is an absolute path, which is right behind any proxy that keeps
    /// paths.
    #[must_use]
    pub fn public_origin(mut self, origin: &str) -> Self {
        self.mount = self.mount.public_origin(origin);
        self
    }

    /// Says that a router in front cuts the base path off, as `axum::Router::nest_service` does.
    /// By default it does not.
    #[must_use]
    pub fn prefix_is_stripped(mut self, stripped: bool) -> Self {
        self.mount = self.mount.prefix_is_stripped(stripped);
        self
    }

    /// The extensions to offer, of those that the backend can serve. By default all.
    #[must_use]
    pub fn extensions(mut self, extensions: Extensions) -> Self {
        self.extensions = extensions;
        self
    }

    /// The largest upload, in bytes; `None`, the default, for what the backend can hold.
    #[must_use]
    pub fn max_size(mut self, bytes: Option<u64>) -> Self {
        self.max_size = bytes;
        self
    }

    /// The longest `Upload-Metadata`, in bytes. By default 16 KiB.
    #[must_use]
    pub fn max_metadata_length(mut self, bytes: usize) -> Self {
        self.max_metadata_length = bytes;
        self
    }

    /// The largest number of parts of a final upload. By default 1,000.
    #[must_use]
    pub fn max_concat_parts(mut self, parts: usize) -> Self {
        self.max_concat_parts = parts;
        self
    }

    /// Whether completed uploads can be fetched with GET. By default they can: whoever knows the
    /// id may read.
    #[must_use]
    pub fn downloads(mut self, downloads: bool) -> Self {
        self.downloads = downloads;
        self
    }

    /// What browsers of other origins may do. By default every origin may upload, without
    /// credentials; `None` sends no CORS header at all.
    #[must_use]
    pub fn cors(mut self, cors: Option<Cors>) -> Self {
        self.cors = cors;
        self
    }

    /// How long an unfinished upload may lie idle before it is removed. `None`, the default, keeps
    /// it for ever, and does not offer the expiration extension. Uploads keep the time to live they
    /// were created with.
    #[must_use]
    pub fn expire_after(mut self, time_to_live: Option<Duration>) -> Self {
        self.expire_after = time_to_live;
        self
    }

    /// How often the sweeper goes round. By default a tenth of the time to live, at least every
    /// hour and at most every second.
    #[must_use]
    pub fn sweep_every(mut self, interval: Duration) -> Self {
        self.sweep_every = Some(interval);
        self
    }

    /// What the application has to say. By default it allows everything.
    #[must_use]
    pub fn hooks(mut self, hooks: impl Hooks) -> Self {
        self.hooks = Arc::new(hooks);
        self
    }

    /// What time it is, for expiry. By default the operating system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long a hook may take; then the request is answered 503. By default 30 s.
    #[must_use]
    pub fn hook_timeout(mut self, timeout: Duration) -> Self {
        self.limits.hook_timeout = timeout;
        self
    }

    /// How long a request waits for an upload that another one is writing to; then it is answered
    /// 423. By default 10 s.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.limits.lock_timeout = timeout.min(FOREVER);
        self
    }

    /// How long a writer must have been silent before another PATCH at the same offset takes the
    /// upload over. By default 500 ms.
    #[must_use]
    pub fn takeover_after(mut self, silence: Duration) -> Self {
        self.limits.takeover_after = silence.min(FOREVER);
        self
    }

    /// How long a body may bring nothing; then what came is kept and the request is ended. By
    /// default 60 s. There is no limit on how long a body may take in all.
    #[must_use]
    pub fn body_idle_timeout(mut self, timeout: Duration) -> Self {
        self.limits.body_idle_timeout = timeout.min(FOREVER);
        self
    }

    /// How many bytes a second a body must bring on average over each
    /// [idle timeout](Self::body_idle_timeout); 0 for no minimum. By default 128.
    #[must_use]
    pub fn minimum_rate(mut self, bytes_per_second: u64) -> Self {
        self.limits.minimum_rate = bytes_per_second;
        self
    }

    /// How many bodies are received at once; further ones are answered 503. By default 10,000.
    #[must_use]
    pub fn max_bodies(mut self, bodies: usize) -> Self {
        self.limits.max_bodies = bodies;
        self
    }

    /// The time to live of new uploads on a backend that can remove them.
    pub(crate) fn time_to_live(&self, protocol: &Protocol) -> Option<Duration> {
        self.expire_after
            .filter(|_| protocol.offers(Extension::Expiration))
    }

    pub(crate) fn sweep_interval(&self) -> Duration {
        const LONGEST: Duration = Duration::from_secs(60 * 60);
        const SHORTEST: Duration = Duration::from_secs(1);
        const BRIEFEST_BREAK: Duration = Duration::from_millis(10);
        let tenth = self.expire_after.map_or(LONGEST, |live| live / 10);
        self.sweep_every
            .unwrap_or_else(|| tenth.clamp(SHORTEST, LONGEST))
            .max(BRIEFEST_BREAK)
    }

    /// The protocol as this configuration and the backend together allow it.
    pub(crate) fn protocol(&self, capabilities: Capabilities) -> Protocol {
        let mut extensions = self.extensions.intersection(capabilities.extensions());
        if self.expire_after.is_none() {
            extensions = extensions.without(Extension::Expiration);
        }
        let mut protocol = Protocol::new(self.mount.clone());
        protocol.extensions = extensions;
        // What no number of the protocol goes beyond is no limit to speak of.
        protocol.max_size = smaller(self.max_size, capabilities.max_size)
            .filter(|max_size| *max_size < Number::MAX);
        protocol.max_metadata_length = self.max_metadata_length;
        protocol.max_concat_parts = capabilities
            .max_concat_parts
            .map_or(self.max_concat_parts, |parts| {
                parts.min(self.max_concat_parts)
            });
        protocol.downloads = self.downloads;
        protocol.cors = self.cors.clone();
        protocol
    }
}

fn smaller(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).min()
}
