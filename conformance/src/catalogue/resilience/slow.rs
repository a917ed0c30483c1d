//! Clients that are slow, and those that say nothing at all.

use std::time::Duration;

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::RESILIENCE;
use crate::statement::Statement;
use crate::trial::{Trial, Verdict, content};

/// How many pieces a slow body comes in.
const PIECES: usize = 20;

/// How long it takes from one to the next.
const PAUSE: Duration = Duration::from_millis(100);

/// How many connections say nothing.
const SILENT: usize = 20;

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "RES-10",
        RESILIENCE,
        "A body that comes slowly is taken as long as it comes.",
    ),
    Statement::must(
        "RES-11",
        RESILIENCE,
        "Connections that say nothing, or half a head, are nobody else's problem.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "RES-10.1",
        "a few bytes at a time make an upload",
        run!(slow, false),
    ),
    Case::new(
        "RES-10.2",
        "a few bytes at a time make an upload, also without a length",
        run!(slow, true),
    )
    .needs(&[Need::UntoldLength]),
    Case::new(
        "RES-11.1",
        "an upload comes about beside silent connections",
        run!(beside_silence),
    )
    .needs(&[Need::Http(Http1)]),
];

async fn slow(trial: &Trial, without_length: bool) -> Verdict {
    let bytes = content::bytes(20, PIECES * 7);
    let upload = trial.upload(bytes.len() as u64).await?;
    let patch = upload.patch(0);
    let patch = if without_length {
        patch.chunks(&[])
    } else {
        patch.declared(bytes.len() as u64)
    };
    let mut exchange = patch.open().await?;
    for piece in bytes.chunks(7) {
        exchange.send(piece).await?;
        tokio::time::sleep(PAUSE).await;
    }
    let answer = exchange.finish().await?;
    let end = bytes.len().to_string();
    answer.status(&[204])?.has("upload-offset", end)?;
    upload.is_at(bytes.len() as u64).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn beside_silence(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let begun = upload.patch_lines(0, "Content-Length: 5\r\n");
    let mut silent = Vec::new();
    for number in 0..SILENT {
        let mut wire = trial.by_hand().await?;
        let head = begun.get(..begun.len() * number / (SILENT + 1));
        wire.write(head.unwrap_or_default()).await?;
        silent.push(wire);
    }
    let answer = upload.patch(0).body("hello").send().await?;
    answer.status(&[204])?.has("upload-offset", "5")?;
    drop(silent);
    upload.is_at(5).await
}
