//! Many clients at once, on one upload or on many.

use futures_util::future::{join, try_join_all};

use crate::case::{Case, Need, run};
use crate::http::Response;
use crate::session::Extension::Termination;
use crate::spec::{PATCH, RESILIENCE, TERMINATION};
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Upload, Verdict, content};

/// How many clients there are at once.
const CLIENTS: u64 = 12;

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "RES-05",
        PATCH,
        "Of PATCHes at the same offset one succeeds at most. The upload has the bytes of one of them, and nothing of the others.",
    ),
    Statement::should(
        "RES-06",
        RESILIENCE,
        "Whoever is not the writer of an upload does not disturb it.",
    ),
    Statement::should(
        "RES-07",
        TERMINATION,
        "An upload that is terminated while it is written is gone, and does not come back.",
    ),
    Statement::must("RES-08", RESILIENCE, "Uploads side by side do not mix."),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "RES-05.1",
        "of two small PATCHes at one offset one succeeds at most, and the upload has the bytes of one",
        run!(race, 1_000, false),
    )
    .needs(&[Need::Content]),
    Case::new(
        "RES-05.2",
        "of two large PATCHes at one offset one succeeds at most, and the upload has the bytes of one",
        run!(race, 300_000, false),
    )
    .needs(&[Need::Content]),
    Case::new(
        "RES-05.3",
        "of two PATCHes without lengths at one offset one succeeds at most, and the upload has the bytes of one",
        run!(race, 300_000, true),
    )
    .needs(&[Need::UntoldLength, Need::Content]),
    Case::new(
        "RES-05.4",
        "of many PATCHes at one offset one succeeds at most, and the upload is no longer than that",
        run!(crowd),
    ),
    Case::new(
        "RES-06.1",
        "many HEADs at once are told the same",
        run!(heads),
    ),
    Case::new(
        "RES-06.2",
        "a PATCH at another offset does not end one that is under way",
        run!(other_offset),
    )
    .resolution("A17"),
    Case::new(
        "RES-07.1",
        "an upload is terminated while a PATCH is under way",
        run!(terminated),
    )
    .needs(&[Need::Offered(Termination)]),
    Case::new(
        "RES-07.2",
        "three terminations at once end in one absence",
        run!(terminated_by_many),
    )
    .needs(&[Need::Offered(Termination)]),
    Case::new(
        "RES-08.1",
        "many uploads at once have each its bytes",
        run!(side_by_side),
    )
    .needs(&[Need::Content]),
    Case::new(
        "RES-08.2",
        "many creations at once make an upload each",
        run!(creations),
    ),
];

/// A PATCH of all the bytes.
fn whole<'a>(upload: &Upload<'a>, bytes: &[u8], in_chunks: bool) -> Call<'a> {
    let patch = upload.patch(0);
    if in_chunks {
        let chunks: Vec<&[u8]> = bytes.chunks(20_000).collect();
        patch.chunks(&chunks)
    } else {
        patch.body(bytes)
    }
}

/// A writer may lose its place to the next one and leave its first bytes, and then none of them
/// succeeds. So whatever is there is completed with the bytes of one.
async fn race(trial: &Trial, length: usize, in_chunks: bool) -> Verdict {
    let upload = trial.upload(length as u64).await?;
    let bodies = [10, 11].map(|seed| content::bytes(seed, length));
    let [first, second] = bodies
        .each_ref()
        .map(|body| whole(&upload, body, in_chunks).send_or_end());
    let answers = join(first, second).await;
    let is_success = [is_success(&answers.0?), is_success(&answers.1?)];
    let [one, other] = &bodies;
    let completed = match is_success {
        [true, true] => return Err(Stop::failed("one success at most", "two")),
        [true, false] => one,
        [false, true] => other,
        [false, false] => {
            upload.is_resumed(one, length).await?;
            let content = trial.content(&upload).await?;
            // The first bytes may be those of the other.
            let same = content
                .iter()
                .zip(other)
                .take_while(|(is, other)| is == other);
            let (start, _) = other.split_at(same.count());
            let (_, end) = one.split_at(start.len());
            &[start, end].concat()
        }
    };
    upload.is_at(length as u64).await?;
    trial.holds(&upload, completed).await
}

