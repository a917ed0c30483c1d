//! When an upload is going to be removed.

use super::{Kind, expires};
use crate::case::{Case, Need, run};
use crate::session::Extension::{Concatenation, Creation, CreationDeferLength, Expiration};
use crate::spec::{EXPIRATION, UPLOAD_EXPIRES};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
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
    Statement::must(
        "EXP-06",
        UPLOAD_EXPIRES,
        "The time is written as dates are in HTTP.",
    ),
];

const EXPIRES: &[Need] = &[Need::Offered(Expiration)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "EXP-01.1",
        "where expiration is not announced, no time is told",
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
        "an append does not make the time earlier",
        run!(not_earlier),
    )
    .needs(EXPIRES)
    .resolution("A18"),
    Case::new(
        "EXP-06.1",
        "the time is a date with the day's name, in GMT",
        run!(format),
    )
    .needs(EXPIRES),
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
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    answer.present("upload-expires")?;
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
