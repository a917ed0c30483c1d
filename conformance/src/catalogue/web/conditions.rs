//! Conditions on downloads.

use crate::case::{Case, Need, run};
use crate::spec::HTTP_CONDITIONAL;
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "H-15",
    HTTP_CONDITIONAL,
    "Who tags downloads with `ETag` keeps the conditions that refer to the tag.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new("H-15.1", "a tag is in quotes", run!(quoted)).needs(&[Need::Downloads]),
    Case::new(
        "H-15.2",
        "who has the tag already is told so",
        run!(answered, "If-None-Match", None, 304),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-15.3",
        "who has another tag gets the bytes",
        run!(answered, "If-None-Match", Some("\"another\""), 200),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-15.4",
        "who insists on the tag gets the bytes",
        run!(answered, "If-Match", None, 200),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-15.5",
        "who insists on another tag is refused",
        run!(answered, "If-Match", Some("\"another\""), 412),
    )
    .needs(&[Need::Downloads]),
];

/// A download, and its tag.
async fn tagged(trial: &Trial) -> Result<(Call<'_>, String), Stop> {
    let upload = trial.complete(b"hello").await?;
    let answer = upload.get().send().await?;
    answer.status(&[200]).map_err(Stop::on_the_way)?;
    let Some(tag) = answer.field("etag") else {
        let reason = "downloads have no tag";
        return Err(Stop::NotApplicable(reason.to_owned()));
    };
    Ok((upload.get(), tag.to_owned()))
}

async fn quoted(trial: &Trial) -> Verdict {
    let (_, tag) = tagged(trial).await?;
    let opaque = tag.strip_prefix("W/").unwrap_or(&tag);
    let inner = opaque
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.contains(['"', ' ']) => Ok(()),
        _ => Err(Stop::failed("a tag in quotes", tag)),
    }
}

/// What comes of a condition with a tag: that of the download, where none is given.
async fn answered(trial: &Trial, condition: &str, tag: Option<&str>, status: u16) -> Verdict {
    let (get, own) = tagged(trial).await?;
    if condition == "If-Match" && own.starts_with("W/") {
        let reason = "a weak tag matches nothing";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    let answer = get.field(condition, tag.unwrap_or(&own)).send().await?;
    answer.status(&[status])?;
    if status == 200 && answer.content != b"hello" {
        let content = answer.content.escape_ascii().to_string();
        return Err(Stop::failed("`hello`", content));
    }
    Ok(())
}
