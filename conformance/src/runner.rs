//! Runs cases.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;

use crate::case::{Case, Turn};
use crate::catalogue::{self, statement_of};
use crate::options::Options;
use crate::report::{Finding, Outcome, Report};
use crate::session::{Session, SessionError};
use crate::spec::Strength;
use crate::trial::{Stop, Trial};

/// How many times the patience for one answer a whole case may take.
const ANSWERS: u32 = 4;

/// How much longer a case may take that waits for something else than answers: for an upload to
/// expire, for a silent client to be given up.
const WAITING: Duration = Duration::from_secs(30);

/// How long a server that ends takes from the last that is heard of it.
const ENDING: Duration = Duration::from_millis(100);

/// Which cases are to run.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Those with one of these texts in the id, the chapter or the description; all, where there is none.
    pub filters: Vec<String>,
    /// Those that speak at least so strongly.
    pub strength: Strength,
    /// Also those that hold servers to our answers where the documents leave a choice.
    pub resolutions: bool,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            filters: Vec::new(),
            strength: Strength::May,
            resolutions: false,
        }
    }
}

impl Selection {
    /// The chosen cases, in the order of the catalogue.
    #[must_use]
    pub fn cases(&self) -> Vec<&'static Case> {
        catalogue::cases()
            .filter(|case| self.includes(case))
            .collect()
    }

    fn includes(&self, case: &Case) -> bool {
        let Some(statement) = statement_of(case) else {
            return false;
        };
        let strength = case.strength.unwrap_or(statement.strength);
        let chapter = catalogue::chapter_of(case).map_or("", |chapter| chapter.name);
        let texts = [case.id, chapter, case.about].map(str::to_ascii_lowercase);
        let matches = |filter: &String| {
            let filter = filter.to_ascii_lowercase();
            texts.iter().any(|text| text.contains(&filter))
        };
        strength <= self.strength
            && (self.resolutions || case.resolution.is_none())
            && (self.filters.is_empty() || self.filters.iter().any(matches))
    }
}

/// Judges a server. `progress` is called with each finding when it is there.
///
/// # Errors
/// Where the server cannot be judged at all.
pub async fn judge(
    options: Options,
    cases: &[&'static Case],
    progress: impl Fn(&Finding),
) -> Result<Report, SessionError> {
    let begun = Instant::now();
    let session = Session::open(options).await?;
    let mut findings = Vec::with_capacity(cases.len());
    for turn in [Turn::Shared, Turn::Alone, Turn::Last] {
        let jobs = if turn == Turn::Shared {
            session.options().jobs
        } else {
            1
        };
        let trials = cases
            .iter()
            .filter(|case| case.turn == turn)
            .map(|case| attempt(case, &session));
        let mut trials = stream::iter(trials).buffer_unordered(jobs);
        let mut disturbed = Vec::new();
        while let Some(attempted) = trials.next().await {
            match attempted {
                Ok(finding) => {
                    progress(&finding);
                    findings.push(finding);
                }
                Err(case) => disturbed.push(case),
            }
        }
        for case in disturbed {
            let finding = match attempt(case, &session).await {
                Ok(finding) => finding,
                Err(case) => ended(case),
            };
            progress(&finding);
            findings.push(finding);
        }
        // A case may pass although the server ended in it.
        session.revive().await;
    }
    let place = |finding: &Finding| cases.iter().position(|case| case.id == finding.id);
    findings.sort_by_key(place);
    Ok(Report::new(&session, findings, begun.elapsed()))
}

/// What comes of a case; or the case, where it went wrong while the server ended or fell silent, for
/// whatever reason.
async fn attempt(case: &'static Case, session: &Arc<Session>) -> Result<Finding, &'static Case> {
    let before = session.failures().await;
    let finding = run(case, session).await;
    if finding.outcome.is_bad() && session.is_started_here() {
        tokio::time::sleep(ENDING).await;
        if session.revive().await != before {
            return Err(case);
        }
    }
    Ok(finding)
}

/// A case that had the server for itself when that ended or fell silent.
fn ended(case: &Case) -> Finding {
    let outcome = Outcome::Failed {
        expected: "the server to go on".to_owned(),
        observed: "it ended or fell silent, and was started again".to_owned(),
    };
    Finding::new(case, outcome, Vec::new(), Duration::ZERO)
}

async fn run(case: &'static Case, session: &Arc<Session>) -> Finding {
    let begun = Instant::now();
    let trial = Trial::new(Arc::clone(session));
    let missing = case
        .needs
        .iter()
        .find_map(|need| session.provides(*need).err());
    let outcome = match missing {
        Some(reason) => Outcome::NotApplicable { reason },
        None => outcome(case, &trial).await,
    };
    Finding::new(case, outcome, trial.transcript().entries(), begun.elapsed())
}

async fn outcome(case: &Case, trial: &Trial) -> Outcome {
    let limit = limit(trial.session());
    let verdict = tokio::time::timeout(limit, (case.run)(trial)).await;
    match verdict {
        Ok(Ok(())) => Outcome::Passed,
        Ok(Err(Stop::Failed { expected, observed })) => Outcome::Failed { expected, observed },
        Ok(Err(Stop::NotApplicable(reason))) => Outcome::NotApplicable { reason },
        Ok(Err(Stop::Blocked(reason))) => Outcome::Blocked { reason },
        Err(_) => Outcome::Failed {
            expected: format!("the case to end within {} s", limit.as_secs()),
            observed: "it is still waiting".to_owned(),
        },
    }
}

fn limit(session: &Session) -> Duration {
    session.options().patience * ANSWERS + WAITING
}
