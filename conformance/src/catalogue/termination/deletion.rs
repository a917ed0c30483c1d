//! DELETE of uploads that are there.

use super::terminate;
use crate::case::{Case, Need, run};
use crate::session::Extension::{Concatenation, Creation, CreationDeferLength, Termination};
use crate::spec::TERMINATION;
use crate::statement::Statement;
use crate::trial::{Ending, Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "TRM-01",
        TERMINATION,
        "A server that lets clients terminate uploads says `termination` in `Tus-Extension`.",
    ),
    Statement::must(
        "TRM-02",
        TERMINATION,
        "DELETE of an upload that exists, complete or not, is answered with 204.",
    ),
];

const TERMINATES: &[Need] = &[Need::Offered(Termination)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRM-01.1",
        "where termination is not announced, DELETE removes nothing",
        run!(unannounced),
    )
    .needs(&[Need::Offered(Creation), Need::NotOffered(Termination)]),
    Case::new(
        "TRM-01.2",
        "where termination is not announced, DELETE is no method of uploads",
        run!(no_method),
    )
    .needs(&[Need::Offered(Creation), Need::NotOffered(Termination)])
    .resolution("A30"),
    Case::new(
        "TRM-02.1",
        "DELETE of an upload that is empty is answered with 204",
        run!(empty),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-02.2",
        "DELETE of an unfinished upload is answered with 204",
        run!(unfinished),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-02.3",
        "DELETE of a complete upload is answered with 204",
        run!(complete),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-02.4",
        "DELETE of an upload of no bytes is answered with 204",
        run!(of_no_bytes),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-02.5",
        "DELETE of an upload whose length is not known is answered with 204",
        run!(deferred),
    )
    .needs(&[
        Need::Offered(Termination),
        Need::Offered(CreationDeferLength),
    ]),
    Case::new(
        "TRM-02.6",
        "an upload is terminated while a PATCH writes to it, and does not come back",
        run!(while_written),
    )
    .needs(TERMINATES)
    .resolution("A17"),
    Case::new(
        "TRM-02.7",
        "DELETE of a partial upload is answered with 204",
        run!(partial),
    )
    .needs(&[Need::Offered(Termination), Need::Offered(Concatenation)]),
    Case::new(
        "TRM-02.8",
        "DELETE of a final upload is answered with 204",
        run!(final_upload),
    )
    .needs(&[Need::Offered(Termination), Need::Offered(Concatenation)]),
    Case::new(
        "TRM-02.9",
        "DELETE may tell that it has no content",
        run!(with_length),
    )
    .needs(TERMINATES),
    Case::new(
        "TRM-02.10",
        "DELETE touches no other upload",
        run!(nothing_else),
    )
    .needs(&[Need::Offered(Termination), Need::Content]),
];

async fn unannounced(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.delete().send().await?;
    answer.refused()?;
    upload.is_at(0).await
}

async fn no_method(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.delete().send().await?;
    answer.status(&[405])?.present("allow")?;
    upload.is_at(0).await
}

async fn empty(trial: &Trial) -> Verdict {
    terminated(&trial.upload(5).await?).await
}

async fn unfinished(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    upload.append(0, b"abc").await?;
    terminated(&upload).await
}

async fn complete(trial: &Trial) -> Verdict {
    terminated(&trial.complete(b"hello").await?).await
}

async fn of_no_bytes(trial: &Trial) -> Verdict {
    terminated(&trial.upload(0).await?).await
}

async fn deferred(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    upload.append(0, b"abc").await?;
    terminated(&upload).await
}

async fn partial(trial: &Trial) -> Verdict {
    terminated(&trial.partial(5).await?).await
}

async fn final_upload(trial: &Trial) -> Verdict {
    let part = trial.complete_partial(b"hello").await?;
    terminated(&trial.create(trial.join(&[&part])).await?).await
}

async fn with_length(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    upload.delete().body("").send().await?.status(&[204])?;
    Ok(())
}

async fn nothing_else(trial: &Trial) -> Verdict {
    let (kept, begun) = (trial.complete(b"hello").await?, trial.upload(5).await?);
    begun.append(0, b"abc").await?;
    terminate(&trial.complete(b"other").await?).await?;
    begun.is_at(3).await?;
    trial.holds(&kept, b"hello").await
}

async fn while_written(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let mut writer = upload.patch(0).declared(10).open().await?;
    writer.send(b"hello").await?;
    let begun = trial
        .eventually("the bytes that were sent", || async {
            Ok(upload.offset().await.is_ok_and(|offset| offset > 0))
        })
        .await;
    if begun.is_err() {
        writer.break_off(Ending::Fin).await?;
        trial
            .eventually("HEAD to tell the offset when the PATCH is over", || async {
                Ok(upload.offset().await.is_ok())
            })
            .await?;
        let reason = "HEAD tells no bytes of a PATCH under way";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    upload.delete().send().await?.status(&[204])?;
    upload.is_gone().await?;
    // The server may have ended the connection. If not, the rest is no reason to bring the upload back.
    if writer.send(b"world").await.is_ok() {
        match writer.response().await {
            Ok(answer) if answer.status.is_success() => {
                return Err(Stop::failed(
                    "the PATCH to fail",
                    format!("status {}", answer.status.as_u16()),
                ));
            }
            _ => {}
        }
    } else {
        writer.break_off(Ending::Fin).await?;
    }
    upload.is_gone().await
}

async fn terminated(upload: &Upload<'_>) -> Verdict {
    upload.delete().send().await?.status(&[204])?;
    Ok(())
}
