//! [`Page`] and [`Group`]: which keys of a page belong together.

use oxitus_core::proto::id::UploadId;

use crate::bucket::{ListedObject, Listing};
use crate::layout::{Key, Layout};

/// Keys of one upload that follow on one another. The record and the pending segments of an upload
/// do, where their prefixes are the same; its object may be a group of its own.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: UploadId,
    pub(super) record: Option<ListedObject>,
    pub(super) data: Option<ListedObject>,
    pub(super) pending: Vec<ListedObject>,
    /// The last key.
    pub(super) last: String,
}

/// A page of keys, without those that are not ours.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) groups: Vec<Group>,
    /// The last key that is dealt with on this page.
    pub(super) end: Option<String>,
    /// Whether there are more keys after it.
    pub(super) has_more: bool,
}

impl Page {
    /// What a listing shows. A group that may go on on the next page is left for that one, if it is
    /// not all there is.
    pub(super) fn of(listing: Listing, layout: &Layout) -> Self {
        let mut page = Self {
            has_more: listing.truncated && !listing.objects.is_empty(),
            ..Self::default()
        };
        let mut before_last_group = None;
        for object in listing.objects {
            let key = object.key.clone();
            if let Some(kind) = layout.read(&key) {
                let id = match &kind {
                    Key::Data(id) | Key::Record(id) | Key::Pending(id) => id,
                };
                match page.groups.last_mut() {
                    Some(group) if group.id == *id => group.add(&kind, object),
                    _ => {
                        page.groups.push(Group::of(&kind, object));
                        before_last_group = page.end.take();
                    }
                }
            }
            page.end = Some(key);
        }
        let goes_on = |last: &Group| Some(&last.last) == page.end.as_ref();
        if page.has_more && page.groups.len() > 1 && page.groups.last().is_some_and(goes_on) {
            page.groups.pop();
            page.end = before_last_group;
        }
        page
    }
}

impl Group {
    fn of(kind: &Key, object: ListedObject) -> Self {
        let (Key::Data(id) | Key::Record(id) | Key::Pending(id)) = kind;
        let mut group = Self {
            id: id.clone(),
            record: None,
            data: None,
            pending: Vec::new(),
            last: String::new(),
        };
        group.add(kind, object);
        group
    }

    fn add(&mut self, kind: &Key, object: ListedObject) {
        self.last.clone_from(&object.key);
        match kind {
            Key::Data(_) => self.data = Some(object),
            Key::Record(_) => self.record = Some(object),
            Key::Pending(_) => self.pending.push(object),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::bucket::ETag;

    fn page(keys: &[&str], truncated: bool) -> Page {
        let objects = keys.iter().map(|key| ListedObject {
            key: (*key).to_owned(),
            etag: ETag(String::new()),
            modified: SystemTime::UNIX_EPOCH,
        });
        let listing = Listing {
            objects: objects.collect(),
            truncated,
            date: None,
        };
        Page::of(listing, &Layout::under("p/"))
    }

    /// The keys that the groups of a page have, by kind.
    fn shape(page: &Page) -> Vec<String> {
        let shape = |group: &Group| {
            let data = group.data.as_ref().map_or("", |_| "+data");
            let record = group.record.as_ref().map_or("", |_| "+record");
            format!("{}{data}{record}+{}", group.id, group.pending.len())
        };
        page.groups.iter().map(shape).collect()
    }

    #[test]
    fn keys_of_one_upload_that_follow_are_together() {
        let keys = [
            "p/a",
            "p/a-1",
            "p/a-1.info",
            "p/a.foreign",
            "p/a.info",
            "p/a.pending.1",
            "p/a.pending.2",
            "p/b.pending.1",
            "p/foreign.txt",
        ];
        let page = page(&keys, false);
        let expected = ["a+data+0", "a-1+data+record+0", "a+record+2", "b+1"];
        assert_eq!(shape(&page), expected);
        assert_eq!(page.end.as_deref(), Some("p/foreign.txt"));
        assert!(!page.has_more);
    }

    #[test]
    fn a_group_that_may_go_on_is_left_for_the_next_page() {
        for (keys, groups, end) in [
            (&["p/a.info", "p/b"][..], 1, "p/a.info"),
            (&["p/a.info", "p/a.x", "p/b", "p/b.info"], 1, "p/a.x"),
            (&["p/a.info", "p/b", "p/b.x"], 2, "p/b.x"),
            (&["p/x.y", "p/b", "p/b.info"], 1, "p/b.info"),
            (&["p/x.y"], 0, "p/x.y"),
        ] {
            let page = page(keys, true);
            assert_eq!(page.groups.len(), groups, "{keys:?}");
            assert_eq!(page.end.as_deref(), Some(end), "{keys:?}");
            assert!(page.has_more);
        }
        assert!(!page(&[], true).has_more);
    }
}
