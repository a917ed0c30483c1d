//! An S3 server in memory.

mod bucket;
mod dialect;

pub use self::bucket::{
    Attributes, Bucket, BucketBuilder, Condition, Content, CopySource, ETag, Object, ObjectPage,
    ObjectSummary, Part, PartPage, Payload, Result, S3Error, UploadPage, UploadSummary,
};
pub use self::dialect::{
    Conditions, DeadUpload, Dialect, ETagForm, ETags, MissingKey, PartMarker, PartNumbers,
    PartSizes, SecondComplete, UploadListing,
};
