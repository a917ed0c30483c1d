//! An S3 server in memory.

mod bucket;
mod counters;
mod dialect;
mod faults;
mod front;
mod operation;
mod request;

pub use self::bucket::{
    Attributes, Bucket, BucketBuilder, Condition, Content, CopySource, ETag, Object, ObjectPage,
    ObjectSummary, Part, PartPage, Payload, Result, S3Error, UploadPage, UploadSummary,
};
pub use self::counters::{Counters, Traffic};
pub use self::dialect::{
    Conditions, DeadUpload, Dialect, ETagForm, ETags, MissingKey, PartMarker, PartNumbers,
    PartSizes, SecondComplete, UploadListing,
};
pub use self::faults::{Fault, Faults, Hold, Landed, Landing, Refusal, Selector};
pub use self::front::Server;
pub use self::operation::Operation;
pub use self::request::{Failure, InMemoryS3, Request};

/// The name of the bucket. There is no other.
pub const BUCKET: &str = "bucket";

/// The region. Any other would do.
pub const REGION: &str = "us-east-1";

/// The id of the key pair that requests are signed with.
pub const ACCESS_KEY_ID: &str = "in-memory-access-key";

/// The secret of the key pair that requests are signed with.
pub const SECRET_ACCESS_KEY: &str = "in-memory-secret-key";
