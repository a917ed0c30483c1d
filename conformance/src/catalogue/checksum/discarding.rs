//! Bytes with a wrong checksum leave no trace.

use crate::case::{Case, Need, run};
use crate::session::Extension::Checksum;
use crate::spec::CHECKSUM;
use crate::statement::Statement;
use crate::trial::checksum::sha1;
use crate::trial::{Stop, Trial, Verdict, content};

use super::verification::{RIGHT, WRONG};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "CHK-08",
    CHECKSUM,
    "Where the algorithm is not known or the checksum is wrong, the bytes are discarded, and neither the upload nor its offset changes.",
)];

const VERIFIES: &[Need] = &[Need::Offered(Checksum)];
const READ_BACK: &[Need] = &[Need::Offered(Checksum), Need::Content];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CHK-08.1",
        "the offset is as before after a wrong checksum",
        run!(offset_stays, WRONG),
    )
    .needs(VERIFIES),
    Case::new(
        "CHK-08.2",
        "the offset is as before after an unknown algorithm",
        run!(offset_stays, "unknown AAAA"),
    )
    .needs(VERIFIES),
    Case::new(
        "CHK-08.3",
        "the bytes that come instead are the ones that are kept",
        run!(replaced),
    )
    .needs(READ_BACK),
    Case::new(
        "CHK-08.4",
        "the last bytes of an upload do not complete it with a wrong checksum",
        run!(not_completed),
    )
    .needs(READ_BACK),
    Case::new(
        "CHK-08.5",
        "shorter bytes that come instead are the only ones that are kept",
        run!(replaced_by_less),
    )
    .needs(READ_BACK),
];

async fn offset_stays(trial: &Trial, checksum: &str) -> Verdict {
    let upload = trial.upload(22).await?;
    upload.append(0, b"hello").await?;
    let call = upload.patch(5).body("hello world");
    let answer = call.field("Upload-Checksum", checksum).send().await?;
    answer.refused()?;
    upload.is_at(5).await
}

async fn replaced(trial: &Trial) -> Verdict {
    let bytes = content::bytes(5, 3_000);
    let others = content::bytes(6, 1_000);
    let upload = trial.upload(3_000).await?;
    for (offset, piece) in (0..).step_by(1_000).zip(bytes.chunks(1_000)) {
        if offset == 1_000 {
            let call = upload.patch(offset).body(&others);
            let answer = call.field("Upload-Checksum", sha1(piece)).send().await?;
            answer.refused()?;
        }
        let call = upload.patch(offset).body(piece);
        let answer = call.field("Upload-Checksum", sha1(piece)).send().await?;
        answer.status(&[204])?;
    }
    trial.holds(&upload, &bytes).await
}

async fn not_completed(trial: &Trial) -> Verdict {
    let upload = trial.upload(16).await?;
    upload.append(0, b"hello").await?;
    let call = upload.patch(5).body("HELLO WORLD");
    let answer = call.field("Upload-Checksum", RIGHT).send().await?;
    answer.refused()?;
    upload.is_at(5).await?;
    let call = upload.patch(5).body("hello world");
    let answer = call.field("Upload-Checksum", RIGHT).send().await?;
    answer.status(&[204])?;
    trial.holds(&upload, b"hellohello world").await
}

async fn replaced_by_less(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = upload
        .patch(0)
        .body("HELLO")
        .field("Upload-Checksum", WRONG);
    call.send().await?.refused()?;
    upload.append(0, b"he").await.map_err(as_failure)?;
    upload.append(2, b"llo").await.map_err(as_failure)?;
    trial.holds(&upload, b"hello").await
}

/// To append after the refusal is the point.
fn as_failure(stop: Stop) -> Stop {
    match stop {
        Stop::Blocked(reason) => Stop::failed("the append to succeed", reason),
        other => other,
    }
}
