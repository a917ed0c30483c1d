//! What `Upload-Concat` may look like.

use super::{is_assembled, two};
use crate::case::{Case, Need, run};
use crate::session::Extension::{
    Concatenation, ConcatenationUnfinished, CreationDeferLength, Termination,
};
use crate::spec::{CONCATENATION, UPLOAD_CONCAT};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must("CAT-01", UPLOAD_CONCAT, "`partial` makes a partial upload.")
        .untried("CON-02.1 does"),
    Statement::must(
        "CAT-02",
        UPLOAD_CONCAT,
        "The value is `partial`, or else begins with `final;`.",
    ),
    Statement::must("CAT-03", UPLOAD_CONCAT, "Parts are named by relative URLs.")
        .untried("CON-06.1 does"),
    Statement::must("CAT-04", UPLOAD_CONCAT, "Parts are named by absolute URLs."),
    Statement::must("CAT-05", UPLOAD_CONCAT, "A list has URLs of both kinds."),
    Statement::must(
        "CAT-06",
        UPLOAD_CONCAT,
        "Relative URLs are relative to the URL of the creation.",
    ),
    Statement::must(
        "CAT-07",
        UPLOAD_CONCAT,
        "Behind `final;` comes a list of at least one URL.",
    ),
    Statement::must("CAT-08", UPLOAD_CONCAT, "The URLs are separated by spaces."),
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
        "CAT-14",
        UPLOAD_CONCAT,
        "A creation has one `Upload-Concat`.",
    ),
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
    Statement::must(
        "CAT-17",
        CONCATENATION,
        "Servers that do not put uploads together do not act as if they did.",
    )
    .untried("CON-01 does"),
    Statement::must("CAT-18", CONCATENATION, "Uploads of others are no parts.")
        .untried("who uploads belong to is not seen from outside"),
    Statement::may(
        "CAT-19",
        UPLOAD_CONCAT,
        "`Upload-Concat` belongs to creations and to answers.",
    ),
];

const JOINS: &[Need] = &[Need::Offered(Concatenation)];
const READ_BACK: &[Need] = &[Need::Offered(Concatenation), Need::Content];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CAT-02.1",
        "`Upload-Concat: Partial` is refused",
        run!(refused, "Partial"),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-02.2",
        "`Upload-Concat: partial;` is refused",
        run!(refused, "partial;"),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-02.3",
        "`Upload-Concat: partial x` is refused",
        run!(refused, "partial x"),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-02.4",
        "`Upload-Concat: bogus` is refused",
        run!(refused, "bogus"),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-02.5",
        "`Upload-Concat` without a value is refused",
        run!(refused, ""),
    )
    .needs(JOINS)
    .resolution("A22"),
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
        "CAT-07.1",
        "an empty list is refused",
        run!(refused_creation, "final;"),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-07.2",
        "a list of spaces is refused",
        run!(refused_creation, "final;  "),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-07.3",
        "`final` without a list is refused",
        run!(refused_creation, "final"),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-07.4",
        "`FINAL;` is refused",
        run!(refused_list, "FINAL;"),
    )
    .needs(JOINS)
    .resolution("A22"),
    Case::new(
        "CAT-07.5",
        "`final,` is refused",
        run!(refused_list, "final,"),
    )
    .needs(JOINS)
    .resolution("A22"),
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
        "CAT-09.4",
        "queries and fragments of parts do not count",
        run!(joined_as, |first, second| format!(
            "final;{}?x=1 {}#x",
            first.path, second.path
        )),
    )
    .needs(READ_BACK)
    .resolution("A24"),
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
        "CAT-14.1",
        "two lines of `Upload-Concat` are refused",
        run!(two_lines),
    )
    .needs(JOINS)
    .resolution("A05"),
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
    Case::new(
        "CAT-19.1",
        "a PATCH that has `Upload-Concat` is like any other",
        run!(in_patch),
    )
    .needs(JOINS)
    .resolution("A32"),
];

async fn refused(trial: &Trial, value: &str) -> Verdict {
    let call = trial.post_of(5).field("Upload-Concat", value);
    let answer = call.send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

async fn refused_list(trial: &Trial, before: &str) -> Verdict {
    let part = trial.complete_partial(b"hello").await?;
    let value = format!("{before}{}", part.path);
    let answer = trial.post().field("Upload-Concat", value).send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

async fn refused_creation(trial: &Trial, value: &str) -> Verdict {
    let answer = trial.post().field("Upload-Concat", value).send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

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

async fn two_lines(trial: &Trial) -> Verdict {
    let call = trial.post_of(5).field("Upload-Concat", "partial");
    let answer = call.field("Upload-Concat", "partial").send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
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

async fn in_patch(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = upload.patch(0).body("hello");
    let answer = call.field("Upload-Concat", "partial").send().await?;
    answer.status(&[204])?.has("upload-offset", "5")?;
    upload.told().await?.lacks("upload-concat")?;
    Ok(())
}
