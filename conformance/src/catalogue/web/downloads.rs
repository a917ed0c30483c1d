//! Downloads, which are no part of TUS: who has them has to do them right.

use crate::case::{Case, Need, run};
use crate::session::Extension::Termination;
use crate::spec::{HTTP_CONTENT, HTTP_STATUS, SECURITY};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict, content};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "H-14",
        HTTP_CONTENT,
        "A download has the bytes that were uploaded, and as many as it tells.",
    ),
    Statement::should(
        "H-25",
        HTTP_STATUS,
        "There is no download of what is not there.",
    ),
    Statement::should(
        "H-17",
        SECURITY,
        "What a stranger uploaded is not executed in the name of the server: a page is saved and not shown, or shown without rights.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "H-14.1",
        "a download has all the bytes and their number",
        run!(whole),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-25.1",
        "there is no download where no upload is",
        run!(nowhere),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-25.2",
        "there is no download of what was terminated",
        run!(terminated),
    )
    .needs(&[Need::Downloads, Need::Offered(Termination)]),
    Case::new(
        "H-17.1",
        "an uploaded page is not shown with the rights of the server",
        run!(harmless, "text/html"),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-17.2",
        "an uploaded page with a type in capitals is not shown with the rights of the server",
        run!(harmless, "TEXT/HTML;charset=utf-8"),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-17.3",
        "an uploaded drawing with scripts is not shown with the rights of the server",
        run!(harmless, "image/svg+xml"),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-17.4",
        "a type that ends its line adds no field",
        run!(no_field),
    )
    .needs(&[Need::Downloads]),
];

async fn whole(trial: &Trial) -> Verdict {
    let bytes = content::bytes(114, 200_001);
    let upload = trial.complete(&bytes).await?;
    let answer = upload.get().send().await?;
    answer.status(&[200])?;
    if answer.field("content-length").is_some() {
        answer.has("content-length", "200001")?;
    }
    trial.holds(&upload, &bytes).await
}

async fn nowhere(trial: &Trial) -> Verdict {
    let answer = trial.nowhere().await?.get().send().await?;
    answer.status(&[403, 404, 410])?;
    Ok(())
}

async fn terminated(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let answer = upload.delete().send().await.map_err(Stop::on_the_way)?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    upload.get().send().await?.status(&[403, 404, 410])?;
    Ok(())
}

async fn harmless(trial: &Trial, media_type: &str) -> Verdict {
    let upload = trial
        .described(&[("filetype", media_type.as_bytes())])
        .await?;
    let answer = upload.get().send().await?;
    answer.status(&[200])?;
    let field = |name| answer.field(name).unwrap_or_default().to_ascii_lowercase();
    let is_saved = field("content-disposition").starts_with("attachment");
    let is_without_rights = field("content-security-policy").contains("sandbox");
    let essence = media_type.split(';').next().unwrap_or_default();
    let is_of_another_type = answer.field("content-type").is_some()
        && !field("content-type").starts_with(&essence.to_ascii_lowercase());
    if is_saved || is_without_rights || is_of_another_type {
        return Ok(());
    }
    Err(Stop::failed(
        "an attachment, a sandbox or a harmless type",
        answer.shown("content-type"),
    ))
}

async fn no_field(trial: &Trial) -> Verdict {
    let media_type = b"text/plain\r\nX-Injected: 1";
    let upload = trial.described(&[("filetype", media_type)]).await?;
    let answer = upload.get().send().await?;
    answer.status(&[200])?.lacks("x-injected")?;
    Ok(())
}
