//! HTTP/1.0, and what HTTP/1.1 asks of the target of a request.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::{HTTP_CONNECTION, HTTP_HOST};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict, Wire};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "TRN-14",
        HTTP_CONNECTION,
        "HTTP/1.0 is served, also without `Host`: the connection ends behind the answer, which is not chunked.",
    ),
    Statement::must(
        "TRN-15",
        HTTP_HOST,
        "A request of HTTP/1.1 without `Host`, with two, or with one that names no host is refused with 400.",
    ),
    Statement::must(
        "TRN-19",
        HTTP_HOST,
        "The target of a request may be a whole URL.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TRN-14.1",
        "an upload is made, filled and asked for over HTTP/1.0",
        run!(old),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-14.2",
        "chunks over HTTP/1.0 do not hide a second request",
        run!(chunks),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-14.3",
        "a download over HTTP/1.0 is not chunked",
        run!(download),
    )
    .needs(&[Need::Http(Http1), Need::Downloads]),
    Case::new(
        "TRN-15.1",
        "a request without `Host` is refused",
        run!(host, ""),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-15.2",
        "a request with two `Host` is refused",
        run!(host, "Host: one.example\r\nHost: two.example\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-15.3",
        "a request with a `Host` that is none is refused",
        run!(host, "Host: one.example two.example\r\n"),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "TRN-19.1",
        "requests to whole URLs are served",
        run!(whole_url),
    )
    .needs(&[Need::Http(Http1)]),
];

/// The same request in HTTP/1.0, without `Host`.
fn aged(trial: &Trial, request: &str) -> String {
    let host = format!("Host: {}\r\n", trial.connector().target().authority());
    request
        .replacen("HTTP/1.1", "HTTP/1.0", 1)
        .replacen(&host, "", 1)
}

async fn asked(trial: &Trial, method: &str, request: &str) -> Result<crate::http::Response, Stop> {
    let mut wire: Wire<'_> = trial.by_hand().await?;
    wire.write(aged(trial, request)).await?;
    let answer = wire.answer(method).await?;
    wire.is_closed().await?;
    Ok(answer)
}

async fn old(trial: &Trial) -> Verdict {
    let lines = "Upload-Length: 5\r\nContent-Length: 0\r\n";
    let creation = trial.lines("POST", &trial.path(), lines);
    let answer = asked(trial, "POST", &creation).await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer)?;
    let answer = asked(trial, "PATCH", &upload.patch_bytes(0, "hello")).await?;
    answer.status(&[204])?.has("upload-offset", "5")?;
    let answer = asked(trial, "HEAD", &upload.head_lines()).await?;
    answer.status(&[200, 204])?.has("upload-offset", "5")?;
    Ok(())
}

async fn chunks(trial: &Trial) -> Verdict {
    let upload = trial.upload(10).await?;
    let other = trial.upload(5).await?;
    let head = upload.patch_lines(
        0,
        "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n",
    );
    let hidden = other.patch_bytes(0, "wrong");
    let mut wire = trial.by_hand().await?;
    wire.write(aged(trial, &head) + "5\r\nhello\r\n0\r\n\r\n" + &hidden)
        .await?;
    let answer = wire.answer_or_end("PATCH").await?;
    let is_read = answer.is_some_and(|answer| answer.status.is_success());
    wire.is_closed().await?;
    upload.is_at(if is_read { 5 } else { 0 }).await?;
    other.is_at(0).await
}

async fn download(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let request = trial.lines("GET", &upload.path, "");
    let answer = asked(trial, "GET", &request).await?;
    answer.status(&[200])?.lacks("transfer-encoding")?;
    if answer.content != b"hello" {
        let content = answer.content.escape_ascii().to_string();
        return Err(Stop::failed("`hello`", content));
    }
    Ok(())
}

async fn host(trial: &Trial, lines: &str) -> Verdict {
    let creation = "Upload-Length: 5\r\nContent-Length: 0\r\n";
    let request = trial.lines("POST", &trial.path(), creation);
    let host = format!("Host: {}\r\n", trial.connector().target().authority());
    let mut wire = trial.by_hand().await?;
    wire.write(request.replacen(&host, lines, 1)).await?;
    if let Some(answer) = wire.answer_or_end("POST").await? {
        answer.status(&[400])?.lacks("location")?;
    }
    Ok(())
}

async fn whole_url(trial: &Trial) -> Verdict {
    let url = trial.connector().target().url().as_str();
    let creation = trial.lines("POST", url, "Upload-Length: 5\r\nContent-Length: 0\r\n");
    let mut wire = trial.by_hand().await?;
    wire.write(creation).await?;
    let answer = wire.answer("POST").await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer)?;
    let patch = upload.patch_bytes(0, "hello");
    let mut wire = trial.by_hand().await?;
    wire.write(patch.replacen(&upload.path, upload.url.as_str(), 1))
        .await?;
    let answer = wire.answer("PATCH").await?;
    answer.status(&[204])?.has("upload-offset", "5")?;
    upload.is_at(5).await
}
