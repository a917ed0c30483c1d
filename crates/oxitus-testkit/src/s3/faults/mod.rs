//! [`Faults`]: which requests go wrong, and how; which wait until a test lets them go on.
//!
//! A request that has arrived is carried out even if its client has hung up meanwhile, as on a
//! real server; whoever cuts a node off while a request is [held](Faults::hold) or slow gets a
//! write that lands late.

mod fault;
mod hold;
mod late;
mod plan;
mod selector;

pub use self::fault::{Fault, Landing, Refusal};
pub use self::hold::Hold;
pub use self::late::Landed;
pub(super) use self::late::LateRequest;
pub use self::plan::Faults;
pub use self::selector::Selector;
