//! What every answer of every case is held to. These cases come last, and look at what the others saw.

use super::Chapter;
use crate::case::{Case, Turn, run};
use crate::session::observations::Rule;
use crate::spec::{
    HTTP_STATUS, PATCH, Strength, TRANSFER_FIELDS, TUS_RESUMABLE, UPLOAD_LENGTH, UPLOAD_OFFSET,
};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Invariants",
    statements: &[STATEMENTS],
    cases: &[CASES],
};

const STATEMENTS: &[Statement] = &[
    Statement::must(
        "INV-1",
        TUS_RESUMABLE,
        "Every answer has `Tus-Resumable` with the version that is used.",
    ),
    Statement::should(
        "INV-2",
        HTTP_STATUS,
        "What a client does wrong is answered with 4xx; 5xx is for what the server does wrong.",
    ),
    Statement::must(
        "INV-3",
        TRANSFER_FIELDS,
        "204 has no content, and neither `Content-Length` nor `Transfer-Encoding`.",
    ),
    Statement::must("INV-4", PATCH, "What is refused changes nothing.")
        .untried("each case about a refusal looks at what is there afterwards"),
    Statement::must(
        "INV-5",
        UPLOAD_OFFSET,
        "`Upload-Offset` tells what is stored, which does not become less, and is never beyond the length.",
    ),
    Statement::must(
        "INV-6",
        UPLOAD_LENGTH,
        "`Upload-Offset`, `Upload-Length` and `Tus-Max-Size` are non-negative integers.",
    ),
];

const CASES: &[Case] = &[
    Case::new(
        "INV-1.1",
        "each answer tells the version, once",
        run!(never, Rule::Version),
    )
    .turn(Turn::Last),
    Case::new(
        "INV-2.1",
        "no request is answered with 5xx",
        run!(never, Rule::NoServerError),
    )
    .turn(Turn::Last),
    Case::new(
        "INV-3.1",
        "no 204 tells of content",
        run!(never, Rule::NoContent),
    )
    .turn(Turn::Last),
    Case::new(
        "INV-5.1",
        "no offset goes back",
        run!(never, Rule::OffsetGrows),
    )
    .strength(Strength::Should)
    .turn(Turn::Last),
    Case::new(
        "INV-5.2",
        "no offset is beyond the length",
        run!(never, Rule::OffsetWithinLength),
    )
    .turn(Turn::Last),
    Case::new(
        "INV-6.1",
        "numbers are digits only",
        run!(never, Rule::Numbers),
    )
    .turn(Turn::Last),
];

async fn never(trial: &Trial, rule: Rule) -> Verdict {
    let (answers, breaches) = trial.session().observations().of(rule);
    if answers == 0 {
        return Err(Stop::NotApplicable("no other case ran".to_owned()));
    }
    if breaches.is_empty() {
        return Ok(());
    }
    let mut observed = Vec::new();
    for breach in breaches {
        observed.push(breach.observed);
        trial.transcript().add(breach.entry);
    }
    Err(Stop::failed(
        format!("none among {answers} answers that breaks the rule"),
        observed.join("; "),
    ))
}
