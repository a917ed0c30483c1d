//! Bytes and their checksums are compared.

use crate::case::{Case, Need, run};
use crate::http::Protocol;
use crate::session::Extension::Checksum;
use crate::spec::{CHECKSUM, UPLOAD_CHECKSUM};
use crate::statement::Statement;
use crate::trial::checksum::{checksum, sha1};
use crate::trial::{Stop, Trial, Verdict, content};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::may(
        "CHK-05",
        CHECKSUM,
        "A PATCH may have `Upload-Checksum`.",
    ),
    Statement::must(
        "CHK-06",
        CHECKSUM,
        "Once all of the request is there, its bytes are verified against the checksum.",
    ),
    Statement::may(
        "CHK-07",
        CHECKSUM,
        "The answer is 400 where the server does not know the algorithm, 460 where the checksum is wrong, and 204 where it is right.",
    ),
    Statement::must(
        "CHK-11",
        UPLOAD_CHECKSUM,
        "The checksum is that of the content of the request, also where there is none.",
    ),
    Statement::must(
        "CHK-12",
        CHECKSUM,
        "The checksum of a creation's content is verified too.",
    )
    .untried("the specification speaks of PATCH only; CWU-07.3, CWU-07.5 and CWU-07.6 hold servers to our answer"),
];

const VERIFIES: &[Need] = &[Need::Offered(Checksum)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CHK-05.1",
        "bytes with the right checksum are stored",
        run!(stored, true),
    )
    .needs(&[Need::Offered(Checksum), Need::Content]),
    Case::new(
        "CHK-05.2",
        "bytes without a checksum are stored",
        run!(stored, false),
    )
    .needs(&[Need::Offered(Checksum), Need::Content]),
    Case::new("CHK-06.1", "`sha1` is verified", run!(verified, "sha1")).needs(VERIFIES),
    Case::new("CHK-06.2", "`sha256` is verified", run!(verified, "sha256")).needs(VERIFIES),
    Case::new("CHK-06.3", "`sha512` is verified", run!(verified, "sha512")).needs(VERIFIES),
    Case::new("CHK-06.4", "`md5` is verified", run!(verified, "md5")).needs(VERIFIES),
    Case::new(
        "CHK-06.5",
        "`crc32` is verified, with its highest byte first",
        run!(verified, "crc32"),
    )
    .needs(VERIFIES)
    .resolution("A14"),
    Case::new(
        "CHK-06.6",
        "many bytes are verified up to the last one",
        run!(last_byte),
    )
    .needs(VERIFIES),
    Case::new(
        "CHK-06.7",
        "bytes are verified whose number is not told",
        run!(in_chunks),
    )
    .needs(&[Need::Offered(Checksum), Need::UntoldLength]),
    Case::new(
        "CHK-06.8",
        "it is the bytes of the request that are verified, not those of the upload",
        run!(second_chunk),
    )
    .needs(VERIFIES),
    Case::new(
        "CHK-07.1",
        "an algorithm that is not known is answered with 400",
        run!(answered, "unknown AAAA", 400),
    )
    .needs(VERIFIES)
    .resolution("A14"),
    Case::new(
        "CHK-07.2",
        "a wrong checksum is answered with 460",
        run!(answered, WRONG, 460),
    )
    .needs(VERIFIES)
    .resolution("A14"),
    Case::new(
        "CHK-07.3",
        "the right checksum is answered with 204",
        run!(answered, RIGHT, 204),
    )
    .needs(VERIFIES),
    Case::new(
        "CHK-07.4",
        "an algorithm that is not known is answered without `100 Continue`",
        run!(not_continued),
    )
    .needs(&[Need::Offered(Checksum), Need::Http(Protocol::Http1)])
    .resolution("A01"),
    Case::new(
        "CHK-11.1",
        "the right checksum of no bytes is taken",
        run!(of_no_bytes, true),
    )
    .needs(VERIFIES),
    Case::new(
        "CHK-11.2",
        "a wrong checksum of no bytes is refused",
        run!(of_no_bytes, false),
    )
    .needs(VERIFIES),
];

