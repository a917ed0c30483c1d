//! Clients that fall silent: a phone that left its network keeps a connection open that nobody is at
//! the other end of, and comes back with another.

use crate::case::{Case, run};
use crate::spec::RESILIENCE;
use crate::statement::Statement;
use crate::trial::{Exchange, Stop, Trial, Upload, Verdict, content};

/// The bytes of an upload.
const LENGTH: usize = 200_000;

/// How many of them are sent before the silence.
const SENT: usize = 80_000;

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "RES-03",
        RESILIENCE,
        "While a client is silent in the middle of a PATCH, others are told an offset.",
    ),
    Statement::should(
        "RES-04",
        RESILIENCE,
        "A client that comes back need not wait until its old connection is given up, and what that still brings does no harm.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "RES-03.1",
        "HEAD is answered while a PATCH is silent",
        run!(answered),
    ),
    Case::new(
        "RES-03.2",
        "HEAD tells all that a silent PATCH has brought",
        run!(told),
    )
    .resolution("A17"),
    Case::new(
        "RES-03.3",
        "HEAD does not end a PATCH that is silent for a moment",
        run!(not_ended),
    )
    .resolution("A17"),
    Case::new(
        "RES-04.1",
        "another PATCH takes the place of one that is silent",
        run!(overtaken),
    ),
    Case::new(
        "RES-04.2",
        "what an overtaken PATCH still brings is not in the upload",
        run!(too_late),
    ),
];

/// A PATCH that brings a part and falls silent.
async fn silent<'a>(upload: &Upload<'a>, bytes: &[u8]) -> Result<Exchange<'a>, Stop> {
    let patch = upload.patch(0).declared(bytes.len() as u64);
    let mut exchange = patch.open().await.map_err(Stop::on_the_way)?;
    let part = bytes.get(..SENT).unwrap_or_default();
    exchange.send(part).await.map_err(Stop::on_the_way)?;
    Ok(exchange)
}

async fn answered(trial: &Trial) -> Verdict {
    let bytes = content::bytes(4, LENGTH);
    let upload = trial.upload(LENGTH as u64).await?;
    let _silent = silent(&upload, &bytes).await?;
    let offset = upload.offset().await?;
    if offset > SENT as u64 {
        return Err(Stop::failed(
            format!("an offset of {SENT} at most"),
            offset.to_string(),
        ));
    }
    Ok(())
}

async fn told(trial: &Trial) -> Verdict {
    let bytes = content::bytes(5, LENGTH);
    let upload = trial.upload(LENGTH as u64).await?;
    let _silent = silent(&upload, &bytes).await?;
    let ask = || async { Ok(upload.offset().await? == SENT as u64) };
    trial.eventually("all that was sent", ask).await
}

async fn not_ended(trial: &Trial) -> Verdict {
    let bytes = content::bytes(6, LENGTH);
    let upload = trial.upload(LENGTH as u64).await?;
    let mut silent = silent(&upload, &bytes).await?;
    let ask = || async { Ok(upload.offset().await? == SENT as u64) };
    trial.eventually("all that was sent", ask).await?;
    silent.send(bytes.get(SENT..).unwrap_or_default()).await?;
    let answer = silent.finish().await?;
    answer
        .status(&[204])?
        .has("upload-offset", LENGTH.to_string())?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn overtaken(trial: &Trial) -> Verdict {
    let bytes = content::bytes(7, LENGTH);
    let upload = trial.upload(LENGTH as u64).await?;
    let _silent = silent(&upload, &bytes).await?;
    upload.is_resumed(&bytes, SENT).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn too_late(trial: &Trial) -> Verdict {
    let bytes = content::bytes(8, LENGTH);
    let upload = trial.upload(LENGTH as u64).await?;
    let mut silent = silent(&upload, &bytes).await?;
    let resumed = upload.is_resumed(&bytes, SENT).await;
    resumed.map_err(Stop::on_the_way)?;
    // The connection may be closed, and the PATCH refused or not: only the upload matters.
    let others = vec![0xee; LENGTH - SENT];
    let late = async {
        silent.send(&others).await?;
        silent.end().await?;
        silent.response().await
    };
    let _ = late.await;
    upload.is_at(LENGTH as u64).await?;
    trial.holds_if_readable(&upload, &bytes).await
}
