//! Creations without a length, and what HEAD tells of them.

use crate::case::{Case, Need, run};
use crate::session::Extension::{Creation, CreationDeferLength};
use crate::spec::{CREATION_POST, DEFER_LENGTH, Strength, TUS_MAX_SIZE};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CDL-01",
        CREATION_POST,
        "A server that lets the length be told later says `creation-defer-length` in `Tus-Extension`.",
    ),
    Statement::must(
        "CDL-02",
        DEFER_LENGTH,
        "`Upload-Defer-Length` is `1`, and is left out where the length is not deferred.",
    ),
    Statement::should(
        "CDL-03",
        CREATION_POST,
        "Any other value of `Upload-Defer-Length` than `1` is answered with 400.",
    ),
    Statement::must(
        "CDL-04",
        CREATION_POST,
        "A creation has one of `Upload-Length` and `Upload-Defer-Length`.",
    ),
    Statement::must(
        "CDL-07",
        CREATION_POST,
        "As long as the length is not known, each answer to HEAD has `Upload-Defer-Length: 1`.",
    ),
    Statement::must(
        "CDL-08",
        TUS_MAX_SIZE,
        "The largest size holds for uploads too whose length is not known.",
    ),
];

const DEFERS: &[Need] = &[Need::Offered(CreationDeferLength)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CDL-01.1",
        "where deferring is announced, an upload without a length is created",
        run!(created),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-01.2",
        "where deferring is not announced, no upload without a length is created",
        run!(unannounced),
    )
    .needs(&[
        Need::Offered(Creation),
        Need::NotOffered(CreationDeferLength),
    ]),
    Case::new(
        "CDL-01.3",
        "where deferring is not announced, the answer is 4xx, after which no client tries again",
        run!(unannounced_is_4xx),
    )
    .needs(&[
        Need::Offered(Creation),
        Need::NotOffered(CreationDeferLength),
    ])
    .resolution("A25"),
    Case::new(
        "CDL-02.1",
        "HEAD of a deferred upload tells `Upload-Defer-Length: 1` and no length",
        run!(deferred_is_told),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-02.2",
        "nothing is said of deferring where the length is told at creation",
        run!(told_is_not_deferred),
    ),
    Case::new(
        "CDL-03.1",
        "`Upload-Defer-Length: 0` is refused",
        run!(refused, &["0"]),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-03.2",
        "`Upload-Defer-Length: 2` is refused",
        run!(refused, &["2"]),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-03.3",
        "`Upload-Defer-Length: 01` is refused",
        run!(refused, &["01"]),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-03.4",
        "`Upload-Defer-Length: +1` is refused",
        run!(refused, &["+1"]),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-03.5",
        "`Upload-Defer-Length: -1` is refused",
        run!(refused, &["-1"]),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-03.6",
        "`Upload-Defer-Length: true` is refused",
        run!(refused, &["true"]),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-03.7",
        "`Upload-Defer-Length: 1,1` is refused",
        run!(refused, &["1,1"]),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-03.8",
        "`Upload-Defer-Length: 1 1` is refused",
        run!(refused, &["1 1"]),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-03.9",
        "`Upload-Defer-Length` without a value is refused",
        run!(refused, &[""]),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-03.10",
        "two lines of `Upload-Defer-Length` are refused, even if both say `1`",
        run!(refused, &["1", "1"]),
    )
    .needs(DEFERS)
    .resolution("A05"),
    Case::new(
        "CDL-04.1",
        "a length and the word that it comes later are refused together",
        run!(both, "1"),
    )
    .needs(DEFERS)
    .resolution("A11"),
    Case::new(
        "CDL-04.2",
        "a wrong value beside a length is refused too",
        run!(both, "2"),
    )
    .needs(DEFERS)
    .strength(Strength::Should),
    Case::new(
        "CDL-07.1",
        "that the length is deferred is told between appends that do not tell it",
        run!(between_appends),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-07.2",
        "that the length is deferred is told no more when it is known",
        run!(no_more),
    )
    .needs(DEFERS),
    Case::new(
        "CDL-08.1",
        "a body is refused by its length alone where that goes beyond the largest size",
        run!(beyond_largest),
    )
    .needs(&[Need::Offered(CreationDeferLength), Need::MaxSize])
    .resolution("A16"),
];

async fn created(trial: &Trial) -> Verdict {
    let answer = trial
        .post()
        .field("Upload-Defer-Length", "1")
        .send()
        .await?;
    answer.status(&[201])?;
    trial.located(&answer)?.is_at(0).await
}

async fn unannounced(trial: &Trial) -> Verdict {
    let answer = trial
        .post()
        .field("Upload-Defer-Length", "1")
        .send()
        .await?;
    trial.creates_nothing(&answer).await
}

async fn unannounced_is_4xx(trial: &Trial) -> Verdict {
    let answer = trial
        .post()
        .field("Upload-Defer-Length", "1")
        .send()
        .await?;
    answer.blamed()?;
    trial.creates_nothing(&answer).await
}

async fn deferred_is_told(trial: &Trial) -> Verdict {
    let told = trial.deferred().await?.told().await?;
    told.has("upload-defer-length", "1")?
        .lacks("upload-length")?;
    Ok(())
}

async fn told_is_not_deferred(trial: &Trial) -> Verdict {
    let answer = trial.post_of(5).send().await?;
    answer.status(&[201])?.lacks("upload-defer-length")?;
    let told = trial.located(&answer)?.told().await?;
    told.lacks("upload-defer-length")?;
    Ok(())
}

async fn refused(trial: &Trial, lines: &[&str]) -> Verdict {
    let mut call = trial.post();
    for line in lines {
        call = call.field("Upload-Defer-Length", line);
    }
    let answer = call.send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

async fn both(trial: &Trial, deferred: &str) -> Verdict {
    let call = trial.post_of(5).field("Upload-Defer-Length", deferred);
    let answer = call.send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

async fn between_appends(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    for offset in 0..3 {
        upload.append(offset, b"a").await?;
        let told = upload.told().await?;
        told.has("upload-defer-length", "1")?
            .lacks("upload-length")?;
    }
    Ok(())
}

async fn no_more(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    let call = upload.patch(0).body("abc").field("Upload-Length", "5");
    let declaration = call.send().await?;
    declaration.status(&[204]).map_err(Stop::on_the_way)?;
    upload.told().await?.lacks("upload-defer-length")?;
    Ok(())
}

async fn beyond_largest(trial: &Trial) -> Verdict {
    let largest = trial.session().features().max_size().unwrap_or_default();
    let upload = trial.deferred().await?;
    let call = upload.patch(0).declared(largest.saturating_add(1));
    let mut exchange = call.open().await?;
    exchange.response().await?.status(&[413])?;
    upload.is_at(0).await?;
    upload.told().await?.lacks("upload-length")?;
    Ok(())
}
