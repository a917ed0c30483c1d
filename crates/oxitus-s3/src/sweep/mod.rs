//! The sweeper's work: finding what is due, and repairing what crashes left behind.
//!
//! A sweep goes through the open multipart uploads and then through the keys of the bucket, page by
//! page. Every node may do so at any time: whatever is changed is changed by a conditional PUT of the
//! record, and whatever is removed no record references, nor can any come to do so.
//!
//! A listing costs little and a look at a record costs a request. So a node remembers what needs
//! no [look](look) as long as its ETag stays the same, and a sweep over completed uploads is not much
//! more than a listing of them.
//!
//! How old something is shows the store's own clock. An upload has expired when the clock of the
//! engine says so and that of the store does not speak against it.

mod group;
mod look;
mod orphans;
mod quiet;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{Cursor, ErrorKind, Result, Sweep};

use self::group::{Group, Page};
pub(crate) use self::quiet::Quiet;
use crate::node::Node;

/// How many uploads are looked at at once.
const AT_ONCE: usize = 16;

/// What time it is.
#[derive(Clone, Copy, Debug)]
struct Moment {
    /// For the engine.
    now: SystemTime,
    /// For the store.
    store: SystemTime,
    /// For the engine, if its clock were the store's.
    now_by_store: SystemTime,
}

impl Moment {
    /// What time it is for an engine that says it is `now`, where the clock of this node shows
    /// `node`, and that of the store `store`.
    fn new(now: SystemTime, node: SystemTime, store: SystemTime) -> Self {
        let moved = match now.duration_since(node) {
            Ok(ahead) => store.checked_add(ahead),
            Err(behind) => store.checked_sub(behind.duration()),
        };
        Self {
            now,
            store,
            now_by_store: moved.unwrap_or(store),
        }
    }

    /// How long ago the store wrote something.
    fn age(self, modified: SystemTime) -> Duration {
        self.store.duration_since(modified).unwrap_or_default()
    }

    /// So much later; `None` at the end of time.
    fn after(self, wait: Duration) -> Option<SystemTime> {
        self.latest().checked_add(wait)
    }

    fn latest(self) -> SystemTime {
        self.now.max(self.store)
    }
}

/// Where a sweep goes on.
#[derive(Clone, Debug, Default)]
struct Place {
    /// Under which of the prefixes.
    root: usize,
    /// The last key that was dealt with there.
    after: Option<String>,
}

impl Place {
    fn of(cursor: &Cursor) -> Self {
        let Some((root, after)) = cursor.0.split_once(' ') else {
            return Self::default();
        };
        Self {
            root: root.parse().unwrap_or_default(),
            after: Some(after.to_owned()).filter(|after| !after.is_empty()),
        }
    }

    fn cursor(self) -> Cursor {
        let after = self.after.unwrap_or_default();
        Cursor(format!("{} {after}", self.root))
    }
}

impl Node {
    /// One step of a sweep: a page of keys, or less of it if more than `limit` uploads are due.
    pub(crate) async fn sweep(
        &self,
        now: SystemTime,
        from: Option<Cursor>,
        limit: usize,
    ) -> Result<Sweep> {
        let place = from.as_ref().map(Place::of).unwrap_or_default();
        if from.is_none() {
            self.quiet.begin();
        }
        let roots = self.settings.layout.roots();
        let Some(root) = roots.get(place.root) else {
            return Ok(Sweep::default());
        };
        let listing = self.bucket.list(root, place.after.as_deref()).await?;
        let node = self.settings.clock.now();
        let moment = Moment::new(now, node, listing.date.unwrap_or(node));
        if from.is_none()
            && let Err(error) = self.abort_orphans(moment).await
        {
            tracing::warn!(%error, "forgotten multipart uploads could not be removed");
        }
        let page = Page::of(listing, &self.settings.layout);
        for record in page.groups.iter().filter_map(|group| group.record.as_ref()) {
            self.quiet.saw(&record.key);
        }
        let (due, rest) = self.go_through(&page.groups, moment, limit.max(1)).await;
        let next = if let Some(stopped_at) = rest {
            Some(Place {
                after: Some(stopped_at),
                ..place
            })
        } else if page.has_more {
            Some(Place {
                after: page.end,
                ..place
            })
        } else {
            let root = place.root + 1;
            (root < roots.len()).then_some(Place { root, after: None })
        };
        if next.is_none() {
            self.quiet.end();
        }
        Ok(Sweep::new(due, next.map(Place::cursor)))
    }

    /// The uploads of these groups that are due, at most `limit`; and if there are more groups than
    /// could be looked at, the last key of those that were.
    async fn go_through(
        &self,
        mut groups: &[Group],
        moment: Moment,
        limit: usize,
    ) -> (Vec<Upload>, Option<String>) {
        let mut due = Vec::new();
        let mut last = None;
        while due.len() < limit {
            let count = AT_ONCE.min(limit - due.len()).min(groups.len());
            let (first, rest) = groups.split_at(count);
            let looks = first.iter().map(|group| self.deal_with(group, moment));
            due.extend(join_all(looks).await.into_iter().flatten());
            last = first.last().map(|group| group.last.clone()).or(last);
            groups = rest;
            if groups.is_empty() {
                return (due, None);
            }
        }
        (due, last)
    }

    /// Repairs what is to be repaired of an upload, and says if it is due. What goes wrong with one
    /// does not keep the sweep from the others.
    async fn deal_with(&self, group: &Group, moment: Moment) -> Option<Upload> {
        let id = &group.id;
        let looked = self.look_at(group, moment).await;
        let (due, version) = looked.unwrap_or_else(|error| {
            if error.kind() != ErrorKind::NotFound {
                tracing::warn!(%id, %error, "an upload could not be swept");
            }
            (None, None)
        });
        if let Err(error) = self.remove_orphans(group, version, moment).await {
            tracing::warn!(%id, %error, "what an upload left behind could not be removed");
        }
        due
    }
}
