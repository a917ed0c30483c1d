//! The engine of oxitus.

pub mod clock;
pub mod memory;
pub mod storage;

pub use oxitus_proto as proto;
