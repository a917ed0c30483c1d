//! [`Nodes`]: the three processes, any of which may be gone or frozen at any time.

use std::sync::{Mutex, MutexGuard};

use oxitus_tests::client::{Client, Http};
use oxitus_tests::payload::{Random, RngExt};
use oxitus_tests::request::Request;
use oxitus_tests::response::Response;
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::storage::Storage;
use oxitus_tests::wait;

/// How many processes there are.
pub(crate) const NODES: usize = 3;

/// See the [module](self).
pub(crate) struct Nodes {
    pub(crate) storage: Storage,
    settings: Settings,
    servers: [Mutex<Server>; NODES],
}

impl Nodes {
    /// Starts them on a prefix of their own. `None` where there is no S3 server.
    pub(crate) fn start(settings: Settings) -> Option<Self> {
        let storage = Storage::in_bucket()?;
        let servers = [(); NODES].map(|()| Mutex::new(settings.start_on(&storage)));
        Some(Self {
            storage,
            settings,
            servers,
        })
    }

    /// A client of one of them.
    pub(crate) fn client(&self, node: usize, http: Http) -> Client {
        self.server(node).client(http)
    }

    /// A client of any of them.
    pub(crate) fn any(&self, random: &mut Random) -> Client {
        self.client(
            random.random_range(0..NODES),
            Http::BOTH[random.random_range(0..2)],
        )
    }

    /// One client of each.
    pub(crate) fn each(&self) -> impl Iterator<Item = Client> {
        (0..NODES).map(|node| self.client(node, Http::One))
    }

    /// The answer of any of them that is there.
    pub(crate) fn ask(&self, request: &Request, random: &mut Random) -> Response {
        wait::until("an answer of any node", || {
            self.any(random).try_send(request).ok()
        })
    }

    /// Ends one without warning (SIGKILL).
    pub(crate) fn kill(&self, node: usize) {
        self.server(node).kill();
    }

    /// Puts another in the place of one that was killed.
    pub(crate) fn replace(&self, node: usize) {
        let another = self.settings.start_on(&self.storage);
        *self.server(node) = another;
    }

    /// Stops one where it is.
    pub(crate) fn freeze(&self, node: usize) {
        self.server(node).freeze();
    }

    /// Has one go on that was frozen.
    pub(crate) fn thaw(&self, node: usize) {
        self.server(node).thaw();
    }

    fn server(&self, node: usize) -> MutexGuard<'_, Server> {
        self.servers[node].lock().unwrap()
    }
}
