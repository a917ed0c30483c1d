//! What `Upload-Concat` may look like.

use crate::case::{Case, Need, run};
use crate::session::Extension::Concatenation;
use crate::spec::{CONCATENATION, UPLOAD_CONCAT};
use crate::statement::Statement;
use crate::trial::{Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must("CAT-01", UPLOAD_CONCAT, "`partial` makes a partial upload.")
        .untried("CON-02.1 does"),
    Statement::must(
        "CAT-02",
        UPLOAD_CONCAT,
        "The value is `partial`, or else begins with `final;`.",
    ),
    Statement::must(
        "CAT-07",
        UPLOAD_CONCAT,
        "Behind `final;` comes a list of at least one URL.",
    ),
    Statement::must(
        "CAT-14",
        UPLOAD_CONCAT,
        "A creation has one `Upload-Concat`.",
    ),
    Statement::must(
        "CAT-17",
        CONCATENATION,
        "Servers that do not put uploads together do not act as if they did.",
    )
    .untried("CON-01 does"),
    Statement::may(
        "CAT-19",
        UPLOAD_CONCAT,
        "`Upload-Concat` belongs to creations and to answers.",
    ),
];

const JOINS: &[Need] = &[Need::Offered(Concatenation)];

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
        "CAT-14.1",
        "two lines of `Upload-Concat` are refused",
        run!(two_lines),
    )
    .needs(JOINS)
    .resolution("A05"),
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

async fn two_lines(trial: &Trial) -> Verdict {
    let call = trial.post_of(5).field("Upload-Concat", "partial");
    let answer = call.field("Upload-Concat", "partial").send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

async fn in_patch(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = upload.patch(0).body("hello");
    let answer = call.field("Upload-Concat", "partial").send().await?;
    answer.status(&[204])?.has("upload-offset", "5")?;
    upload.told().await?.lacks("upload-concat")?;
    Ok(())
}
