//! What becomes of the metadata of an upload.

use super::{described, tells};
use crate::case::{Case, Need, run};
use crate::spec::{CREATION_POST, UPLOAD_METADATA};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

/// One pair: `hello world.txt`.
const FILENAME: &str = "filename aGVsbG8gd29ybGQudHh0";

pub(in crate::catalogue::creation) const STATEMENTS: &[Statement] = &[
    Statement::may(
        "CRE-07",
        CREATION_POST,
        "A creation has `Upload-Metadata`, which the server ignores, uses, or takes as a reason to refuse.",
    )
    .untried("whichever of these a server does is right"),
    Statement::must(
        "CRE-08",
        CREATION_POST,
        "The answer to HEAD has `Upload-Metadata` as the client sent it with the creation.",
    ),
    Statement::should(
        "CRE-12",
        UPLOAD_METADATA,
        "Metadata may be any bytes, so they are checked before they get into fields of answers.",
    ),
    Statement::must(
        "META-18",
        UPLOAD_METADATA,
        "Metadata is what was sent with the creation, and not later.",
    ),
];

pub(in crate::catalogue::creation) const CASES: &[Case] = &[
    Case::new("CRE-08.1", "a pair is told", run!(told, FILENAME)),
    Case::new(
        "CRE-08.2",
        "several pairs are told",
        run!(
            told,
            "filename YS50eHQ=,filetype dGV4dC9wbGFpbg==,owner am9l"
        ),
    ),
    Case::new(
        "CRE-08.3",
        "metadata are told when a part of the bytes is there",
        run!(told_after, "hel"),
    ),
    Case::new(
        "CRE-08.4",
        "metadata are told when the upload is complete",
        run!(told_after, "hello"),
    ),
    Case::new("CRE-08.5", "8 KiB of metadata are told", run!(told_large)),
    Case::new(
        "CRE-08.6",
        "where no metadata were sent, none are told",
        run!(none_told),
    )
    .resolution("A10"),
    Case::new(
        "CRE-08.7",
        "each upload has its own metadata",
        run!(told_of_each),
    ),
    Case::new(
        "CRE-12.1",
        "a name of a file with a line break adds no field to a download",
        run!(no_field_added),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "META-18.1",
        "metadata with PATCH changes nothing",
        run!(not_with_patch),
    ),
    Case::new(
        "META-18.2",
        "metadata with HEAD changes nothing",
        run!(not_with_head),
    ),
];

async fn told(trial: &Trial, metadata: &str) -> Verdict {
    let upload = described(trial, metadata).await?;
    tells(&upload, metadata).await
}

async fn told_after(trial: &Trial, content: &str) -> Verdict {
    let upload = described(trial, FILENAME).await?;
    upload.append(0, content.as_bytes()).await?;
    tells(&upload, FILENAME).await
}

async fn told_large(trial: &Trial) -> Verdict {
    told(trial, &format!("notes {}", "YWJj".repeat(2048))).await
}

async fn none_told(trial: &Trial) -> Verdict {
    if trial.session().options().metadata.is_some() {
        let reason = "each creation has metadata, as --metadata says";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    let upload = trial.upload(5).await?;
    upload.told().await?.lacks("upload-metadata")?;
    Ok(())
}

async fn told_of_each(trial: &Trial) -> Verdict {
    let one = described(trial, "filename b25l").await?;
    let other = described(trial, "filename b3RoZXI=").await?;
    tells(&one, "filename b25l").await?;
    tells(&other, "filename b3RoZXI=").await
}

async fn no_field_added(trial: &Trial) -> Verdict {
    // a"<CR><LF>Set-Cookie: x=1
    let upload = described(trial, "filename YSINClNldC1Db29raWU6IHg9MQ==").await?;
    upload.append(0, b"hello").await?;
    let answer = upload.get().send().await?;
    answer.status(&[200]).map_err(Stop::on_the_way)?;
    answer.lacks("set-cookie")?;
    Ok(())
}

async fn not_with_patch(trial: &Trial) -> Verdict {
    let upload = described(trial, "k dg==").await?;
    let call = upload.patch(0).body("hel");
    call.field("Upload-Metadata", "j dg==").send().await?;
    tells(&upload, "k dg==").await
}

async fn not_with_head(trial: &Trial) -> Verdict {
    let upload = described(trial, "k dg==").await?;
    let call = upload.head();
    call.field("Upload-Metadata", "j dg==").send().await?;
    tells(&upload, "k dg==").await
}
