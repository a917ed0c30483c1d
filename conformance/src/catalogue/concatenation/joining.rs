//! What a final upload holds.

use futures_util::future::try_join_all;

use super::{is_assembled, two};
use crate::case::{Case, Need, run};
use crate::session::Extension::{Concatenation, ConcatenationUnfinished};
use crate::spec::{CONCATENATION, TUS_MAX_SIZE};
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Upload, Verdict, content};

/// Metadata of a part.
const PART: &str = "part cGFydA==";

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "CON-03",
        CONCATENATION,
        "Partial uploads are not processed before they are put together.",
    )
    .untried("what a server does with uploads behind HTTP is not seen from outside"),
    Statement::must(
        "CON-04",
        CONCATENATION,
        "The length of the final upload is the sum of those of its parts.",
    )
    .untried("CON-13.1 does"),
    Statement::must(
        "CON-06",
        CONCATENATION,
        "The parts are put together in the order of the list.",
    ),
    Statement::should(
        "CON-07",
        CONCATENATION,
        "The final upload is asked for when all parts are complete.",
    ),
    Statement::must(
        "CON-09",
        CONCATENATION,
        "The metadata of parts does not become that of the final upload, which has its own.",
    ),
    Statement::should(
        "CON-21",
        TUS_MAX_SIZE,
        "The largest size holds for final uploads too.",
    ),
];

const JOINS: &[Need] = &[Need::Offered(Concatenation)];
const READ_BACK: &[Need] = &[Need::Offered(Concatenation), Need::Content];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CON-06.1",
        "the first part of the list comes first",
        run!(order, false),
    )
    .needs(READ_BACK),
    Case::new(
        "CON-06.2",
        "the order of the list counts, not that of their creation",
        run!(order, true),
    )
    .needs(READ_BACK),
    Case::new("CON-06.3", "many parts keep their order", run!(many)).needs(READ_BACK),
    Case::new(
        "CON-07.1",
        "a part that is not complete is refused with 400",
        run!(unfinished_part),
    )
    .needs(&[
        Need::Offered(Concatenation),
        Need::NotOffered(ConcatenationUnfinished),
    ])
    .resolution("A22"),
    Case::new(
        "CON-09.1",
        "metadata of a part is not that of the final upload",
        run!(metadata, None),
    )
    .needs(JOINS),
    Case::new(
        "CON-09.2",
        "the final upload has the metadata of its own creation",
        run!(metadata, Some("own b3du")),
    )
    .needs(JOINS),
    Case::new(
        "CON-21.1",
        "a sum above the largest size is refused",
        run!(too_large, false),
    )
    .needs(&[Need::Offered(Concatenation), Need::MaxSize]),
    Case::new(
        "CON-21.2",
        "a sum above the largest size is refused with 413",
        run!(too_large, true),
    )
    .needs(&[Need::Offered(Concatenation), Need::MaxSize])
    .resolution("A27"),
];

/// Parts of one MiB, named again and again, for which a header has room.
const MOST_PARTS: u64 = 200;

async fn too_large(trial: &Trial, with_413: bool) -> Verdict {
    let largest = trial.session().features().max_size().unwrap_or_default();
    let size = largest.min(1 << 20);
    let times = largest / size.max(1) + 1;
    if times > MOST_PARTS {
        return Err(Stop::NotApplicable(
            "the largest size is too large".to_owned(),
        ));
    }
    let bytes = content::bytes(7, usize::try_from(size).unwrap_or_default());
    let part = trial.complete_partial(&bytes).await?;
    let parts = vec![&part; usize::try_from(times).unwrap_or_default()];
    let answer = trial.join(&parts).send().await?;
    answer.refused()?;
    if with_413 {
        answer.status(&[413])?;
    }
    trial.creates_nothing(&answer).await
}

async fn order(trial: &Trial, is_reversed: bool) -> Verdict {
    let [first, second] = two(trial).await?;
    let (parts, expected) = if is_reversed {
        ([&second, &first], " worldhello")
    } else {
        ([&first, &second], "hello world")
    };
    let joined = trial.create(trial.join(&parts)).await?;
    is_assembled(trial, &joined, 11).await?;
    trial.holds(&joined, expected.as_bytes()).await
}

async fn many(trial: &Trial) -> Verdict {
    let bytes = content::bytes(8, 12 * 1_000);
    let parts = bytes
        .chunks(1_000)
        .map(|piece| trial.complete_partial(piece));
    let parts = try_join_all(parts).await?;
    let parts: Vec<_> = parts.iter().collect();
    let joined = trial.create(trial.join(&parts)).await?;
    is_assembled(trial, &joined, bytes.len() as u64).await?;
    trial.holds(&joined, &bytes).await
}

async fn unfinished_part(trial: &Trial) -> Verdict {
    let part = trial.partial(5).await?;
    part.append(0, b"hel").await?;
    let answer = trial.join(&[&part]).send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

async fn metadata(trial: &Trial, own: Option<&str>) -> Verdict {
    let creation = trial.post_of(5).field("Upload-Concat", "partial");
    let part = described(trial, creation.field("Upload-Metadata", PART)).await?;
    part.append(0, b"hello").await?;
    let creation = trial.join(&[&part]);
    let joined = match own {
        Some(own) => described(trial, creation.field("Upload-Metadata", own)).await?,
        None => trial.create(creation).await?,
    };
    let told = joined.told().await?;
    match own {
        Some(own) => told.has("upload-metadata", own)?,
        // What the judge was told to send with each creation may be there.
        None if told
            .field("upload-metadata")
            .is_some_and(|told| told.contains(PART)) =>
        {
            let observed = told.shown("upload-metadata");
            return Err(Stop::failed("no metadata of the part", observed));
        }
        None => &told,
    };
    Ok(())
}

/// What a creation with metadata makes. A server may refuse any metadata.
async fn described<'a>(trial: &'a Trial, creation: Call<'_>) -> Result<Upload<'a>, Stop> {
    let answer = creation.send().await.map_err(Stop::on_the_way)?;
    if answer.status.is_client_error() {
        let reason = "the server refuses the metadata".to_owned();
        return Err(Stop::NotApplicable(reason));
    }
    answer.status(&[201]).map_err(Stop::on_the_way)?;
    trial.located(&answer).map_err(Stop::on_the_way)
}
