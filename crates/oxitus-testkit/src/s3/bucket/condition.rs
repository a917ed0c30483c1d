//! [`Condition`]: what has to be so for an operation to be done.

use super::{ETag, Object, Result, S3Error};
use crate::s3::dialect::{Conditions, Dialect, ETagForm, MissingKey};

/// What has to be so for an operation to be done. The text is that of the header: how it is
/// written matters in some [dialects](crate::s3::Dialect::etag_form).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    #[default]
    None,
    /// `If-Match`: the object is there, and has this ETag, or any where it is `*`.
    IfMatch(String),
    /// `If-None-Match`: there is no object with this ETag, or none at all where it is `*`.
    /// Writes know the latter only.
    IfNoneMatch(String),
}

impl Condition {
    /// The object has this ETag.
    #[must_use]
    pub fn matches(etag: impl ToString) -> Self {
        Self::IfMatch(etag.to_string())
    }

    /// There is no object.
    #[must_use]
    pub fn absent() -> Self {
        Self::IfNoneMatch("*".to_owned())
    }

    /// Whether a write may be done to what is there.
    pub(super) fn check_write(&self, object: Option<&Object>, dialect: &Dialect) -> Result<()> {
        match (dialect.conditions, self) {
            (_, Self::None) | (Conditions::Ignored, _) => Ok(()),
            (Conditions::Unsupported, _) => Err(S3Error::NotImplemented),
            (_, Self::IfNoneMatch(text)) if text != "*" => Err(S3Error::NotImplemented),
            (_, Self::IfNoneMatch(_)) => match object {
                Some(_) => Err(S3Error::PreconditionFailed),
                None => Ok(()),
            },
            (_, Self::IfMatch(text)) => {
                dialect.check_form(text)?;
                match (object, dialect.missing_key) {
                    (Some(object), _) if dialect.is_match(text, object) => Ok(()),
                    (None, MissingKey::NoSuchKey) => Err(S3Error::NoSuchKey),
                    _ => Err(S3Error::PreconditionFailed),
                }
            }
        }
    }

    /// Whether an object may be read.
    pub(super) fn check_read(&self, object: &Object, dialect: &Dialect) -> Result<()> {
        match self {
            Self::None => Ok(()),
            Self::IfMatch(text) => {
                dialect.check_form(text)?;
                dialect
                    .is_match(text, object)
                    .then_some(())
                    .ok_or(S3Error::PreconditionFailed)
            }
            Self::IfNoneMatch(text) => {
                dialect.check_form(text)?;
                (!dialect.is_match(text, object))
                    .then_some(())
                    .ok_or(S3Error::NotModified)
            }
        }
    }
}

impl Dialect {
    fn check_form(&self, text: &str) -> Result<()> {
        if self.etag_form == ETagForm::QuotedOnly && text != "*" && !text.starts_with('"') {
            return Err(S3Error::InvalidArgument);
        }
        Ok(())
    }

    fn is_match(&self, text: &str, object: &Object) -> bool {
        let unreadable = self.etag_form == ETagForm::UnquotedOnly && text.starts_with('"');
        text == "*" || (!unreadable && text.parse::<ETag>() == Ok(object.etag))
    }
}
