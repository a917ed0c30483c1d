//! Operations on whole objects.

use std::sync::Arc;

use super::{Attributes, Bucket, Condition, ETag, Object, Payload, Result, S3Error};
use crate::s3::Operation;

impl Bucket {
    /// GetObject. Ranges are those of the [content](super::Content::slice).
    ///
    /// # Errors
    /// - [`S3Error::NoSuchKey`]
    /// - [`S3Error::PreconditionFailed`], [`S3Error::NotModified`]: by the condition
    /// - [`S3Error::InvalidArgument`]: the ETag of the condition is not in the form of the dialect
    pub fn get(&self, key: &str, condition: &Condition) -> Result<Arc<Object>> {
        let object = Arc::clone(self.lock().objects.get(key).ok_or(S3Error::NoSuchKey)?);
        condition.check_read(&object, self.dialect())?;
        Ok(object)
    }

    /// HeadObject: as [`get`](Self::get).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn head(&self, key: &str, condition: &Condition) -> Result<Arc<Object>> {
        self.get(key, condition)
    }

    /// PutObject.
    ///
    /// # Errors
    /// - [`S3Error::PreconditionFailed`]: by the condition
    /// - [`S3Error::NoSuchKey`]: the condition asks for an ETag where there is no object
    /// - [`S3Error::InvalidArgument`]: its ETag is not in the form of the dialect
    /// - [`S3Error::NotImplemented`]: it is an `If-None-Match` of something else than `*`, or the
    ///   dialect has no conditions
    /// - [`S3Error::StorageFull`]
    pub fn put(
        &self,
        key: &str,
        payload: impl Into<Payload>,
        attributes: Attributes,
        condition: &Condition,
    ) -> Result<ETag> {
        let (content, md5) = payload.into().into_parts(self.is_hollow(key));
        let last_modified = self.now();
        let attributes = self.kept(attributes);
        let mut state = self.lock();
        let before = state.objects.get(key).map(Arc::as_ref);
        self.check_against(Operation::PutObject, before, condition)?;
        let before = before.map_or(0, |object| object.content.size());
        state.account(content.size(), before)?;
        let etag = state.etag(self.dialect().etags, md5);
        let object = Arc::new(Object {
            content,
            etag,
            last_modified,
            attributes,
        });
        match state.objects.get_mut(key) {
            Some(place) => *place = object,
            None => drop(state.objects.insert(key.to_owned(), object)),
        }
        Ok(etag)
    }

    /// DeleteObject. There may be no object to begin with, whatever the condition says.
    ///
    /// # Errors
    /// - [`S3Error::PreconditionFailed`]: by the condition
    /// - [`S3Error::InvalidArgument`], [`S3Error::NotImplemented`]: as for [`put`](Self::put)
    pub fn delete(&self, key: &str, condition: &Condition) -> Result<()> {
        let mut state = self.lock();
        if let Some(object) = state.objects.get(key) {
            self.check_against(Operation::DeleteObject, Some(object), condition)?;
            let size = object.content.size();
            state.objects.remove(key);
            state.account(0, size)?;
        }
        Ok(())
    }

    /// Whether PutObject, CompleteMultipartUpload or DeleteObject would be done now, as far as the
    /// condition goes: what a store looks at that checks first and acts
    /// [later](crate::s3::Conditions::CheckThenAct).
    ///
    /// # Errors
    /// Those of [`put`](Self::put) that are about the condition.
    pub fn check(&self, operation: Operation, key: &str, condition: &Condition) -> Result<()> {
        let state = self.lock();
        let object = state.objects.get(key).map(Arc::as_ref);
        self.check_against(operation, object, condition)
    }

    pub(super) fn check_against(
        &self,
        operation: Operation,
        object: Option<&Object>,
        condition: &Condition,
    ) -> Result<()> {
        let heeded = match operation {
            Operation::DeleteObject => self.dialect().conditional_delete && object.is_some(),
            Operation::CompleteMultipartUpload => self.dialect().conditional_complete,
            _ => true,
        };
        if heeded {
            condition.check_write(object, self.dialect())?;
        }
        Ok(())
    }

    /// What this store keeps of what a client says.
    pub(super) fn kept(&self, mut attributes: Attributes) -> Attributes {
        if !self.dialect().keeps_metadata {
            attributes.metadata.clear();
        }
        attributes
    }
}
