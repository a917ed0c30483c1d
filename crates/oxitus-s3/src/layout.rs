//! [`Layout`]: which key is what.
//!
//! ```text
//! <prefix><id>                           the object of a complete upload
//! <record prefix><id>.info               its record
//! <pending prefix><id>.pending.<nonce>   bytes that are not enough for a part
//! ```
//!
//! No id has a dot, so every key says whose it is. There is no `<id>/…`: gateways that keep objects
//! as files cannot have both a file and a directory of one name.

use oxitus_core::proto::id::UploadId;

const RECORD: &str = ".info";
const PENDING: &str = ".pending.";

/// The prefixes of keys. The three may be the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) data_prefix: String,
    pub(crate) record_prefix: String,
    pub(crate) pending_prefix: String,
}

/// Whose a key is, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Data(UploadId),
    Record(UploadId),
    Pending(UploadId),
}

impl Layout {
    /// Everything under one prefix.
    #[cfg(test)]
    pub(crate) fn under(prefix: &str) -> Self {
        Self {
            data_prefix: prefix.to_owned(),
            record_prefix: prefix.to_owned(),
            pending_prefix: prefix.to_owned(),
        }
    }

    /// The key of the object.
    pub(crate) fn data(&self, id: &UploadId) -> String {
        format!("{}{id}", self.data_prefix)
    }

    /// The key of the record.
    pub(crate) fn record(&self, id: &UploadId) -> String {
        format!("{}{id}{RECORD}", self.record_prefix)
    }

    /// What the keys of an upload's pending segments begin with.
    pub(crate) fn pending(&self, id: &UploadId) -> String {
        format!("{}{id}{PENDING}", self.pending_prefix)
    }

    /// Each prefix once, in order.
    pub(crate) fn prefixes(&self) -> Vec<&str> {
        let mut prefixes = vec![
            self.data_prefix.as_str(),
            self.record_prefix.as_str(),
            self.pending_prefix.as_str(),
        ];
        prefixes.sort_unstable();
        prefixes.dedup();
        prefixes
    }

    /// The prefixes under which every key is, none of them within another, that of records first.
    pub(crate) fn roots(&self) -> Vec<&str> {
        let mut roots = self.prefixes();
        // Sorted, each comes right after those that it begins with.
        roots.dedup_by(|prefix, before| prefix.starts_with(*before));
        roots.sort_by_key(|root| !self.record_prefix.starts_with(root));
        roots
    }

    /// What a key is; `None` for one that is not of this layout.
    pub(crate) fn read(&self, key: &str) -> Option<Key> {
        let record = || {
            UploadId::parse(
                key.strip_prefix(&self.record_prefix)?
                    .strip_suffix(RECORD)?,
            )
            .ok()
        };
        let pending = || {
            let (id, _) = key
                .strip_prefix(&self.pending_prefix)?
                .split_once(PENDING)?;
            UploadId::parse(id).ok()
        };
        let data = || UploadId::parse(key.strip_prefix(&self.data_prefix)?).ok();
        record()
            .map(Key::Record)
            .or_else(|| pending().map(Key::Pending))
            .or_else(|| data().map(Key::Data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_every_key_under_one_root() {
        let layout = |data: &str, record: &str, pending: &str| Layout {
            data_prefix: data.to_owned(),
            record_prefix: record.to_owned(),
            pending_prefix: pending.to_owned(),
        };
        for (layout, roots) in [
            (Layout::under(""), &[""][..]),
            (layout("", "records/", "pending/"), &[""]),
            (layout("a/b/", "a/", "a/c/"), &["a/"]),
            (layout("a/", "b/", "a/c/"), &["b/", "a/"]),
            (layout("a/", "c/", "b/"), &["c/", "a/", "b/"]),
        ] {
            assert_eq!(layout.roots(), roots);
        }
    }

    #[test]
    fn reads_the_keys_that_it_makes() {
        let id = UploadId::parse("abc-1").unwrap();
        let apart = Layout {
            data_prefix: String::new(),
            record_prefix: "records/".to_owned(),
            pending_prefix: "pending/".to_owned(),
        };
        for layout in [Layout::under(""), Layout::under("some/where/"), apart] {
            assert_eq!(layout.read(&layout.data(&id)), Some(Key::Data(id.clone())));
            assert_eq!(
                layout.read(&layout.record(&id)),
                Some(Key::Record(id.clone()))
            );
            let segment = format!("{}0123", layout.pending(&id));
            assert_eq!(layout.read(&segment), Some(Key::Pending(id.clone())));
            for key in ["", "UPPER", "a.b", "a/b/c", ".sweep"] {
                assert_eq!(layout.read(key), None, "{key}");
            }
        }
    }
}
