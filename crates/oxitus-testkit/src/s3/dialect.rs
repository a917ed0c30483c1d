//! [`Dialect`]: in what a store differs from AWS.

use super::S3Error;

/// What a store does its own way. Begin with a store of the named constructors, and change what
/// a test is about:
///
/// ```
/// # use oxitus_testkit::s3::{Dialect, PartNumbers};
/// let dialect = Dialect {
///     part_numbers: PartNumbers::Consecutive,
///     minimum_part_size: 4,
///     ..Dialect::aws()
/// };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What conditional writes are worth.
    pub conditions: Conditions,
    /// How an ETag has to be written in a condition.
    pub etag_form: ETagForm,
    /// What a write answers that asks for an ETag where there is no object.
    pub missing_key: MissingKey,
    /// Whether a DELETE heeds its `If-Match`; else it deletes whatever is there.
    pub conditional_delete: bool,
    /// Whether CompleteMultipartUpload heeds its conditions.
    pub conditional_complete: bool,
    /// What ETags are made of.
    pub etags: ETags,
    /// Whether user metadata comes back.
    pub keeps_metadata: bool,
    /// Which part numbers an upload may be completed with.
    pub part_numbers: PartNumbers,
    /// What a gap in them is refused with.
    pub gap_refusal: S3Error,
    /// Which sizes the parts may have that an upload is completed with.
    pub part_sizes: PartSizes,
    /// How many bytes each part needs but the last.
    pub minimum_part_size: u64,
    /// What becomes of a CompleteMultipartUpload of an upload that is no more.
    pub second_complete: SecondComplete,
    /// Whether CompleteMultipartUpload compares the size that the client expects.
    pub checks_object_size: bool,
    /// What UploadPart and UploadPartCopy answer about an upload that is no more.
    pub part_of_dead_upload: DeadUpload,
    /// What ListParts answers about an upload that is no more; [`DeadUpload::Accepted`] is an
    /// empty list.
    pub parts_of_dead_upload: DeadUpload,
    /// What AbortMultipartUpload answers about an upload that is no more.
    pub abort_of_dead_upload: DeadUpload,
    /// Whether a part that comes after AbortMultipartUpload brings the upload back, unseen by
    /// ListMultipartUploads, until it is aborted once more. It wins over
    /// [`part_of_dead_upload`](Self::part_of_dead_upload).
    pub late_parts_revive: bool,
    /// Which uploads ListMultipartUploads finds.
    pub upload_listing: UploadListing,
    /// From where ListParts goes on.
    pub part_marker: PartMarker,
    /// How many bytes fit into the bucket, parts included.
    pub capacity: Option<u64>,
}

/// AWS.
impl Default for Dialect {
    fn default() -> Self {
        Self::aws()
    }
}

impl Dialect {
    /// A general purpose bucket of AWS.
    #[must_use]
    pub const fn aws() -> Self {
        Self {
            conditions: Conditions::Atomic,
            etag_form: ETagForm::Either,
            missing_key: MissingKey::NoSuchKey,
            conditional_delete: true,
            conditional_complete: true,
            etags: ETags::Md5,
            keeps_metadata: true,
            part_numbers: PartNumbers::Any,
            gap_refusal: S3Error::InvalidPartOrder,
            part_sizes: PartSizes::Any,
            minimum_part_size: 5 << 20,
            second_complete: SecondComplete::Remembered,
            checks_object_size: true,
            part_of_dead_upload: DeadUpload::NoSuchUpload,
            parts_of_dead_upload: DeadUpload::NoSuchUpload,
            abort_of_dead_upload: DeadUpload::NoSuchUpload,
            late_parts_revive: false,
            upload_listing: UploadListing::ByPrefix,
            part_marker: PartMarker::Any,
            capacity: None,
        }
    }

