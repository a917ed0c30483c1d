//! What HTTP asks of every answer, and of those to mistakes.

use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::{
    HTTP_CONNECTION, HTTP_CONTENT, HTTP_CONTENT_TYPE, HTTP_DATE, SECURITY, TUS_MAX_SIZE,
};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::may(
        "H-07",
        TUS_MAX_SIZE,
        "A client that wants too much is told how much it may have.",
    )
    .untried("CRE-09.4 does"),
    Statement::should(
        "H-09",
        HTTP_CONNECTION,
        "Nobody keeps a connection for ever by saying little.",
    )
    .untried("how long a server waits is its own choice"),
    Statement::should(
        "H-12",
        HTTP_CONTENT_TYPE,
        "The content of a refusal says of what type it is.",
    ),
    Statement::should(
        "H-26",
        SECURITY,
        "A refusal repeats nothing of the request that a browser could execute.",
    ),
    Statement::should(
        "H-13",
        SECURITY,
        "`Location` is not built from what strangers say of proxies.",
    )
    .untried("whom a server trusts is its own choice"),
    Statement::must(
        "H-19",
        HTTP_DATE,
        "Answers have a `Date`. Those with 5xx may do without.",
    ),
    Statement::should(
        "H-20",
        HTTP_CONNECTION,
        "A server that is asked to end lets what is under way come to an end.",
    )
    .untried("how a server is asked to end is its own choice"),
    Statement::should(
        "H-11",
        HTTP_CONNECTION,
        "HTTP/1.0 gets answers that it understands.",
    )
    .untried("TRN-14 does"),
    Statement::should(
        "H-21",
        SECURITY,
        "No two readers of a request see different ones in it.",
    )
    .untried("TRN-03, TRN-04, TRN-06, TRN-15 and TRN-20 do, form by form"),
    Statement::should(
        "H-22",
        SECURITY,
        "What one client does wrong is not felt by others.",
    )
    .untried("RES-11 and RST-09 do"),
    Statement::must(
        "H-24",
        HTTP_CONTENT,
        "Answers to HEAD and those with 204 end with their head.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "H-12.1",
        "a refusal that has content tells its type",
        run!(typed),
    ),
    Case::new(
        "H-26.1",
        "a refusal repeats no markup of the request as markup",
        run!(no_markup),
    ),
    Case::new(
        "H-19.1",
        "answers to what is right have a date",
        run!(dated, true),
    ),
    Case::new(
        "H-19.2",
        "answers to what is wrong have a date",
        run!(dated, false),
    ),
    Case::new(
        "H-24.1",
        "behind the answer to HEAD there is nothing",
        run!(nothing_behind, "HEAD", true),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "H-24.2",
        "behind the answer to HEAD of no upload there is nothing",
        run!(nothing_behind, "HEAD", false),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "H-24.3",
        "behind the answer to PATCH there is nothing",
        run!(nothing_behind, "PATCH", true),
    )
    .needs(&[Need::Http(Http1)]),
];

async fn typed(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    for call in [
        upload.patch(3).body("x"),
        upload.patch(0).body("x").set("Content-Type", "text/plain"),
        trial.nowhere().await?.patch(0).body("x"),
    ] {
        let answer = call.send().await?;
        if !answer.content.is_empty() {
            answer.present("content-type")?;
        }
    }
    Ok(())
}

async fn no_markup(trial: &Trial) -> Verdict {
    let markup = "<script>alert(1)</script>";
    let upload = trial.upload(5).await?;
    let metadata = format!("{markup} {markup}");
    for call in [
        upload.patch(0).set("Upload-Offset", markup).body("x"),
        trial.post().field("Upload-Length", markup),
        trial.post_of(5).field("Upload-Metadata", metadata),
        upload.patch(0).set("Content-Type", markup).body("x"),
    ] {
        let answer = call.unobserved().send().await?;
        let is_page = answer
            .field("content-type")
            .is_none_or(|value| value.to_ascii_lowercase().contains("html"));
        let content = String::from_utf8_lossy(&answer.content);
        if is_page && content.contains(markup) {
            return Err(Stop::failed("no markup of the request", content));
        }
    }
    Ok(())
}

async fn dated(trial: &Trial, is_right: bool) -> Verdict {
    let upload = trial.upload(5).await?;
    let calls = if is_right {
        [upload.head(), upload.patch(0).body("h"), trial.options()]
    } else {
        [
            trial.nowhere().await?.head(),
            upload.patch(3).body("h"),
            trial.post().field("Upload-Length", "-1"),
        ]
    };
    for call in calls {
        let answer = call.send().await?;
        if answer.status.is_server_error() {
            continue;
        }
        let date = answer.present("date")?;
        if httpdate::parse_http_date(date).is_err() {
            return Err(Stop::failed("a date", date));
        }
    }
    Ok(())
}

async fn nothing_behind(trial: &Trial, method: &str, is_there: bool) -> Verdict {
    let upload = if is_there {
        trial.upload(5).await?
    } else {
        trial.nowhere().await?
    };
    let close = "Connection: close\r\n";
    let request = match method {
        "PATCH" => upload.patch_lines(0, &format!("{close}Content-Length: 5\r\n")) + "hello",
        _ => trial.lines(method, &upload.path, close),
    };
    let mut wire = trial.by_hand().await?;
    wire.write(request).await?;
    wire.answer(method).await?;
    let rest = wire.rest().await;
    if rest.is_empty() {
        return Ok(());
    }
    Err(Stop::failed(
        "nothing behind the head",
        rest.escape_ascii().to_string(),
    ))
}
