//! The program as people and CI systems call it: exit codes, reports, and servers behind TLS.

#![expect(clippy::unwrap_used, reason = "tests")]

mod encrypted;
mod endings;
mod limits;
mod places;
mod reports;
mod starts;
mod support;
