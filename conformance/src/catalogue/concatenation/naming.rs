//! How the parts of a final upload are named.

use super::{is_assembled, two};
use crate::case::{Case, Need, run};
use crate::session::Extension::Concatenation;
use crate::spec::UPLOAD_CONCAT;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must("CAT-03", UPLOAD_CONCAT, "Parts are named by relative URLs.")
        .untried("CON-06.1 does"),
    Statement::must("CAT-04", UPLOAD_CONCAT, "Parts are named by absolute URLs."),
    Statement::must("CAT-05", UPLOAD_CONCAT, "A list has URLs of both kinds."),
    Statement::must(
        "CAT-06",
        UPLOAD_CONCAT,
        "Relative URLs are relative to the URL of the creation.",
    ),
    Statement::must("CAT-08", UPLOAD_CONCAT, "The URLs are separated by spaces."),
];

const READ_BACK: &[Need] = &[Need::Offered(Concatenation), Need::Content];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CAT-04.1",
        "parts that are named by their absolute URLs are put together",
        run!(joined_as, |first, second| format!(
            "final;{} {}",
            first.url, second.url
        )),
    )
    .needs(READ_BACK),
    Case::new(
        "CAT-05.1",
        "a list of a path and an absolute URL is taken",
        run!(joined_as, |first, second| format!(
            "final;{} {}",
            first.path, second.url
        )),
    )
    .needs(READ_BACK),
    Case::new(
        "CAT-05.2",
        "the scheme and the host of parts do not count",
        run!(joined_as, |first, second| format!(
            "final;https://other.example{} {}",
            first.path, second.path
        )),
    )
    .needs(READ_BACK)
    .resolution("A24"),
    Case::new(
        "CAT-06.1",
        "the shortest references to parts are taken",
        run!(relative),
    )
    .needs(READ_BACK)
    .resolution("A24"),
    Case::new(
        "CAT-08.1",
        "more than one space between parts is taken for one",
        run!(joined_as, |first, second| format!(
            "final; {}  {}",
            first.path, second.path
        )),
    )
    .needs(READ_BACK)
    .resolution("A24"),
    Case::new(
        "CAT-09.4",
        "queries and fragments of parts do not count",
        run!(joined_as, |first, second| format!(
            "final;{}?x=1 {}#x",
            first.path, second.path
        )),
    )
    .needs(READ_BACK)
    .resolution("A24"),
];

/// What is said of two parts.
type List = fn(&Upload<'_>, &Upload<'_>) -> String;

async fn joined_as(trial: &Trial, list: List) -> Verdict {
    let [first, second] = two(trial).await?;
    holds_both(trial, &list(&first, &second)).await
}

async fn relative(trial: &Trial) -> Verdict {
    let [first, second] = two(trial).await?;
    let base = trial.connector().target().url();
    let relative = |part: &Upload<'_>| base.make_relative(&part.url);
    let list = relative(&first).zip(relative(&second));
    let Some((first, second)) = list else {
        let reason = "uploads are on another server than creations".to_owned();
        return Err(Stop::NotApplicable(reason));
    };
    holds_both(trial, &format!("final;{first} {second}")).await
}

/// The parts of the list make `hello world`.
async fn holds_both(trial: &Trial, value: &str) -> Verdict {
    let answer = trial.post().field("Upload-Concat", value).send().await?;
    answer.status(&[201])?;
    let joined = trial.located(&answer)?;
    is_assembled(trial, &joined, 11).await?;
    trial.holds(&joined, b"hello world").await
}