/// The checksum of `hello world`.
pub(super) const RIGHT: &str = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";

/// A checksum of other bytes.
pub(super) const WRONG: &str = "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=";

async fn stored(trial: &Trial, with_checksum: bool) -> Verdict {
    let bytes = content::bytes(3, 5_000);
    let upload = trial.upload(bytes.len() as u64).await?;
    let mut call = upload.patch(0).body(&bytes);
    if with_checksum {
        call = call.field("Upload-Checksum", sha1(&bytes));
    }
    let answer = call.send().await?;
    answer.status(&[204])?.has("upload-offset", "5000")?;
    trial.holds(&upload, &bytes).await
}

async fn verified(trial: &Trial, algorithm: &str) -> Verdict {
    let known = trial.session().features().algorithms();
    if !known.iter().any(|known| known == algorithm) {
        return Err(Stop::NotApplicable(format!(
            "`{algorithm}` is not among its algorithms"
        )));
    }
    let of = |content: &[u8]| checksum(algorithm, content).unwrap_or_default();
    let upload = trial.upload(22).await?;
    let wrong = upload.patch(0).body("hello world");
    let wrong = wrong.field("Upload-Checksum", of(b"hello_world"));
    wrong.send().await?.refused()?;
    upload.is_at(0).await?;
    let right = upload.patch(0).body("hello world");
    let right = right.field("Upload-Checksum", of(b"hello world"));
    right
        .send()
        .await?
        .status(&[204])?
        .has("upload-offset", "11")?;
    Ok(())
}

async fn last_byte(trial: &Trial) -> Verdict {
    let right = content::bytes(4, 1 << 20);
    let mut wrong = right.clone();
    if let Some(last) = wrong.last_mut() {
        *last ^= 1;
    }
    let upload = trial.upload(right.len() as u64).await?;
    let call = upload.patch(0).body(&wrong);
    let answer = call.field("Upload-Checksum", sha1(&right)).send().await?;
    answer.refused()?;
    upload.is_at(0).await
}

async fn in_chunks(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    for (checksum, offset) in [(WRONG, 0), (RIGHT, 11)] {
        let call = upload.patch(0).chunks(&[b"hello", b" world"]);
        let answer = call.field("Upload-Checksum", checksum).send().await?;
        if checksum == RIGHT {
            answer.status(&[204])?;
        } else {
            answer.refused()?;
        }
        upload.is_at(offset).await?;
    }
    Ok(())
}

async fn second_chunk(trial: &Trial) -> Verdict {
    let upload = trial.upload(20).await?;
    upload.append(0, b"before").await?;
    let call = upload.patch(6).body("hello world");
    let answer = call.field("Upload-Checksum", RIGHT).send().await?;
    answer.status(&[204])?.has("upload-offset", "17")?;
    Ok(())
}

async fn answered(trial: &Trial, checksum: &str, status: u16) -> Verdict {
    let upload = trial.upload(11).await?;
    let call = upload.patch(0).body("hello world");
    let answer = call.field("Upload-Checksum", checksum).send().await?;
    answer.status(&[status])?;
    Ok(())
}

async fn not_continued(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    let call = upload.patch(0).declared(11).field("Expect", "100-continue");
    let call = call.field("Upload-Checksum", "unknown AAAA");
    let answer = call.open().await?.response().await?;
    answer.status(&[400])?;
    if answer.interim.is_empty() {
        return Ok(());
    }
    Err(Stop::failed("no interim answer", "`100 Continue`"))
}

async fn of_no_bytes(trial: &Trial, is_right: bool) -> Verdict {
    let upload = trial.upload(11).await?;
    let checksum = if is_right {
        sha1(b"")
    } else {
        WRONG.to_owned()
    };
    let answer = upload
        .patch(0)
        .field("Upload-Checksum", checksum)
        .send()
        .await?;
    if is_right {
        answer.status(&[204])?;
    } else {
        answer.refused()?;
    }
    upload.is_at(0).await
}
