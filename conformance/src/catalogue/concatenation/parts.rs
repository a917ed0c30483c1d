//! Parts after they were put together.

use super::{is_assembled, joined, two};
use crate::case::{Case, Need, run};
use crate::session::Extension::{Concatenation, Termination};
use crate::spec::{CONCATENATION, RESILIENCE};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::may(
        "CON-10",
        CONCATENATION,
        "The server may delete parts after they were put together; else clients may try to use them again.",
    ),
    Statement::should(
        "CON-20",
        RESILIENCE,
        "A final upload keeps its bytes, whatever becomes of its parts.",
    ),
];

const READ_BACK: &[Need] = &[Need::Offered(Concatenation), Need::Content];
const TERMINATES: &[Need] = &[
    Need::Offered(Concatenation),
    Need::Offered(Termination),
    Need::Content,
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CON-10.1",
        "a part is there twice in one final upload",
        run!(twice),
    )
    .needs(READ_BACK)
    .resolution("A28"),
    Case::new(
        "CON-10.2",
        "parts that are still there make another final upload",
        run!(used_again),
    )
    .needs(READ_BACK)
    .resolution("A28"),
    Case::new(
        "CON-10.3",
        "parts keep their bytes when a final upload of them is terminated",
        run!(outlive_final),
    )
    .needs(TERMINATES)
    .resolution("A28"),
    Case::new(
        "CON-10.4",
        "parts stay when they were put together",
        run!(stay),
    )
    .needs(&[Need::Offered(Concatenation)])
    .resolution("A28"),
    Case::new(
        "CON-20.1",
        "a final upload keeps its bytes when its parts are terminated",
        run!(outlives_parts),
    )
    .needs(TERMINATES),
];

async fn twice(trial: &Trial) -> Verdict {
    let part = trial.complete_partial(b"hello").await?;
    let joined = trial
        .create(trial.join(&[&part, &part]))
        .await
        .map_err(refused)?;
    is_assembled(trial, &joined, 10).await?;
    trial.holds(&joined, b"hellohello").await
}

async fn used_again(trial: &Trial) -> Verdict {
    let parts = two(trial).await?;
    joined(trial, &parts).await?;
    are_still_there(&parts).await?;
    makes_another(trial, &parts).await
}

async fn outlives_parts(trial: &Trial) -> Verdict {
    let parts = two(trial).await?;
    let joined = joined(trial, &parts).await?;
    for part in &parts {
        // A server may have deleted it already.
        part.delete().send().await?.status(&[204, 404, 410])?;
    }
    joined.is_at(11).await?;
    trial.holds(&joined, b"hello world").await
}

async fn outlive_final(trial: &Trial) -> Verdict {
    let parts = two(trial).await?;
    let joined = joined(trial, &parts).await?;
    are_still_there(&parts).await?;
    let answer = joined.delete().send().await?;
    answer.status(&[204]).map_err(Stop::on_the_way)?;
    makes_another(trial, &parts).await
}

async fn stay(trial: &Trial) -> Verdict {
    let [first, second] = two(trial).await?;
    let parts = [first, second];
    joined(trial, &parts).await?;
    let [first, second] = &parts;
    first.is_at(5).await?;
    second.is_at(6).await
}

async fn makes_another(trial: &Trial, parts: &[Upload<'_>; 2]) -> Verdict {
    let [first, second] = parts;
    let creation = trial.join(&[second, first]);
    let other = trial.create(creation).await.map_err(refused)?;
    is_assembled(trial, &other, 11).await?;
    trial.holds(&other, b" worldhello").await
}

async fn are_still_there(parts: &[Upload<'_>; 2]) -> Verdict {
    for part in parts {
        let answer = part.head().send().await?;
        if !answer.status.is_success() {
            let reason = "the server deletes parts when they were put together".to_owned();
            return Err(Stop::NotApplicable(reason));
        }
    }
    Ok(())
}

/// That the creation succeeds is the point.
fn refused(stop: Stop) -> Stop {
    match stop {
        Stop::Blocked(reason) => Stop::failed("the final upload to be created", reason),
        other => other,
    }
}
