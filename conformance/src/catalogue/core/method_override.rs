//! `X-HTTP-Method-Override`: a method that stands for another.

use crate::case::{Case, Need, run};
use crate::http::Response;
use crate::session::Extension::Termination;
use crate::spec::METHOD_OVERRIDE;
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Upload, VERSION, Verdict};

/// The name of the field.
const OVERRIDE: &str = "X-HTTP-Method-Override";

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CORE-14",
        METHOD_OVERRIDE,
        "Where `X-HTTP-Method-Override` is there, it is the method of the request.",
    ),
    Statement::must(
        "CORE-15",
        METHOD_OVERRIDE,
        "The actual method of a request with `X-HTTP-Method-Override` is ignored.",
    ),
    Statement::should(
        "CORE-16",
        METHOD_OVERRIDE,
        "Clients that cannot send PATCH or DELETE use `X-HTTP-Method-Override`.",
    )
    .untried("it binds clients"),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-14.1",
        "POST that stands for PATCH appends",
        run!(appends, "POST"),
    ),
    Case::new(
        "CORE-14.2",
        "POST that stands for DELETE is answered like DELETE",
        run!(terminates),
    )
    .needs(&[Need::Offered(Termination)]),
    Case::new(
        "CORE-14.3",
        "POST that stands for OPTIONS tells the versions, and needs none itself",
        run!(tells_versions),
    ),
    Case::new(
        "CORE-14.4",
        "GET that stands for HEAD tells the offset",
        run!(tells_offset, "GET"),
    ),
    Case::new(
        "CORE-14.5",
        "GET that stands for HEAD has no content in its answer",
        run!(no_content),
    )
    .resolution("A04"),
    Case::new(
        "CORE-14.6",
        "POST that stands for HEAD tells the offset",
        run!(tells_offset, "POST"),
    ),
    Case::new(
        "CORE-14.7",
        "POST that stands for a method that nobody knows creates nothing",
        run!(unknown),
    ),
    Case::new(
        "CORE-14.8",
        "`patch` in lower case is another method, and appends nothing",
        run!(lower_case),
    )
    .resolution("A04"),
    Case::new("CORE-14.9", "an empty override is none", run!(empty)).resolution("A04"),
    Case::new(
        "CORE-14.10",
        "two lines are refused with 400, and nothing is appended",
        run!(in_two_lines),
    )
    .resolution("A05"),
    Case::new(
        "CORE-15.1",
        "PATCH that stands for HEAD appends nothing",
        run!(appends_nothing),
    ),
    Case::new(
        "CORE-15.2",
        "DELETE that stands for HEAD removes nothing",
        run!(tells_offset, "DELETE"),
    ),
    Case::new(
        "CORE-15.3",
        "PUT that stands for PATCH appends",
        run!(appends, "PUT"),
    ),
];

/// A request that stands for PATCH with five bytes at the beginning.
fn patch<'a>(upload: &Upload<'a>, method: &str) -> Call<'a> {
    upload.patch(0).body("hello").method(method)
}

fn appended(answer: &Response) -> Verdict {
    answer.status(&[204])?.has("upload-offset", "5")?;
    Ok(())
}

async fn appends(trial: &Trial, method: &str) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = patch(&upload, method).field(OVERRIDE, "PATCH");
    appended(&call.send().await?)?;
    upload.is_at(5).await
}

async fn terminates(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = upload.call("POST").body("").field(OVERRIDE, "DELETE");
    call.send().await?.status(&[204])?;
    Ok(())
}

async fn tells_versions(trial: &Trial) -> Verdict {
    let call = trial.options().method("POST").body("");
    let answer = call.field(OVERRIDE, "OPTIONS").send().await?;
    answer.status(&[200, 204])?.lists("tus-version", VERSION)?;
    Ok(())
}

async fn tells_offset(trial: &Trial, method: &str) -> Verdict {
    let upload = super::half(trial).await?;
    let call = upload.call(method).body("").field(OVERRIDE, "HEAD");
    let answer = call.send().await?;
    answer.status(&[200, 204])?.has("upload-offset", "5")?;
    upload.is_at(5).await
}

async fn no_content(trial: &Trial) -> Verdict {
    let upload = trial.complete(b"hello").await?;
    let call = upload.call("GET").field(OVERRIDE, "HEAD");
    let answer = call.send().await?;
    answer.status(&[200, 204])?;
    if !answer.content.is_empty() {
        let observed = format!("{} bytes", answer.content.len());
        return Err(Stop::failed("no content", observed));
    }
    Ok(())
}

async fn unknown(trial: &Trial) -> Verdict {
    let answer = trial.post_of(5).field(OVERRIDE, "BREW").send().await?;
    answer.lacks("location")?.refused()?;
    Ok(())
}

async fn lower_case(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = patch(&upload, "POST").field(OVERRIDE, "patch");
    call.send().await?.status(&[400, 405, 501])?;
    upload.is_at(0).await
}

async fn empty(trial: &Trial) -> Verdict {
    let answer = trial.post_of(5).field(OVERRIDE, "").send().await?;
    answer.status(&[201])?;
    Ok(())
}

async fn in_two_lines(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = patch(&upload, "POST");
    let call = call.field(OVERRIDE, "PATCH").field(OVERRIDE, "PATCH");
    call.send().await?.status(&[400])?;
    upload.is_at(0).await
}

async fn appends_nothing(trial: &Trial) -> Verdict {
    let upload = trial.upload(5).await?;
    let call = patch(&upload, "PATCH").field(OVERRIDE, "HEAD");
    let answer = call.send().await?;
    answer.status(&[200, 204])?.has("upload-offset", "0")?;
    upload.is_at(0).await
}
