//! The S3 server in memory, as the SDK sees it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, as it should"
)]

/// Makes tests of functions that take a server and a client of it, for both front ends.
macro_rules! on_both_front_ends {
    ($($name:ident)*) => {
        mod in_process {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::support::Store::in_process).await;
            })*
        }

        mod over_tcp {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::support::Store::over_tcp).await;
            })*
        }
    };
}

mod dialects;
mod faults;
mod manners;
mod operations;
mod support;
mod wire;
