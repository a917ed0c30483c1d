//! The field of a length: its lines, its name, and requests where it says nothing.

use super::{is, is_told};
use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::session::Extension::Termination;
use crate::spec::{HTTP_FIELDS, HTTP_SYNTAX, UPLOAD_LENGTH};
use crate::statement::Statement;
use crate::trial::{Trial, Verdict};

pub(in crate::catalogue::creation) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "LEN-05",
        HTTP_FIELDS,
        "White space around the value of a field does not belong to it.",
    ),
    Statement::should("LEN-19", HTTP_FIELDS, "A length is in one line."),
    Statement::should("LEN-20", HTTP_FIELDS, "There is one length only."),
    Statement::must(
        "LEN-21",
        HTTP_FIELDS,
        "A field with a NUL or a CR in its value is refused, or these become spaces.",
    ),
    Statement::must(
        "LEN-22",
        HTTP_SYNTAX,
        "The case of the name of a field does not matter.",
    ),
    Statement::should(
        "LEN-24",
        UPLOAD_LENGTH,
        "A length in HEAD or DELETE says nothing.",
    ),
];

pub(in crate::catalogue::creation) const CASES: &[Case] = &[
    Case::new(
        "LEN-05.1",
        "5 with spaces around is 5",
        run!(is, " 5 ", "5"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "LEN-05.2",
        "5 with tabs around is 5",
        run!(is, "\t5\t", "5"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "LEN-19.1",
        "the length in two lines is refused with 400",
        run!(in_two_lines, "5"),
    )
    .resolution("A05"),
    Case::new(
        "LEN-20.1",
        "two lengths in two lines are refused with 400",
        run!(in_two_lines, "6"),
    )
    .resolution("A05"),
    Case::new(
        "LEN-21.1",
        "a NUL behind the length is refused, or does not count",
        run!(with_control, "5\0"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "LEN-21.2",
        "a CR within the length is refused, or does not count",
        run!(with_control, "5\r "),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "LEN-22.1",
        "a name in upper case is the same name",
        run!(named, "UPLOAD-LENGTH"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "LEN-22.2",
        "a name in lower case is the same name",
        run!(named, "upload-length"),
    ),
    Case::new(
        "LEN-24.1",
        "a length in HEAD changes nothing",
        run!(ignored_in_head),
    ),
    Case::new(
        "LEN-24.2",
        "a length in DELETE changes nothing",
        run!(ignored_in_delete),
    )
    .needs(&[Need::Offered(Termination)]),
];

async fn in_two_lines(trial: &Trial, second: &str) -> Verdict {
    let call = trial.post_of(5).field("Upload-Length", second);
    let answer = call.send().await?;
    answer.status(&[400])?.lacks("location")?;
    Ok(())
}

async fn with_control(trial: &Trial, length: &str) -> Verdict {
    let lines = format!("Upload-Length: {length}\r\nContent-Length: 0\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(trial.lines("POST", &trial.path(), &lines))
        .await?;
    match wire.answer_or_end("POST").await? {
        Some(answer) if answer.status.as_u16() == 201 => is_told(trial, &answer, "5").await,
        Some(answer) => answer.refused().map(|_| ()),
        // To end the connection is a refusal too.
        None => Ok(()),
    }
}

async fn named(trial: &Trial, name: &str) -> Verdict {
    let answer = trial.post().field(name, "5").send().await?;
    answer.status(&[201])?;
    is_told(trial, &answer, "5").await
}

async fn ignored_in_head(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.head().field("Upload-Length", "6").send().await?;
    answer.status(&[200, 204])?.has("upload-length", "5")?;
    upload.told().await?.has("upload-length", "5")?;
    Ok(())
}

async fn ignored_in_delete(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.delete().field("Upload-Length", "6").send().await?;
    answer.status(&[204])?;
    upload.is_gone().await
}
