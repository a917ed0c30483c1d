//! HEAD: how far an upload is.

use crate::case::{Case, Need, run};
use crate::session::Extension::CreationDeferLength;
use crate::spec::{HEAD, Strength};
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CORE-17",
        HEAD,
        "The answer to HEAD always has `Upload-Offset`, also when it is 0 and when the upload is complete.",
    ),
    Statement::must(
        "CORE-18",
        HEAD,
        "The answer to HEAD has `Upload-Length` where the length is known.",
    ),
    Statement::should(
        "CORE-19",
        HEAD,
        "HEAD where no upload is, is answered with 404, 410 or 403, and without `Upload-Offset`.",
    ),
    Statement::should(
        "CORE-20",
        HEAD,
        "HEAD that succeeds is answered with 200 or 204.",
    ),
    Statement::must(
        "CORE-21",
        HEAD,
        "The answer to HEAD has `Cache-Control: no-store`.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-17.1",
        "the offset of an empty upload is 0",
        run!(offset_after, 5, 0),
    ),
    Case::new(
        "CORE-17.2",
        "the offset of an unfinished upload is told",
        run!(offset_after, 5, 3),
    ),
    Case::new(
        "CORE-17.3",
        "the offset of a complete upload is told",
        run!(offset_after, 5, 5),
    ),
    Case::new(
        "CORE-17.4",
        "the offset of an upload of no bytes is 0",
        run!(offset_after, 0, 0),
    ),
    Case::new("CORE-18.1", "the length is told", run!(length_after, 5, 0)),
    Case::new(
        "CORE-18.2",
        "a length that is not known is not told",
        run!(no_length),
    )
    .needs(&[Need::Offered(CreationDeferLength)])
    .strength(Strength::Should),
    Case::new(
        "CORE-18.3",
        "the length of an unfinished upload is told",
        run!(length_after, 5, 3),
    ),
    Case::new(
        "CORE-18.4",
        "the length of a complete upload is told",
        run!(length_after, 5, 5),
    ),
    Case::new(
        "CORE-19.1",
        "HEAD where an upload could be and none is finds nothing",
        run!(nowhere),
    ),
    Case::new(
        "CORE-19.2",
        "HEAD of a path with a NUL finds nothing",
        run!(elsewhere, "%00"),
    ),
    Case::new(
        "CORE-19.3",
        "HEAD of a path that leads out of the directory finds nothing",
        run!(elsewhere, "..%2f..%2f..%2f..%2fetc%2fpasswd"),
    ),
    Case::new(
        "CORE-19.4",
        "HEAD of a path with an escaped slash finds nothing",
        run!(elsewhere, "a%2Fb"),
    ),
    Case::new(
        "CORE-19.5",
        "HEAD of a very long path finds nothing",
        run!(very_long),
    ),
    Case::new(
        "CORE-19.6",
        "what a server keeps beside its uploads is no upload",
        run!(beside, ".info"),
    ),
    Case::new(
        "CORE-20.1",
        "HEAD of an upload is answered with 200 or 204",
        run!(succeeds),
    ),
    Case::new(
        "CORE-21.1",
        "nobody is to store the answer for an unfinished upload",
        run!(not_stored, "hel"),
    ),
    Case::new(
        "CORE-21.2",
        "nobody is to store the answer for a complete upload",
        run!(not_stored, "hello"),
    ),
    Case::new(
        "CORE-21.3",
        "nobody is to store the answer where nothing is",
        run!(absence_not_stored),
    )
    .resolution("A20"),
    Case::new(
        "CORE-21.4",
        "the answer is whole also for a client that has one: no 304",
        run!(always_whole),
    )
    .resolution("A20"),
];

async fn offset_after(trial: &Trial, length: u64, offset: usize) -> Verdict {
    let upload = trial.upload(length).await?;
    if offset > 0 {
        upload.append(0, &vec![b'a'; offset]).await?;
    }
    upload.is_at(offset as u64).await
}

async fn length_after(trial: &Trial, length: u64, offset: usize) -> Verdict {
    let upload = trial.upload(length).await?;
    if offset > 0 {
        upload.append(0, &vec![b'a'; offset]).await?;
    }
    upload
        .told()
        .await?
        .has("upload-length", length.to_string())?;
    Ok(())
}

async fn no_length(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    upload.told().await?.lacks("upload-length")?;
    Ok(())
}

async fn nowhere(trial: &Trial) -> Verdict {
    trial.nowhere().await?.is_gone().await
}

/// Below the place of uploads, with a last segment that no server gives.
async fn elsewhere(trial: &Trial, id: &str) -> Verdict {
    let upload = trial.upload(5).await?;
    is_nowhere(upload.with_id(id)?.head()).await
}

async fn very_long(trial: &Trial) -> Verdict {
    elsewhere(trial, &"a".repeat(300)).await
}

async fn beside(trial: &Trial, suffix: &str) -> Verdict {
    let upload = trial.upload(5).await?;
    let id = format!("{}{suffix}", upload.id());
    is_nowhere(upload.with_id(&id)?.head()).await
}

/// What serves HTTP may refuse such a path with 400 before anybody looks for an upload.
async fn is_nowhere(head: Call<'_>) -> Verdict {
    let answer = head.unobserved().send().await?;
    answer
        .status(&[400, 403, 404, 410])?
        .lacks("upload-offset")?;
    Ok(())
}

async fn succeeds(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    upload.head().send().await?.status(&[200, 204])?;
    Ok(())
}

async fn not_stored(trial: &Trial, content: &str) -> Verdict {
    let upload = trial.upload(5).await?;
    upload.append(0, content.as_bytes()).await?;
    upload.told().await?.lists("cache-control", "no-store")?;
    Ok(())
}

async fn absence_not_stored(trial: &Trial) -> Verdict {
    let answer = trial.nowhere().await?.head().send().await?;
    answer.refused().map_err(Stop::on_the_way)?;
    answer.lists("cache-control", "no-store")?;
    Ok(())
}

async fn always_whole(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.head().field("If-None-Match", "*").send().await?;
    answer.status(&[200, 204])?.has("upload-offset", "0")?;
    Ok(())
}
