//! [`Selector`]: some of the requests.

use std::fmt;
use std::sync::Arc;

use crate::s3::Operation;

/// Some of the requests: those of one operation or of all, for one key or for some.
#[derive(Clone, Default)]
pub struct Selector {
    operation: Option<Operation>,
    keys: Option<Keys>,
}

type Keys = Arc<dyn Fn(&str) -> bool + Send + Sync>;

impl Selector {
    /// All of them.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Of these, those for keys of which this is true. The key of listings is their prefix.
    #[must_use]
    pub fn keys(mut self, keys: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.keys = Some(Arc::new(keys));
        self
    }

    /// Of these, those for one key.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        let key = key.into();
        self.keys(move |other| other == key)
    }

    pub(super) fn selects(&self, operation: Operation, key: &str) -> bool {
        self.operation.is_none_or(|one| one == operation)
            && self.keys.as_ref().is_none_or(|is_meant| is_meant(key))
    }
}

impl From<Operation> for Selector {
    fn from(operation: Operation) -> Self {
        Self {
            operation: Some(operation),
            keys: None,
        }
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Selector");
        debug
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}
