//! What `Upload-Checksum` may look like.

use crate::case::{Case, Need, run};
use crate::session::Extension::Checksum;
use crate::spec::{CHECKSUM, HTTP_FIELDS, UPLOAD_CHECKSUM};
use crate::statement::Statement;
use crate::trial::{Trial, Verdict};

use super::verification::{RIGHT, WRONG};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CHK-09",
        UPLOAD_CHECKSUM,
        "`Upload-Checksum` is the name of the algorithm, a space, and the checksum in Base64.",
    )
    .untried("CKS-01 to CKS-11 do, form by form"),
    Statement::must(
        "CKS-01",
        UPLOAD_CHECKSUM,
        "A name, a space and Base64 are a checksum.",
    ),
    Statement::must(
        "CKS-02",
        CHECKSUM,
        "A checksum that is well formed and wrong is refused.",
    ),
    Statement::must(
        "CKS-03",
        CHECKSUM,
        "Names with upper-case letters are names of no algorithm.",
    ),
    Statement::must(
        "CKS-04",
        CHECKSUM,
        "Names that are not told are names of no algorithm.",
    ),
    Statement::must("CKS-05", UPLOAD_CHECKSUM, "Neither part is left out."),
    Statement::must(
        "CKS-06",
        HTTP_FIELDS,
        "White space around the value of a field is no part of it.",
    ),
    Statement::must(
        "CKS-07",
        UPLOAD_CHECKSUM,
        "Between the parts is one space, and nothing else.",
    ),
    Statement::must(
        "CKS-08",
        UPLOAD_CHECKSUM,
        "What is not Base64 is no checksum.",
    ),
    Statement::must(
        "CKS-09",
        CHECKSUM,
        "What has not the length of the algorithm's checksums is none of them.",
    ),
    Statement::must("CKS-10", UPLOAD_CHECKSUM, "A request has one checksum."),
    Statement::must("CKS-11", UPLOAD_CHECKSUM, "Hexadecimal is not Base64."),
    Statement::must(
        "CKS-12",
        CHECKSUM,
        "Servers that do not verify checksums do not say that they do.",
    )
    .untried("CHK-01 does"),
];

const VERIFIES: &[Need] = &[Need::Offered(Checksum)];

/// Lines that hold no checksum, or a wrong one, and how that is answered: with 400, or with any refusal.
const fn refusal(id: &'static str, about: &'static str, run: crate::case::Run) -> Case {
    Case::new(id, about, run).needs(VERIFIES)
}

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CKS-01.1",
        "a checksum that is well formed and right is taken",
        run!(taken, RIGHT),
    )
    .needs(VERIFIES),
    refusal(
        "CKS-02.1",
        "a checksum that is well formed and wrong is refused",
        run!(refused, &[WRONG]),
    ),
    refusal(
        "CKS-03.1",
        "`SHA1` is refused with 400",
        run!(refused_with_400, &["SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="]),
    )
    .resolution("A14"),
    refusal(
        "CKS-03.2",
        "`Sha1` is refused with 400",
        run!(refused_with_400, &["Sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="]),
    )
    .resolution("A14"),
    refusal(
        "CKS-04.1",
        "a name that nobody knows is refused",
        run!(refused, &["foo AAAA"]),
    ),
    refusal(
        "CKS-04.2",
        "a name that is almost right is refused",
        run!(refused, &["sha-1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="]),
    ),
    refusal(
        "CKS-05.1",
        "the name of an algorithm alone is refused with 400",
        run!(refused_with_400, &["sha1"]),
    )
    .resolution("A14"),
    refusal(
        "CKS-05.2",
        "a checksum alone is refused with 400",
        run!(refused_with_400, &["Kq5sNclPz7QV2+lfQIuc6R7oRu0="]),
    )
    .resolution("A14"),
    refusal(
        "CKS-05.3",
        "`Upload-Checksum` without a value is refused with 400",
        run!(refused_with_400, &[""]),
    )
    .resolution("A14"),
    Case::new(
        "CKS-06.1",
        "white space around a checksum does not matter",
        run!(taken, " \tsha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0= \t"),
    )
    .needs(VERIFIES),
    refusal(
        "CKS-07.1",
        "two spaces before a checksum are refused with 400",
        run!(refused_with_400, &["sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0="]),
    )
    .resolution("A14"),
    refusal(
        "CKS-07.2",
        "a tab before a checksum is refused with 400",
        run!(refused_with_400, &["sha1\tKq5sNclPz7QV2+lfQIuc6R7oRu0="]),
    )
    .resolution("A14"),
    refusal(
        "CKS-07.3",
        "two checksums in one line are refused with 400",
        run!(
            refused_with_400,
            &["sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0= Kq5sNclPz7QV2+lfQIuc6R7oRu0="]
        ),
    )
    .resolution("A14"),
    refusal(
        "CKS-08.1",
        "a checksum that is not Base64 at all is refused",
        run!(refused, &["sha1 !!!!"]),
    ),
    refusal(
        "CKS-08.2",
        "a checksum that is not Base64 at all is refused with 400",
        run!(refused_with_400, &["sha1 !!!!"]),
    )
    .resolution("A14"),
    refusal(
        "CKS-08.3",
        "a checksum without its padding is refused with 400",
        run!(refused_with_400, &["sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0"]),
    )
    .resolution("A14"),
    refusal(
        "CKS-08.4",
        "a checksum in the Base64 of URLs is refused with 400",
        run!(refused_with_400, &["sha1 Kq5sNclPz7QV2-lfQIuc6R7oRu0="]),
    )
    .resolution("A14"),
    refusal(
        "CKS-09.1",
        "the first bytes of the checksum are refused",
        run!(refused, &["sha1 Kq5s"]),
    ),
    refusal(
        "CKS-09.2",
        "the first bytes of the checksum are refused with 400",
        run!(refused_with_400, &["sha1 Kq5s"]),
    )
    .resolution("A14"),
    refusal(
        "CKS-10.1",
        "two lines of `Upload-Checksum` are refused with 400",
        run!(refused_with_400, &[RIGHT, RIGHT]),
    )
    .resolution("A05"),
    refusal(
        "CKS-11.1",
        "the checksum in hexadecimal is refused",
        run!(refused, &["sha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"]),
    ),
    refusal(
        "CKS-11.2",
        "the checksum in hexadecimal is refused with 400",
        run!(
            refused_with_400,
            &["sha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"]
        ),
    )
    .resolution("A14"),
];

async fn taken(trial: &Trial, value: &str) -> Verdict {
    let upload = trial.upload(11).await?;
    let call = upload.patch(0).body("hello world");
    let answer = call.field("Upload-Checksum", value).send().await?;
    answer.status(&[204])?.has("upload-offset", "11")?;
    Ok(())
}

async fn refused(trial: &Trial, lines: &[&str]) -> Verdict {
    refusal_of(trial, lines, None).await
}

async fn refused_with_400(trial: &Trial, lines: &[&str]) -> Verdict {
    refusal_of(trial, lines, Some(400)).await
}

async fn refusal_of(trial: &Trial, lines: &[&str], status: Option<u16>) -> Verdict {
    let upload = trial.upload(11).await?;
    let mut call = upload.patch(0).body("hello world");
    for line in lines {
        call = call.field("Upload-Checksum", line);
    }
    let answer = call.send().await?;
    match status {
        Some(status) => answer.status(&[status])?,
        None => answer.refused()?,
    };
    upload.is_at(0).await
}
