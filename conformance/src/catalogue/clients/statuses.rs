//! Statuses, by which clients decide whether to try again: tus-js-client does so after 409, 423 and 5xx,
//! and gives up after every other 4xx.

use crate::case::{Case, Need, run};
use crate::http::Response;
use crate::session::Extension::Termination;
use crate::spec::CLIENTS;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "H-23",
        CLIENTS,
        "What is over for good is refused with a 4xx that is neither 409 nor 423; what may go well the next time with 409, 423 or 5xx.",
    ),
    Statement::should(
        "CLI-09",
        CLIENTS,
        "An upload that is gone is 404 or 410 to HEAD, whereupon a client makes a new one.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "H-23.1",
        "a client with another offset is told to ask again",
        run!(another_offset),
    ),
    Case::new(
        "H-23.2",
        "a client with a file that is too large is told to give up",
        run!(too_large),
    )
    .needs(&[Need::MaxSize]),
    Case::new(
        "H-23.3",
        "a client with a version that is not spoken is told to give up",
        run!(another_version),
    ),
    Case::new(
        "H-23.4",
        "a client with content of another type is told to give up",
        run!(another_type),
    ),
    Case::new(
        "CLI-09.1",
        "an upload from another time is not there",
        run!(nowhere),
    ),
    Case::new(
        "CLI-09.2",
        "an upload that was terminated elsewhere is not there, and a new one is made",
        run!(terminated),
    )
    .needs(&[Need::Offered(Termination)]),
];

/// A client gives up on this answer.
fn is_final(answer: &Response) -> Verdict {
    let status = answer.status.as_u16();
    if answer.status.is_success() {
        let reason = "the server does not refuse this";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    if answer.status.is_client_error() && !matches!(status, 409 | 423) {
        return Ok(());
    }
    Err(Stop::failed(
        "a 4xx other than 409 and 423",
        format!("status {status}"),
    ))
}

async fn another_offset(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    upload.append(0, b"hello").await?;
    let answer = upload.patch(0).body("hello").send().await?;
    answer.status(&[409, 423])?;
    upload.is_resumed(b"helloworld", 5).await?;
    trial.holds_if_readable(&upload, b"helloworld").await
}

async fn too_large(trial: &Trial) -> Verdict {
    let max_size = trial.session().features().max_size().unwrap_or_default();
    let answer = trial.post_of(max_size.saturating_add(1)).send().await?;
    is_final(&answer)
}

async fn another_version(trial: &Trial) -> Verdict {
    let creation = trial.post_of(5).set("Tus-Resumable", "9.9.9");
    is_final(&creation.send().await?)
}

async fn another_type(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let patch = upload.patch(0).set("Content-Type", "text/plain");
    is_final(&patch.body("hello").send().await?)?;
    upload.is_at(0).await
}

async fn nowhere(trial: &Trial) -> Verdict {
    let answer = trial.nowhere().await?.head().send().await?;
    answer.status(&[403, 404, 410])?;
    Ok(())
}

async fn terminated(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    upload.append(0, b"he").await?;
    let answer = upload.delete().send().await.map_err(Stop::on_the_way)?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    upload.head().send().await?.status(&[403, 404, 410])?;
    is_final(&upload.patch(2).body("llo").send().await?)?;
    let another = trial.upload(5).await?;
    another.is_resumed(b"hello", 0).await
}
