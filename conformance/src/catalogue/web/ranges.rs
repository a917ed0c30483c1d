//! Parts of downloads.

use crate::case::{Case, Need, run};
use crate::http::Response;
use crate::spec::{HTTP_RANGE, Strength};
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Verdict, content};

/// The bytes of a download.
const LENGTH: usize = 10_000;

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "H-16",
    HTTP_RANGE,
    "Who serves parts of downloads serves those that are asked for, says which they are, and ignores what it does not understand.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "H-16.1",
        "a part in the middle is served, or everything",
        run!(part, "bytes=100-199", 100, 200),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-16.2",
        "the rest from a place on is served, or everything",
        run!(part, "bytes=9990-", 9_990, LENGTH),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-16.3",
        "the last bytes are served, or everything",
        run!(part, "bytes=-5", LENGTH - 5, LENGTH),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-16.4",
        "a part beyond the end ends there, or everything is served",
        run!(part, "bytes=9999-20000", 9_999, LENGTH),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-16.5",
        "a part that begins beyond the end is refused with the length",
        run!(unsatisfiable),
    )
    .strength(Strength::Should)
    .needs(&[Need::Downloads]),
    Case::new(
        "H-16.6",
        "the whole download is sent where parts are asked for in units that nobody knows",
        run!(unknown_unit),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-16.7",
        "a thousand overlapping parts are not a thousand times the bytes",
        run!(overlapping),
    )
    .strength(Strength::Should)
    .needs(&[Need::Downloads]),
    Case::new(
        "H-16.8",
        "the whole download is sent where a part is asked for of what has another tag by now",
        run!(another_tag),
    )
    .needs(&[Need::Downloads]),
];

/// A download of which parts are served, and its bytes.
async fn download(trial: &Trial) -> Result<(Call<'_>, Vec<u8>), Stop> {
    let bytes = content::bytes(116, LENGTH);
    let upload = trial.complete(&bytes).await?;
    let answer = upload.get().field("Range", "bytes=0-0").send().await?;
    if answer.status.as_u16() != 206 {
        let reason = "parts of downloads are not served";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    Ok((upload.get(), bytes))
}

async fn part(trial: &Trial, range: &str, start: usize, end: usize) -> Verdict {
    let (get, bytes) = download(trial).await?;
    let answer = get.field("Range", range).send().await?;
    // Any `Range` may be ignored.
    if answer.status.as_u16() == 200 {
        return same(&answer, &bytes);
    }
    let told = format!("bytes {start}-{}/{LENGTH}", end - 1);
    answer.status(&[200, 206])?.has("content-range", told)?;
    same(&answer, bytes.get(start..end).unwrap_or_default())
}

async fn unsatisfiable(trial: &Trial) -> Verdict {
    let (get, _) = download(trial).await?;
    let answer = get.field("Range", "bytes=10000-").send().await?;
    answer
        .status(&[416])?
        .has("content-range", format!("bytes */{LENGTH}"))?;
    Ok(())
}

async fn unknown_unit(trial: &Trial) -> Verdict {
    let (get, bytes) = download(trial).await?;
    let answer = get.field("Range", "words=0-4").send().await?;
    same(answer.status(&[200])?, &bytes)
}

async fn overlapping(trial: &Trial) -> Verdict {
    let (get, _) = download(trial).await?;
    let ranges = format!("bytes={}", vec!["0-"; 1000].join(","));
    let answer = get.field("Range", ranges).send().await?;
    let received = answer.content.len();
    if received <= 20 * LENGTH {
        return Ok(());
    }
    Err(Stop::failed(
        "not many times the upload",
        format!("{received} bytes of an upload of {LENGTH}"),
    ))
}

async fn another_tag(trial: &Trial) -> Verdict {
    let (get, bytes) = download(trial).await?;
    let get = get.field("Range", "bytes=0-4");
    let answer = get.field("If-Range", "\"another\"").send().await?;
    same(answer.status(&[200])?, &bytes)
}

fn same(answer: &Response, expected: &[u8]) -> Verdict {
    if answer.content == expected {
        return Ok(());
    }
    Err(Stop::failed(
        format!("{} bytes of the upload", expected.len()),
        format!("{} others", answer.content.len()),
    ))
}
