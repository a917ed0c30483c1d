//! Several requests on one connection.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::http::{Connection, Response};
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
        "A connection serves requests until an answer says that it ends, and ends behind the request that asks for it.",
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
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-13.3",
        "a request behind one that is refused is found where it begins",
        run!(behind_a_refusal),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-24.1",
        "hundreds of small PATCHes go over connections that end only where an answer said so",
        run!(many),
    ),
    Case::new(
        "TRN-24.2",
        "a connection ends behind the request that asks for it",
        run!(close),
    )
    .needs(&[Need::Http(Http1)]),
];

/// The answers to requests, each with its method, that are sent without waiting. What stands behind an
/// answer that ends the connection is not answered, and sent again.
async fn in_one_segment(trial: &Trial, requests: &[(&str, &str)]) -> Result<Vec<Response>, Stop> {
    let mut answers = Vec::new();
    while let Some(rest) = requests.get(answers.len()..)
        && !rest.is_empty()
    {
        let mut wire = trial.by_hand().await?;
        let segment: String = rest.iter().map(|(_, request)| *request).collect();
        wire.write(segment).await?;
        for (method, _) in rest {
            let answer = wire.answer(method).await?;
            let is_last = answer.closes();
            answers.push(answer);
            if is_last {
                break;
            }
        }
    }
    Ok(answers)
}

async fn creations(trial: &Trial) -> Verdict {
    let creation = trial.lines(
        "POST",
        &trial.path(),
        "Upload-Length: 5\r\nContent-Length: 0\r\n",
    );
    let mut paths = Vec::new();
    for answer in in_one_segment(trial, &[("POST", creation.as_str()); 3]).await? {
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
        ("PATCH", &*upload.patch_bytes(0, "hello")),
        ("PATCH", &*upload.patch_bytes(5, "world")),
        ("HEAD", &*upload.head_lines()),
    ];
    let answers = in_one_segment(trial, &requests).await?;
    for (answer, (status, offset)) in answers.iter().zip([(204, "5"), (204, "10"), (200, "10")]) {
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
        if answer.closes() {
            connection = trial.within(Connection::open(trial.connector())).await?;
        }
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
