//! Operations on multipart uploads.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use super::state::State;
use super::{Attributes, Bucket, Condition, Content, ETag, Object, Payload, Result, S3Error};
use crate::s3::Operation;
use crate::s3::dialect::{Dialect, PartNumbers, PartSizes, SecondComplete};

/// What an open upload is made of.
pub(super) struct Upload {
    pub(super) attributes: Attributes,
    pub(super) initiated: SystemTime,
    pub(super) parts: BTreeMap<u32, Part>,
    /// Whether ListMultipartUploads shows it.
    pub(super) listed: bool,
}

/// What became of an upload.
pub(super) enum Ended {
    Aborted {
        key: String,
        attributes: Attributes,
        initiated: SystemTime,
    },
    Completed {
        key: String,
        parts: Vec<(u32, ETag)>,
        etag: ETag,
    },
}

/// A part of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// Its number: 1 to 10,000.
    pub number: u32,
    /// The name of its version.
    pub etag: ETag,
    /// When it was written.
    pub last_modified: SystemTime,
    /// Its bytes.
    pub content: Content,
}

/// Where UploadPartCopy takes its bytes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopySource {
    /// The key of the object.
    pub key: String,
    /// Which of its bytes: all of them where it is `None`.
    pub range: Option<Range<u64>>,
    /// What has to be so.
    pub condition: Condition,
}

const LAST_PART_NUMBER: u32 = 10_000;

impl Bucket {
    /// CreateMultipartUpload: gives the id of the upload.
    pub fn create_multipart_upload(&self, key: &str, attributes: Attributes) -> String {
        let upload = Upload {
            attributes: self.kept(attributes),
            initiated: self.now(),
            parts: BTreeMap::new(),
            listed: true,
        };
        let mut state = self.lock();
        let id = state.next_upload_id();
        let uploads = state.uploads.entry(key.to_owned()).or_default();
        uploads.insert(id.clone(), upload);
        id
    }

    /// UploadPart. A part with the same number is replaced.
    ///
    /// # Errors
    /// - [`S3Error::InvalidArgument`]: the number is not one of 1 to 10,000
    /// - [`S3Error::NoSuchUpload`], or what the dialect says about uploads that are no more
    /// - [`S3Error::StorageFull`]
    pub fn upload_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        payload: impl Into<Payload>,
    ) -> Result<ETag> {
        let (content, md5) = payload.into().into_parts(self.is_hollow(key));
        let part = self.write_part(key, upload_id, number, |_| Ok((content, md5)))?;
        Ok(part.etag)
    }

    /// UploadPartCopy: a part of the bytes of an object.
    ///
    /// # Errors
    /// Those of [`upload_part`](Self::upload_part), and
    /// - [`S3Error::NoSuchKey`], [`S3Error::PreconditionFailed`]: by the source
    /// - [`S3Error::InvalidArgument`]: the range is empty or reaches beyond the source
    pub fn upload_part_copy(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        source: &CopySource,
    ) -> Result<Part> {
        self.write_part(key, upload_id, number, |state| {
            let object = state.objects.get(&source.key).ok_or(S3Error::NoSuchKey)?;
            match source.condition.check_read(object, self.dialect()) {
                Err(S3Error::NotModified) => return Err(S3Error::PreconditionFailed),
                checked => checked?,
            }
            let content = match &source.range {
                None => object.content.clone(),
                Some(range) if range.is_empty() || range.end > object.content.size() => {
                    return Err(S3Error::InvalidArgument);
                }
                Some(range) => object.content.slice(range.clone()),
            };
            let mut md5 = Payload::default();
            content.chunks().for_each(|chunk| md5.push(chunk));
            Ok((content, md5.into_parts(true).1))
        })
    }

    fn write_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        bytes: impl FnOnce(&State) -> Result<(Content, [u8; 16])>,
    ) -> Result<Part> {
        if !(1..=LAST_PART_NUMBER).contains(&number) {
            return Err(S3Error::InvalidArgument);
        }
        let last_modified = self.now();
        let mut state = self.lock();
        let alive = state.upload(key, upload_id).is_some()
            || self.dialect().late_parts_revive && state.revive(key, upload_id);
        if !alive {
            self.dialect().part_of_dead_upload.answer()?;
        }
        let (content, md5) = bytes(&state)?;
        let part = Part {
            number,
            etag: state.etag(self.dialect().etags, md5),
            last_modified,
            content,
        };
        if alive {
            let replaced = state
                .upload(key, upload_id)
                .and_then(|upload| upload.parts.get(&number))
                .map_or(0, |part| part.content.size());
            state.account(part.content.size(), replaced)?;
            if let Some(upload) = state.upload_mut(key, upload_id) {
                upload.parts.insert(number, part.clone());
            }
        }
        Ok(part)
    }

    /// CompleteMultipartUpload: the parts that are named become the object, the others are gone.
    /// `expected_size` is that of `x-amz-mp-object-size`.
    ///
    /// # Errors
    /// - [`S3Error::NoSuchUpload`], but where the dialect says otherwise
    /// - [`S3Error::MalformedXml`]: there are no parts
    /// - [`S3Error::InvalidPartOrder`]: their numbers do not ascend, or not as the dialect has it
    /// - [`S3Error::InvalidPart`]: one is not there or has another ETag, or their sizes are not
    ///   those of the dialect
    /// - [`S3Error::EntityTooSmall`]: one that is not the last is too small
    /// - [`S3Error::InvalidRequest`]: the size is not the expected one
    /// - those of [`put`](Self::put) that are about the condition
    pub fn complete_multipart_upload(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[(u32, ETag)],
        expected_size: Option<u64>,
        condition: &Condition,
    ) -> Result<ETag> {
        let dialect = self.dialect();
        let last_modified = self.now();
        let mut state = self.lock();
        let Some(upload) = state.upload(key, upload_id) else {
            return state.complete_again(dialect.second_complete, key, upload_id, parts);
        };
        let content = upload.assemble(parts, dialect)?;
        if dialect.checks_object_size && expected_size.is_some_and(|size| size != content.size()) {
            return Err(S3Error::InvalidRequest);
        }
        let before = state.objects.get(key).map(Arc::as_ref);
        self.check_against(Operation::CompleteMultipartUpload, before, condition)?;
        let before = before.map_or(0, |object| object.content.size());
        let Some(upload) = state.remove_upload(key, upload_id) else {
            return Err(S3Error::NoSuchUpload);
        };
        let freed = upload.size().saturating_add(before);
        state.account(content.size(), freed)?;
        let object = Arc::new(Object {
            content,
            etag: etag_of(parts),
            last_modified,
            attributes: upload.attributes,
        });
        let etag = object.etag;
        let ended = Ended::Completed {
            key: key.to_owned(),
            parts: parts.to_vec(),
            etag,
        };
        state.objects.insert(key.to_owned(), object);
        state.ended.insert(upload_id.to_owned(), ended);
        Ok(etag)
    }

    /// AbortMultipartUpload: the parts are gone.
    ///
    /// # Errors
    /// [`S3Error::NoSuchUpload`], or what the dialect says about uploads that are no more.
    pub fn abort_multipart_upload(&self, key: &str, upload_id: &str) -> Result<()> {
        let mut state = self.lock();
        let Some(upload) = state.remove_upload(key, upload_id) else {
            return self.dialect().abort_of_dead_upload.answer();
        };
        state.account(0, upload.size())?;
        let ended = Ended::Aborted {
            key: key.to_owned(),
            attributes: upload.attributes,
            initiated: upload.initiated,
        };
        state.ended.insert(upload_id.to_owned(), ended);
        Ok(())
    }
}

