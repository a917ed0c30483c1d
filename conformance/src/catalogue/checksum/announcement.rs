//! What a server tells of its checksums.

use crate::case::{Case, Need, run};
use crate::session::Extension::{Checksum, Creation};
use crate::spec::{CHECKSUM, CHECKSUM_ALGORITHM};
use crate::statement::Statement;
use crate::trial::checksum::sha1;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CHK-01",
        CHECKSUM,
        "A server that verifies checksums says `checksum` in `Tus-Extension`.",
    ),
    Statement::must(
        "CHK-02",
        CHECKSUM_ALGORITHM,
        "The answer to OPTIONS has `Tus-Checksum-Algorithm`, a list with commas of what the server can verify.",
    ),
    Statement::must(
        "CHK-03",
        CHECKSUM,
        "The server has at least the algorithm `sha1`.",
    ),
    Statement::must(
        "CHK-04",
        CHECKSUM,
        "Names of algorithms are ASCII, without upper-case letters.",
    ),
];

const VERIFIES: &[Need] = &[Need::Offered(Checksum)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CHK-01.1",
        "where checksums are not announced, none is found to be wrong",
        run!(unannounced),
    )
    .needs(&[Need::Offered(Creation), Need::NotOffered(Checksum)]),
    Case::new(
        "CHK-01.2",
        "where checksums are not announced, a request that relies on one is refused",
        run!(unannounced_is_refused),
    )
    .needs(&[Need::Offered(Creation), Need::NotOffered(Checksum)])
    .resolution("A25"),
    Case::new(
        "CHK-02.1",
        "the algorithms of checksums are told",
        run!(told),
    )
    .needs(VERIFIES),
    Case::new(
        "CHK-03.1",
        "`sha1` is among the algorithms",
        run!(sha1_is_told),
    )
    .needs(VERIFIES),
    Case::new(
        "CHK-04.1",
        "the names of algorithms have no upper-case letters and nothing but ASCII",
        run!(names),
    )
    .needs(VERIFIES),
];

async fn unannounced(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    let call = upload.patch(0).body("hello world");
    let answer = call
        .field("Upload-Checksum", sha1(b"another"))
        .send()
        .await?;
    if answer.status.as_u16() == 460 {
        let expected = "no verdict on the checksum, or `checksum` in `tus-extension`";
        return Err(Stop::failed(expected, "status 460"));
    }
    Ok(())
}

async fn unannounced_is_refused(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    let call = upload.patch(0).body("hello world");
    let call = call.field("Upload-Checksum", sha1(b"hello world"));
    call.send().await?.status(&[400])?;
    upload.is_at(0).await
}

async fn told(trial: &Trial) -> Verdict {
    let answer = trial.options().send().await?;
    let names = answer.list("tus-checksum-algorithm");
    let value: Vec<_> = answer.lines("tus-checksum-algorithm").collect();
    let elements = value.join(&b","[..]);
    let elements = elements.split(|byte| *byte == b',').count();
    if names.is_empty() || names.len() != elements || names.iter().any(|name| name.contains(' ')) {
        return Err(Stop::failed(
            "names with commas between them in `tus-checksum-algorithm`",
            answer.shown("tus-checksum-algorithm"),
        ));
    }
    Ok(())
}

async fn sha1_is_told(trial: &Trial) -> Verdict {
    let answer = trial.options().send().await?;
    if answer
        .list("tus-checksum-algorithm")
        .iter()
        .any(|name| name == "sha1")
    {
        return Ok(());
    }
    Err(Stop::failed(
        "`sha1` in `tus-checksum-algorithm`",
        answer.shown("tus-checksum-algorithm"),
    ))
}

async fn names(trial: &Trial) -> Verdict {
    let answer = trial.options().send().await?;
    for line in answer.lines("tus-checksum-algorithm") {
        if line
            .iter()
            .any(|byte| !byte.is_ascii() || byte.is_ascii_uppercase())
        {
            return Err(Stop::failed(
                "lower-case ASCII in `tus-checksum-algorithm`",
                answer.shown("tus-checksum-algorithm"),
            ));
        }
    }
    Ok(())
}
