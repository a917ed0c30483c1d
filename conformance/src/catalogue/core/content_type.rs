//! The type of the content of PATCH.

use crate::case::{Case, run};
use crate::spec::PATCH;
use crate::statement::Statement;
use crate::trial::{OFFSET_OCTET_STREAM, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::should(
    "CORE-23",
    PATCH,
    "PATCH has `Content-Type: application/offset+octet-stream`, or it is answered with 415.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-23.1",
        "content without a type is answered with 415",
        run!(refused, &[]),
    ),
    Case::new(
        "CORE-23.2",
        "`text/plain` is answered with 415",
        run!(refused, &["text/plain"]),
    ),
    Case::new(
        "CORE-23.3",
        "`application/octet-stream` is answered with 415",
        run!(refused, &["application/octet-stream"]),
    ),
    Case::new(
        "CORE-23.4",
        "a form is answered with 415",
        run!(refused, &["multipart/form-data; boundary=x"]),
    ),
    Case::new(
        "CORE-23.5",
        "a type that only begins like the right one is answered with 415",
        run!(refused, &["application/offset+octet-stream-2"]),
    ),
    Case::new(
        "CORE-23.6",
        "the type in other case is accepted",
        run!(accepted, "Application/Offset+Octet-Stream"),
    )
    .resolution("A06"),
    Case::new(
        "CORE-23.7",
        "the type with a parameter is accepted",
        run!(accepted, "application/offset+octet-stream; charset=utf-8"),
    )
    .resolution("A06"),
    Case::new(
        "CORE-23.8",
        "the type in two lines is refused with 400 or 415",
        run!(in_two_lines),
    )
    .resolution("A05"),
];

async fn refused(trial: &Trial, types: &[&str]) -> Verdict {
    refused_with(trial, types, &[415]).await
}

async fn in_two_lines(trial: &Trial) -> Verdict {
    refused_with(
        trial,
        &[OFFSET_OCTET_STREAM, OFFSET_OCTET_STREAM],
        &[400, 415],
    )
    .await
}

async fn refused_with(trial: &Trial, types: &[&str], statuses: &[u16]) -> Verdict {
    let upload = trial.upload(10).await?;
    let mut call = upload.patch(0).body("hello").without("Content-Type");
    for value in types {
        call = call.field("Content-Type", value);
    }
    call.send().await?.status(statuses)?;
    upload.is_at(0).await
}

async fn accepted(trial: &Trial, value: &str) -> Verdict {
    let upload = trial.upload(10).await?;
    let call = upload.patch(0).body("hello").set("Content-Type", value);
    call.send().await?.status(&[204])?;
    upload.is_at(5).await
}
