//! Which uploads may be parts.

use super::{is_assembled, two};
use crate::case::{Case, Need, run};
use crate::session::Extension::{
    Concatenation, ConcatenationUnfinished, CreationDeferLength, Termination,
};
use crate::spec::CONCATENATION;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CAT-09",
        CONCATENATION,
        "The URLs of the list are those of uploads of this server.",
    ),
    Statement::must(
        "CAT-10",
        CONCATENATION,
        "The uploads of the list are partial ones.",
    ),
    Statement::must(
        "CAT-11",
        CONCATENATION,
        "The length of each upload of the list is known, but where parts in progress are taken.",
    ),
    Statement::must("CAT-12", CONCATENATION, "A list may name one upload twice.")
        .untried("CON-10.1 does"),
    Statement::must(
        "CAT-13",
        CONCATENATION,
        "A list does not make more of few bytes than the server allows.",
    )
    .untried("CON-21.1 does, with the largest size that is told"),
    Statement::must(
        "CAT-15",
        CONCATENATION,
        "Uploads of no bytes are parts like others.",
    ),
    Statement::must(
        "CAT-16",
        CONCATENATION,
        "Uploads that are gone are no parts.",
    ),
    Statement::must("CAT-18", CONCATENATION, "Uploads of others are no parts.")
        .untried("who uploads belong to is not seen from outside"),
];

const JOINS: &[Need] = &[Need::Offered(Concatenation)];

const READ_BACK: &[Need] = &[Need::Offered(Concatenation), Need::Content];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CAT-09.1",
        "a list with an upload that is not there is refused",
        run!(missing),
    )
    .needs(JOINS),
    Case::new(
        "CAT-09.2",
        "a list with a URL elsewhere on the server is refused",
        run!(elsewhere, "/other/place"),
    )
    .needs(JOINS),
    Case::new(
        "CAT-09.3",
        "a list with a path that climbs is refused",
        run!(elsewhere, "%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
    )
    .needs(JOINS),
    Case::new(
        "CAT-10.1",
        "an upload that is no partial one is refused as a part",
        run!(of_another_kind, false),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-10.2",
        "a final upload is refused as a part",
        run!(of_another_kind, true),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-11.1",
        "an upload whose length is not known is refused as a part",
        run!(deferred),
    )
    .needs(&[
        Need::Offered(Concatenation),
        Need::Offered(CreationDeferLength),
        Need::NotOffered(ConcatenationUnfinished),
    ]),
    Case::new(
        "CAT-15.1",
        "parts of no bytes are put together with others",
        run!(no_bytes),
    )
    .needs(READ_BACK),
    Case::new(
        "CAT-16.1",
        "an upload that was terminated is refused as a part",
        run!(terminated),
    )
    .needs(&[Need::Offered(Concatenation), Need::Offered(Termination)]),
];

/// A list of a part and something else is refused.
async fn refused_beside(trial: &Trial, other: &str) -> Verdict {
    let part = trial.complete_partial(b"hello").await?;
    let value = format!("final;{} {other}", part.path);
    let answer = trial.post().field("Upload-Concat", value).send().await?;
    trial.creates_nothing(&answer).await
}

async fn missing(trial: &Trial) -> Verdict {
    let nowhere = trial.nowhere().await?;
    refused_beside(trial, &nowhere.path).await
}

async fn elsewhere(trial: &Trial, reference: &str) -> Verdict {
    let other = if reference.starts_with('/') {
        reference.to_owned()
    } else {
        format!("{}/{reference}", trial.path().trim_end_matches('/'))
    };
    refused_beside(trial, &other).await
}

async fn of_another_kind(trial: &Trial, is_final: bool) -> Verdict {
    let other = if is_final {
        let part = trial.complete_partial(b"hello").await?;
        let joined = trial.create(trial.join(&[&part])).await?;
        is_assembled(trial, &joined, 5)
            .await
            .map_err(Stop::on_the_way)?;
        joined
    } else {
        trial.complete(b"hello").await?
    };
    let answer = trial.join(&[&other]).send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

async fn deferred(trial: &Trial) -> Verdict {
    let creation = trial.post().field("Upload-Concat", "partial");
    let creation = creation.field("Upload-Defer-Length", "1");
    let deferred = trial.create(creation).await?;
    deferred.append(0, b"hello").await?;
    refused_beside(trial, &deferred.path).await
}

async fn no_bytes(trial: &Trial) -> Verdict {
    let [first, second] = two(trial).await?;
    let before = trial.complete_partial(b"").await?;
    let between = trial.complete_partial(b"").await?;
    let call = trial.join(&[&before, &first, &between, &second]);
    let answer = call.send().await?;
    answer.status(&[201])?;
    let joined = trial.located(&answer)?;
    is_assembled(trial, &joined, 11).await?;
    trial.holds(&joined, b"hello world").await
}

async fn terminated(trial: &Trial) -> Verdict {
    let gone = trial.complete_partial(b" world").await?;
    let answer = gone.delete().send().await?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    refused_beside(trial, &gone.path).await
}
