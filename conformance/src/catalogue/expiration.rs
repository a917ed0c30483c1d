//! Unfinished uploads that are removed when their time is over.

use std::time::{Duration, Instant, SystemTime};

use super::Chapter;
use crate::case::{Case, Need, run};
use crate::http::Response;
use crate::session::Extension::{
    Concatenation, Creation, CreationDeferLength, Expiration, Termination,
};
use crate::spec::{EXPIRATION, UPLOAD_EXPIRES};
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Upload, Verdict};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Expiration",
    statements: &[STATEMENTS],
    cases: &[CASES],
};

const STATEMENTS: &[Statement] = &[
    Statement::must(
        "EXP-01",
        EXPIRATION,
        "A server that removes unfinished uploads says `expiration` in `Tus-Extension`.",
    ),
    Statement::must(
        "EXP-02",
        UPLOAD_EXPIRES,
        "Each answer to a PATCH has `Upload-Expires` if the upload is going to expire.",
    ),
    Statement::must(
        "EXP-03",
        UPLOAD_EXPIRES,
        "The answer to a creation has `Upload-Expires` if the time is known by then.",
    ),
    Statement::may("EXP-04", UPLOAD_EXPIRES, "The time may change."),
    Statement::should(
        "EXP-05",
        UPLOAD_EXPIRES,
        "Who goes on with an upload that was removed gets 404, or else 410.",
    ),
    Statement::must(
        "EXP-06",
        UPLOAD_EXPIRES,
        "The time is written as dates are in HTTP.",
    ),
    Statement::must(
        "EXP-07",
        UPLOAD_EXPIRES,
        "`Upload-Expires` is the time after which an unfinished upload is removed, and not before.",
    ),
];

const EXPIRES: &[Need] = &[Need::Offered(Expiration)];
const SOON: &[Need] = &[Need::Offered(Expiration), Need::ShortExpiry];

const CASES: &[Case] = &[
    Case::new(
        "EXP-01.1",
        "where it is not announced, no time is told",
        run!(unannounced),
    )
    .needs(&[Need::Offered(Creation), Need::NotOffered(Expiration)]),
    Case::new("EXP-02.1", "an append tells the time", run!(append_tells)).needs(EXPIRES),
    Case::new(
        "EXP-02.2",
        "the last append tells no time, since complete uploads stay",
        run!(last_append_does_not),
    )
    .needs(EXPIRES)
    .resolution("A18"),
    Case::new(
        "EXP-02.3",
        "an append of nothing tells the time",
        run!(empty_append_tells),
    )
    .needs(EXPIRES),
    Case::new("EXP-02.4", "HEAD tells the time too", run!(head_tells))
        .needs(EXPIRES)
        .resolution("A18"),
    Case::new(
        "EXP-03.1",
        "the creation tells the time, if HEAD does right after it",
        run!(creation_tells_what_head_does),
    )
    .needs(EXPIRES),
    Case::new(
        "EXP-03.2",
        "the creation of any unfinished upload tells the time",
        run!(creation_tells, Kind::Usual),
    )
    .needs(EXPIRES)
    .resolution("A18"),
    Case::new(
        "EXP-03.3",
        "the creation of an upload of no bytes tells no time, since it is complete",
        run!(empty_does_not),
    )
    .needs(EXPIRES)
    .resolution("A18"),
    Case::new(
        "EXP-03.4",
        "the creation of a partial upload tells the time",
        run!(creation_tells, Kind::Partial),
    )
    .needs(&[Need::Offered(Expiration), Need::Offered(Concatenation)])
    .resolution("A18"),
    Case::new(
        "EXP-03.5",
        "the creation of an upload without a length tells the time",
        run!(creation_tells, Kind::Deferred),
    )
    .needs(&[
        Need::Offered(Expiration),
        Need::Offered(CreationDeferLength),
    ])
    .resolution("A18"),
    Case::new(
        "EXP-04.1",
        "an append does not make it earlier",
        run!(not_earlier),
    )
    .needs(EXPIRES)
    .resolution("A18"),
    Case::new("EXP-05.1", "HEAD finds nothing", run!(head_after)).needs(SOON),
    Case::new("EXP-05.2", "PATCH finds nothing", run!(patch_after)).needs(SOON),
    Case::new(
        "EXP-05.3",
        "DELETE finds nothing, or does it",
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
        "EXP-06.1",
        "it is a date with the day's name, in GMT",
        run!(format),
    )
    .needs(EXPIRES),
    Case::new("EXP-07.1", "it is not over when it is told", run!(to_come)).needs(EXPIRES),
    Case::new(
        "EXP-07.2",
        "until then the upload goes on",
        run!(there_until_then),
    )
    .needs(SOON),
];

