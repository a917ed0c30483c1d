//! POST where uploads are made.

use crate::case::{Case, Need, run};
use crate::session::Extension::Creation;
use crate::spec::{CREATION, CREATION_POST};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should("CRE-01", CREATION, "Servers implement Creation."),
    Statement::must(
        "CRE-02",
        CREATION,
        "A server that implements Creation has `creation` in `Tus-Extension`.",
    ),
    Statement::must(
        "CRE-03",
        CREATION_POST,
        "A creation has `Upload-Length`, or `Upload-Defer-Length: 1`.",
    ),
    Statement::must(
        "CRE-04",
        CREATION_POST,
        "A creation that succeeds is answered with 201, and with the URL of the upload in `Location`, absolute or relative.",
    ),
    Statement::must("CRE-05", CREATION, "The offset of an upload begins at 0."),
    Statement::must(
        "CRE-10",
        CREATION_POST,
        "Clients do the upload itself by the core protocol.",
    )
    .untried("it binds clients"),
];

pub(super) const CASES: &[Case] = &[
    Case::new("CRE-01.1", "POST makes an upload", run!(creates)),
    Case::new(
        "CRE-02.1",
        "a server that makes uploads lists `creation`",
        run!(listed),
    ),
    Case::new(
        "CRE-03.1",
        "a creation without a word on the length is refused, or its length is told to be deferred",
        run!(without_length),
    ),
    Case::new(
        "CRE-03.2",
        "a creation without a word on the length is refused with 400",
        run!(without_length_by_400),
    )
    .resolution("A08"),
    Case::new(
        "CRE-03.3",
        "POST to an upload makes no other, and tells the methods that are allowed",
        run!(post_to_upload),
    )
    .resolution("A30"),
    Case::new(
        "CRE-04.1",
        "201 comes with a Location where the upload is",
        run!(located),
    )
    .needs(&[Need::Offered(Creation)]),
    Case::new(
        "CRE-04.2",
        "each creation makes an upload of its own",
        run!(one_each),
    )
    .needs(&[Need::Offered(Creation)]),
    Case::new(
        "CRE-04.3",
        "a Location that is absolute has the scheme and the authority that the client used",
        run!(same_origin),
    )
    .needs(&[Need::Offered(Creation)])
    .resolution("A31"),
    Case::new(
        "CRE-05.1",
        "HEAD of a new upload tells 0",
        run!(begins_at_0),
    ),
    Case::new(
        "CRE-05.2",
        "the first PATCH of a new upload is at 0",
        run!(first_patch),
    ),
];

async fn creates(trial: &Trial) -> Verdict {
    trial.post_of(5).send().await?.status(&[201])?;
    Ok(())
}

async fn listed(trial: &Trial) -> Verdict {
    trial.upload(5).await?;
    let answer = trial.options().send().await?;
    answer.lists("tus-extension", Creation.name())?;
    Ok(())
}

async fn without_length(trial: &Trial) -> Verdict {
    let answer = trial.post().send().await?;
    if answer.status.is_success() {
        let told = trial.located(&answer)?.head().send().await?;
        told.has("upload-defer-length", "1")?;
        return Ok(());
    }
    trial.creates_nothing(&answer).await
}

async fn without_length_by_400(trial: &Trial) -> Verdict {
    trial.post().send().await?.status(&[400])?;
    Ok(())
}

async fn post_to_upload(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = trial.post_of(5).path(&upload.path).send().await?;
    answer
        .status(&[405])?
        .lacks("location")?
        .lists("allow", "PATCH")?;
    Ok(())
}

async fn located(trial: &Trial) -> Verdict {
    let answer = trial.post_of(5).send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer)?;
    upload.head().send().await?.status(&[200, 204])?;
    Ok(())
}

async fn one_each(trial: &Trial) -> Verdict {
    let (one, other) = (trial.upload(5).await?, trial.upload(5).await?);
    if one.path == other.path {
        return Err(Stop::failed(
            "two uploads",
            format!("both are at {}", one.path),
        ));
    }
    one.append(0, b"hello").await?;
    other.is_at(0).await
}

async fn same_origin(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let target = trial.connector().target().url();
    if upload.url.origin() == target.origin() {
        return Ok(());
    }
    Err(Stop::failed(
        format!("a URL of {}", target.origin().ascii_serialization()),
        upload.url.as_str(),
    ))
}

async fn begins_at_0(trial: &Trial) -> Verdict {
    trial.upload(5).await?.is_at(0).await
}

async fn first_patch(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.patch(0).body("hello").send().await?;
    answer.status(&[204])?;
    Ok(())
}