/// Whether a PATCH succeeds. The connection may be closed on one that does not.
fn is_success(answer: &Option<Response>) -> bool {
    answer
        .as_ref()
        .is_some_and(|answer| answer.status.is_success())
}

async fn crowd(trial: &Trial) -> Verdict {
    let upload = trial.upload(1_000).await?;
    let patches = (0..CLIENTS).map(|seed| {
        let bytes = content::bytes(seed, 100);
        upload.patch(0).body(&bytes).send_or_end()
    });
    let answers = try_join_all(patches).await?;
    let successes = answers.into_iter().filter(is_success).count();
    let offset = upload.offset().await?;
    match (successes, offset) {
        (1, 100) | (0, 0..=100) => Ok(()),
        _ => Err(Stop::failed(
            "one success at most, and no more than its 100 bytes",
            format!("{successes} successes, and {offset} bytes"),
        )),
    }
}

async fn heads(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    upload.append(0, b"hello").await?;
    try_join_all((0..CLIENTS).map(|_| upload.is_at(5))).await?;
    Ok(())
}

async fn other_offset(trial: &Trial) -> Verdict {
    let bytes = content::bytes(12, 100_000);
    let (first, rest) = bytes.split_at(50_000);
    let upload = trial.upload(100_000).await?;
    let mut writer = upload.patch(0).declared(100_000).open().await?;
    writer.send(first).await?;
    let answer = upload.patch(99_999).body("!").send().await?;
    answer.status(&[409])?;
    writer.send(rest).await?;
    let answer = writer.finish().await?;
    answer.status(&[204])?.has("upload-offset", "100000")?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn terminated(trial: &Trial) -> Verdict {
    let bytes = content::bytes(13, 100_000);
    let (first, rest) = bytes.split_at(50_000);
    let upload = trial.upload(100_000).await?;
    let mut writer = upload.patch(0).declared(100_000).open().await?;
    writer.send(first).await?;
    // Where it is refused for the writer's sake, the client tries again.
    let ask = || async {
        let answer = upload.delete().send().await?;
        answer.status(&[204, 409, 423])?;
        Ok(answer.status.as_u16() == 204)
    };
    trial.eventually("204", ask).await?;
    let late = async {
        writer.send(rest).await?;
        writer.end().await?;
        writer.response().await
    };
    if let Ok(answer) = late.await {
        answer.refused()?;
    }
    upload.is_gone().await
}

async fn terminated_by_many(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let deletions = (0..3).map(|_| upload.delete().send());
    let answers = try_join_all(deletions).await?;
    for answer in &answers {
        answer.status(&[204, 403, 404, 409, 410, 423])?;
    }
    if answers.iter().all(|answer| answer.status.as_u16() != 204) {
        return Err(Stop::failed("204 for one of them", "none"));
    }
    upload.is_gone().await
}

async fn side_by_side(trial: &Trial) -> Verdict {
    let uploads = (0..CLIENTS).map(async |seed| {
        let bytes = content::bytes(100 + seed, 60_000);
        let (first, rest) = bytes.split_at(30_000);
        let upload = trial.upload(60_000).await?;
        for (offset, piece) in [(0, first), (30_000, rest)] {
            let answer = upload.patch(offset).body(piece).send().await?;
            answer.status(&[204])?;
        }
        trial.holds(&upload, &bytes).await
    });
    try_join_all(uploads).await?;
    Ok(())
}

async fn creations(trial: &Trial) -> Verdict {
    let creations = (0..CLIENTS).map(|_| trial.post_of(5).send());
    let mut paths = Vec::new();
    for answer in try_join_all(creations).await? {
        answer.status(&[201])?;
        paths.push(trial.located(&answer)?.path);
    }
    paths.sort();
    paths.dedup();
    if paths.len() as u64 == CLIENTS {
        return Ok(());
    }
    Err(Stop::failed(
        format!("{CLIENTS} uploads"),
        format!("{} of them", paths.len()),
    ))
}
