//! Uploads whose time is over, and those whose time is not.

use std::time::{Duration, Instant};

use super::{Kind, expires, now};
use crate::case::{Case, Need, run};
use crate::http::Response;
use crate::session::Extension::{Concatenation, Expiration, Termination};
use crate::spec::UPLOAD_EXPIRES;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "EXP-05",
        UPLOAD_EXPIRES,
        "Who goes on with an upload that was removed gets 410 where the server keeps track of such uploads, or else 404.",
    ),
    Statement::must(
        "EXP-07",
        UPLOAD_EXPIRES,
        "`Upload-Expires` is the time after which an unfinished upload is removed, and not before.",
    ),
];

const SOON: &[Need] = &[Need::Offered(Expiration), Need::ShortExpiry];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "EXP-05.1",
        "HEAD finds nothing where an upload was removed",
        run!(head_after),
    )
    .needs(SOON),
    Case::new(
        "EXP-05.2",
        "PATCH finds nothing where an upload was removed",
        run!(patch_after),
    )
    .needs(SOON),
    Case::new(
        "EXP-05.3",
        "DELETE finds nothing where an upload was removed, or does it",
        run!(delete_after),
    )
    .needs(&[
        Need::Offered(Expiration),
        Need::ShortExpiry,
        Need::Offered(Termination),
    ])
    .resolution("A18"),
    Case::new(
        "EXP-05.4",
        "a complete upload is still there when the time is over",
        run!(complete_stays),
    )
    .needs(&[Need::Offered(Expiration), Need::ShortExpiry, Need::Content])
    .resolution("A18"),
    Case::new(
        "EXP-05.5",
        "a partial upload that was removed is no part of a final one",
        run!(no_part),
    )
    .needs(&[
        Need::Offered(Expiration),
        Need::ShortExpiry,
        Need::Offered(Concatenation),
    ]),
    Case::new(
        "EXP-05.6",
        "a PATCH that is under way when the time is over fails, or keeps its bytes",
        run!(across),
    )
    .needs(SOON)
    .resolution("A18"),
    Case::new(
        "EXP-05.7",
        "an upload is gone as soon as its time is over",
        run!(gone_at_once),
    )
    .needs(SOON)
    .resolution("A18"),
    Case::new(
        "EXP-07.1",
        "the time is not over when it is told",
        run!(to_come),
    )
    .needs(&[Need::Offered(Expiration)]),
    Case::new(
        "EXP-07.2",
        "until the time is over the upload goes on",
        run!(there_until_then),
    )
    .needs(SOON),
];

/// The resolution of dates in HTTP.
const SECOND: Duration = Duration::from_secs(1);

async fn to_come(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let answer = upload.patch(0).body("hello").send().await?;
    if expires(&answer)? < now(&answer) {
        let expected = "a time that is to come in `upload-expires`";
        return Err(Stop::failed(expected, answer.shown("upload-expires")));
    }
    Ok(())
}

async fn head_after(trial: &Trial) -> Verdict {
    let upload = removed(trial, Kind::Usual).await?;
    let answer = upload.head().send().await?;
    answer.status(&[404, 410])?.lacks("upload-offset")?;
    Ok(())
}

async fn patch_after(trial: &Trial) -> Verdict {
    let upload = removed(trial, Kind::Usual).await?;
    let answer = upload.patch(5).body("world").send().await?;
    answer.status(&[404, 410])?.lacks("upload-offset")?;
    Ok(())
}

async fn delete_after(trial: &Trial) -> Verdict {
    let upload = removed(trial, Kind::Usual).await?;
    let answer = upload.delete().send().await?;
    answer.status(&[204, 404, 410])?;
    Ok(())
}

async fn complete_stays(trial: &Trial) -> Verdict {
    let creation = trial.post_of(5).send().await?;
    let upload = trial.located(&creation).map_err(Stop::on_the_way)?;
    let answer = upload.patch(0).body("hello").send().await?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    tokio::time::sleep(until_over(&creation)?).await;
    upload.is_at(5).await?;
    trial.holds(&upload, b"hello").await
}

async fn no_part(trial: &Trial) -> Verdict {
    let part = removed(trial, Kind::Partial).await?;
    let answer = trial.join(&[&part]).send().await?;
    trial.creates_nothing(&answer).await
}

async fn across(trial: &Trial) -> Verdict {
    let creation = trial.post_of(10).send().await?;
    let upload = trial.located(&creation).map_err(Stop::on_the_way)?;
    let mut exchange = upload.patch(0).declared(10).open().await?;
    exchange.send(b"hello").await?;
    tokio::time::sleep(until_over(&creation)?).await;
    let answer = match exchange.send(b"world").await {
        Ok(()) => exchange.response().await,
        Err(stop) => Err(stop),
    };
    match answer {
        Ok(answer) if answer.status.is_success() => {
            answer.has("upload-offset", "10")?;
            upload.is_at(10).await
        }
        Ok(answer) => {
            answer.refused()?;
            Ok(())
        }
        // To end the connection is a way to fail.
        Err(Stop::Failed { .. }) => Ok(()),
        Err(stop) => Err(stop),
    }
}

async fn gone_at_once(trial: &Trial) -> Verdict {
    expired(trial, Kind::Usual).await?.is_gone().await
}

async fn there_until_then(trial: &Trial) -> Verdict {
    let (upload, answer) = begun(trial, Kind::Usual).await?;
    let left = expires(&answer)?.duration_since(now(&answer));
    tokio::time::sleep(left.unwrap_or_default().saturating_sub(SECOND * 2)).await;
    let told = upload.head().send().await?;
    if now(&told) >= expires(&answer)? {
        return Err(Stop::NotApplicable(
            "the time was over before the server was asked".to_owned(),
        ));
    }
    told.status(&[200, 204])?.has("upload-offset", "5")?;
    Ok(())
}

/// An upload with half of its bytes, and the answer that tells last when its time is over.
async fn begun(trial: &Trial, kind: Kind) -> Result<(Upload<'_>, Response), Stop> {
    let creation = kind
        .creation(trial)
        .send()
        .await
        .map_err(Stop::on_the_way)?;
    let upload = trial.located(&creation).map_err(Stop::on_the_way)?;
    let answer = upload.patch(0).body("hello").send().await;
    let answer = answer.map_err(Stop::on_the_way)?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    let told = if answer.fields.contains_key("upload-expires") {
        answer
    } else {
        creation
    };
    Ok((upload, told))
}

/// An unfinished upload whose time is over.
async fn expired(trial: &Trial, kind: Kind) -> Result<Upload<'_>, Stop> {
    let (upload, answer) = begun(trial, kind).await?;
    tokio::time::sleep(until_over(&answer)?).await;
    Ok(upload)
}

/// An unfinished upload that was removed. Servers need not do so at once.
async fn removed(trial: &Trial, kind: Kind) -> Result<Upload<'_>, Stop> {
    let upload = expired(trial, kind).await?;
    let begun = Instant::now();
    while upload.head().send().await?.status.is_success() {
        if begun.elapsed() > trial.session().options().patience {
            return Err(Stop::NotApplicable(
                "it is not removed soon after its time".to_owned(),
            ));
        }
        tokio::time::sleep(SECOND / 2).await;
    }
    Ok(upload)
}

/// How long it takes from an answer until the time that it tells is over, and a little more: dates
/// leave out parts of a second.
fn until_over(answer: &Response) -> Result<Duration, Stop> {
    let left = expires(answer)?.duration_since(now(answer));
    Ok(left.unwrap_or_default() + SECOND * 3 / 2)
}
