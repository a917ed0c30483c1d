//! What only HTTP/2 has: streams.

use std::time::Duration;

use futures_util::future::try_join_all;

use crate::case::{Case, Need, run};
use crate::http::Connection;
use crate::http::Protocol::Http2;
use crate::spec::HTTP2;
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict, content};

/// How many streams share a connection.
const STREAMS: u64 = 8;

/// How often a request is sent again that comes at a bad time.
const ATTEMPTS: u32 = 20;

/// How long to wait before it is.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "TRN-16",
        HTTP2,
        "The protocol is the same over HTTP/2. Content of another length than was told is malformed.",
    ),
    Statement::must(
        "TRN-17",
        HTTP2,
        "A stream that is given up leaves its connection as it is.",
    ),
    Statement::may(
        "TRN-18",
        HTTP2,
        "HTTP/2 is spoken by prior knowledge or by ALPN.",
    )
    .untried("the judge speaks what it is told to speak"),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRN-16.1",
        "content that is shorter than was told is no success",
        run!(another_length, "hel", 3),
    )
    .needs(&[Need::Http(Http2)]),
    Case::new(
        "TRN-16.2",
        "content that is longer than was told is no success",
        run!(another_length, "hello!", 5),
    )
    .needs(&[Need::Http(Http2)]),
    Case::new(
        "TRN-16.3",
        "uploads share a connection side by side",
        run!(side_by_side),
    )
    .needs(&[Need::Http(Http2), Need::Content]),
    Case::new(
        "TRN-17.1",
        "the connection of a stream that is given up goes on, and so does the upload",
        run!(given_up),
    )
    .needs(&[Need::Http(Http2)]),
];

/// Five bytes are told, and others come.
async fn another_length(trial: &Trial, content: &str, most: u64) -> Verdict {
    let upload = trial.upload(10).await?;
    let mut exchange = upload.patch(0).declared(5).unobserved().open().await?;
    // The server may give the stream up at any of these steps, which is as good as a refusal, but an
    // answer that came before is none.
    let sending = async {
        exchange.send(content.as_bytes()).await?;
        exchange.end().await
    };
    let _ = sending.await;
    if let Ok(answer) = exchange.response().await {
        answer.refused()?;
    }
    let offset = upload.offset().await?;
    if offset > most {
        return Err(Stop::failed(
            format!("an offset of {most} at most"),
            offset.to_string(),
        ));
    }
    Ok(())
}

async fn side_by_side(trial: &Trial) -> Verdict {
    let Connection::Http2(connection) = trial.within(Connection::open(trial.connector())).await?
    else {
        return Ok(());
    };
    let uploads = (0..STREAMS).map(async |seed| {
        let bytes = content::bytes(seed, 100_000);
        let upload = trial.upload(bytes.len() as u64).await?;
        let mut stream = Connection::Http2(connection.beside());
        let answer = upload.patch(0).body(&bytes).on(&mut stream).await?;
        answer.status(&[204])?.has("upload-offset", "100000")?;
        trial.holds(&upload, &bytes).await
    });
    try_join_all(uploads).await?;
    Ok(())
}

async fn given_up(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let mut exchange = upload.patch(0).declared(10).open().await?;
    exchange.send(b"hello").await?;
    if let Connection::Http2(connection) = exchange.connection() {
        connection.cancel().await?;
    }
    let mut connection = exchange.into_connection();
    // The stream that was given up may hold the upload for a moment.
    for _ in 0..ATTEMPTS {
        let told = upload.head().on(&mut connection).await?;
        told.status(&[200, 204])?;
        let offset = told.number("upload-offset").unwrap_or_default();
        let sent = usize::try_from(offset).unwrap_or_default();
        let rest = "helloworld".get(sent..).unwrap_or_default();
        let patch = upload.patch(offset).body(rest);
        let answer = patch.on(&mut connection).await?;
        answer.status(&[204, 400, 409, 423])?;
        if answer.status.as_u16() == 204 {
            return upload.is_at(10).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Stop::failed("the upload to go on", "it does not"))
}
