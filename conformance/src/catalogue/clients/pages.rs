//! Clients in pages that come from elsewhere: what a browser asks for them before each request, and
//! what it lets them read of each answer.

use crate::case::{Case, run};
use crate::http::Response;
use crate::spec::{CLIENTS, Strength};
use crate::statement::Statement;
use crate::trial::page::ORIGIN;
use crate::trial::{Call, Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "CLI-10",
    CLIENTS,
    "A page that uses tus-js-client or Uppy is allowed each of their requests, and reads of each answer what it needs.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CLI-10.1",
        "a page uploads a file, with a preflight before each request",
        run!(page, &[], false),
    ),
    Case::new(
        "CLI-10.2",
        "a page uploads a file with `X-Request-ID` in each request",
        run!(page, &["x-request-id"], false),
    )
    .strength(Strength::Should),
    Case::new(
        "CLI-10.3",
        "a page uploads a file with `Authorization` in each request",
        run!(page, &["authorization"], false),
    )
    .strength(Strength::Should),
    Case::new(
        "CLI-10.4",
        "a page uploads a file by POST in place of PATCH",
        run!(page, &[], true),
    )
    .strength(Strength::Should),
];

/// What a page needs to read, by the method of the request.
const CREATION: &[&str] = &["location"];
const HEAD: &[&str] = &["upload-offset", "upload-length"];
const PATCH: &[&str] = &["upload-offset"];

/// A whole upload of a page, whose requests have these fields besides. Its PATCH may be a POST that
/// says so.
async fn page(trial: &Trial, extra: &[&str], is_overridden: bool) -> Verdict {
    let creation = trial
        .post_of(10)
        .field("Upload-Metadata", "filename ZmlsZQ==");
    let fields = ["tus-resumable", "upload-length", "upload-metadata"];
    allowed(trial, &trial.path(), "POST", &[&fields, extra].concat()).await?;
    let answer = sent(creation, extra).await?;
    answer.status(&[200, 201])?;
    readable(&answer, CREATION)?;
    let upload = trial.located(&answer)?;

    let fields = ["content-type", "tus-resumable", "upload-offset"];
    let fields = [&fields, extra].concat();
    let mut patch = upload.patch(0).body("hello");
    if is_overridden {
        let fields = [fields.as_slice(), &["x-http-method-override"]].concat();
        allowed(trial, &upload.path, "POST", &fields).await?;
        patch = patch
            .method("POST")
            .field("X-HTTP-Method-Override", "PATCH");
    } else {
        allowed(trial, &upload.path, "PATCH", &fields).await?;
    }
    let answer = sent(patch, extra).await?;
    answer.status(&[200, 204])?;
    readable(&answer, PATCH)?;

    let fields = [&["tus-resumable"], extra].concat();
    allowed(trial, &upload.path, "HEAD", &fields).await?;
    let answer = sent(upload.head(), extra).await?;
    answer.status(&[200, 204])?.has("upload-offset", "5")?;
    readable(&answer, HEAD)
}

/// A preflight allows a request with these fields.
async fn allowed(trial: &Trial, path: &str, method: &str, fields: &[&str]) -> Verdict {
    let answer = trial.preflight(path, method, fields).await?;
    if method == "PATCH" {
        answer.covers("access-control-allow-methods", method)?;
    }
    for name in fields {
        let allowed = "access-control-allow-headers";
        // This one has to be named.
        if *name == "authorization" {
            answer.lists(allowed, name)?;
        } else {
            answer.covers(allowed, name)?;
        }
    }
    Ok(())
}

async fn sent(call: Call<'_>, extra: &[&str]) -> Result<Response, Stop> {
    let mut call = call.field("Origin", ORIGIN);
    for name in extra {
        call = match *name {
            // Who asks is said with --header, where the server wants to know.
            "authorization" => call,
            _ => call.field(name, "c7a6cbf6-9c2b-4d7f-8e44-4d8a5a4b8a3c"),
        };
    }
    call.send().await
}

/// The answer is one for the page, with the fields that it needs.
fn readable(answer: &Response, fields: &[&str]) -> Verdict {
    answer.present("access-control-allow-origin")?;
    for field in fields {
        answer.present(field)?;
        answer.covers("access-control-expose-headers", field)?;
    }
    Ok(())
}
