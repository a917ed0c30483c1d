//! Lengths that are large.

use super::{created, is_told, read_as};
use crate::case::{Case, run};
use crate::spec::UPLOAD_LENGTH;
use crate::statement::Statement;
use crate::trial::{Trial, Verdict};

pub(in crate::catalogue::creation) const STATEMENTS: &[Statement] = &[
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
];

pub(in crate::catalogue::creation) const CASES: &[Case] = &[
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
];

async fn too_large(trial: &Trial, length: &str) -> Verdict {
    let answer = created(trial, length).await?;
    answer.status(&[413])?.lacks("location")?;
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
