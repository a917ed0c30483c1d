//! Heads that are too much, or none.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::{HTTP_FIELDS, HTTP_SYNTAX};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "TRN-20",
        HTTP_SYNTAX,
        "A head that is malformed is refused, or read so that nothing hides in it.",
    ),
    Statement::should(
        "H-08",
        HTTP_FIELDS,
        "A head that is larger than the server takes is refused with 4xx, and nobody else notices.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRN-20.1",
        "a value with NUL in it is no number",
        run!(malformed, "Upload-Length: 1\u{0}0\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-20.2",
        "a value with a bare CR in it is no number",
        run!(malformed, "Upload-Length: 1\r0\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-20.3",
        "a value that goes on in the next line is no number",
        run!(malformed, "Upload-Length: 1\r\n 0\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-20.4",
        "a name with a space behind it is refused",
        run!(malformed, "Upload-Length : 10\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-20.5",
        "a line without a colon is refused",
        run!(malformed, "Upload-Length: 10\r\nnonsense\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-20.6",
        "a method that is no token is refused",
        run!(no_method),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "H-08.1",
        "a head of a thousand fields is taken, or refused with 4xx",
        run!(large, 1000, 10),
    ),
    Case::new(
        "H-08.2",
        "a field of half a million bytes is taken, or refused with 4xx",
        run!(large, 1, 500_000),
    ),
    Case::new(
        "H-08.3",
        "a path of seventy thousand bytes is refused with 4xx",
        run!(long_path),
    ),
];

/// A creation that must not come about.
async fn malformed(trial: &Trial, lines: &str) -> Verdict {
    let lines = format!("{lines}Content-Length: 0\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(trial.lines("POST", &trial.path(), &lines))
        .await?;
    if let Some(answer) = wire.answer_or_end("POST").await? {
        answer.fails()?.lacks("location")?;
    }
    Ok(())
}

async fn no_method(trial: &Trial) -> Verdict {
    let lines = "Upload-Length: 10\r\nContent-Length: 0\r\n";
    let mut wire = trial.by_hand().await?;
    wire.write(trial.lines("PO(ST", &trial.path(), lines))
        .await?;
    let answer = wire.answer_or_end("POST").await?;
    if let Some(answer) = answer {
        answer.refused()?.lacks("location")?;
    }
    Ok(())
}

/// A question with so many fields of so many bytes.
async fn large(trial: &Trial, fields: usize, bytes: usize) -> Verdict {
    let upload = trial.upload(5).await?;
    let value = "x".repeat(bytes);
    let mut call = upload.head().unobserved();
    for number in 0..fields {
        call = call.field(&format!("X-Large-{number}"), &value);
    }
    refused_or(&[200, 204], call.send().await)?;
    upload.is_at(0).await
}

async fn long_path(trial: &Trial) -> Verdict {
    let path = format!("{}{}", trial.path(), "x".repeat(70_000));
    let call = trial.call("HEAD", &path).unobserved();
    refused_or(&[], call.send().await)?;
    trial.upload(5).await?.is_at(0).await
}

/// The connection may end without an answer, too: not all that is too much can be answered.
fn refused_or(wanted: &[u16], answer: Result<crate::http::Response, Stop>) -> Verdict {
    if let Ok(answer) = answer
        && !wanted.contains(&answer.status.as_u16())
    {
        answer.blamed()?;
    }
    Ok(())
}
