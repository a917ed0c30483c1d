//! Restart: what is still there after the server was killed without warning (SIGKILL) and started
//! again. These cases have the server for themselves, and run where the judge started it.

use std::time::Duration;

use super::Chapter;
use crate::case::{Case, Need, Turn, run};
use crate::session::Extension::{Concatenation, CreationDeferLength, Termination};
use crate::spec::{
    CONCATENATION, CREATION_POST, DEFER_LENGTH, PATCH, RESILIENCE, TERMINATION, UPLOAD_METADATA,
};
use crate::statement::Statement;
use crate::trial::content::pairs;
use crate::trial::{Stop, Trial, Verdict, content};

/// How long the server is away.
const AWAY: Duration = Duration::from_millis(100);

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Restart",
    statements: &[STATEMENTS],
    cases: &[CASES],
};

const STATEMENTS: &[Statement] = &[
    Statement::must(
        "RST-01",
        PATCH,
        "An offset that was acknowledged is that of bytes that are stored: it is there after a crash, and so are they.",
    ),
    Statement::must(
        "RST-02",
        CREATION_POST,
        "An upload whose creation was acknowledged is there after a crash.",
    ),
    Statement::must(
        "RST-03",
        UPLOAD_METADATA,
        "Metadata is there after a crash, as it was sent.",
    ),
    Statement::must(
        "RST-04",
        DEFER_LENGTH,
        "A length that is not told yet is not known after a crash either, and one that was told is.",
    ),
    Statement::must(
        "RST-05",
        RESILIENCE,
        "An upload that was complete is complete after a crash, with all its bytes.",
    ),
    Statement::should(
        "RST-06",
        TERMINATION,
        "An upload that was terminated does not come back with a crash.",
    ),
    Statement::should(
        "RST-07",
        CONCATENATION,
        "Partial and final uploads are what they were after a crash.",
    ),
    Statement::must(
        "RST-08",
        RESILIENCE,
        "A PATCH in which the server died leaves the bytes that it brought, or fewer, and no others.",
    ),
    Statement::must(
        "RST-09",
        RESILIENCE,
        "Nothing that a client sends makes the server end, or fall silent for all.",
    ),
];

const CASES: &[Case] = &[
    alone(
        "RST-01.1",
        "the offset of an unfinished upload survives",
        run!(offset),
    ),
    alone(
        "RST-01.2",
        "an upload that goes on after a crash has the right bytes",
        run!(goes_on),
    )
    .needs(&[Need::Process, Need::Content]),
    alone(
        "RST-02.1",
        "an upload that was just made survives",
        run!(just_made),
    ),
    alone("RST-03.1", "metadata survives", run!(metadata)),
    alone(
        "RST-04.1",
        "a length that is told later survives as such",
        run!(deferred),
    )
    .needs(&[Need::Process, Need::Offered(CreationDeferLength)]),
    alone(
        "RST-04.2",
        "a length that was told late survives",
        run!(told_late),
    )
    .needs(&[Need::Process, Need::Offered(CreationDeferLength)]),
    alone(
        "RST-05.1",
        "a complete upload survives with its bytes",
        run!(complete),
    )
    .needs(&[Need::Process, Need::Content]),
    alone(
        "RST-06.1",
        "a terminated upload stays away",
        run!(terminated),
    )
    .needs(&[Need::Process, Need::Offered(Termination)]),
    alone(
        "RST-07.1",
        "partial uploads survive and are joined after the crash",
        run!(joined_after),
    )
    .needs(&[Need::Process, Need::Offered(Concatenation), Need::Content]),
    alone(
        "RST-07.2",
        "a final upload survives with its bytes",
        run!(joined_before),
    )
    .needs(&[Need::Process, Need::Offered(Concatenation), Need::Content]),
    alone(
        "RST-08.1",
        "an upload goes on after the server died in the middle of a PATCH",
        run!(in_the_middle),
    )
    .needs(&[Need::Process, Need::Content]),
    Case::new(
        "RST-09.1",
        "the server did not end or fall silent in any other case",
        run!(never_ended),
    )
    .turn(Turn::Last)
    .needs(&[Need::Process]),
];

/// A case for which the server dies.
const fn alone(id: &'static str, about: &'static str, run: crate::case::Run) -> Case {
    Case::new(id, about, run)
        .turn(Turn::Alone)
        .needs(&[Need::Process])
}

async fn never_ended(trial: &Trial) -> Verdict {
    match trial.session().revive().await {
        0 => Ok(()),
        failures => Err(Stop::failed(
            "a server that goes on",
            format!("it ended or fell silent {failures} times, and was started again"),
        )),
    }
}

