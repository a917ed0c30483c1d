//! Requests in a version of the protocol that the server does not support.

use super::versions::request;
use crate::case::{Case, Need, run};
use crate::session::Extension::Termination;
use crate::spec::TUS_RESUMABLE;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, VERSION, Verdict};

/// A version that no server supports.
pub(super) const UNKNOWN: &str = "9.9.9";

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CORE-07",
        TUS_RESUMABLE,
        "A request in a version that the server does not support is answered with 412.",
    ),
    Statement::must(
        "CORE-08",
        TUS_RESUMABLE,
        "The answer to a version that is not supported has `Tus-Version`.",
    ),
    Statement::must(
        "CORE-09",
        TUS_RESUMABLE,
        "A request in a version that is not supported is not processed.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-07.1",
        "POST in an unknown version is answered with 412",
        run!(refused, "POST", UNKNOWN),
    ),
    Case::new(
        "CORE-07.2",
        "PATCH in an unknown version is answered with 412",
        run!(refused, "PATCH", UNKNOWN),
    ),
    Case::new(
        "CORE-07.3",
        "HEAD in an unknown version is answered with 412",
        run!(refused, "HEAD", UNKNOWN),
    ),
    Case::new(
        "CORE-07.4",
        "DELETE in an unknown version is answered with 412",
        run!(refused, "DELETE", UNKNOWN),
    )
    .needs(&[Need::Offered(Termination)]),
    Case::new(
        "CORE-07.5",
        "an old version that the server does not list is answered with 412",
        run!(refused, "POST", "0.2.2"),
    ),
    Case::new(
        "CORE-07.6",
        "a new patch version that the server does not list is answered with 412",
        run!(refused, "POST", "1.0.1"),
    ),
    Case::new(
        "CORE-07.7",
        "a version that is cut short is answered with 412",
        run!(refused, "POST", "1.0"),
    ),
    Case::new(
        "CORE-07.8",
        "a list of versions is answered with 412",
        run!(refused, "POST", "1.0.0,0.2.2"),
    ),
    Case::new(
        "CORE-07.9",
        "a version with something behind it is answered with 412",
        run!(refused, "POST", "1.0.0 ; x"),
    ),
    Case::new(
        "CORE-07.10",
        "an empty version is refused with 412",
        run!(refused, "POST", ""),
    )
    .resolution("A02"),
    Case::new(
        "CORE-07.11",
        "the version in two lines is refused with 412",
        run!(in_two_lines),
    )
    .resolution("A05"),
    Case::new(
        "CORE-08.1",
        "the answer to POST in an unknown version has the supported ones",
        run!(versions_listed, "POST"),
    ),
    Case::new(
        "CORE-08.2",
        "the answer to PATCH in an unknown version has the supported ones",
        run!(versions_listed, "PATCH"),
    ),
    Case::new(
        "CORE-08.3",
        "the answer to HEAD in an unknown version has the supported ones",
        run!(versions_listed, "HEAD"),
    ),
    Case::new(
        "CORE-08.4",
        "the answer to DELETE in an unknown version has the supported ones",
        run!(versions_listed, "DELETE"),
    )
    .needs(&[Need::Offered(Termination)]),
    Case::new(
        "CORE-09.1",
        "PATCH in an unknown version appends nothing",
        run!(nothing_appended),
    ),
    Case::new(
        "CORE-09.2",
        "DELETE in an unknown version removes nothing",
        run!(nothing_removed, "DELETE"),
    )
    .needs(&[Need::Offered(Termination)]),
    Case::new(
        "CORE-09.3",
        "POST in an unknown version creates nothing",
        run!(nothing_created),
    ),
    Case::new(
        "CORE-09.4",
        "POST that stands for DELETE, in an unknown version, removes nothing",
        run!(nothing_removed, "POST"),
    )
    .needs(&[Need::Offered(Termination)]),
];

async fn refused(trial: &Trial, method: &str, version: &str) -> Verdict {
    let told = trial.options().send().await.map_err(Stop::on_the_way)?;
    if told.list("tus-version").iter().any(|has| has == version) {
        return Err(Stop::NotApplicable(format!("{version} is supported")));
    }
    let call = request(trial, method).await?;
    let answer = call.set("Tus-Resumable", version).send().await?;
    answer.status(&[412])?;
    Ok(())
}

async fn in_two_lines(trial: &Trial) -> Verdict {
    let call = trial.post_of(5).field("Tus-Resumable", VERSION);
    call.send().await?.status(&[412])?;
    Ok(())
}

async fn versions_listed(trial: &Trial, method: &str) -> Verdict {
    let call = request(trial, method).await?;
    let answer = call.set("Tus-Resumable", UNKNOWN).send().await?;
    answer.lists("tus-version", VERSION)?;
    Ok(())
}

async fn nothing_appended(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = upload.patch(0).body("hello");
    call.set("Tus-Resumable", UNKNOWN).send().await?;
    upload.is_at(0).await
}

async fn nothing_removed(trial: &Trial, method: &str) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = upload.call(method).body("");
    let call = call.field("X-HTTP-Method-Override", "DELETE");
    call.set("Tus-Resumable", UNKNOWN).send().await?;
    upload.is_at(0).await
}

async fn nothing_created(trial: &Trial) -> Verdict {
    let call = trial.post_of(5).set("Tus-Resumable", UNKNOWN);
    call.send().await?.lacks("location")?;
    Ok(())
}