impl Upload {
    /// The object that these parts are.
    fn assemble(&self, named: &[(u32, ETag)], dialect: &Dialect) -> Result<Content> {
        if named.is_empty() {
            return Err(S3Error::MalformedXml);
        }
        if !named.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err(S3Error::InvalidPartOrder);
        }
        let gapless = named
            .iter()
            .zip(1..)
            .all(|((number, _), place)| *number == place);
        if dialect.part_numbers == PartNumbers::Consecutive && !gapless {
            return Err(dialect.gap_refusal);
        }
        let mut content = Content::default();
        let mut sizes = Vec::with_capacity(named.len());
        for (number, etag) in named {
            let part = self.parts.get(number).ok_or(S3Error::InvalidPart)?;
            if part.etag != *etag {
                return Err(S3Error::InvalidPart);
            }
            sizes.push(part.content.size());
            content.append(&part.content);
        }
        check_sizes(&sizes, dialect)?;
        Ok(content)
    }

    fn size(&self) -> u64 {
        self.parts.values().map(|part| part.content.size()).sum()
    }
}

fn check_sizes(sizes: &[u64], dialect: &Dialect) -> Result<()> {
    let Some((last, others)) = sizes.split_last() else {
        return Ok(());
    };
    if others.iter().any(|size| *size < dialect.minimum_part_size) {
        return Err(S3Error::EntityTooSmall);
    }
    let equal = others
        .first()
        .is_none_or(|first| others.iter().all(|size| size == first) && last <= first);
    if dialect.part_sizes == PartSizes::Equal && !equal {
        return Err(S3Error::InvalidPart);
    }
    Ok(())
}

impl State {
    pub(super) fn upload(&self, key: &str, id: &str) -> Option<&Upload> {
        self.uploads.get(key)?.get(id)
    }

    fn upload_mut(&mut self, key: &str, id: &str) -> Option<&mut Upload> {
        self.uploads.get_mut(key)?.get_mut(id)
    }

    fn remove_upload(&mut self, key: &str, id: &str) -> Option<Upload> {
        let uploads = self.uploads.get_mut(key)?;
        let upload = uploads.remove(id);
        if uploads.is_empty() {
            self.uploads.remove(key);
        }
        upload
    }

    /// Opens an aborted upload again.
    fn revive(&mut self, key: &str, id: &str) -> bool {
        match self.ended.get(id) {
            Some(Ended::Aborted {
                key: its,
                attributes,
                initiated,
            }) if its == key => {
                let upload = Upload {
                    attributes: attributes.clone(),
                    initiated: *initiated,
                    parts: BTreeMap::new(),
                    listed: false,
                };
                let uploads = self.uploads.entry(key.to_owned()).or_default();
                uploads.insert(id.to_owned(), upload);
                true
            }
            _ => false,
        }
    }

    fn complete_again(
        &self,
        second: SecondComplete,
        key: &str,
        id: &str,
        named: &[(u32, ETag)],
    ) -> Result<ETag> {
        match second {
            SecondComplete::Remembered => match self.ended.get(id) {
                Some(Ended::Completed {
                    key: its,
                    parts,
                    etag,
                }) if its == key && parts == named => Ok(*etag),
                _ => Err(S3Error::NoSuchUpload),
            },
            SecondComplete::WhereAnObjectStands if self.objects.contains_key(key) => {
                Ok(etag_of(named))
            }
            _ => Err(S3Error::NoSuchUpload),
        }
    }
}

fn etag_of(named: &[(u32, ETag)]) -> ETag {
    let etags: Vec<ETag> = named.iter().map(|(_, etag)| *etag).collect();
    ETag::of_parts(&etags)
}
