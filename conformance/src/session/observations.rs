//! [`Observations`]: what every answer of every case is held to.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::http::{Request, Response};
use crate::trial::{Entry, VERSION};

/// How many breaches of one rule are kept.
const KEPT: usize = 3;

/// What was seen in the answers of all cases.
#[derive(Debug, Default)]
pub(crate) struct Observations(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    answers: usize,
    breaches: HashMap<Rule, Vec<Breach>>,
    /// The highest offset that was told, by path.
    offsets: HashMap<String, u64>,
}

/// An answer that breaks a rule.
#[derive(Clone, Debug)]
pub(crate) struct Breach {
    /// How it does.
    pub(crate) observed: String,
    /// What was sent and received.
    pub(crate) entry: Entry,
}

/// What every answer is held to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Rule {
    /// It tells the version of the protocol, once.
    Version,
    /// It does not call a mistake of the client one of the server.
    NoServerError,
    /// 204 has no content, and no word about it.
    NoContent,
    /// Offsets do not go back.
    OffsetGrows,
    /// Offsets do not go beyond the length.
    OffsetWithinLength,
    /// Numbers are digits.
    Numbers,
}

impl Observations {
    /// The highest offset that was told so far of what has this path. Answers to requests that are sent
    /// from now on may not fall behind it; those under way may.
    pub(crate) fn offset(&self, path: &str) -> Option<u64> {
        self.0.lock().ok()?.offsets.get(path).copied()
    }

    /// Looks at one answer to a request before which this offset had been told.
    pub(crate) fn look(
        &self,
        request: &Request,
        told: Option<u64>,
        answer: &Response,
        entry: &Entry,
    ) {
        let Ok(mut state) = self.0.lock() else {
            return;
        };
        state.answers += 1;
        let mut breaches = breaches(answer);
        breaches.extend(no_version(request, answer));
        if matches!(request.effective_method(), "HEAD" | "PATCH") && answer.status.is_success() {
            breaches.extend(state.follow(&request.path, told, answer));
        }
        for (rule, breach) in breaches {
            let observed = format!("{breach}, after {}", request.effective_method());
            state.keep(rule, observed, entry);
        }
    }

    /// How many answers were looked at, and what breached a rule.
    pub(crate) fn of(&self, rule: Rule) -> (usize, Vec<Breach>) {
        let Ok(state) = self.0.lock() else {
            return (0, Vec::new());
        };
        let breaches = state.breaches.get(&rule).cloned();
        (state.answers, breaches.unwrap_or_default())
    }
}

impl State {
    fn keep(&mut self, rule: Rule, observed: String, entry: &Entry) {
        let breaches = self.breaches.entry(rule).or_default();
        if breaches.len() < KEPT {
            let entry = entry.clone();
            breaches.push(Breach { observed, entry });
        }
    }

    fn follow(
        &mut self,
        path: &str,
        told: Option<u64>,
        answer: &Response,
    ) -> Option<(Rule, String)> {
        let offset = answer.number("upload-offset")?;
        let highest = self.offsets.entry(path.to_owned()).or_default();
        *highest = offset.max(*highest);
        let told = told.filter(|told| *told > offset)?;
        Some((Rule::OffsetGrows, format!("{offset} after {told}")))
    }
}

/// However large it is.
fn is_number(line: &[u8]) -> bool {
    !line.is_empty() && line.iter().all(u8::is_ascii_digit)
}

/// The specification excepts OPTIONS, and may mean its answers by that. Other methods are none of its
/// own.
fn no_version(request: &Request, answer: &Response) -> Option<(Rule, String)> {
    let is_of_tus = |method: &str| matches!(method, "POST" | "HEAD" | "PATCH" | "DELETE");
    let is_asked = is_of_tus(&request.method) && is_of_tus(request.effective_method());
    let versions: Vec<_> = answer.lines("tus-resumable").collect();
    if versions == [VERSION.as_bytes()] || (versions.is_empty() && !is_asked) {
        return None;
    }
    let shown = answer.shown("tus-resumable");
    let status = answer.status.as_u16();
    Some((Rule::Version, format!("{shown} with status {status}")))
}

fn breaches(answer: &Response) -> Vec<(Rule, String)> {
    let status = answer.status.as_u16();
    let mut breaches = Vec::new();
    // What a server does not implement, and what it has no room or no time for, is no mistake.
    if status >= 500 && !matches!(status, 501 | 503 | 507) {
        breaches.push((Rule::NoServerError, format!("status {status}")));
    }
    if status == 204 {
        for name in ["content-length", "transfer-encoding"] {
            if answer.fields.contains_key(name) {
                breaches.push((Rule::NoContent, format!("{} with 204", answer.shown(name))));
            }
        }
    }
    for name in ["upload-offset", "upload-length", "tus-max-size"] {
        if answer.lines(name).any(|line| !is_number(line)) {
            breaches.push((Rule::Numbers, answer.shown(name)));
        }
    }
    let offset = answer.number("upload-offset");
    if let (Some(offset), Some(length)) = (offset, answer.number("upload-length"))
        && offset > length
    {
        let breach = format!("offset {offset} of {length}");
        breaches.push((Rule::OffsetWithinLength, breach));
    }
    breaches
}
