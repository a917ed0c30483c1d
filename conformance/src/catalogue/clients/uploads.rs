//! Whole uploads as tus-js-client makes them, with its options.

use super::file::{LENGTH, created, creation, went_well};
use crate::case::{Case, Need, run};
use crate::session::Extension::CreationWithUpload;
use crate::spec::{CLIENTS, Strength};
use crate::statement::Statement;
use crate::trial::{Call, Ending, OFFSET_OCTET_STREAM, Stop, Trial, Verdict, content};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CLI-01",
        CLIENTS,
        "tus-js-client makes an upload, fills it in one PATCH or several, and goes on after a pause with what HEAD tells.",
    ),
    Statement::must(
        "CLI-02",
        CLIENTS,
        "tus-js-client sends the first bytes with the creation (`uploadDataDuringCreation`), and needs `Upload-Offset` in 201.",
    ),
    Statement::must(
        "CLI-03",
        CLIENTS,
        "tus-js-client sends POST with `X-HTTP-Method-Override: PATCH` where PATCH is not available (`overridePatchMethod`).",
    ),
    Statement::should(
        "CLI-04",
        CLIENTS,
        "Fields that the application adds, such as `X-Request-ID`, do no harm.",
    ),
    Statement::must(
        "CLI-07",
        CLIENTS,
        "tus-js-client resolves `Location` against the URL of creation, and finds the upload there.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CLI-01.1",
        "a file is uploaded in one PATCH",
        run!(in_pieces, LENGTH),
    ),
    Case::new(
        "CLI-01.2",
        "a file is uploaded in pieces of one size",
        run!(in_pieces, 30_000),
    ),
    Case::new("CLI-01.3", "an upload is paused and goes on", run!(paused)),
    Case::new(
        "CLI-01.4",
        "an empty file is uploaded by its creation",
        run!(empty),
    ),
    Case::new(
        "CLI-02.1",
        "a file is uploaded from its creation on",
        run!(during_creation, 40_000),
    )
    .needs(&[Need::Offered(CreationWithUpload)]),
    Case::new(
        "CLI-02.2",
        "a file is uploaded by its creation alone",
        run!(during_creation, LENGTH),
    )
    .needs(&[Need::Offered(CreationWithUpload)]),
    Case::new(
        "CLI-03.1",
        "a file is uploaded by POST in place of PATCH",
        run!(by_override),
    ),
    Case::new(
        "CLI-04.1",
        "a file is uploaded with fields of the application in each request",
        run!(with_fields),
    ),
    Case::new(
        "CLI-07.1",
        "the upload is where `Location` leads, on the server that was asked",
        run!(location),
    )
    .strength(Strength::Should),
];

async fn in_pieces(trial: &Trial, size: usize) -> Verdict {
    let bytes = content::bytes(60, LENGTH);
    let upload = created(trial, creation(trial, LENGTH)).await?;
    let mut offset = 0;
    for piece in bytes.chunks(size) {
        let answer = upload.patch(offset as u64).body(piece).send().await?;
        offset += piece.len();
        went_well(&answer, offset)?;
    }
    upload.is_at(LENGTH as u64).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

/// The request is aborted, and HEAD has both what was stored and what there is to come.
async fn paused(trial: &Trial) -> Verdict {
    let bytes = content::bytes(61, LENGTH);
    let upload = created(trial, creation(trial, LENGTH)).await?;
    let mut exchange = upload.patch(0).declared(LENGTH as u64).open().await?;
    exchange
        .send(bytes.get(..40_000).unwrap_or_default())
        .await?;
    exchange.break_off(Ending::Reset).await?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-length", LENGTH.to_string())?
        .present("upload-offset")?;
    upload.is_resumed(&bytes, 40_000).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn empty(trial: &Trial) -> Verdict {
    let upload = created(trial, creation(trial, 0)).await?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-length", "0")?
        .has("upload-offset", "0")?;
    Ok(())
}

async fn during_creation(trial: &Trial, first: usize) -> Verdict {
    let bytes = content::bytes(62, LENGTH);
    let (first, rest) = bytes.split_at(first);
    let creation = creation(trial, LENGTH)
        .field("Content-Type", OFFSET_OCTET_STREAM)
        .body(first);
    let answer = creation.send().await?;
    went_well(&answer, first.len())?;
    let upload = trial.located(&answer)?;
    if !rest.is_empty() {
        let answer = upload.patch(first.len() as u64).body(rest).send().await?;
        went_well(&answer, LENGTH)?;
    }
    upload.is_at(LENGTH as u64).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn by_override(trial: &Trial) -> Verdict {
    let bytes = content::bytes(63, LENGTH);
    let upload = created(trial, creation(trial, LENGTH)).await?;
    for (offset, end) in [(0, 50_000), (50_000, LENGTH)] {
        let piece = bytes.get(offset..end).unwrap_or_default();
        let patch = upload.patch(offset as u64).body(piece).method("POST");
        let answer = patch
            .field("X-HTTP-Method-Override", "PATCH")
            .send()
            .await?;
        went_well(&answer, end)?;
    }
    upload.is_at(LENGTH as u64).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

/// With fields that applications and browsers add.
fn with(call: Call<'_>) -> Call<'_> {
    call.field("X-Request-ID", "c7a6cbf6-9c2b-4d7f-8e44-4d8a5a4b8a3c")
        .field("X-Requested-With", "XMLHttpRequest")
        .field("Accept", "*/*")
        .field("User-Agent", "tus-js-client")
        .field("Cookie", "session=1; theme=dark")
}

async fn with_fields(trial: &Trial) -> Verdict {
    let answer = with(creation(trial, 5)).send().await?;
    answer.status(&[200, 201])?;
    let upload = trial.located(&answer)?;
    let answer = with(upload.patch(0).body("hello")).send().await?;
    went_well(&answer, 5)?;
    let answer = with(upload.head()).send().await?;
    answer.status(&[200, 204])?.has("upload-offset", "5")?;
    Ok(())
}

async fn location(trial: &Trial) -> Verdict {
    let answer = creation(trial, 5).send().await?;
    let told = answer.status(&[200, 201])?.present("location")?;
    let target = trial.connector().target();
    let origin = target.url().origin();
    // Clients follow to another place, too, but many a server tells one where nobody can go.
    if target
        .resolve(told)
        .is_none_or(|url| url.origin() != origin)
    {
        let expected = format!("a place on {}", origin.ascii_serialization());
        return Err(Stop::failed(expected, answer.shown("location")));
    }
    trial.located(&answer)?.is_at(0).await
}
