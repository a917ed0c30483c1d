//! Connections that break in the middle of a PATCH.

use std::time::{Duration, Instant};

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::{PATCH, RESILIENCE};
use crate::statement::Statement;
use crate::trial::{Call, Ending, Stop, Trial, Upload, Verdict, content};

/// Nobody can know when bytes have reached the server, so they are given some time before the
/// connection breaks, and more where the server then has too few of them.
const TIMES: [Duration; 2] = [Duration::ZERO, Duration::from_secs(1)];

/// How long after the end of a connection its bytes may come to light.
const LATE: Duration = Duration::from_secs(5);

/// How many looks in a row have to find the bytes.
const LOOKS: u32 = 5;

/// How much of a large body may be in buffers that a dying connection takes with it.
const IN_BUFFERS: usize = 512 * 1024;

/// How long a few bytes are given to reach the server before nothing more comes.
const ARRIVED: Duration = Duration::from_millis(300);

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "RES-01",
        PATCH,
        "What was received before the connection broke is stored as far as possible, and the upload goes on from there.",
    ),
    Statement::must(
        "RES-02",
        RESILIENCE,
        "A PATCH that broke off is no success, and an upload that goes on after it, however often, has the right bytes.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "RES-01.1",
        "some bytes before FIN are kept",
        run!(kept, Ending::Fin, false, (10, 5, 5)),
    ),
    Case::new(
        "RES-01.2",
        "some bytes before RST are kept",
        run!(kept, Ending::Reset, false, (10, 5, 5)),
    ),
    Case::new(
        "RES-01.3",
        "a single byte before FIN is kept",
        run!(kept, Ending::Fin, false, (4096, 1, 1)),
    ),
    Case::new(
        "RES-01.4",
        "a million bytes before FIN are kept, but for those in buffers",
        run!(
            kept,
            Ending::Fin,
            false,
            (2_000_000, 1_000_000, 1_000_000 - IN_BUFFERS)
        ),
    ),
    Case::new(
        "RES-01.5",
        "a million bytes before RST are kept, but for those in buffers",
        run!(
            kept,
            Ending::Reset,
            false,
            (2_000_000, 1_000_000, 1_000_000 - IN_BUFFERS)
        ),
    ),
    Case::new(
        "RES-01.6",
        "bytes of a body whose length was not told are kept",
        run!(kept, Ending::Fin, true, (10_000, 4_000, 4_000)),
    )
    .needs(&[Need::UntoldLength]),
    Case::new(
        "RES-01.7",
        "the data of a chunk that breaks off is kept",
        run!(kept_chunks, "5\r\nhello\r\n5\r\nwo", 7),
    )
    .needs(&[Need::UntoldLength, Need::Http(Http1)]),
    Case::new(
        "RES-01.8",
        "the chunk before a size that breaks off is kept",
        run!(kept_chunks, "5\r\nhello\r\n5", 5),
    )
    .needs(&[Need::UntoldLength, Need::Http(Http1)]),
    Case::new(
        "RES-01.9",
        "chunks without the empty line at their end are kept",
        run!(kept_chunks, "5\r\nhello\r\n0\r\n", 5),
    )
    .needs(&[Need::UntoldLength, Need::Http(Http1)]),
    Case::new(
        "RES-02.1",
        "an upload that is cut three times has the right bytes",
        run!(cut_again_and_again),
    )
    .needs(&[Need::Content]),
    Case::new(
        "RES-02.2",
        "content that is shorter than was told is no success",
        run!(no_success, "Content-Length: 10\r\n", "hello"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "RES-02.3",
        "chunks without an end are no success",
        run!(
            no_success,
            "Transfer-Encoding: chunked\r\n",
            "5\r\nhello\r\n"
        ),
    )
    .needs(&[Need::Http(Http1)]),
];

/// Sends a part of a body, and breaks it off after some time.
async fn cut(patch: Call<'_>, part: &[u8], ending: Ending, time: Duration) -> Verdict {
    let mut exchange = patch.open().await.map_err(Stop::on_the_way)?;
    exchange.send(part).await.map_err(Stop::on_the_way)?;
    tokio::time::sleep(time).await;
    exchange.break_off(ending).await
}

/// At least so many bytes are there, soon, and stay: some servers take back what they showed once
/// they notice that the connection broke.
async fn reaches(upload: &Upload<'_>, least: usize, patience: Duration) -> Verdict {
    let begun = Instant::now();
    let mut seen = 0;
    loop {
        let offset = upload.offset().await?;
        if offset >= least as u64 {
            seen += 1;
        } else {
            seen = 0;
        }
        if seen == LOOKS {
            return Ok(());
        }
        if seen == 0 && begun.elapsed() > patience {
            return Err(Stop::failed(
                format!("an offset of {least} at least"),
                format!("{offset} at last"),
            ));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Sends a part of a body, breaks it off, and finds at least so many bytes. Then it goes on.
async fn kept(
    trial: &Trial,
    ending: Ending,
    is_chunked: bool,
    sizes: (usize, usize, usize),
) -> Verdict {
    let (length, part, least) = sizes;
    let bytes = content::bytes(1, length);
    let mut verdict = Ok(());
    for time in TIMES {
        let upload = trial.upload(length as u64).await?;
        let patch = upload.patch(0);
        let patch = if is_chunked {
            patch.chunks(&[])
        } else {
            patch.declared(length as u64)
        };
        cut(patch, bytes.get(..part).unwrap_or(&bytes), ending, time).await?;
        verdict = reaches(&upload, least, LATE).await;
        if verdict.is_ok() {
            upload.is_resumed(&bytes, part).await?;
            return trial.holds_if_readable(&upload, &bytes).await;
        }
    }
    verdict
}

async fn kept_chunks(trial: &Trial, chunks: &str, least: usize) -> Verdict {
    let upload = trial.upload(10).await?;
    let head = upload.patch_lines(0, "Transfer-Encoding: chunked\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(head + chunks).await?;
    tokio::time::sleep(ARRIVED).await;
    wire.half_close().await?;
    wire.answer_or_end("PATCH").await?;
    reaches(&upload, least, LATE).await?;
    upload.is_resumed(b"helloworld", least).await?;
    trial.holds_if_readable(&upload, b"helloworld").await
}

async fn cut_again_and_again(trial: &Trial) -> Verdict {
    let bytes = content::bytes(3, 300_000);
    let upload = trial.upload(300_000).await?;
    for ending in [Ending::Fin, Ending::Reset, Ending::Fin] {
        let offset = usize::try_from(upload.offset().await?).unwrap_or_default();
        let rest = bytes.get(offset..).unwrap_or_default();
        let patch = upload.patch(offset as u64).declared(rest.len() as u64);
        let part = rest.get(..50_000).unwrap_or(rest);
        cut(patch, part, ending, Duration::ZERO).await?;
    }
    upload.is_resumed(&bytes, 150_000).await?;
    trial.holds(&upload, &bytes).await
}

async fn no_success(trial: &Trial, lines: &str, content: &str) -> Verdict {
    let upload = trial.upload(10).await?;
    let mut wire = trial.by_hand().await?;
    wire.write(upload.patch_lines(0, lines) + content).await?;
    wire.half_close().await?;
    if let Some(answer) = wire.answer_or_end("PATCH").await? {
        answer.fails()?;
    }
    upload.is_resumed(b"helloworld", 5).await?;
    trial.holds_if_readable(&upload, b"helloworld").await
}
