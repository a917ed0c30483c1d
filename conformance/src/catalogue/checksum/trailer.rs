//! Checksums that come behind the bytes.

use crate::case::{Case, Need, run};
use crate::session::Extension::{Checksum, ChecksumTrailer, Creation, CreationDeferLength};
use crate::spec::{CHECKSUM, HTTP_TRAILERS, RESILIENCE};
use crate::statement::Statement;
use crate::trial::{Call, Ending, Stop, Trial, Upload, Verdict};

use super::interruption::starts_again;
use super::verification::{RIGHT, WRONG};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "TRL-01",
        CHECKSUM,
        "A server that takes checksums from trailers says `checksum-trailer` in `Tus-Extension`.",
    ),
    Statement::must(
        "TRL-02",
        CHECKSUM,
        "A checksum in a trailer, which `Trailer` announces, counts like one in a header.",
    ),
    Statement::must(
        "TRL-03",
        HTTP_TRAILERS,
        "Fields whose definition does not allow them in trailers do not count there.",
    ),
    Statement::should(
        "TRL-04",
        RESILIENCE,
        "Trailers without end do not bring the server down.",
    ),
];

const IN_TRAILERS: &[Need] = &[Need::Offered(ChecksumTrailer)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRL-01.1",
        "where trailers are not announced, no checksum in one is found to be wrong",
        run!(unannounced),
    )
    .needs(&[Need::Offered(Creation), Need::NotOffered(ChecksumTrailer)]),
    Case::new(
        "TRL-01.2",
        "where trailers are announced, checksums are too",
        run!(checksums_too),
    )
    .needs(IN_TRAILERS),
    Case::new(
        "TRL-02.1",
        "bytes with the right checksum in a trailer are stored",
        run!(taken),
    )
    .needs(IN_TRAILERS),
    Case::new(
        "TRL-02.2",
        "bytes with a wrong checksum in a trailer are refused",
        run!(refused, WRONG),
    )
    .needs(IN_TRAILERS),
    Case::new(
        "TRL-02.3",
        "a checksum of an unknown kind in a trailer is refused",
        run!(refused, "unknown AAAA"),
    )
    .needs(IN_TRAILERS),
    Case::new(
        "TRL-02.4",
        "a malformed checksum in a trailer is refused",
        run!(refused, "sha1 !!!!"),
    )
    .needs(IN_TRAILERS),
    Case::new(
        "TRL-02.5",
        "where a trailer is announced and does not come, the bytes are refused",
        run!(missing),
    )
    .needs(IN_TRAILERS)
    .resolution("A14"),
    Case::new(
        "TRL-02.6",
        "a checksum in a header and one in a trailer are refused together",
        run!(both),
    )
    .needs(IN_TRAILERS)
    .resolution("A14"),
    Case::new(
        "TRL-02.7",
        "where the connection breaks before the trailer comes, the bytes are discarded",
        run!(interrupted),
    )
    .needs(&[Need::Offered(ChecksumTrailer), Need::Content])
    .resolution("A15"),
    Case::new(
        "TRL-02.8",
        "a wrong checksum in a trailer that is not announced is not passed over",
        run!(unexpected),
    )
    .needs(IN_TRAILERS)
    .resolution("A14"),
    Case::new(
        "TRL-02.9",
        "a wrong checksum in a trailer is answered with 460",
        run!(refused_with, WRONG, 460),
    )
    .needs(IN_TRAILERS)
    .resolution("A14"),
    Case::new(
        "TRL-02.10",
        "a checksum of an unknown kind in a trailer is answered with 400",
        run!(refused_with, "unknown AAAA", 400),
    )
    .needs(IN_TRAILERS)
    .resolution("A14"),
    Case::new(
        "TRL-02.11",
        "a malformed checksum in a trailer is answered with 400",
        run!(refused_with, "sha1 !!!!", 400),
    )
    .needs(IN_TRAILERS)
    .resolution("A14"),
    Case::new(
        "TRL-03.1",
        "a length in a trailer does not become that of the upload",
        run!(length),
    )
    .needs(&[Need::Offered(CreationDeferLength)]),
    Case::new(
        "TRL-04.1",
        "after a thousand trailers the server goes on, with this upload and with others",
        run!(thousand),
    ),
];

/// A PATCH of `hello world` in chunks, with a checksum behind them.
fn with_trailer<'a>(upload: &Upload<'a>, checksum: &str) -> Call<'a> {
    announced(upload).trailer("Upload-Checksum", checksum)
}

/// A PATCH of `hello world` in chunks that announces a checksum behind them.
fn announced<'a>(upload: &Upload<'a>) -> Call<'a> {
    upload
        .patch(0)
        .field("Trailer", "Upload-Checksum")
        .chunks(&[b"hello", b" world"])
}

async fn unannounced(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    let answer = with_trailer(&upload, WRONG).send().await?;
    if answer.status.as_u16() == 460 {
        let expected = "no verdict on the checksum, or `checksum-trailer` in `tus-extension`";
        return Err(Stop::failed(expected, "status 460"));
    }
    Ok(())
}

async fn checksums_too(trial: &Trial) -> Verdict {
    let answer = trial.options().send().await?;
    answer.lists("tus-extension", Checksum.name())?;
    Ok(())
}

async fn taken(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    let answer = with_trailer(&upload, RIGHT).send().await?;
    answer.status(&[204])?.has("upload-offset", "11")?;
    upload.is_at(11).await
}

async fn refused(trial: &Trial, checksum: &str) -> Verdict {
    let upload = trial.upload(11).await?;
    with_trailer(&upload, checksum).send().await?.refused()?;
    upload.is_at(0).await
}

async fn refused_with(trial: &Trial, checksum: &str, status: u16) -> Verdict {
    let upload = trial.upload(11).await?;
    let answer = with_trailer(&upload, checksum).send().await?;
    answer.status(&[status])?;
    upload.is_at(0).await
}

async fn missing(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    announced(&upload).send().await?.status(&[400])?;
    upload.is_at(0).await
}

async fn both(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    let call = with_trailer(&upload, RIGHT).field("Upload-Checksum", RIGHT);
    call.send().await?.status(&[400])?;
    upload.is_at(0).await
}

async fn interrupted(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    let mut exchange = announced(&upload).chunks(&[]).open().await?;
    exchange.send(b"HELLO WORLD").await?;
    starts_again(trial, &upload, exchange, Ending::Reset).await
}

async fn unexpected(trial: &Trial) -> Verdict {
    let upload = trial.upload(11).await?;
    let call = with_trailer(&upload, WRONG).without("Trailer");
    call.send().await?.refused()?;
    upload.is_at(0).await
}

async fn length(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    let call = upload.patch(0).field("Trailer", "Upload-Length");
    let call = call.chunks(&[b"hello"]).trailer("Upload-Length", "5");
    let answer = call.send().await?;
    if !answer.status.is_success() {
        answer.refused()?;
    }
    upload.told().await?.lacks("upload-length")?;
    Ok(())
}

async fn thousand(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let mut call = upload.patch(0).chunks(&[b"hello"]).unobserved();
    for number in 0..1_000 {
        call = call.trailer(&format!("X-Trailer-{number}"), "value");
    }
    match call.send().await {
        // Whatever the answer is: also to end the connection is one.
        Ok(_) | Err(Stop::Failed { .. }) => {}
        Err(stop) => return Err(stop),
    }
    if upload.offset().await? > 5 {
        return Err(Stop::failed("no more bytes than were sent", "more"));
    }
    trial.upload(5).await?.is_at(0).await
}
