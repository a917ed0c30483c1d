//! The length that a PATCH tells.

use crate::case::{Case, Need, run};
use crate::http::Response;
use crate::session::Extension::{Checksum, CreationDeferLength};
use crate::spec::{CREATION_POST, DEFER_LENGTH, Strength};
use crate::statement::Statement;
use crate::trial::checksum::sha1;
use crate::trial::{Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CDL-05",
        CREATION_POST,
        "Once the length is known, the client tells it in `Upload-Length` with the next PATCH.",
    ),
    Statement::must(
        "CDL-06",
        CREATION_POST,
        "Once set, the length does not change.",
    ),
    Statement::may(
        "CDL-09",
        DEFER_LENGTH,
        "`Upload-Defer-Length` belongs to creations and to answers.",
    ),
];

const DEFERS: &[Need] = &[Need::Offered(CreationDeferLength)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CDL-05.1",
        "an append without the length is taken",
        run!(append_without_length),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-05.2",
        "a later append tells the length, and HEAD does from then on",
        run!(declared, 3, b"d", 5),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-05.3",
        "an upload is complete when it has as many bytes as were told on the way",
        run!(completed),
    )
    .needs(&[Need::Offered(CreationDeferLength), Need::Content]),
    Case::new(
        "CDL-05.4",
        "a PATCH without content tells that all is there",
        run!(declared, 3, b"", 3),
    )
    .needs(DEFERS)
    .strength(Strength::Should),
    Case::new(
        "CDL-05.5",
        "a PATCH without content tells that there is nothing",
        run!(declared, 0, b"", 0),
    )
    .needs(DEFERS)
    .strength(Strength::Should),
    Case::new(
        "CDL-05.6",
        "the first append tells the length",
        run!(declared, 0, b"abc", 5),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-06.1",
        "a length that was told late stays when another one is told",
        run!(later_length_stays),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-06.2",
        "the same length again is taken",
        run!(same_again),
    )
    .needs(DEFERS)
    .resolution("A12"),
    Case::new(
        "CDL-06.3",
        "a length that was told at creation stays when a PATCH tells another one",
        run!(first_length_stays),
    ),
    Case::new(
        "CDL-06.7",
        "another length is refused together with the bytes that came with it",
        run!(another_is_refused),
    )
    .needs(DEFERS)
    .resolution("A12"),
    Case::new(
        "CDL-06.9",
        "of two lengths that are told at once, one wins",
        run!(race),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-06.10",
        "a length whose PATCH has a wrong checksum is not recorded",
        run!(wrong_checksum),
    )
    .needs(&[Need::Offered(CreationDeferLength), Need::Offered(Checksum)])
    .resolution("A12"),
    Case::new(
        "CDL-09.1",
        "a PATCH that says again that the length comes later is taken",
        run!(deferred_again),
    )
    .needs(DEFERS)
    .resolution("A32"),
];

/// An upload with some bytes, whose length is not told yet.
pub(super) async fn begun(trial: &Trial, bytes: usize) -> Result<Upload<'_>, Stop> {
    let upload = trial.deferred().await?;
    if bytes > 0 {
        upload.append(0, &vec![b'a'; bytes]).await?;
    }
    Ok(upload)
}

async fn append_without_length(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    let answer = upload.patch(0).body("abc").send().await?;
    answer.status(&[204])?.has("upload-offset", "3")?;
    upload.is_at(3).await
}

async fn declared(trial: &Trial, offset: usize, content: &[u8], length: u64) -> Verdict {
    let upload = begun(trial, offset).await?;
    let answer = tell(&upload, offset as u64, content, length).await?;
    let end = offset + content.len();
    answer
        .status(&[204])?
        .has("upload-offset", end.to_string())?;
    is_known(&upload, end as u64, length).await
}

async fn completed(trial: &Trial) -> Verdict {
    let upload = begun(trial, 0).await?;
    upload.append(0, b"abc").await?;
    let answer = tell(&upload, 3, b"d", 5).await?;
    answer.status(&[204])?;
    upload.append(4, b"e").await?;
    is_known(&upload, 5, 5).await?;
    trial.holds(&upload, b"abcde").await
}

async fn later_length_stays(trial: &Trial) -> Verdict {
    let upload = begun(trial, 3).await?;
    let first = tell(&upload, 3, b"d", 5).await?;
    first.status(&[204]).map_err(Stop::on_the_way)?;
    keeps_length(&upload, 4, 5).await
}

async fn first_length_stays(trial: &Trial) -> Verdict {
    keeps_length(&trial.upload(5).await?, 0, 5).await
}

/// Whether or not the server takes a PATCH with another length, the length stays as it is.
async fn keeps_length(upload: &Upload<'_>, offset: u64, length: u64) -> Verdict {
    for other in [length - 1, length + 1] {
        let answer = tell(upload, offset, b"", other).await?;
        if !answer.status.is_success() {
            answer.refused()?;
        }
        is_known(upload, offset, length).await?;
    }
    Ok(())
}

async fn same_again(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = tell(&upload, 0, b"abc", 5).await?;
    answer.status(&[204])?.has("upload-offset", "3")?;
    is_known(&upload, 3, 5).await
}

async fn another_is_refused(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    tell(&upload, 0, b"abc", 6).await?.status(&[400])?;
    is_known(&upload, 0, 5).await
}

async fn race(trial: &Trial) -> Verdict {
    let upload = begun(trial, 0).await?;
    let (first, second) = tokio::join!(tell(&upload, 0, b"a", 5), tell(&upload, 0, b"b", 6));
    let (first, second) = (first?, second?);
    match (first.status.is_success(), second.status.is_success()) {
        (true, false) => is_known(&upload, 1, 5).await,
        (false, true) => is_known(&upload, 1, 6).await,
        (true, true) => Err(Stop::failed(
            "one PATCH to be refused, since both have the same offset",
            "both are taken",
        )),
        (false, false) => is_unknown(&upload, 0).await,
    }
}

async fn wrong_checksum(trial: &Trial) -> Verdict {
    let upload = begun(trial, 0).await?;
    let call = upload.patch(0).body("abc").field("Upload-Length", "5");
    let answer = call
        .field("Upload-Checksum", sha1(b"something else"))
        .send()
        .await?;
    answer.refused()?;
    is_unknown(&upload, 0).await
}

async fn deferred_again(trial: &Trial) -> Verdict {
    let upload = begun(trial, 0).await?;
    let call = upload.patch(0).body("abc");
    let answer = call.field("Upload-Defer-Length", "1").send().await?;
    answer.status(&[204])?.has("upload-offset", "3")?;
    is_unknown(&upload, 3).await
}

/// A PATCH that tells the length.
pub(super) async fn tell(
    upload: &Upload<'_>,
    offset: u64,
    content: &[u8],
    length: u64,
) -> Result<Response, Stop> {
    let call = upload.patch(offset).body(content);
    call.field("Upload-Length", length.to_string()).send().await
}

async fn is_known(upload: &Upload<'_>, offset: u64, length: u64) -> Verdict {
    upload
        .told()
        .await?
        .has("upload-offset", offset.to_string())?
        .has("upload-length", length.to_string())?
        .lacks("upload-defer-length")?;
    Ok(())
}

pub(super) async fn is_unknown(upload: &Upload<'_>, offset: u64) -> Verdict {
    upload
        .told()
        .await?
        .has("upload-offset", offset.to_string())?
        .lacks("upload-length")?;
    Ok(())
}
