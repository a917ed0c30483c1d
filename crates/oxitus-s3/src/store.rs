//! [`StoreTraits`]: the manners of a store, where stores differ.

/// The manners of a store. They are found out by a few requests when a backend is opened, unless
/// they are [declared](crate::S3Builder::store_traits).
///
/// What every store must have is not here: it is strongly consistent, its conditional writes are
/// atomic, it keeps the metadata of objects, and it refuses to make an object out of parts other
/// than those that are named.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct StoreTraits {
    pub(crate) etag_form: EtagForm,
    pub(crate) etags_are_md5: bool,
    pub(crate) gaps_allowed: bool,
    pub(crate) equal_parts: bool,
    pub(crate) lists_multiparts_by_prefix: bool,
}

impl StoreTraits {
    /// What holds for most stores, where nothing is relied on that only some do.
    pub const fn new() -> Self {
        Self {
            etag_form: EtagForm::Quoted,
            etags_are_md5: false,
            gaps_allowed: true,
            equal_parts: false,
            lists_multiparts_by_prefix: false,
        }
    }

    /// Those of Cloudflare R2 as its documentation has them: every part but the last has the same
    /// size.
    pub const fn r2() -> Self {
        Self {
            equal_parts: true,
            ..Self::new()
        }
    }

    /// How ETags are written in conditions; [`EtagForm::Quoted`] unless told otherwise.
    pub const fn etag_form(mut self, form: EtagForm) -> Self {
        self.etag_form = form;
        self
    }

    /// Whether the ETag of an object or a part is its MD5, as it is where nothing is encrypted with
    /// keys of one's own. Then it is checked. Not unless told otherwise.
    pub const fn etags_are_md5(mut self, whether: bool) -> Self {
        self.etags_are_md5 = whether;
        self
    }

    /// Whether an object can be made of parts whose numbers do not follow on one another. Unless
    /// told otherwise it can, and it has to.
    pub const fn gaps_allowed(mut self, whether: bool) -> Self {
        self.gaps_allowed = whether;
        self
    }

    /// Whether every part but the last must have the same size. No requests can find it out that
    /// are not large, so [`S3Builder::equal_parts`](crate::S3Builder::equal_parts) says it of a store
    /// whose other traits are found out. Not unless told otherwise.
    pub const fn equal_parts(mut self, whether: bool) -> Self {
        self.equal_parts = whether;
        self
    }

    /// Whether open multipart uploads are listed by a prefix of their keys. Where not, as is assumed
    /// unless told otherwise, all those of the bucket are listed to find those that nobody needs.
    pub const fn lists_multiparts_by_prefix(mut self, whether: bool) -> Self {
        self.lists_multiparts_by_prefix = whether;
        self
    }
}

impl Default for StoreTraits {
    fn default() -> Self {
        Self::new()
    }
}

/// How an ETag is written in a condition. No form is understood by all stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EtagForm {
    /// In quotes, as HTTP has it.
    Quoted,
    /// Without, as some stores built on Ceph want it.
    Unquoted,
}

impl EtagForm {
    /// An ETag in this form.
    pub(crate) fn of(self, etag: &str) -> String {
        let bare = etag.trim_matches('"');
        match self {
            Self::Quoted => format!("\"{bare}\""),
            Self::Unquoted => bare.to_owned(),
        }
    }
}
