//! HEAD of partial and of final uploads.

use super::{is_assembled, two};
use crate::case::{Case, Need, run};
use crate::session::Extension::Concatenation;
use crate::spec::{CONCATENATION, UPLOAD_CONCAT};
use crate::statement::Statement;
use crate::trial::{Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "CON-12",
        CONCATENATION,
        "HEAD of a final upload tells no `Upload-Offset` before it is put together.",
    )
    .untried("when a server is done is not known from outside; CUF-02.1 tries it where parts are unfinished"),
    Statement::must(
        "CON-13",
        CONCATENATION,
        "When a final upload is put together, HEAD tells `Upload-Offset` and `Upload-Length`, which are equal.",
    ),
    Statement::must(
        "CON-14",
        CONCATENATION,
        "HEAD of a partial upload tells `Upload-Offset`.",
    ),
    Statement::must(
        "CON-15",
        CONCATENATION,
        "HEAD of a final upload tells `Upload-Length` where it can be calculated.",
    ),
    Statement::must(
        "CON-16",
        CONCATENATION,
        "HEAD of a partial and of a final upload tells `Upload-Concat` as it was received.",
    ),
    Statement::must(
        "CON-19",
        UPLOAD_CONCAT,
        "`Upload-Concat` says whether an upload is a partial or a final one.",
    ),
];

const JOINS: &[Need] = &[Need::Offered(Concatenation)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CON-13.1",
        "offset and length of a final upload are the sum of the parts",
        run!(both),
    )
    .needs(JOINS),
    Case::new(
        "CON-14.1",
        "the offset of a partial upload is told before, between and after its bytes",
        run!(of_partial),
    )
    .needs(JOINS),
    Case::new(
        "CON-15.1",
        "the length of a final upload is told at once where all parts are complete",
        run!(length_at_once),
    )
    .needs(JOINS),
    Case::new(
        "CON-16.1",
        "`partial` is told of a partial upload",
        run!(partial),
    )
    .needs(JOINS),
    Case::new(
        "CON-16.2",
        "a list of paths is told as it was received",
        run!(as_received, Form::Paths),
    )
    .needs(JOINS),
    Case::new(
        "CON-16.3",
        "a list of URLs is told as it was received",
        run!(as_received, Form::Urls),
    )
    .needs(JOINS),
    Case::new(
        "CON-19.1",
        "`Upload-Concat` is told of no other upload",
        run!(of_another),
    )
    .needs(JOINS),
];

async fn both(trial: &Trial) -> Verdict {
    let [first, second] = two(trial).await?;
    let joined = trial.create(trial.join(&[&first, &second])).await?;
    is_assembled(trial, &joined, 11).await
}

async fn of_partial(trial: &Trial) -> Verdict {
    let part = trial.partial(5).await?;
    part.is_at(0).await?;
    part.append(0, b"hel").await?;
    part.is_at(3).await?;
    part.append(3, b"lo").await?;
    part.is_at(5).await
}

async fn length_at_once(trial: &Trial) -> Verdict {
    let [first, second] = two(trial).await?;
    let joined = trial.create(trial.join(&[&first, &second])).await?;
    joined.told().await?.has("upload-length", "11")?;
    Ok(())
}

async fn partial(trial: &Trial) -> Verdict {
    let part = trial.partial(5).await?;
    part.told().await?.has("upload-concat", "partial")?;
    part.append(0, b"hello").await?;
    part.told().await?.has("upload-concat", "partial")?;
    Ok(())
}

/// How parts are named.
#[derive(Clone, Copy)]
enum Form {
    Paths,
    Urls,
}

impl Form {
    fn of<'a>(self, part: &'a Upload<'_>) -> &'a str {
        match self {
            Self::Paths => &part.path,
            Self::Urls => part.url.as_str(),
        }
    }
}

async fn as_received(trial: &Trial, form: Form) -> Verdict {
    let [first, second] = two(trial).await?;
    let value = format!("final;{} {}", form.of(&first), form.of(&second));
    let creation = trial.post().field("Upload-Concat", &value);
    let told = trial.create(creation).await?.told().await?;
    told.has("upload-concat", &value)?;
    Ok(())
}

async fn of_another(trial: &Trial) -> Verdict {
    let told = trial.upload(5).await?.told().await?;
    told.lacks("upload-concat")?;
    Ok(())
}
