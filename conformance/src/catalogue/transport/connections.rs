//! Several requests on one connection.

use crate::case::{Case, Need, run};
use crate::http::Connection;
use crate::http::Protocol::Http1;
use crate::spec::HTTP_CONNECTION;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

/// How many requests share a connection.
const REQUESTS: u64 = 200;

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "TRN-13",
        HTTP_CONNECTION,
        "Requests that follow each other without waiting are answered in their order, and none sees less than the one before it did.",
    ),
    Statement::should(
        "TRN-22",
        HTTP_CONNECTION,
        "Connections that stay silent are closed after a time.",
    )
    .untried("how long a server waits is its own choice"),
    Statement::should(
        "TRN-24",
        HTTP_CONNECTION,
        "A connection serves many requests, and ends behind the one that asks for it.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRN-13.1",
        "creations in one segment make an upload each",
        run!(creations),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-13.2",
        "a PATCH in the same segment goes on where the one before it ended",
        run!(patches),
    )
    .needs(&[Need::UntoldLength, Need::Http(Http1)]),
    Case::new(
        "TRN-13.3",
        "a request behind one that is refused is found where it begins",
        run!(behind_a_refusal),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-24.1",
        "hundreds of small PATCHes go over one connection",
        run!(many),
    ),
    Case::new(
        "TRN-24.2",
        "a connection ends behind the request that asks for it",
        run!(close),
    )
    .needs(&[Need::Http(Http1)]),
];

async fn creations(trial: &Trial) -> Verdict {
    let creation = trial.lines(
        "POST",
        &trial.path(),
        "Upload-Length: 5\r\nContent-Length: 0\r\n",
    );
    let mut wire = trial.by_hand().await?;
    wire.write(creation.repeat(3)).await?;
    let mut paths = Vec::new();
    for _ in 0..3 {
        let answer = wire.answer("POST").await?;
        answer.status(&[201])?;
        let upload = trial.located(&answer)?;
        upload.is_at(0).await?;
        paths.push(upload.path);
    }
    paths.sort();
    paths.dedup();
    if paths.len() < 3 {
        return Err(Stop::failed("three uploads", paths.join(" ")));
    }
    Ok(())
}

async fn patches(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let requests = [
        upload.patch_bytes(0, "hello"),
        upload.patch_bytes(5, "world"),
        upload.head_lines(),
    ];
    let mut wire = trial.by_hand().await?;
    wire.write(requests.concat()).await?;
    for (method, status, offset) in [
        ("PATCH", 204, "5"),
        ("PATCH", 204, "10"),
        ("HEAD", 200, "10"),
    ] {
        let answer = wire.answer(method).await?;
        answer
            .status(&[status, 204])?
            .has("upload-offset", offset)?;
    }
    trial.holds_if_readable(&upload, b"helloworld").await
}

/// The connection may end with the refusal. If it goes on, it does so at the next request.
async fn behind_a_refusal(trial: &Trial) -> Verdict {
    let upload = trial.upload(1_000_000).await?;
    let other = trial.upload(5).await?;
    let content = other.patch_bytes(0, "wrong");
    let requests = [upload.patch_bytes(7, &content), upload.head_lines()];
    let mut wire = trial.by_hand().await?;
    wire.write(requests.concat()).await?;
    wire.answer("PATCH").await?.status(&[409])?;
    if let Some(answer) = wire.answer_or_end("HEAD").await? {
        answer.status(&[200, 204])?.has("upload-offset", "0")?;
    }
    other.is_at(0).await
}

async fn many(trial: &Trial) -> Verdict {
    let upload = trial.upload(REQUESTS).await?;
    let mut connection = trial.within(Connection::open(trial.connector())).await?;
    for offset in 0..REQUESTS {
        let answer = upload.patch(offset).body("x").on(&mut connection).await?;
        let end = (offset + 1).to_string();
        answer.status(&[204])?.has("upload-offset", end)?;
    }
    upload.is_at(REQUESTS).await
}

async fn close(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let lines = "Connection: close\r\nContent-Length: 5\r\n";
    let mut wire = trial.by_hand().await?;
    wire.write(upload.patch_lines(0, lines) + "hello").await?;
    wire.answer("PATCH").await?.status(&[204])?;
    // A server that goes on would answer this one, and one that only falls silent ends it at last.
    wire.write(upload.head_lines()).await?;
    wire.is_closed().await
}
