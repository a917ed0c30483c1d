//! Clients that have sent everything, and do not wait for the answer.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::PATCH;
use crate::statement::Statement;
use crate::trial::{Ending, Stop, Trial, Verdict, content};

/// The bytes of an upload.
const LENGTH: usize = 200_000;

pub(super) const STATEMENTS: &[Statement] = &[Statement::should(
    "TRN-21",
    PATCH,
    "A body that has come whole is stored, also if its client is gone before the answer.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRN-21.1",
        "a client that closes behind its last byte has uploaded it",
        run!(leaves, Ending::Fin),
    ),
    Case::new(
        "TRN-21.2",
        "a client that dies behind its last byte has uploaded it",
        run!(leaves, Ending::Reset),
    ),
    Case::new(
        "TRN-21.3",
        "a client that has said all has uploaded it, and may hear the answer",
        run!(half_closes),
    )
    .needs(&[Need::Http(Http1)]),
];

async fn leaves(trial: &Trial, ending: Ending) -> Verdict {
    let bytes = content::bytes(40, LENGTH);
    let upload = trial.upload(LENGTH as u64).await?;
    let patch = upload.patch(0).declared(LENGTH as u64);
    let mut exchange = patch.open().await.map_err(Stop::on_the_way)?;
    exchange.send(&bytes).await.map_err(Stop::on_the_way)?;
    exchange.end().await.map_err(Stop::on_the_way)?;
    exchange.break_off(ending).await?;
    let ask = || async { Ok(upload.offset().await? == LENGTH as u64) };
    trial.eventually("all that was sent", ask).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn half_closes(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let mut wire = trial.by_hand().await?;
    wire.write(upload.patch_bytes(0, "hello")).await?;
    wire.half_close().await?;
    if let Some(answer) = wire.answer_or_end("PATCH").await? {
        answer.status(&[204])?.has("upload-offset", "5")?;
    }
    let ask = || async { Ok(upload.offset().await? == 5) };
    trial.eventually("all that was sent", ask).await?;
    trial.holds_if_readable(&upload, b"hello").await
}
