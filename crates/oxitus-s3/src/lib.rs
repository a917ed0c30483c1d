//! Resumable uploads in an S3 bucket, for any number of nodes.
//!
//! [`S3Backend::builder`] takes a configuration of the AWS SDK and the name of a bucket, and
//! [`S3Builder::open`] finds out whether the store is one for uploads. [`operating`] says what a
//! bucket needs: permissions, lifecycle rules, settings; and what is promised on which store.

mod adopt;
mod append;
mod attributes;
mod backend;
mod bucket;
mod budget;
mod builder;
mod cache;
mod concatenate;
#[cfg(test)]
mod contract;
mod coordination;
mod error;
mod finish;
mod holders;
mod layout;
mod lease;
#[cfg(test)]
mod model;
mod node;
mod nonce;
mod numbers;
mod open_error;
mod part_size;
mod probe;
mod read;
mod record;
mod records;
mod rules;
mod segments;
mod settings;
mod store;
mod sweep;
mod terminate;
#[cfg(test)]
mod testing;

pub use self::backend::S3Backend;
pub use self::builder::S3Builder;
pub use self::coordination::{Coordination, Locker};
pub use self::open_error::{OpenError, Unsuitable};
pub use self::settings::{Downloads, Encryption, Integrity};
pub use self::store::{EtagForm, StoreTraits};

#[doc = include_str!("../docs/operating.md")]
pub mod operating {}
