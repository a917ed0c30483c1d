//! How `Upload-Length` is written in a creation.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::http::Response;
use crate::session::Extension::Termination;
use crate::spec::{HTTP_FIELDS, HTTP_SYNTAX, Strength, UPLOAD_LENGTH};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must("LEN-01", UPLOAD_LENGTH, "A length is not negative."),
    Statement::must("LEN-02", UPLOAD_LENGTH, "A length has no sign, not even 0."),
    Statement::must("LEN-03", UPLOAD_LENGTH, "A length has no plus."),
    Statement::must(
        "LEN-04",
        UPLOAD_LENGTH,
        "Zeros before a length do not make it another one.",
    ),
    Statement::must(
        "LEN-05",
        HTTP_FIELDS,
        "White space around the value of a field does not belong to it.",
    ),
    Statement::must(
        "LEN-06",
        UPLOAD_LENGTH,
        "A length is one number, and no list.",
    ),
    Statement::must(
        "LEN-07",
        UPLOAD_LENGTH,
        "A length is an integer, in digits.",
    ),
    Statement::must("LEN-08", UPLOAD_LENGTH, "A length is not empty."),
    Statement::must(
        "LEN-09",
        UPLOAD_LENGTH,
        "A length is a number, and no word.",
    ),
    Statement::must("LEN-10", UPLOAD_LENGTH, "A length may be 0."),
    Statement::must("LEN-11", UPLOAD_LENGTH, "A length may be the largest size.")
        .untried("see CRE-09"),
    Statement::must(
        "LEN-12",
        UPLOAD_LENGTH,
        "A length may not be more than the largest size.",
    )
    .untried("see CRE-09"),
    Statement::must(
        "LEN-13",
        UPLOAD_LENGTH,
        "A length of 2^63-1 is kept as it is, or refused.",
    ),
    Statement::must(
        "LEN-14",
        UPLOAD_LENGTH,
        "A length of 2^63 is kept as it is, or refused.",
    ),
    Statement::must(
        "LEN-15",
        UPLOAD_LENGTH,
        "A length of 2^64-1 is kept as it is, or refused.",
    ),
    Statement::must(
        "LEN-16",
        UPLOAD_LENGTH,
        "A length of more than 64 bits is kept as it is, or refused.",
    ),
    Statement::must(
        "LEN-17",
        UPLOAD_LENGTH,
        "A length of very many digits is kept as it is, or refused.",
    ),
    Statement::must(
        "LEN-18",
        UPLOAD_LENGTH,
        "A length that no number of 32 bits, or no floating-point number, holds is kept as it is, or refused.",
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
    Statement::must(
        "LEN-23",
        UPLOAD_LENGTH,
        "Bytes that are not ASCII are no digits.",
    ),
    Statement::should(
        "LEN-24",
        UPLOAD_LENGTH,
        "A length in HEAD or DELETE says nothing.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new("LEN-01.1", "-1 is refused", run!(refused, "-1")),
    Case::new("LEN-01.2", "-1 is refused with 400", run!(malformed, "-1")).resolution("A08"),
    Case::new("LEN-02.1", "-0 is refused or 0", run!(read_as, "-0", "0")),
    Case::new("LEN-02.2", "-0 is refused with 400", run!(malformed, "-0")).resolution("A08"),
    Case::new("LEN-03.1", "+5 is refused or 5", run!(read_as, "+5", "5")),
    Case::new("LEN-03.2", "+5 is refused with 400", run!(malformed, "+5")).resolution("A08"),
    Case::new("LEN-04.1", "05 is refused or 5", run!(read_as, "05", "5")),
    Case::new("LEN-04.2", "000 is refused or 0", run!(read_as, "000", "0")),
    Case::new("LEN-04.3", "05 is 5", run!(is, "05", "5")).resolution("A08"),
    Case::new("LEN-04.4", "000 is 0", run!(is, "000", "0")).resolution("A08"),
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
        "LEN-06.1",
        "two numbers are refused with 400",
        run!(malformed, "5 0"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-06.2",
        "a list is refused with 400",
        run!(malformed, "5,5"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-06.3",
        "a number with a parameter is refused with 400",
        run!(malformed, "5;q=1"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-06.4",
        "two numbers make no server error",
        run!(survived, "5 0"),
    )
    .strength(Strength::Should),
    Case::new("LEN-07.1", "5.0 is refused or 5", run!(read_as, "5.0", "5")),
    Case::new(
        "LEN-07.2",
        "5.0 is refused with 400",
        run!(malformed, "5.0"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.3",
        "5e3 is refused with 400",
        run!(malformed, "5e3"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.4",
        "0x5 is refused with 400",
        run!(malformed, "0x5"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.5",
        "1_0 is refused with 400",
        run!(malformed, "1_0"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.6",
        "a digit of double width is refused with 400",
        run!(malformed, "１"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.7",
        "an Arabic digit is refused with 400",
        run!(malformed, "٥"),
    )
    .resolution("A08"),
    Case::new("LEN-07.8", "5.5 is refused", run!(refused, "5.5")),
    Case::new("LEN-08.1", "an empty length is refused", run!(refused, "")),
    Case::new(
        "LEN-08.2",
        "an empty length is refused with 400",
        run!(malformed, ""),
    )
    .resolution("A08"),
    Case::new("LEN-09.1", "a word is refused", run!(refused, "abc")),
    Case::new("LEN-09.2", "`NaN` is refused", run!(refused, "NaN")),
    Case::new(
        "LEN-09.3",
        "`Infinity` is refused",
        run!(refused, "Infinity"),
    ),
    Case::new(
        "LEN-09.4",
        "a word is refused with 400",
        run!(malformed, "abc"),
    )
    .resolution("A08"),
    Case::new("LEN-10.1", "0 is 0", run!(is, "0", "0")).strength(Strength::Should),
    Case::new(
        "LEN-13.1",
        "2^63-1 is refused, or told as it was sent",
        run!(read_as, "9223372036854775807", "9223372036854775807"),
    ),
    Case::new(
        "LEN-14.1",
        "2^63 is refused, or told as it was sent",
        run!(read_as, "9223372036854775808", "9223372036854775808"),
    ),
    Case::new(
        "LEN-14.2",
        "2^63 is refused with 413",
        run!(too_large, "9223372036854775808"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-15.1",
        "2^64-1 is refused, or told as it was sent",
        run!(read_as, "18446744073709551615", "18446744073709551615"),
    ),
    Case::new(
        "LEN-15.2",
        "2^64-1 is refused with 413",
        run!(too_large, "18446744073709551615"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-16.1",
        "2^64 is refused, or told as it was sent",
        run!(read_as, "18446744073709551616", "18446744073709551616"),
    ),
    Case::new(
        "LEN-16.2",
        "2^64 and 5 is refused, or told as it was sent",
        run!(read_as, "18446744073709551621", "18446744073709551621"),
    ),
    Case::new(
        "LEN-16.3",
        "2^64 is refused with 413",
        run!(too_large, "18446744073709551616"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-17.1",
        "a hundred digits are refused, or told as they were sent",
        run!(digits, 100),
    ),
    Case::new(
        "LEN-17.2",
        "ten thousand digits are refused, or told as they were sent",
        run!(digits, 10_000),
    ),
    Case::new(
        "LEN-18.1",
        "2^53+1 is refused, or told as it was sent",
        run!(read_as, "9007199254740993", "9007199254740993"),
    ),
    Case::new(
        "LEN-18.2",
        "2^32 and 5 is refused, or told as it was sent",
        run!(read_as, "4294967301", "4294967301"),
    ),
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
        "LEN-23.1",
        "a superscript two is refused",
        run!(refused, b"\xb2"),
    ),
    Case::new(
        "LEN-23.2",
        "a space of Latin-1 behind the length makes no server error",
        run!(survived, b"5\xa0"),
    )
    .strength(Strength::Should),
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

async fn created(trial: &Trial, length: impl AsRef<[u8]>) -> Result<Response, Stop> {
    trial.post().field("Upload-Length", length).send().await
}

/// What is no length, however it is read.
async fn refused(trial: &Trial, length: impl AsRef<[u8]>) -> Verdict {
    let answer = created(trial, length).await?;
    answer.refused()?.lacks("location")?;
    Ok(())
}

async fn malformed(trial: &Trial, length: impl AsRef<[u8]>) -> Verdict {
    let answer = created(trial, length).await?;
    answer.status(&[400])?.lacks("location")?;
    Ok(())
}

async fn too_large(trial: &Trial, length: &str) -> Verdict {
    let answer = created(trial, length).await?;
    answer.status(&[413])?.lacks("location")?;
    Ok(())
}

async fn is(trial: &Trial, length: &str, number: &str) -> Verdict {
    let answer = created(trial, length).await?;
    answer.status(&[201])?;
    is_told(trial, &answer, number).await
}

/// What a server may refuse, for its form or its size: or else it is this number.
async fn read_as(trial: &Trial, length: &str, number: &str) -> Verdict {
    let answer = created(trial, length).await?;
    if answer.refused().is_ok() {
        answer.lacks("location")?;
        return Ok(());
    }
    answer.status(&[201])?;
    is_told(trial, &answer, number).await
}

async fn is_told(trial: &Trial, answer: &Response, number: &str) -> Verdict {
    let upload = trial.located(answer).map_err(Stop::on_the_way)?;
    upload.told().await?.has("upload-length", number)?;
    Ok(())
}

/// What a server may refuse, or take for whatever number it sees in it.
async fn survived(trial: &Trial, length: impl AsRef<[u8]>) -> Verdict {
    let answer = created(trial, length).await?;
    if answer.status.as_u16() == 201 {
        let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
        let told = upload.told().await?;
        told.number("upload-length").ok_or_else(|| {
            Stop::failed("a number in `upload-length`", told.shown("upload-length"))
        })?;
    } else {
        answer.blamed()?;
    }
    Ok(())
}

async fn digits(trial: &Trial, number: usize) -> Verdict {
    let length = "9".repeat(number);
    let call = trial.post().field("Upload-Length", &length);
    let answer = call.unobserved().send().await?;
    if answer.status.as_u16() == 201 {
        return is_told(trial, &answer, &length).await;
    }
    answer.refused()?.lacks("location")?;
    Ok(())
}

async fn in_two_lines(trial: &Trial, second: &str) -> Verdict {
    let call = trial.post_of(5).field("Upload-Length", second);
    let answer = call.send().await?;
    answer.status(&[400])?.lacks("location")?;
    Ok(())
}

async fn with_control(trial: &Trial, length: &str) -> Verdict {
    let call = trial.post().field("Upload-Length", length);
    let answer = call.unobserved().send().await?;
    if answer.status.as_u16() == 201 {
        return is_told(trial, &answer, "5").await;
    }
    answer.refused()?;
    Ok(())
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
