//! Requests with a checksum that break off.

use crate::case::{Case, Need, run};
use crate::session::Extension::Checksum;
use crate::spec::CHECKSUM;
use crate::statement::Statement;
use crate::trial::{Call, Ending, Exchange, Trial, Upload, Verdict};

use super::verification::RIGHT;

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "CHK-10",
    CHECKSUM,
    "Bytes whose checksum cannot be verified, since the request breaks off, are not stored.",
)];

const VERIFIES: &[Need] = &[Need::Offered(Checksum), Need::Content];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CHK-10.1",
        "bytes that cannot be verified are discarded where the client closes the connection",
        run!(discarded, Ending::Fin),
    )
    .needs(VERIFIES)
    .resolution("A15"),
    Case::new(
        "CHK-10.2",
        "bytes that cannot be verified are discarded where the client dies",
        run!(discarded, Ending::Reset),
    )
    .needs(VERIFIES)
    .resolution("A15"),
];

async fn discarded(trial: &Trial, ending: Ending) -> Verdict {
    let upload = trial.upload(11).await?;
    let mut exchange = with_checksum(&upload).declared(11).open().await?;
    exchange.send(b"HELLO").await?;
    starts_again(trial, &upload, exchange, ending).await
}

fn with_checksum<'a>(upload: &Upload<'a>) -> Call<'a> {
    upload.patch(0).field("Upload-Checksum", RIGHT)
}

/// Breaks a request off. Then the upload is empty, and all of it can be sent.
pub(super) async fn starts_again(
    trial: &Trial,
    upload: &Upload<'_>,
    exchange: Exchange<'_>,
    ending: Ending,
) -> Verdict {
    exchange.break_off(ending).await?;
    // Only a PATCH makes sure that the server has noticed: where it waits for the one that broke off.
    trial
        .eventually("the upload to be empty and free again", || async {
            let answer = with_checksum(upload).body("hello world").send().await?;
            Ok(answer.status.as_u16() == 204)
        })
        .await?;
    trial.holds(upload, b"hello world").await
}
