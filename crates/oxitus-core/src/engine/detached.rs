//! [`Detached`]: work that outlives the request that began it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Work that is done where it is awaited, and that goes on in a task of its own when it is dropped
/// before its end.
///
/// A task from the start would be as safe, and slower by far: every frame of a body would be handed
/// over between two threads, which costs more than to receive and to store it.
#[must_use = "work is only begun when it is awaited or dropped"]
pub(super) struct Detached<T: Send + 'static> {
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    tracker: TaskTracker,
    runtime: Handle,
    /// The shutdown waits for the work wherever it is done.
    _token: TaskTrackerToken,
}

impl<T: Send + 'static> Detached<T> {
    /// Must be called within a tokio runtime.
    pub(super) fn new(
        tracker: &TaskTracker,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Self {
        Self {
            work: Some(Box::pin(work)),
            tracker: tracker.clone(),
            runtime: Handle::current(),
            _token: tracker.token(),
        }
    }
}

impl<T: Send + 'static> Future for Detached<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Out of its place meanwhile: work that panics is not to be polled again by a task.
        let Some(mut work) = self.work.take() else {
            return Poll::Pending;
        };
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.work = Some(work);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Detached<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.tracker.spawn_on(work, &self.runtime);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn goes_on_when_it_is_dropped_and_is_waited_for() {
        let tracker = TaskTracker::new();
        tracker.close();
        let (go, gone) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        let work = Detached::new(&tracker, async move {
            gone.await.unwrap();
            done.send("done").unwrap();
        });
        let gave_up = tokio::time::timeout(Duration::from_millis(1), work).await;
        assert!(gave_up.is_err());
        assert!(!tracker.is_empty());
        go.send(()).unwrap();
        assert_eq!(is_done.await, Ok("done"));
        tracker.wait().await;
    }

    #[tokio::test]
    async fn is_done_where_it_is_awaited() {
        let tracker = TaskTracker::new();
        let here = tokio::task::try_id();
        let there = Detached::new(&tracker, async { tokio::task::try_id() }).await;
        assert_eq!(there, here);
        assert!(tracker.is_empty());
    }
}
