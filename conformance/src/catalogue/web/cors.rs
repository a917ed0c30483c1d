//! CORS: pages that come from elsewhere. Nobody has to let them in; who does has to do it right.

use crate::case::{Case, Need, run};
use crate::http::Response;
use crate::session::Extension::{
    Checksum, Concatenation, CreationDeferLength, Expiration, Termination,
};
use crate::spec::CORS;
use crate::statement::Statement;
use crate::trial::page::ORIGIN;
use crate::trial::{Call, Stop, Trial, Upload, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::should(
        "H-01",
        CORS,
        "A preflight succeeds without a version of TUS, and allows the methods and fields of the protocol.",
    ),
    Statement::should(
        "H-02",
        CORS,
        "Answers expose the fields of the protocol, which a page cannot read otherwise.",
    ),
    Statement::should(
        "H-03",
        CORS,
        "Every answer lets the page read it, refusals too: without that a page sees no status, and tries again for ever.",
    ),
    Statement::should(
        "H-04",
        CORS,
        "An answer that repeats the origin varies with it, and `*` does not come with credentials.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "H-01.1",
        "a preflight allows PATCH, with its fields",
        run!(
            allows,
            "PATCH",
            &["Tus-Resumable", "Upload-Offset", "Content-Type"]
        ),
    ),
    Case::new(
        "H-01.2",
        "a preflight allows POST, with its fields",
        run!(
            allows,
            "POST",
            &[
                "Tus-Resumable",
                "Upload-Length",
                "Upload-Metadata",
                "Content-Type"
            ]
        ),
    ),
    Case::new(
        "H-01.3",
        "a preflight allows HEAD, with the version",
        run!(allows, "HEAD", &["Tus-Resumable"]),
    ),
    Case::new(
        "H-01.4",
        "a preflight allows DELETE",
        run!(allows, "DELETE", &["Tus-Resumable"]),
    )
    .needs(&[Need::Offered(Termination)]),
    Case::new(
        "H-01.5",
        "a preflight allows a length that is told later",
        run!(allows, "POST", &["Upload-Defer-Length"]),
    )
    .needs(&[Need::Offered(CreationDeferLength)]),
    Case::new(
        "H-01.6",
        "a preflight allows concatenation",
        run!(allows, "POST", &["Upload-Concat"]),
    )
    .needs(&[Need::Offered(Concatenation)]),
    Case::new(
        "H-01.7",
        "a preflight allows checksums",
        run!(allows, "PATCH", &["Upload-Checksum"]),
    )
    .needs(&[Need::Offered(Checksum)]),
    Case::new(
        "H-02.1",
        "a creation exposes where the upload is",
        run!(exposes, Kind::Creation, &["Location", "Tus-Resumable"]),
    ),
    Case::new(
        "H-02.2",
        "HEAD exposes offset, length and metadata",
        run!(
            exposes,
            Kind::Head,
            &["Upload-Offset", "Upload-Length", "Upload-Metadata"]
        ),
    ),
    Case::new(
        "H-02.3",
        "PATCH exposes the offset",
        run!(exposes, Kind::Patch, &["Upload-Offset"]),
    ),
    Case::new(
        "H-02.4",
        "PATCH exposes when the upload expires",
        run!(exposes, Kind::Patch, &["Upload-Expires"]),
    )
    .needs(&[Need::Offered(Expiration)]),
    Case::new(
        "H-02.5",
        "OPTIONS exposes what the server offers",
        run!(
            exposes,
            Kind::Options,
            &["Tus-Version", "Tus-Extension", "Tus-Max-Size"]
        ),
    ),
    Case::new(
        "H-03.1",
        "a page can read that an upload is not there",
        run!(readable, Kind::Nowhere),
    ),
    Case::new(
        "H-03.2",
        "a page can read that its offset is another",
        run!(readable, Kind::OtherOffset),
    ),
    Case::new(
        "H-03.3",
        "a page can read that its version is not spoken",
        run!(readable, Kind::OtherVersion),
    ),
    Case::new(
        "H-03.4",
        "a page can read that its content is of another type",
        run!(readable, Kind::OtherType),
    ),
    Case::new(
        "H-03.5",
        "a page can read what its upload is at",
        run!(readable, Kind::Head),
    ),
    Case::new(
        "H-04.1",
        "an answer that repeats the origin says that it varies",
        run!(varies),
    ),
    Case::new(
        "H-04.2",
        "an answer for everybody is one without credentials",
        run!(no_credentials),
    ),
];

