//! The engine of oxitus.

pub mod storage;

pub use oxitus_proto as proto;
