//! Resumable uploads in an S3 bucket, for any number of nodes.

mod backend;
mod bucket;
mod builder;
mod error;
mod layout;
mod nonce;
mod open_error;
mod part_size;
mod record;
mod settings;
mod store;

pub use self::backend::S3Backend;
pub use self::builder::S3Builder;
pub use self::open_error::OpenError;
pub use self::settings::{Downloads, Encryption, Integrity};
pub use self::store::{EtagForm, StoreTraits};
