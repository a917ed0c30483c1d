//! `Tus-Resumable`: the version of the protocol that client and server use.

use super::unsupported_versions::UNKNOWN;
use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::session::Extension::Termination;
use crate::spec::TUS_RESUMABLE;
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, VERSION, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "CORE-06",
    TUS_RESUMABLE,
    "Every request but OPTIONS, and every answer, has `Tus-Resumable` with the version that is used.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-06.1",
        "the answers to POST, HEAD and PATCH tell the version",
        run!(answers_tell_it),
    ),
    Case::new(
        "CORE-06.2",
        "the answer to HEAD where nothing is tells the version",
        run!(told_where_nothing_is),
    ),
    Case::new(
        "CORE-06.3",
        "the answer to a wrong offset tells the version",
        run!(told_at_a_wrong_offset),
    ),
    Case::new(
        "CORE-06.4",
        "the answer to content of a wrong type tells the version",
        run!(told_at_a_wrong_type),
    ),
    Case::new(
        "CORE-06.5",
        "the answer to a version that is not supported tells the one of the server",
        run!(told_at_a_wrong_version),
    ),
    Case::new(
        "CORE-06.6",
        "white space around the version does not count",
        run!(white_space),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "CORE-06.7",
        "POST without a version is refused with 412 and the supported versions",
        run!(missing, "POST"),
    )
    .resolution("A02"),
    Case::new(
        "CORE-06.8",
        "PATCH without a version is refused with 412, and nothing is appended",
        run!(missing_in_patch),
    )
    .resolution("A02"),
    Case::new(
        "CORE-06.9",
        "DELETE without a version is refused with 412 and the supported versions",
        run!(missing, "DELETE"),
    )
    .resolution("A02")
    .needs(&[Need::Offered(Termination)]),
    Case::new(
        "CORE-06.10",
        "HEAD without a version is answered",
        run!(missing_in_head),
    )
    .resolution("A02"),
];

/// A request that would do something.
pub(super) async fn request<'a>(trial: &'a Trial, method: &str) -> Result<Call<'a>, Stop> {
    Ok(match method {
        "POST" => trial.post_of(5),
        "PATCH" => trial.upload(5).await?.patch(0).body("hello"),
        _ => trial.upload(5).await?.call(method),
    })
}

async fn answers_tell_it(trial: &Trial) -> Verdict {
    let created = trial.post_of(5).send().await?;
    created.status(&[201]).map_err(Stop::on_the_way)?;
    created.has("tus-resumable", VERSION)?;
    let upload = trial.located(&created).map_err(Stop::on_the_way)?;
    upload.told().await?.has("tus-resumable", VERSION)?;
    let patched = upload.patch(0).body("hello").send().await?;
    patched.status(&[204]).map_err(Stop::on_the_way)?;
    patched.has("tus-resumable", VERSION)?;
    Ok(())
}

async fn told_where_nothing_is(trial: &Trial) -> Verdict {
    let answer = trial.nowhere().await?.head().send().await?;
    answer.refused().map_err(Stop::on_the_way)?;
    answer.has("tus-resumable", VERSION)?;
    Ok(())
}

async fn told_at_a_wrong_offset(trial: &Trial) -> Verdict {
    let upload = super::half(trial).await?;
    let answer = upload.patch(0).body("hello").send().await?;
    answer.refused().map_err(Stop::on_the_way)?;
    answer.has("tus-resumable", VERSION)?;
    Ok(())
}

async fn told_at_a_wrong_type(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = upload.patch(0).set("Content-Type", "text/plain");
    let answer = call.body("hello").send().await?;
    answer.refused().map_err(Stop::on_the_way)?;
    answer.has("tus-resumable", VERSION)?;
    Ok(())
}

async fn told_at_a_wrong_version(trial: &Trial) -> Verdict {
    let call = trial.post_of(5).set("Tus-Resumable", UNKNOWN);
    let answer = call.send().await?;
    answer.has("tus-resumable", VERSION)?;
    Ok(())
}

async fn white_space(trial: &Trial) -> Verdict {
    let call = trial.post_of(5).set("Tus-Resumable", " \t1.0.0 \t");
    call.send().await?.status(&[201])?;
    Ok(())
}

async fn missing(trial: &Trial, method: &str) -> Verdict {
    let call = request(trial, method).await?.without("Tus-Resumable");
    let answer = call.send().await?;
    answer.status(&[412])?.lists("tus-version", VERSION)?;
    Ok(())
}

async fn missing_in_patch(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = upload.patch(0).body("hello").without("Tus-Resumable");
    let answer = call.send().await?;
    answer.status(&[412])?.lists("tus-version", VERSION)?;
    upload.is_at(0).await
}

async fn missing_in_head(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.head().without("Tus-Resumable").send().await?;
    answer.status(&[200, 204])?.has("upload-offset", "0")?;
    Ok(())
}
