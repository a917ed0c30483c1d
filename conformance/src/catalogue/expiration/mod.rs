//! Unfinished uploads that are removed when their time is over.

mod announcement;
mod removal;

use std::time::SystemTime;

use super::Chapter;
use crate::http::Response;
use crate::trial::{Call, Stop, Trial};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Expiration",
    statements: &[announcement::STATEMENTS, removal::STATEMENTS],
    cases: &[announcement::CASES, removal::CASES],
};

/// What is created.
#[derive(Clone, Copy)]
enum Kind {
    Usual,
    Partial,
    Deferred,
}

impl Kind {
    fn creation(self, trial: &Trial) -> Call<'_> {
        match self {
            Self::Usual => trial.post_of(10),
            Self::Partial => trial.post_of(10).field("Upload-Concat", "partial"),
            Self::Deferred => trial.post().field("Upload-Defer-Length", "1"),
        }
    }
}

fn expires(answer: &Response) -> Result<SystemTime, Stop> {
    date(answer, "upload-expires").ok_or_else(|| {
        Stop::failed("a date in `upload-expires`", answer.shown("upload-expires")).on_the_way()
    })
}

/// When an answer was sent, by the clock of the server where that is told.
fn now(answer: &Response) -> SystemTime {
    date(answer, "date").unwrap_or_else(SystemTime::now)
}

fn date(answer: &Response, name: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(answer.field(name)?).ok()
}
