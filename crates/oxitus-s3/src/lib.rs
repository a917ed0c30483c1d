//! Resumable uploads in an S3 bucket: a storage backend of oxitus for any number of nodes, which
//! know nothing of each other but the bucket. Every request may go to any node, and no lock, queue or
//! database stands beside it. Whatever node dies, and whenever: what was acknowledged is there.
//!
//! ```text
//! S3Backend ─▶ Node ─┬─ records: <id>.info, the only truth, changed by conditional PUTs
//!    │               ├─ holders: who has an upload, within this process
//!    │               ├─ cache, budget: what is in memory, and how much may be
//!    │               └─ bucket: what is asked of the store (sdk: by way of the AWS SDK)
//!    ├─ create, acquire ─▶ lease ─▶ append ─▶ parts under claimed numbers, the rest as segments
//!    ├─ info ─▶ adopt: what a dead node had uploaded is recorded before it is shown
//!    ├─ complete ─▶ finish          assemble ─▶ concatenate          terminate, sweep
//!    └─ read
//! ```
//!
//! # The protocol
//!
//! - **The record is the only truth.** It is replaced only by a PUT that names the version it was
//!   made from. Nothing that a record references is ever overwritten: pending segments have keys
//!   that nobody else has, and part numbers are claimed in the record before they are used.
//! - **Whoever changes the record first has the upload.** A writer that was overtaken finds out at
//!   its next change, and nothing that it has sent matters any more. So takeover is immediate, and a
//!   node that stalls and wakes up does no harm.
//! - **What a HEAD shows is recorded.** Parts that a node had uploaded when it died are made part of
//!   the record by whoever looks next, if no checksum was still to verify them.
//! - **Finishing is a state of its own**, which pins every byte and is driven on by whoever comes by.
//! - **A removed upload leaves a tombstone**, until nothing in flight can bring it back.
//!
//! [`rules`] names the rules without which bytes would be lost. The property tests in `model` switch
//! off one at a time, and find out.
//!
//! # In memory
//!
//! Bytes gather into parts while earlier parts are sent; each upload has a few of them in memory, and
//! all together have what [`S3Builder::memory`] allows. Nothing goes to a temporary file.
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
mod buffer;
mod builder;
mod cache;
mod concatenate;
#[cfg(test)]
mod contract;
mod coordination;
mod error;
mod finish;
mod holders;
mod kept;
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
