//! PATCH: bytes are appended.

use crate::case::{Case, Need, run};
use crate::spec::{PATCH, Strength};
use crate::statement::Statement;
use crate::trial::content::bytes;
use crate::trial::{Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "CORE-22",
        PATCH,
        "PATCH is accepted on any upload, and its bytes are put where `Upload-Offset` says.",
    ),
    Statement::may(
        "CORE-25",
        PATCH,
        "An upload is sent in one PATCH, or in many small ones.",
    ),
    Statement::must(
        "CORE-26",
        PATCH,
        "PATCH that succeeds is answered with 204.",
    ),
    Statement::must(
        "CORE-27",
        PATCH,
        "The answer to PATCH has `Upload-Offset`: the offset before it and the bytes that were stored.",
    ),
    Statement::should(
        "CORE-28",
        PATCH,
        "PATCH where no upload is, is answered with 404.",
    ),
    Statement::should(
        "CORE-29",
        PATCH,
        "Errors of the network are detected and handled, and what takes too long is closed.",
    )
    .untried("see Resilience: uploads that are cut off or stall"),
    Statement::should(
        "CORE-30",
        PATCH,
        "As many of the received bytes as possible are stored.",
    )
    .untried("see Resilience: bytes that are kept when a request ends early"),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-22.1",
        "two pieces become one upload",
        run!(two_pieces),
    )
    .needs(&[Need::Content]),
    Case::new(
        "CORE-22.2",
        "every value of a byte is stored",
        run!(every_byte),
    )
    .needs(&[Need::Content]),
    Case::new("CORE-22.3", "one byte is stored", run!(stored, 1)).needs(&[Need::Content]),
    Case::new(
        "CORE-22.4",
        "64 KiB but one are stored",
        run!(stored, 65_535),
    )
    .needs(&[Need::Content]),
    Case::new("CORE-22.5", "64 KiB are stored", run!(stored, 65_536)).needs(&[Need::Content]),
    Case::new(
        "CORE-22.6",
        "64 KiB and one are stored",
        run!(stored, 65_537),
    )
    .needs(&[Need::Content]),
    Case::new("CORE-22.7", "10 MiB are stored", run!(stored, 10 << 20)).needs(&[Need::Content]),
    Case::new(
        "CORE-22.8",
        "uploads that are sent at the same time do not mix",
        run!(side_by_side),
    )
    .needs(&[Need::Content]),
    Case::new(
        "CORE-25.1",
        "an upload is complete after fifty pieces of a byte",
        run!(many_pieces),
    )
    .needs(&[Need::Content]),
    Case::new(
        "CORE-26.1",
        "a piece is answered with 204",
        run!(acknowledged, "hello"),
    ),
    Case::new(
        "CORE-26.2",
        "the last piece is answered with 204",
        run!(acknowledged, "helloworld"),
    ),
    Case::new(
        "CORE-27.1",
        "each answer tells the new offset",
        run!(offsets_told),
    ),
    Case::new(
        "CORE-27.2",
        "no bytes at the right offset are answered with 204 and the same offset",
        run!(no_bytes),
    )
    .strength(Strength::Should),
    Case::new(
        "CORE-27.4",
        "the offset in the answer is the one that HEAD tells",
        run!(same_offset),
    ),
    Case::new(
        "CORE-28.1",
        "PATCH where nothing is, is answered with 404",
        run!(nowhere, 5),
    ),
    Case::new(
        "CORE-28.2",
        "the client gets to read the 404 while it sends 1 MiB",
        run!(nowhere, 1 << 20),
    ),
    Case::new(
        "CORE-28.3",
        "PATCH where nothing is, creates nothing",
        run!(nothing_created),
    ),
];

async fn two_pieces(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let first = upload.patch(0).body("hello").send().await?;
    first.status(&[204])?;
    let second = upload.patch(5).body("world").send().await?;
    second.status(&[204])?;
    trial.holds(&upload, b"helloworld").await
}

async fn every_byte(trial: &Trial) -> Verdict {
    let content: Vec<u8> = (0..=u8::MAX).collect();
    whole(trial, &content).await
}

async fn stored(trial: &Trial, length: usize) -> Verdict {
    whole(trial, &bytes(22, length)).await
}

async fn whole(trial: &Trial, content: &[u8]) -> Verdict {
    let upload = trial.upload(content.len() as u64).await?;
    let answer = upload.patch(0).body(content).send().await?;
    answer.status(&[204])?;
    trial.holds(&upload, content).await
}

async fn side_by_side(trial: &Trial) -> Verdict {
    let (one, other) = (bytes(1, 100_000), bytes(2, 100_000));
    futures_util::future::try_join(whole(trial, &one), whole(trial, &other)).await?;
    Ok(())
}

async fn many_pieces(trial: &Trial) -> Verdict {
    let content = bytes(25, 50);
    let upload = trial.upload(50).await?;
    for (offset, byte) in (0..).zip(&content) {
        let answer = upload.patch(offset).body([*byte]).send().await?;
        answer.status(&[204])?;
    }
    trial.holds(&upload, &content).await
}

async fn acknowledged(trial: &Trial, content: &str) -> Verdict {
    let upload = trial.upload(10).await?;
    let answer = upload.patch(0).body(content).send().await?;
    answer.status(&[204])?;
    Ok(())
}

async fn offsets_told(trial: &Trial) -> Verdict {
    let upload = trial.upload(6).await?;
    for (offset, content, end) in [(0, "a", "1"), (1, "bc", "3"), (3, "def", "6")] {
        let answer = upload.patch(offset).body(content).send().await?;
        answer.status(&[204])?.has("upload-offset", end)?;
    }
    Ok(())
}

async fn no_bytes(trial: &Trial) -> Verdict {
    let upload = super::half(trial).await?;
    let answer = upload.patch(5).send().await?;
    answer.status(&[204])?.has("upload-offset", "5")?;
    upload.is_at(5).await
}

async fn same_offset(trial: &Trial) -> Verdict {
    let upload = trial.upload(100_000).await?;
    let answer = upload.patch(0).body(bytes(27, 70_000)).send().await?;
    let told = answer.status(&[204])?.present("upload-offset")?;
    upload.told().await?.has("upload-offset", told)?;
    Ok(())
}

async fn nowhere(trial: &Trial, length: usize) -> Verdict {
    let place = trial.nowhere().await?;
    let answer = place.patch(0).body(bytes(28, length)).send().await?;
    answer.status(&[404])?;
    Ok(())
}

async fn nothing_created(trial: &Trial) -> Verdict {
    let place = trial.nowhere().await?;
    place.patch(0).body("hello").send().await?;
    place.is_gone().await
}
