//! What tus-js-client sends in parts, or without knowing how much it will be.

use futures_util::future::try_join_all;

use super::file::{LENGTH, created, went_well};
use crate::case::{Case, Need, run};
use crate::session::Extension::{Concatenation, CreationDeferLength};
use crate::spec::CLIENTS;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict, content};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CLI-05",
        CLIENTS,
        "tus-js-client sends a file in parts at once and joins them by their whole URLs (`parallelUploads`).",
    ),
    Statement::must(
        "CLI-06",
        CLIENTS,
        "tus-js-client sends a stream whose length it tells in the last PATCH (`uploadLengthDeferred`).",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CLI-05.1",
        "a file is uploaded in parts that are joined by their whole URLs",
        run!(in_parts),
    )
    .needs(&[Need::Offered(Concatenation)]),
    Case::new(
        "CLI-06.1",
        "a stream is uploaded whose length is told in the last PATCH",
        run!(stream, false),
    )
    .needs(&[Need::Offered(CreationDeferLength)]),
    Case::new(
        "CLI-06.2",
        "a stream is uploaded whose length is told when all of it is sent",
        run!(stream, true),
    )
    .needs(&[Need::Offered(CreationDeferLength)]),
];

async fn in_parts(trial: &Trial) -> Verdict {
    let bytes = content::bytes(64, LENGTH);
    let parts = bytes.chunks(40_000).map(async |part| {
        let creation = trial
            .post_of(part.len() as u64)
            .field("Upload-Concat", "partial");
        let upload = created(trial, creation).await?;
        let answer = upload.patch(0).body(part).send().await?;
        went_well(&answer, part.len())?;
        Ok::<_, Stop>(upload)
    });
    let parts = try_join_all(parts).await?;
    let urls: Vec<_> = parts.iter().map(|part| part.url.as_str()).collect();
    let metadata = content::metadata(&[("filename", b"file.bin")]);
    let joining = trial
        .post()
        .field("Upload-Metadata", metadata)
        .field("Upload-Concat", format!("final;{}", urls.join(" ")));
    let upload = created(trial, joining).await?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-length", LENGTH.to_string())?;
    trial.holds_if_readable(&upload, &bytes).await
}

/// The length comes with the last bytes, or behind them with none.
async fn stream(trial: &Trial, behind: bool) -> Verdict {
    let bytes = content::bytes(65, LENGTH);
    let (first, last) = bytes.split_at(70_000);
    let creation = trial.post().field("Upload-Defer-Length", "1");
    let upload = created(trial, creation).await?;
    went_well(&upload.patch(0).body(first).send().await?, 70_000)?;
    let patch = upload.patch(70_000).body(last);
    let length = LENGTH.to_string();
    if behind {
        went_well(&patch.send().await?, LENGTH)?;
        let patch = upload.patch(LENGTH as u64).field("Upload-Length", &length);
        went_well(&patch.send().await?, LENGTH)?;
    } else {
        let answer = patch.field("Upload-Length", &length).send().await?;
        went_well(&answer, LENGTH)?;
    }
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-length", &length)?
        .has("upload-offset", &length)?
        .lacks("upload-defer-length")?;
    trial.holds_if_readable(&upload, &bytes).await
}
