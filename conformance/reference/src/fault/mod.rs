//! One rule broken on purpose.
//!
//! A fault sits where it is cheapest to write. From the outside in:
//!
//! | Layer | Sees | Made with |
//! |---|---|---|
//! | Bytes of an HTTP/1.1 head | nothing but them | [`Fault::request_bytes`], [`Fault::response_bytes`] |
//! | The parsed request, before any check | [`Seen`] | [`Fault::request`], [`Fault::ignore_header`], … |
//! | The answer, after everything | [`Seen`] | [`Fault::response`], [`Fault::set_status`], … |
//! | The inside of the server | [`Seen`] | [`Fault::behaviour`] |
//!
//! A leniency is a request that is made right before the server checks it; a strictness, a wrong
//! status or a missing header is an answer made wrong. What remains is a [`Behaviour`]. Conditions
//! narrow a fault, and [`Fault::and`] joins faults into one that takes two steps:
//!
//! ```
//! use http::Method;
//! use tus_reference::{Behaviour, Fault};
//!
//! let forgets_the_offset = Fault::drop_header("upload-offset").on(Method::HEAD);
//! let takes_floats = Fault::rewrite_header("upload-length", |value| value.trim_end_matches(".0").to_owned());
//! let processes_old_versions = Fault::replace_header("tus-resumable", "1.0.0");
//! let refuses_but_stores = Fault::behaviour(Behaviour::IgnoresOffset).and(Fault::set_status(409)).on(Method::PATCH);
//! # let _ = (forgets_the_offset, takes_floats, processes_old_versions, refuses_but_stores);
//! ```

mod answers;
mod behaviour;
mod requests;
mod seen;

use std::fmt;
use std::sync::Arc;

use http::request::Parts;

use crate::answer::Answer;
pub use behaviour::Behaviour;
pub use seen::Seen;

type Condition = Arc<dyn Fn(&Seen) -> bool + Send + Sync>;
type BytesChange = Arc<dyn Fn(&mut Vec<u8>) + Send + Sync>;
type RequestChange = Arc<dyn Fn(&mut Parts) + Send + Sync>;
type ResponseChange = Arc<dyn Fn(&Seen, &mut Answer) + Send + Sync>;

/// What a fault does.
#[derive(Clone)]
enum Step {
    RequestBytes(BytesChange),
    ResponseBytes(BytesChange),
    Request(RequestChange),
    Response(ResponseChange),
    Behaviour(Behaviour),
}

/// A deliberate mistake of the server, or none. Cheap to clone.
#[derive(Clone, Default)]
pub struct Fault {
    steps: Vec<(Vec<Condition>, Step)>,
}

impl Fault {
    /// The server keeps every rule.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Breaks a rule inside the server.
    #[must_use]
    pub fn behaviour(behaviour: Behaviour) -> Self {
        Self::step(Step::Behaviour(behaviour))
    }

    /// Changes the head of an HTTP/1.1 request, up to and including its empty line. A head left
    /// empty closes the connection.
    ///
    /// The first head of a connection is always found, a later one if it comes at the beginning
    /// of what a read returns, or right after a head. Conditions do not apply.
    #[must_use]
    pub fn request_bytes(change: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Self {
        Self::step(Step::RequestBytes(Arc::new(change)))
    }

    /// Changes the head of an HTTP/1.1 response, interim ones included. A head left empty is not
    /// sent. Conditions do not apply.
    #[must_use]
    pub fn response_bytes(change: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Self {
        Self::step(Step::ResponseBytes(Arc::new(change)))
    }

    /// Also does what another fault does, each under its own conditions.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        self
    }

    /// Only for requests of which this is true.
    #[must_use]
    pub fn when(mut self, condition: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Self {
        let condition: Condition = Arc::new(condition);
        for (conditions, _) in &mut self.steps {
            conditions.push(Arc::clone(&condition));
        }
        self
    }

    /// Only for requests with this method, as `X-HTTP-Method-Override` makes it.
    #[must_use]
    pub fn on(self, method: http::Method) -> Self {
        self.when(move |seen| seen.effective_method() == method)
    }

    /// Only for requests that have this header.
    #[must_use]
    pub fn with(self, name: &'static str) -> Self {
        self.when(move |seen| seen.headers.contains_key(name))
    }

    /// Only for requests that do not have this header.
    #[must_use]
    pub fn without(self, name: &'static str) -> Self {
        self.when(move |seen| !seen.headers.contains_key(name))
    }

    fn step(step: Step) -> Self {
        Self {
            steps: vec![(Vec::new(), step)],
        }
    }

    fn steps_for<'fault>(&'fault self, seen: &'fault Seen) -> impl Iterator<Item = &'fault Step> {
        let applies = |conditions: &[Condition]| conditions.iter().all(|condition| condition(seen));
        self.steps
            .iter()
            .filter(move |(conditions, _)| applies(conditions))
            .map(|(_, step)| step)
    }

    pub(crate) fn tamper_request(&self, seen: &Seen, parts: &mut Parts) {
        for step in self.steps_for(seen) {
            if let Step::Request(change) = step {
                change(parts);
            }
        }
    }

    pub(crate) fn tamper_response(&self, seen: &Seen, answer: &mut Answer) {
        for step in self.steps_for(seen) {
            if let Step::Response(change) = step {
                change(seen, answer);
            }
        }
    }

    pub(crate) fn behaviours(&self, seen: &Seen) -> Vec<Behaviour> {
        let behaviour = |step: &Step| match step {
            Step::Behaviour(behaviour) => Some(*behaviour),
            _ => None,
        };
        self.steps_for(seen).filter_map(behaviour).collect()
    }

    /// Whether the server has this behaviour for any request; for what is not a matter of requests.
    pub(crate) fn has(&self, behaviour: Behaviour) -> bool {
        self.steps
            .iter()
            .any(|(_, step)| matches!(step, Step::Behaviour(this) if *this == behaviour))
    }

    pub(crate) fn tampers_with_bytes(&self) -> bool {
        self.steps
            .iter()
            .any(|(_, step)| matches!(step, Step::RequestBytes(_) | Step::ResponseBytes(_)))
    }

    pub(crate) fn tamper_request_bytes(&self, head: &mut Vec<u8>) {
        for (_, step) in &self.steps {
            if let Step::RequestBytes(change) = step {
                change(head);
            }
        }
    }

    pub(crate) fn tamper_response_bytes(&self, head: &mut Vec<u8>) {
        for (_, step) in &self.steps {
            if let Step::ResponseBytes(change) = step {
                change(head);
            }
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fault({} steps)", self.steps.len())
    }
}
