//! How `Upload-Offset` is written in PATCH.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::{HTTP_FIELDS, PATCH, UPLOAD_OFFSET};
use crate::statement::Statement;
use crate::trial::{Call, Trial, Upload, Verdict};

/// More digits than any number of a machine has.
const HUNDRED_DIGITS: &str = concat!(
    "99999999999999999999999999999999999999999999999999",
    "99999999999999999999999999999999999999999999999999",
);

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should("OFF-01", PATCH, "PATCH says at which offset its bytes are."),
    Statement::must(
        "OFF-02",
        UPLOAD_OFFSET,
        "`Upload-Offset` is an integer, and what is none is not the offset of an upload.",
    ),
    Statement::must(
        "OFF-03",
        UPLOAD_OFFSET,
        "`Upload-Offset` is not negative, and has no sign.",
    ),
    Statement::should(
        "OFF-04",
        UPLOAD_OFFSET,
        "Zeros before an offset do not make it another one.",
    ),
    Statement::must(
        "OFF-05",
        HTTP_FIELDS,
        "White space around the value of a field does not belong to it.",
    ),
    Statement::must(
        "OFF-06",
        PATCH,
        "Where there is another offset, 409 is the answer also without content.",
    ),
    Statement::must(
        "OFF-08",
        UPLOAD_OFFSET,
        "An offset that is too large for a number of the server is one that the upload does not have.",
    ),
    Statement::should("OFF-09", HTTP_FIELDS, "`Upload-Offset` is in one line."),
    Statement::should("OFF-10", HTTP_FIELDS, "`Upload-Offset` is no list."),
    Statement::should("OFF-13", PATCH, "`Upload-Offset` in a creation is 0.")
        .untried("see Creation With Upload: CWU-07"),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "OFF-01.1",
        "PATCH without an offset is refused",
        run!(refused, None, Refusal::Any),
    ),
    Case::new(
        "OFF-01.2",
        "PATCH without an offset is refused with 400",
        run!(refused, None, Refusal::With(400)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-02.1",
        "an empty offset is refused",
        run!(refused, Some(""), Refusal::Any),
    ),
    Case::new(
        "OFF-02.2",
        "a word as an offset is refused",
        run!(refused, Some("abc"), Refusal::Any),
    ),
    Case::new(
        "OFF-02.3",
        "an offset with a fraction is refused",
        run!(refused, Some("5.5"), Refusal::Any),
    ),
    Case::new(
        "OFF-02.4",
        "an empty offset is refused with 400",
        run!(refused, Some(""), Refusal::With(400)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-02.5",
        "a word as an offset is refused with 400",
        run!(refused, Some("abc"), Refusal::With(400)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-02.6",
        "an offset with a point is refused with 400",
        run!(refused, Some("5.0"), Refusal::With(400)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-02.7",
        "a hexadecimal offset is refused with 400",
        run!(refused, Some("0x5"), Refusal::With(400)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-02.8",
        "an offset with an underscore is refused with 400",
        run!(refused, Some("0_5"), Refusal::With(400)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-02.9",
        "an offset in digits that are not ASCII is refused with 400",
        run!(refused, Some("５"), Refusal::With(400)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-03.1",
        "a negative offset is refused",
        run!(refused, Some("-5"), Refusal::Any),
    ),
    Case::new(
        "OFF-03.2",
        "a negative offset is refused with 400",
        run!(refused, Some("-5"), Refusal::With(400)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-03.3",
        "an offset with a plus is refused with 400",
        run!(refused, Some("+5"), Refusal::With(400)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-04.1",
        "an offset with a zero before it is accepted",
        run!(accepted, "05"),
    )
    .resolution("A08"),
    Case::new(
        "OFF-05.1",
        "an offset with white space around it is accepted",
        run!(accepted, " \t5 \t"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "OFF-06.1",
        "one too few without content is a conflict",
        run!(refused, Some("4"), Refusal::With(409)),
    ),
    Case::new(
        "OFF-06.2",
        "one too many without content is a conflict",
        run!(refused, Some("6"), Refusal::With(409)),
    ),
    Case::new(
        "OFF-06.3",
        "the length without content is a conflict",
        run!(refused, Some("10"), Refusal::With(409)),
    ),
    Case::new(
        "OFF-06.4",
        "more than the length without content is a conflict",
        run!(refused, Some("11"), Refusal::With(409)),
    ),
    Case::new(
        "OFF-08.1",
        "an offset of 2^63 is refused",
        run!(refused, Some("9223372036854775808"), Refusal::Any),
    ),
    Case::new(
        "OFF-08.2",
        "an offset of 2^64 is refused",
        run!(refused, Some("18446744073709551616"), Refusal::Any),
    ),
    Case::new(
        "OFF-08.3",
        "2^64 more than the offset is not the offset",
        run!(refused, Some("18446744073709551621"), Refusal::Any),
    ),
    Case::new(
        "OFF-08.4",
        "an offset of a hundred digits is refused",
        run!(refused, Some(HUNDRED_DIGITS), Refusal::Any),
    ),
    Case::new(
        "OFF-08.5",
        "an offset of 2^63 is a conflict",
        run!(refused, Some("9223372036854775808"), Refusal::With(409)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-08.6",
        "an offset of 2^64 is a conflict",
        run!(refused, Some("18446744073709551616"), Refusal::With(409)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-08.7",
        "an offset of a hundred digits is a conflict",
        run!(refused, Some(HUNDRED_DIGITS), Refusal::With(409)),
    )
    .resolution("A08"),
    Case::new(
        "OFF-09.1",
        "the offset in two lines is refused with 400",
        run!(in_two_lines, "5"),
    )
    .resolution("A05"),
    Case::new(
        "OFF-09.2",
        "two offsets in two lines are refused with 400",
        run!(in_two_lines, "6"),
    )
    .resolution("A05"),
    Case::new(
        "OFF-10.1",
        "a list of offsets is refused with 400",
        run!(refused, Some("5,5"), Refusal::With(400)),
    )
    .resolution("A08"),
];

/// How a request is refused.
#[derive(Clone, Copy)]
enum Refusal {
    /// With whatever 4xx.
    Any,
    /// With this status.
    With(u16),
}

/// A PATCH without content that says `offset` where the upload has five bytes.
fn patch<'a>(upload: &Upload<'a>, offset: &str) -> Call<'a> {
    upload.patch(5).set("Upload-Offset", offset)
}

async fn refused(trial: &Trial, offset: Option<&str>, refusal: Refusal) -> Verdict {
    let upload = super::half(trial).await?;
    let call = match offset {
        Some(offset) => patch(&upload, offset),
        None => upload.patch(5).without("Upload-Offset"),
    };
    let answer = call.send().await?;
    match refusal {
        Refusal::Any => answer.refused()?,
        Refusal::With(status) => answer.status(&[status])?,
    };
    upload.is_at(5).await
}

async fn accepted(trial: &Trial, offset: &str) -> Verdict {
    let upload = super::half(trial).await?;
    let answer = patch(&upload, offset).body("world").send().await?;
    answer.status(&[204])?.has("upload-offset", "10")?;
    upload.is_at(10).await
}

async fn in_two_lines(trial: &Trial, second: &str) -> Verdict {
    let upload = super::half(trial).await?;
    let call = upload.patch(5).field("Upload-Offset", second);
    call.send().await?.status(&[400])?;
    upload.is_at(5).await
}
