//! Heads that are too much, or none.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::http::Response;
use crate::spec::{HTTP_FIELDS, HTTP_SYNTAX, Strength};
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
        "a value does not go on behind NUL in it",
        run!(divided, "Upload-Length: 1\u{0}0\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-20.2",
        "a value does not go on behind a bare CR in it",
        run!(divided, "Upload-Length: 1\r0\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-20.3",
        "a number does not go on in the next line",
        run!(divided, "Upload-Length: 1\r\n 0\r\n"),
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
    .strength(Strength::Should)
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-20.6",
        "a method that is no token is refused",
        run!(no_method),
    )
    .strength(Strength::Should)
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

/// What comes of a creation with these lines, where the connection does not end instead.
async fn creation(trial: &Trial, method: &str, lines: &str) -> Result<Option<Response>, Stop> {
    let lines = format!("{lines}Content-Length: 0\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(trial.lines(method, &trial.path(), &lines))
        .await?;
    wire.answer_or_end("POST").await
}

/// A length of `1` and `0` with something between them, which a server may read as a space. Whatever
/// it makes of that, the length is not ten.
async fn divided(trial: &Trial, lines: &str) -> Verdict {
    let Some(answer) = creation(trial, "POST", lines).await? else {
        return Ok(());
    };
    if answer.status.as_u16() != 201 {
        answer.fails()?;
        return Ok(());
    }
    let told = trial.located(&answer)?.told().await?;
    if told.number("upload-length") == Some(10) {
        let observed = told.shown("upload-length");
        return Err(Stop::failed("a length other than 10", observed));
    }
    Ok(())
}

/// A creation that is not to come about.
async fn malformed(trial: &Trial, lines: &str) -> Verdict {
    if let Some(answer) = creation(trial, "POST", lines).await? {
        answer.fails()?.lacks("location")?;
    }
    Ok(())
}

async fn no_method(trial: &Trial) -> Verdict {
    let answer = creation(trial, "PO(ST", "Upload-Length: 10\r\n").await?;
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
    refused_or(&[200, 204], call.send_or_end().await?)?;
    upload.is_at(0).await
}

async fn long_path(trial: &Trial) -> Verdict {
    let path = format!("{}{}", trial.path(), "x".repeat(70_000));
    let call = trial.call("HEAD", &path).unobserved();
    refused_or(&[], call.send_or_end().await?)?;
    trial.upload(5).await?.is_at(0).await
}

/// The connection may end without an answer, too: not all that is too much can be answered.
fn refused_or(wanted: &[u16], answer: Option<Response>) -> Verdict {
    if let Some(answer) = answer
        && !wanted.contains(&answer.status.as_u16())
    {
        answer.blamed()?;
    }
    Ok(())
}
