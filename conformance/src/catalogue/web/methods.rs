//! Methods that a place does not have.

use crate::case::{Case, run};
use crate::spec::{HTTP_ALLOW, HTTP_METHODS, Strength};
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "H-05",
        HTTP_ALLOW,
        "405 comes with `Allow`, which lists the methods that the place has.",
    ),
    Statement::should(
        "H-06",
        HTTP_METHODS,
        "A method that a place does not have is refused with 405, one that nobody has with 501, and nothing changes.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "H-05.1",
        "an upload that refuses a method tells which ones it has",
        run!(allow, Place::Upload, &["HEAD", "PATCH"]),
    ),
    Case::new(
        "H-05.2",
        "the place of creation that refuses a method tells which ones it has",
        run!(allow, Place::Creation, &["POST"]),
    ),
    Case::new(
        "H-06.1",
        "PUT to an upload is refused and changes nothing",
        run!(refused, Place::Upload, "PUT"),
    ),
    Case::new(
        "H-06.2",
        "PATCH where uploads are made is refused",
        run!(refused, Place::Creation, "PATCH"),
    ),
    Case::new(
        "H-06.3",
        "a method that nobody knows is refused with 405 or 501",
        run!(unknown),
    )
    .strength(Strength::Should),
    Case::new(
        "H-06.4",
        "PUT to an upload is refused with 405",
        run!(method_not_allowed, Place::Upload),
    )
    .resolution("A30"),
    Case::new(
        "H-06.5",
        "PUT where no upload is is refused with 405, which tells nothing about uploads",
        run!(method_not_allowed, Place::Nowhere),
    )
    .resolution("A30"),
];

/// Where a request goes.
#[derive(Clone, Copy)]
enum Place {
    Creation,
    Upload,
    Nowhere,
}

async fn call<'a>(trial: &'a Trial, place: Place, method: &str) -> Result<Call<'a>, Stop> {
    let path = match place {
        Place::Creation => trial.path(),
        Place::Upload => trial.upload(5).await?.path,
        Place::Nowhere => trial.nowhere().await?.path,
    };
    Ok(trial.call(method, &path).body(""))
}

async fn allow(trial: &Trial, place: Place, methods: &[&str]) -> Verdict {
    let answer = call(trial, place, "PUT").await?.send().await?;
    if answer.status.as_u16() != 405 {
        let reason = format!("PUT is answered with {}", answer.status.as_u16());
        return Err(Stop::NotApplicable(reason));
    }
    for method in methods {
        answer.lists("allow", method)?;
    }
    Ok(())
}

async fn refused(trial: &Trial, place: Place, method: &str) -> Verdict {
    let upload = trial.upload(5).await?;
    let path = match place {
        Place::Creation => trial.path(),
        Place::Upload | Place::Nowhere => upload.path.clone(),
    };
    let call = upload.patch(0).method(method).path(&path).body("hello");
    let answer = call.send().await?;
    answer.refused()?;
    upload.is_at(0).await
}

async fn unknown(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let answer = upload.call("BREW").body("").send().await?;
    answer.status(&[405, 501])?;
    upload.is_at(0).await
}

async fn method_not_allowed(trial: &Trial, place: Place) -> Verdict {
    let answer = call(trial, place, "PUT").await?.send().await?;
    answer.status(&[405])?.present("allow")?;
    Ok(())
}
