//! Judges any TUS 1.0.0 server over the network, statement by statement.
//!
//! ```text
//! catalogue   what a server is held to: statements of the specification, and cases that try them
//!    │
//! runner      chooses cases, runs them side by side, bounded
//!    │
//! trial       what a case has in hand: requests, uploads, expectations
//!    │
//! session     the server that is judged: its extensions, its bytes, its process
//!    │
//! http        HTTP/1.1 by hand, so that a case can send what clients refuse to send, and HTTP/2
//!    ┊
//! report      what came out: for a terminal, as JSON, for JUnit, as a matrix of several servers
//! ```
//!
//! To add a case, write a function in the chapter that it belongs to, and a line in the table at the
//! top of that file. A case belongs to the statement that its id begins with: `CORE-17.2` tries
//! `CORE-17`.
//!
//! It shares no code with any server: a parser that the judge and the judged have in common would
//! hide the same mistake in both.

mod case;
mod catalogue;
pub mod cli;
mod http;
mod options;
pub mod report;
mod runner;
mod session;
mod spec;
mod statement;
mod trial;

pub use case::Case;
pub use catalogue::{CHAPTERS, Chapter, POINTS, Point, chapter_of, point_of, statement_of};
pub use http::Protocol;
pub use options::{InvalidUrl, Options, ReadBack, Target};
pub use runner::{Selection, judge};
pub use session::{Extension, SessionError};
pub use spec::{Document, Section, Strength};
pub use statement::Statement;