/// A request of a page.
#[derive(Clone, Copy)]
enum Kind {
    Options,
    Creation,
    Head,
    Patch,
    Nowhere,
    OtherOffset,
    OtherVersion,
    OtherType,
}

async fn allows(trial: &Trial, method: &str, fields: &[&str]) -> Verdict {
    let path = match method {
        "POST" => trial.path(),
        _ => trial.upload(5).await?.path,
    };
    let answer = trial.preflight(&path, method, fields).await?;
    if !answer.status.is_success() {
        let status = answer.status.as_u16().to_string();
        return Err(Stop::failed("a status of success (2xx)", status));
    }
    lets_in(&answer)?;
    // A browser never asks for these.
    if !["GET", "HEAD", "POST"].contains(&method) {
        answer.covers("access-control-allow-methods", method)?;
    }
    for field in fields {
        answer.covers("access-control-allow-headers", field)?;
    }
    Ok(())
}

fn lets_in(answer: &Response) -> Verdict {
    let name = "access-control-allow-origin";
    answer
        .has(name, "*")
        .or_else(|_| answer.has(name, ORIGIN))?;
    Ok(())
}

/// The answer to a request of a page.
async fn asked(trial: &Trial, kind: Kind) -> Result<Response, Stop> {
    trial
        .preflight(&trial.path(), "POST", &["Tus-Resumable"])
        .await?;
    let upload = match kind {
        Kind::Head => described(trial).await?,
        _ => trial.upload(5).await?,
    };
    let call: Call<'_> = match kind {
        Kind::Options => trial.options(),
        Kind::Creation => trial.post_of(5),
        Kind::Head => upload.head(),
        Kind::Patch => upload.patch(0).body("h"),
        Kind::Nowhere => trial.nowhere().await?.head(),
        Kind::OtherOffset => upload.patch(3).body("x"),
        Kind::OtherVersion => upload.patch(0).body("x").set("Tus-Resumable", "9.9.9"),
        Kind::OtherType => upload.patch(0).body("x").set("Content-Type", "text/plain"),
    };
    call.field("Origin", ORIGIN).send().await
}

/// An upload with metadata, or without where the server does not take any.
async fn described(trial: &Trial) -> Result<Upload<'_>, Stop> {
    match trial.with_metadata(&[("name", b"name")]).await {
        Err(Stop::NotApplicable(_)) => trial.upload(5).await,
        described => described,
    }
}

async fn exposes(trial: &Trial, kind: Kind, fields: &[&str]) -> Verdict {
    let answer = asked(trial, kind).await?;
    for field in fields {
        if answer.field(field).is_some() {
            answer.covers("access-control-expose-headers", field)?;
        }
    }
    Ok(())
}

async fn readable(trial: &Trial, kind: Kind) -> Verdict {
    lets_in(&asked(trial, kind).await?)
}

async fn varies(trial: &Trial) -> Verdict {
    let answer = asked(trial, Kind::Head).await?;
    if answer.field("access-control-allow-origin") != Some(ORIGIN) {
        let reason = "it does not repeat the origin";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    answer.covers("vary", "Origin")
}

async fn no_credentials(trial: &Trial) -> Verdict {
    let answer = asked(trial, Kind::Head).await?;
    if answer.field("access-control-allow-origin") == Some("*") {
        answer.lacks("access-control-allow-credentials")?;
    }
    Ok(())
}
