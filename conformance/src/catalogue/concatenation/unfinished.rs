//! Final uploads that are asked for while parts are in progress.

use super::is_assembled;
use crate::case::{Case, Need, run};
use crate::session::Extension::{
    Concatenation, ConcatenationUnfinished, CreationDeferLength, Termination,
};
use crate::spec::{CONCATENATION, Strength};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CUF-01",
        CONCATENATION,
        "A server that takes parts in progress says `concatenation-unfinished` in `Tus-Extension`.",
    ),
    Statement::must(
        "CUF-02",
        CONCATENATION,
        "Then a final upload may be asked for while its parts are in progress.",
    ),
    Statement::must(
        "CUF-03",
        CONCATENATION,
        "The length of such a final upload is told where it can be calculated.",
    ),
    Statement::must(
        "CUF-04",
        CONCATENATION,
        "Such a final upload whose parts never become complete is no complete one.",
    ),
];

const UNFINISHED: &[Need] = &[Need::Offered(ConcatenationUnfinished)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CUF-01.1",
        "where unfinished parts are not announced, a part in progress is refused",
        run!(unannounced),
    )
    .needs(&[
        Need::Offered(Concatenation),
        Need::NotOffered(ConcatenationUnfinished),
    ]),
    Case::new(
        "CUF-01.2",
        "where unfinished parts are announced, concatenation is too",
        run!(concatenation_too),
    )
    .needs(UNFINISHED),
    Case::new(
        "CUF-02.1",
        "no offset is told before the final upload is put together",
        run!(no_offset),
    )
    .needs(UNFINISHED)
    .strength(Strength::Should),
    Case::new(
        "CUF-02.2",
        "the final upload is put together when the last part is complete",
        run!(put_together),
    )
    .needs(&[Need::Offered(ConcatenationUnfinished), Need::Content]),
    Case::new(
        "CUF-02.3",
        "PATCH of a final upload is refused while its parts are in progress",
        run!(no_patch),
    )
    .needs(UNFINISHED),
    Case::new(
        "CUF-02.4",
        "the parts of a final upload go on, also those that have no byte yet",
        run!(parts_go_on),
    )
    .needs(&[Need::Offered(ConcatenationUnfinished), Need::Content]),
    Case::new(
        "CUF-03.1",
        "the length of the final upload is told where those of all parts are known",
        run!(known_length),
    )
    .needs(UNFINISHED),
    Case::new(
        "CUF-03.2",
        "the length of the final upload is not told where that of a part is not known",
        run!(unknown_length),
    )
    .needs(&[
        Need::Offered(ConcatenationUnfinished),
        Need::Offered(CreationDeferLength),
    ]),
    Case::new(
        "CUF-04.1",
        "a final upload is not complete when a part is terminated before",
        run!(without_part),
    )
    .needs(&[
        Need::Offered(ConcatenationUnfinished),
        Need::Offered(Termination),
    ]),
    Case::new(
        "CUF-04.2",
        "parts in progress go on when the final upload is terminated",
        run!(parts_outlive),
    )
    .needs(&[
        Need::Offered(ConcatenationUnfinished),
        Need::Offered(Termination),
        Need::Content,
    ]),
];

/// A part with three of five bytes, and one with all of its six.
async fn in_progress(trial: &Trial) -> Result<[Upload<'_>; 2], Stop> {
    let first = trial.partial(5).await?;
    first.append(0, b"hel").await?;
    Ok([first, trial.complete_partial(b" world").await?])
}

async fn pending<'a>(trial: &'a Trial, parts: &[Upload<'_>; 2]) -> Result<Upload<'a>, Stop> {
    let [first, second] = parts;
    let answer = trial.join(&[first, second]).send().await?;
    answer.status(&[201])?;
    trial.located(&answer)
}

async fn unannounced(trial: &Trial) -> Verdict {
    let [first, second] = in_progress(trial).await?;
    let answer = trial.join(&[&first, &second]).send().await?;
    trial.creates_nothing(&answer).await
}

async fn concatenation_too(trial: &Trial) -> Verdict {
    let answer = trial.options().send().await?;
    answer.lists("tus-extension", Concatenation.name())?;
    Ok(())
}

async fn no_offset(trial: &Trial) -> Verdict {
    let parts = in_progress(trial).await?;
    let told = pending(trial, &parts).await?.head().send().await?;
    told.status(&[200, 204])?.lacks("upload-offset")?;
    Ok(())
}

async fn put_together(trial: &Trial) -> Verdict {
    let parts = in_progress(trial).await?;
    let joined = pending(trial, &parts).await?;
    let [first, _] = &parts;
    first.append(3, b"lo").await?;
    is_assembled(trial, &joined, 11).await?;
    trial.holds(&joined, b"hello world").await
}

async fn no_patch(trial: &Trial) -> Verdict {
    let parts = in_progress(trial).await?;
    let joined = pending(trial, &parts).await?;
    let answer = joined.patch(0).body("x").send().await?;
    answer.status(&[403])?;
    let [first, second] = &parts;
    first.is_at(3).await?;
    second.is_at(6).await
}

async fn parts_go_on(trial: &Trial) -> Verdict {
    let parts = [trial.partial(5).await?, trial.partial(6).await?];
    let joined = pending(trial, &parts).await?;
    let [first, second] = &parts;
    second.append(0, b" world").await?;
    first.append(0, b"he").await?;
    first.append(2, b"llo").await?;
    is_assembled(trial, &joined, 11).await?;
    trial.holds(&joined, b"hello world").await
}

async fn known_length(trial: &Trial) -> Verdict {
    let parts = in_progress(trial).await?;
    let told = pending(trial, &parts).await?.head().send().await?;
    told.status(&[200, 204])?.has("upload-length", "11")?;
    Ok(())
}

async fn unknown_length(trial: &Trial) -> Verdict {
    let creation = trial.post().field("Upload-Concat", "partial");
    let deferred = trial
        .create(creation.field("Upload-Defer-Length", "1"))
        .await?;
    deferred.append(0, b"hel").await?;
    let parts = [deferred, trial.complete_partial(b" world").await?];
    let told = pending(trial, &parts).await?.head().send().await?;
    told.status(&[200, 204])?.lacks("upload-length")?;
    Ok(())
}

async fn without_part(trial: &Trial) -> Verdict {
    let parts = in_progress(trial).await?;
    let joined = pending(trial, &parts).await?;
    let [first, _] = &parts;
    let answer = first.delete().send().await?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    let told = joined.head().send().await?;
    if !told.status.is_success() {
        told.refused()?;
        return Ok(());
    }
    // What the offset is before the parts are put together is not said, but it is not the end.
    match told.number("upload-offset") {
        Some(11) => Err(Stop::failed(
            "no offset at the length 11",
            told.shown("upload-offset"),
        )),
        _ => Ok(()),
    }
}

async fn parts_outlive(trial: &Trial) -> Verdict {
    let parts = in_progress(trial).await?;
    let answer = pending(trial, &parts).await?.delete().send().await?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    let [first, _] = &parts;
    let answer = first.patch(3).body("lo").send().await?;
    answer.status(&[204])?;
    let joined = pending(trial, &parts).await?;
    is_assembled(trial, &joined, 11).await?;
    trial.holds(&joined, b"hello world").await
}