async fn unannounced(trial: &Trial) -> Verdict {
    let answer = trial.post_of(10).send().await?;
    answer.status(&[201])?.lacks("upload-expires")?;
    let call = trial.located(&answer)?.patch(0).body("hello");
    let answer = call.send().await?;
    answer.status(&[204])?.lacks("upload-expires")?;
    Ok(())
}

async fn append_tells(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    for offset in [0, 3] {
        let answer = upload.patch(offset).body("abc").send().await?;
        answer.status(&[204])?.present("upload-expires")?;
    }
    Ok(())
}

async fn last_append_does_not(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.patch(0).body("hello").send().await?;
    answer.status(&[204])?.lacks("upload-expires")?;
    Ok(())
}

async fn empty_append_tells(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let answer = upload.patch(0).send().await?;
    answer.status(&[204])?.present("upload-expires")?;
    Ok(())
}

async fn head_tells(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    upload.told().await?.present("upload-expires")?;
    Ok(())
}

async fn creation_tells_what_head_does(trial: &Trial) -> Verdict {
    let answer = trial.post_of(10).send().await?;
    answer.status(&[201])?;
    if answer.fields.contains_key("upload-expires") {
        return Ok(());
    }
    let told = trial.located(&answer)?.told().await?;
    if told.fields.contains_key("upload-expires") {
        answer.present("upload-expires")?;
    }
    Err(Stop::NotApplicable(
        "it does not tell the time before there are bytes".to_owned(),
    ))
}

/// What is created.
#[derive(Clone, Copy)]
enum Kind {
    Usual,
    Partial,
    Deferred,
}

impl Kind {
    fn creation(self, trial: &Trial) -> Call<'_> {
        match self {
            Self::Usual => trial.post_of(10),
            Self::Partial => trial.post_of(10).field("Upload-Concat", "partial"),
            Self::Deferred => trial.post().field("Upload-Defer-Length", "1"),
        }
    }
}

async fn creation_tells(trial: &Trial, kind: Kind) -> Verdict {
    let answer = kind.creation(trial).send().await?;
    answer.status(&[201])?.present("upload-expires")?;
    Ok(())
}

async fn empty_does_not(trial: &Trial) -> Verdict {
    let answer = trial.post_of(0).send().await?;
    answer.status(&[201])?.lacks("upload-expires")?;
    Ok(())
}

async fn not_earlier(trial: &Trial) -> Verdict {
    let first = trial.post_of(10).send().await?;
    first.status(&[201])?;
    let call = trial.located(&first)?.patch(0).body("hello");
    let second = call.send().await?;
    second.status(&[204])?;
    if expires(&second)? < expires(&first)? {
        return Err(Stop::failed(
            format!("no time before {}", first.shown("upload-expires")),
            second.shown("upload-expires"),
        ));
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

async fn format(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let answer = upload.patch(0).body("hello").send().await?;
    let value = answer.present("upload-expires").map_err(Stop::on_the_way)?;
    // There are older forms, which are read and not written.
    let written = httpdate::parse_http_date(value).map(httpdate::fmt_http_date);
    if written.is_ok_and(|written| written == value) {
        return Ok(());
    }
    Err(Stop::failed(
        "a date like `Sun, 06 Nov 1994 08:49:37 GMT`",
        answer.shown("upload-expires"),
    ))
}

async fn to_come(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let answer = upload.patch(0).body("hello").send().await?;
    if expires(&answer)? < now(&answer) {
        let expected = "a time that is to come in `upload-expires`";
        return Err(Stop::failed(expected, answer.shown("upload-expires")));
    }
    Ok(())
}

/// The resolution of dates in HTTP.
const SECOND: Duration = Duration::from_secs(1);

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

fn expires(answer: &Response) -> Result<SystemTime, Stop> {
    date(answer, "upload-expires").ok_or_else(|| {
        Stop::failed("a date in `upload-expires`", answer.shown("upload-expires")).on_the_way()
    })
}

/// When an answer was sent, by the clock of the server where that is told.
fn now(answer: &Response) -> SystemTime {
    date(answer, "date").unwrap_or_else(SystemTime::now)
}

fn date(answer: &Response, name: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(answer.field(name)?).ok()
}