async fn crash(trial: &Trial) -> Verdict {
    trial.session().crash(AWAY).await
}

async fn offset(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    upload.append(0, b"hel").await?;
    upload.append(3, b"lo").await?;
    crash(trial).await?;
    upload.is_at(5).await
}

async fn goes_on(trial: &Trial) -> Verdict {
    let bytes = content::bytes(50, 400_000);
    let upload = trial.upload(400_000).await?;
    for (offset, end) in [(0, 100_000), (100_000, 100_001), (100_001, 300_000)] {
        let piece = bytes.get(offset..end).unwrap_or_default();
        upload.append(offset as u64, piece).await?;
    }
    crash(trial).await?;
    upload.is_at(300_000).await?;
    upload.is_resumed(&bytes, 300_000).await?;
    trial.holds(&upload, &bytes).await
}

async fn just_made(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    crash(trial).await?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-offset", "0")?
        .has("upload-length", "10")?;
    Ok(())
}

async fn metadata(trial: &Trial) -> Verdict {
    let name = "файл".as_bytes();
    let upload = trial.with_metadata(&[("name", name)]).await?;
    let before = upload.told().await?;
    let before = before.joined("upload-metadata").map_err(Stop::on_the_way)?;
    crash(trial).await?;
    let told = upload.head().send().await?;
    let told = told.status(&[200, 204])?;
    // Their order is up to the server, each time.
    if pairs(&told.joined("upload-metadata")?) == pairs(&before) {
        return Ok(());
    }
    Err(Stop::failed(
        format!("the pairs of `upload-metadata: {before}`"),
        told.shown("upload-metadata"),
    ))
}

async fn deferred(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    upload.append(0, b"hello").await?;
    crash(trial).await?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-defer-length", "1")?
        .has("upload-offset", "5")?
        .lacks("upload-length")?;
    Ok(())
}

async fn told_late(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    let patch = upload.patch(0).field("Upload-Length", "10").body("hello");
    let answer = patch.send().await.map_err(Stop::on_the_way)?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    crash(trial).await?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-length", "10")?
        .has("upload-offset", "5")?
        .lacks("upload-defer-length")?;
    Ok(())
}

async fn complete(trial: &Trial) -> Verdict {
    let bytes = content::bytes(51, 300_000);
    let upload = trial.complete(&bytes).await?;
    crash(trial).await?;
    upload.is_at(300_000).await?;
    trial.holds(&upload, &bytes).await
}

async fn terminated(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let answer = upload.delete().send().await.map_err(Stop::on_the_way)?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    crash(trial).await?;
    upload.is_gone().await
}

async fn joined_after(trial: &Trial) -> Verdict {
    let first = trial.complete_partial(b"hello").await?;
    let second = trial.partial(5).await?;
    second.append(0, b"wo").await?;
    crash(trial).await?;
    first.is_at(5).await?;
    second.is_resumed(b"world", 2).await?;
    let answer = trial.join(&[&first, &second]).send().await?;
    answer.status(&[201])?;
    trial.holds(&trial.located(&answer)?, b"helloworld").await
}

async fn joined_before(trial: &Trial) -> Verdict {
    let first = trial.complete_partial(b"hello").await?;
    let second = trial.complete_partial(b"world").await?;
    let joined = trial.create(trial.join(&[&first, &second])).await?;
    crash(trial).await?;
    let told = joined.head().send().await?;
    told.status(&[200, 204])?.has("upload-length", "10")?;
    trial.holds(&joined, b"helloworld").await
}

async fn in_the_middle(trial: &Trial) -> Verdict {
    let bytes = content::bytes(52, 400_000);
    let (acknowledged, rest) = bytes.split_at(100_000);
    let upload = trial.upload(400_000).await?;
    upload.append(0, acknowledged).await?;
    let patch = upload.patch(100_000).declared(300_000);
    let mut exchange = patch.open().await.map_err(Stop::on_the_way)?;
    let piece = rest.get(..150_000).unwrap_or_default();
    exchange.send(piece).await.map_err(Stop::on_the_way)?;
    crash(trial).await?;
    let offset = upload.offset().await?;
    if !(100_000..=250_000).contains(&offset) {
        return Err(Stop::failed(
            "an offset from 100000 to 250000",
            offset.to_string(),
        ));
    }
    upload.is_resumed(&bytes, 250_000).await?;
    trial.holds(&upload, &bytes).await
}
