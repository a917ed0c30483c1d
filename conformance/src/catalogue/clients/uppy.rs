//! What Uppy does with an upload.

use super::file::{LENGTH, created, creation, went_well};
use crate::case::{Case, Need, run};
use crate::session::Extension::Termination;
use crate::spec::CLIENTS;
use crate::statement::Statement;
use crate::trial::{Ending, Stop, Trial, Verdict, content};

pub(super) const STATEMENTS: &[Statement] = &[Statement::should(
    "CLI-08",
    CLIENTS,
    "Uppy describes a file with several keys, of which some say the same and some nothing.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CLI-08.1",
        "the keys that Uppy sends are taken, and told again",
        run!(uppy),
    ),
    Case::new(
        "CLI-08.2",
        "an upload that the user cancels is gone",
        run!(cancelled),
    )
    .needs(&[Need::Offered(Termination)]),
];

async fn uppy(trial: &Trial) -> Verdict {
    let metadata = content::metadata(&[
        ("relativePath", b"null"),
        ("name", "фото 1.png".as_bytes()),
        ("type", b"image/png"),
        ("filetype", b"image/png"),
        ("filename", "фото 1.png".as_bytes()),
    ]);
    let creation = trial.post_of(5).field("Upload-Metadata", &metadata);
    let upload = created(trial, creation).await?;
    went_well(&upload.patch(0).body("hello").send().await?, 5)?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?.has("upload-offset", "5")?;
    // Some servers tell the pairs in another order.
    let told = told.list("upload-metadata");
    for pair in metadata.split(',') {
        if !told.iter().any(|told| told == pair) {
            return Err(Stop::failed(
                format!("`{pair}` in Upload-Metadata"),
                told.join(","),
            ));
        }
    }
    trial.holds_if_readable(&upload, b"hello").await
}

/// The request is aborted and the upload terminated, again where the moment was a bad one.
async fn cancelled(trial: &Trial) -> Verdict {
    let upload = created(trial, creation(trial, LENGTH)).await?;
    let mut exchange = upload.patch(0).declared(LENGTH as u64).open().await?;
    exchange.send(b"hello").await?;
    exchange.break_off(Ending::Reset).await?;
    let ask = || async {
        let answer = upload.delete().send().await?;
        answer.status(&[204, 409, 423])?;
        Ok(answer.status.as_u16() == 204)
    };
    trial.eventually("204", ask).await?;
    upload.is_gone().await
}
