//! [`Row`]: a fault, and the cases that must notice it.

use tus_conformance::report::{Finding, Outcome, Report};
use tus_conformance::{Case, Protocol, Selection};
use tus_reference::Fault;

use crate::world::{self, World};

/// A fault, and the cases that must notice it.
pub(crate) struct Row {
    breaks: &'static [&'static str],
    beside: &'static [&'static str],
    world: World,
    protocol: Protocol,
    is_silent: bool,
    pub(crate) fault: Fault,
}

/// With this fault, each of these cases must fail.
pub(crate) fn breaks(cases: &'static [&'static str], fault: Fault) -> Row {
    Row {
        breaks: cases,
        beside: &[],
        world: World::of(cases),
        protocol: Protocol::Http1,
        is_silent: false,
        fault,
    }
}

/// The server offers an extension and does not say so.
pub(crate) fn conceals(extension: &'static str) -> Fault {
    Fault::edit_header("tus-extension", move |list| {
        let told: Vec<_> = list.split(',').filter(|told| *told != extension).collect();
        told.join(",")
    })
}

impl Row {
    /// Other cases run too, so that the last ones have something to look at.
    pub(crate) fn beside(mut self, cases: &'static [&'static str]) -> Self {
        self.beside = cases;
        self
    }

    /// The server is set up in another way.
    pub(crate) fn in_world(mut self, world: World) -> Self {
        self.world = world;
        self
    }

    /// The fault is noticed over HTTP/2.
    pub(crate) fn over_http2(mut self) -> Self {
        self.protocol = Protocol::Http2;
        self
    }

    /// The fault is that no answer comes. Otherwise a case that waits in vain has not noticed the
    /// fault that it should.
    pub(crate) fn by_silence(mut self) -> Self {
        self.is_silent = true;
        self
    }

    pub(crate) fn cases(&self) -> &'static [&'static str] {
        self.breaks
    }

    /// The cases, those of one statement together: `CORE-17.1,2,3 CORE-18.1 can fail`.
    pub(crate) fn name(&self) -> String {
        let mut names: Vec<(&str, Vec<&str>)> = Vec::new();
        for id in self.breaks {
            let (statement, number) = id.split_once('.').unwrap_or((id, ""));
            match names.last_mut() {
                Some((last, numbers)) if *last == statement => numbers.push(number),
                _ => names.push((statement, vec![number])),
            }
        }
        let names: Vec<_> = names
            .into_iter()
            .map(|(statement, numbers)| format!("{statement}.{}", numbers.join(",")))
            .collect();
        format!("{} can fail", names.join(" "))
    }

    /// Whether each of the cases fails.
    pub(crate) fn check(&self, index: usize) -> Result<(), String> {
        let ids: Vec<_> = self.beside.iter().chain(self.breaks).copied().collect();
        let cases = find(&ids)?;
        let fault = self.fault.clone();
        let report = world::judged(self.world, self.protocol, fault, Some(index), &cases)?;
        let wrong: Vec<_> = self
            .breaks
            .iter()
            .filter_map(|id| self.objection(&report, id))
            .collect();
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n"))
        }
    }

    /// Why a case did not notice as it should.
    fn objection(&self, report: &Report, id: &str) -> Option<String> {
        let finding = report.findings.iter().find(|finding| finding.id == id)?;
        match &finding.outcome {
            Outcome::Failed { observed, .. } if self.is_silent || !is_silence(observed) => None,
            _ => Some(described(finding)),
        }
    }
}

/// The cases with these ids.
fn find(ids: &[&str]) -> Result<Vec<&'static Case>, String> {
    let all = Selection {
        resolutions: true,
        ..Selection::default()
    }
    .cases();
    let found: Vec<_> = all
        .into_iter()
        .filter(|case| ids.contains(&case.id))
        .collect();
    if found.len() == ids.len() {
        return Ok(found);
    }
    Err(format!("there is no such case among {}", ids.join(", ")))
}

fn is_silence(observed: &str) -> bool {
    observed.starts_with("none within") || observed == "it is still waiting"
}

pub(crate) fn described(finding: &Finding) -> String {
    let mut text = format!("{}: {:?}", finding.id, finding.outcome);
    for entry in &finding.transcript {
        text.push_str(&format!("\n> {}\n< {}", entry.sent, entry.received));
    }
    text
}
