//! [`Report`]: what came out.

mod catalogue;
mod junit;
mod matrix;
mod terminal;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use self::catalogue::catalogue;
pub(crate) use self::junit::junit;
pub(crate) use self::matrix::matrix;
pub(crate) use self::terminal::{list, mark, summary};
use crate::case::Case;
use crate::catalogue::{chapter_of, point_of, statement_of};
use crate::http::Protocol;
use crate::session::Session;
use crate::spec::{Document, Strength};
pub use crate::trial::Entry;

/// What came out for one server.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Report {
    /// What the server is called.
    pub name: String,
    /// The URL where uploads are made.
    pub url: String,
    /// The version of HTTP that was spoken.
    pub protocol: Protocol,
    /// The version of the judge.
    pub judge: String,
    /// The extensions that the server offers.
    pub extensions: Vec<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What came out of each case.
    pub findings: Vec<Finding>,
}

/// What came out of a case.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Finding {
    /// The id of the case.
    pub id: String,
    /// The chapter that it belongs to.
    pub chapter: String,
    /// What the server is expected to do.
    pub about: String,
    /// How strongly.
    pub strength: Strength,
    /// Who says so.
    pub document: Document,
    /// In which section.
    pub section: String,
    /// What it says there, in words of ours.
    pub statement: String,
    /// The point where the documents leave a choice, and our answer, if the case is about that.
    pub resolution: Option<String>,
    /// What came out.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What was sent and received, where it did not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transcript: Vec<Entry>,
}

/// How a case ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// The server does as it should.
    Passed,
    /// It does not.
    Failed {
        /// What it should do.
        expected: String,
        /// What it does.
        observed: String,
    },
    /// The case did not get to its point, since something else is wrong.
    Blocked {
        /// What is.
        reason: String,
    },
    /// The case says nothing about this server.
    NotApplicable {
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// Whether the server was not seen to do as it should, though it could have been.
    #[must_use]
    pub const fn is_bad(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Blocked { .. })
    }
}

impl Report {
    pub(crate) fn new(session: &Session, findings: Vec<Finding>, took: Duration) -> Self {
        let target = &session.options().target;
        Self {
            name: target.authority(),
            url: target.url().to_string(),
            protocol: session.connector().protocol(),
            judge: env!("CARGO_PKG_VERSION").to_owned(),
            extensions: session.features().extensions().to_vec(),
            seconds: took.as_secs_f64(),
            findings,
        }
    }

    /// How many cases ended in a way.
    #[must_use]
    pub fn count(&self, is_counted: impl Fn(&Outcome) -> bool) -> usize {
        let outcomes = self.findings.iter().map(|finding| &finding.outcome);
        outcomes.filter(|outcome| is_counted(outcome)).count()
    }

    /// Whether some case failed, or could not get to its point.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.findings.iter().any(|finding| finding.outcome.is_bad())
    }
}

impl Finding {
    pub(crate) fn new(
        case: &Case,
        outcome: Outcome,
        transcript: Vec<Entry>,
        took: Duration,
    ) -> Self {
        let statement = statement_of(case);
        let strength = statement.map_or(Strength::May, |statement| statement.strength);
        Self {
            id: case.id.to_owned(),
            chapter: chapter_of(case)
                .map_or("", |chapter| chapter.name)
                .to_owned(),
            about: case.about.to_owned(),
            strength: case.strength.unwrap_or(strength),
            document: statement.map_or(Document::Field, |statement| statement.document()),
            section: statement
                .map_or("", |statement| statement.section.title)
                .to_owned(),
            statement: statement.map_or("", |statement| statement.text).to_owned(),
            resolution: point_of(case).map(|point| format!("{}: {}", point.id, point.answer)),
            transcript: if outcome.is_bad() {
                transcript
            } else {
                Vec::new()
            },
            outcome,
            seconds: took.as_secs_f64(),
        }
    }
}
