//! [`Hold`]: a gate before which requests pile up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

use super::{Faults, Selector};
use crate::s3::Operation;

/// A gate before which requests pile up, so that a test decides in which order they are done.
/// They were received, but nothing was done yet; a store that
/// [checks first](crate::s3::Conditions::CheckThenAct) has checked. Dropping it lets all of
/// them go on, and those that come later.
#[derive(Debug)]
#[must_use = "dropping it opens the gate"]
pub struct Hold {
    gate: Arc<Gate>,
    faults: Faults,
}

impl Hold {
    pub(super) fn new(gate: Arc<Gate>, faults: Faults) -> Self {
        Self { gate, faults }
    }

    /// Waits until so many requests are waiting at once. Cancel-safe.
    pub async fn arrived(&self, requests: usize) {
        let mut waiting = self.gate.waiting.subscribe();
        // The gate is the sender, and is still here.
        let _ = waiting.wait_for(|waiting| *waiting >= requests).await;
    }

    /// Which requests are waiting, by operation and key, in the order in which they came.
    #[must_use]
    pub fn waiting(&self) -> Vec<(Operation, String)> {
        let queue = self.gate.lock();
        queue
            .iter()
            .map(|request| (request.operation, request.key.clone()))
            .collect()
    }

    /// Lets the request go on that came first. Says whether there was one.
    pub fn release_next(&self) -> bool {
        self.release(0)
    }

    /// Lets the one go on that is at this place in the queue. Says whether there was one.
    pub fn release(&self, place: usize) -> bool {
        let mut queue = self.gate.lock();
        if place >= queue.len() {
            return false;
        }
        let request = queue.remove(place);
        self.gate.waiting.send_replace(queue.len());
        // Whoever waits for it goes on even where nobody wants the answer.
        request.go_on.send(()).is_ok()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.faults.open(&self.gate);
        while self.release_next() {}
    }
}

/// What requests wait before.
#[derive(Debug)]
pub(super) struct Gate {
    selector: Selector,
    queue: Mutex<Vec<Waiting>>,
    waiting: watch::Sender<usize>,
}

#[derive(Debug)]
struct Waiting {
    operation: Operation,
    key: String,
    go_on: oneshot::Sender<()>,
}

impl Gate {
    pub(super) fn new(selector: Selector) -> Self {
        Self {
            selector,
            queue: Mutex::default(),
            waiting: watch::Sender::new(0),
        }
    }

    pub(super) fn stops(&self, operation: Operation, key: &str) -> bool {
        self.selector.selects(operation, key)
    }

    /// Puts a request into the queue; it may go on when what comes back is done.
    pub(super) fn queue(&self, operation: Operation, key: &str) -> oneshot::Receiver<()> {
        let (go_on, gone_on) = oneshot::channel();
        let mut queue = self.lock();
        queue.push(Waiting {
            operation,
            key: key.to_owned(),
            go_on,
        });
        self.waiting.send_replace(queue.len());
        gone_on
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