    /// MinIO: `If-Match` of a DELETE is ignored, a completed upload is forgotten, whatever is
    /// aborted was aborted, and the listings of uploads and parts have their blind spots.
    #[must_use]
    pub const fn minio() -> Self {
        Self {
            conditional_delete: false,
            second_complete: SecondComplete::NoSuchUpload,
            checks_object_size: false,
            abort_of_dead_upload: DeadUpload::Accepted,
            upload_listing: UploadListing::ByExactKey,
            part_marker: PartMarker::Existing,
            ..Self::aws()
        }
    }

    /// versitygw on a POSIX file system, where a success of CompleteMultipartUpload proves nothing.
    #[must_use]
    pub const fn versitygw() -> Self {
        Self {
            second_complete: SecondComplete::WhereAnObjectStands,
            ..Self::aws()
        }
    }

    /// Cloudflare R2: quoted ETags, equal parts, no conditional DELETE.
    #[must_use]
    pub const fn r2() -> Self {
        Self {
            etag_form: ETagForm::QuotedOnly,
            conditional_delete: false,
            part_sizes: PartSizes::Equal,
            second_complete: SecondComplete::NoSuchUpload,
            ..Self::aws()
        }
    }

    /// Ceph RGW up to Squid, and the services that run it: unquoted ETags, conditions on
    /// PutObject alone.
    #[must_use]
    pub const fn ceph() -> Self {
        Self {
            etag_form: ETagForm::UnquotedOnly,
            conditional_delete: false,
            conditional_complete: false,
            second_complete: SecondComplete::NoSuchUpload,
            ..Self::aws()
        }
    }
}

/// What conditional writes are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditions {
    /// Nothing comes between the check and the write.
    Atomic,
    /// Other requests come between the check and the write. So it is with requests; the
    /// synchronous operations of a [`Bucket`](super::Bucket) are atomic for all that.
    CheckThenAct,
    /// They are not looked at.
    Ignored,
    /// They are refused: 501.
    Unsupported,
}

/// How an ETag has to be written in a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ETagForm {
    /// With quotes or without.
    Either,
    /// With quotes: 400 without.
    QuotedOnly,
    /// Without quotes: with them it is another ETag, hence 412.
    UnquotedOnly,
}

/// What a write answers that asks for an ETag where there is no object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingKey {
    /// 404.
    NoSuchKey,
    /// 412.
    PreconditionFailed,
}

/// What ETags are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ETags {
    /// Of the MD5 of the bytes: the same bytes have the same ETag.
    Md5,
    /// Of chance, as where the store encrypts with KMS keys: no two writes have the same ETag.
    Random,
}

/// Which part numbers an upload may be completed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartNumbers {
    /// Any that ascend.
    Any,
    /// 1, 2, 3 and so on: where one is missing, the upload is
    /// [refused](Dialect::gap_refusal).
    Consecutive,
}

/// Which sizes the parts may have that an upload is completed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartSizes {
    /// Any.
    Any,
    /// One size, and a last part that is not larger: else 400 InvalidPart.
    Equal,
}

/// What becomes of a CompleteMultipartUpload of an upload that is no more. It never changes
/// anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondComplete {
    /// That of a completed upload succeeds again with the same parts.
    Remembered,
    /// It succeeds where any object has the key, whichever upload and parts it names, and so
    /// does one of an aborted upload or of one that never was. The answer has the ETag that the
    /// named parts would make.
    WhereAnObjectStands,
    /// 404.
    NoSuchUpload,
}

/// What an operation answers about an upload that was completed, was aborted or never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadUpload {
    /// 404.
    NoSuchUpload,
    /// 403.
    AccessDenied,
    /// 500.
    InternalError,
    /// Success, to no effect.
    Accepted,
}

/// Which uploads ListMultipartUploads finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadListing {
    /// Those whose keys begin with the prefix.
    ByPrefix,
    /// Those whose key is the prefix, and all of them where it is empty.
    ByExactKey,
}

/// From where ListParts goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartMarker {
    /// After any number.
    Any,
    /// After the number of a part; after others the list is empty.
    Existing,
}
