//! The server of ours, in a thread with a runtime of its own: it outlives the runtimes of tests.

use std::sync::mpsc;
use std::thread;

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::s3::{Bucket, Dialect, InMemoryS3};

/// A server that ends with this value.
#[derive(Debug)]
pub(super) struct Thread {
    _until_dropped: oneshot::Sender<()>,
}

impl Thread {
    /// Starts a server, and says where it is.
    pub(super) fn start() -> (Self, String) {
        let (until_dropped, dropped) = oneshot::channel::<()>();
        let (ready, endpoint) = mpsc::channel();
        thread::spawn(move || {
            let runtime = Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let s3 = InMemoryS3::new(Bucket::with_dialect(Dialect::aws()));
                let server = s3.serve().await.expect("a free port");
                ready.send(server.endpoint_url()).expect("somebody waits");
                let _ = dropped.await;
            });
        });
        let thread = Self {
            _until_dropped: until_dropped,
        };
        (thread, endpoint.recv().expect("the server starts"))
    }
}
