//! OPTIONS: the question what the server can do.

use crate::case::{Case, run};
use crate::spec::OPTIONS;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, VERSION, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CORE-31",
        OPTIONS,
        "OPTIONS that succeeds is answered with 204 or 200, and with `Tus-Version`.",
    ),
    Statement::may(
        "CORE-32",
        OPTIONS,
        "The answer to OPTIONS has `Tus-Extension` and `Tus-Max-Size`.",
    )
    .untried("whether they are there is up to the server: how they look is at CORE-10 to CORE-13"),
    Statement::must(
        "CORE-33",
        OPTIONS,
        "`Tus-Resumable` in a request for OPTIONS is ignored.",
    ),
    Statement::should(
        "CORE-34",
        OPTIONS,
        "Clients send no `Tus-Resumable` with OPTIONS, and learn from it what the server can do.",
    )
    .untried("it binds clients"),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-31.1",
        "OPTIONS where uploads are made tells the versions",
        run!(at_creation),
    ),
    Case::new(
        "CORE-31.2",
        "if OPTIONS of an upload succeeds, it tells the versions",
        run!(at_upload),
    ),
    Case::new(
        "CORE-31.3",
        "OPTIONS of an upload succeeds",
        run!(succeeds_at_upload),
    )
    .resolution("A21"),
    Case::new(
        "CORE-31.4",
        "OPTIONS where no upload is succeeds",
        run!(succeeds_nowhere),
    )
    .resolution("A21"),
    Case::new(
        "CORE-31.5",
        "OPTIONS is answered with 204",
        run!(without_content),
    )
    .resolution("A21"),
    Case::new(
        "CORE-31.6",
        "the answer to OPTIONS tells the version too",
        run!(version_told),
    )
    .resolution("A21"),
    Case::new(
        "CORE-33.1",
        "OPTIONS in an unknown version is answered",
        run!(version_ignored, "9.9.9"),
    ),
    Case::new(
        "CORE-33.2",
        "OPTIONS with something that is no version is answered",
        run!(version_ignored, "a resumable, please"),
    ),
    Case::new(
        "CORE-33.3",
        "OPTIONS with the right version is answered",
        run!(version_ignored, VERSION),
    ),
];

async fn at_creation(trial: &Trial) -> Verdict {
    let answer = trial.options().send().await?;
    answer.status(&[200, 204])?.lists("tus-version", VERSION)?;
    Ok(())
}

async fn at_upload(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = trial.options().path(&upload.path).send().await?;
    if !answer.status.is_success() {
        return Err(Stop::NotApplicable(
            "OPTIONS of an upload does not succeed".to_owned(),
        ));
    }
    answer.status(&[200, 204])?.lists("tus-version", VERSION)?;
    Ok(())
}

async fn succeeds_at_upload(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = trial.options().path(&upload.path).send().await?;
    answer.status(&[200, 204])?.lists("tus-version", VERSION)?;
    Ok(())
}

async fn succeeds_nowhere(trial: &Trial) -> Verdict {
    let place = trial.nowhere().await?;
    let answer = trial.options().path(&place.path).send().await?;
    answer.status(&[200, 204])?.lists("tus-version", VERSION)?;
    Ok(())
}

async fn without_content(trial: &Trial) -> Verdict {
    trial.options().send().await?.status(&[204])?;
    Ok(())
}

async fn version_told(trial: &Trial) -> Verdict {
    trial
        .options()
        .send()
        .await?
        .has("tus-resumable", VERSION)?;
    Ok(())
}

async fn version_ignored(trial: &Trial, version: &str) -> Verdict {
    let call = trial.options().field("Tus-Resumable", version);
    let answer = call.send().await?;
    answer.status(&[200, 204])?.lists("tus-version", VERSION)?;
    Ok(())
}
