//! The names of the protocol's headers.

use http::HeaderName;

/// `Tus-Checksum-Algorithm`: the algorithms a server can verify.
pub const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
/// `Tus-Extension`: the extensions a server offers.
pub const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
/// `Tus-Max-Size`: the largest upload a server takes, in bytes.
pub const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
/// `Tus-Resumable`: the version that a message speaks.
pub const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
/// `Tus-Version`: the versions a server speaks.
pub const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
/// `Upload-Checksum`: the digest of a request's body.
pub const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
/// `Upload-Concat`: what an upload is to concatenation.
pub const UPLOAD_CONCAT: HeaderName = HeaderName::from_static("upload-concat");
/// `Upload-Defer-Length`: the length is told later.
pub const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
/// `Upload-Expires`: when an unfinished upload goes away.
pub const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// `Upload-Length`: the size of the whole upload, in bytes.
pub const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
/// `Upload-Metadata`: what the client says of the upload.
pub const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
/// `Upload-Offset`: how many bytes are stored, or where a body belongs.
pub const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
/// `X-HTTP-Method-Override`: the method that is meant.
pub const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
