//! [`InMemoryS3`]: an S3 server in memory, for tests of whatever needs one.
//!
//! - [`Bucket`] is what it stores: linearizable, with synchronous operations that tests may call
//!   themselves, to prepare, to look, or to do without requests altogether.
//! - [`Dialect`] says in what it differs from AWS: as MinIO, versitygw, R2 or Ceph do, or worse.
//! - [`Faults`] let requests go wrong on schedule: refused, lost, answered to nobody, slow, cut
//!   off, or done long after their client gave up. A [`Hold`] lets a test order a race.
//! - [`Counters`] tell what reached the server.
//! - [`InMemoryS3::http_client`] puts it under the SDK, in the same process and without sockets;
//!   [`InMemoryS3::serve`] serves it over TCP. Signatures are verified, with the key pair
//!   [`ACCESS_KEY_ID`] and [`SECRET_ACCESS_KEY`]; the bucket is [`BUCKET`].
//!   [`InMemoryS3::request`] is the way in for clients that do without HTTP.
//!
//! All of these share what they are cloned from, and all of them may be used at once.
//!
//! ```
//! use aws_sdk_s3::Client;
//! use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
//! use aws_sdk_s3::primitives::ByteStream;
//! use oxitus_testkit::s3::{
//!     ACCESS_KEY_ID, BUCKET, Bucket, Condition, Dialect, Fault, InMemoryS3, Operation, REGION,
//!     SECRET_ACCESS_KEY,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let s3 = InMemoryS3::new(Bucket::with_dialect(Dialect::minio()));
//! let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "test");
//! let config = Config::builder()
//!     .behavior_version(BehaviorVersion::v2026_01_12())
//!     .region(Region::new(REGION))
//!     .endpoint_url("http://s3.test")
//!     .force_path_style(true)
//!     .credentials_provider(credentials)
//!     .http_client(s3.http_client())
//!     .build();
//! let client = Client::from_conf(config);
//!
//! // The next PutObject is done, but its reply is lost: the SDK tries once more.
//! s3.faults().plan(Operation::PutObject, 0, Fault::ReplyLost);
//! let put = client.put_object().bucket(BUCKET).key("record");
//! put.body(ByteStream::from_static(b"hello")).send().await.unwrap();
//!
//! let object = s3.bucket().get("record", &Condition::None).unwrap();
//! assert_eq!(object.content.bytes(), "hello");
//! assert_eq!(s3.counters().snapshot().of(Operation::PutObject), 2);
//! # }
//! ```
//!
//! The example `s3-in-memory` serves one to other processes.
//!
//! What it does not have: other buckets, versions, delimiters of listings, DeleteObjects,
//! CopyObject, access control, and checksums in replies. A request for one of these is refused.

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
