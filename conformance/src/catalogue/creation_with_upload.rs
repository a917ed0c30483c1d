//! Creations that bring bytes.

use super::Chapter;
use crate::case::{Case, Need, run};
use crate::http::{Connection, Protocol};
use crate::session::Extension::{
    Checksum, Concatenation, Creation, CreationDeferLength, CreationWithUpload,
};
use crate::spec::{CREATION_WITH_UPLOAD, HTTP_EXPECT};
use crate::statement::Statement;
use crate::trial::checksum::sha1;
use crate::trial::{Call, OFFSET_OCTET_STREAM, Stop, Trial, Upload, Verdict, content};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "Creation with upload",
    statements: &[STATEMENTS],
    cases: &[CASES],
};

const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CWU-01",
        CREATION_WITH_UPLOAD,
        "A server that takes bytes with a creation says `creation-with-upload` in `Tus-Extension`, and `creation` too.",
    ),
    Statement::may(
        "CWU-02",
        CREATION_WITH_UPLOAD,
        "The content of a creation is the whole upload, or its beginning.",
    ),
    Statement::must(
        "CWU-03",
        CREATION_WITH_UPLOAD,
        "The type of such content is `application/offset+octet-stream`.",
    ),
    Statement::should(
        "CWU-04",
        CREATION_WITH_UPLOAD,
        "The server takes as many of the bytes as it can.",
    ),
    Statement::must(
        "CWU-05",
        CREATION_WITH_UPLOAD,
        "The answer has `Upload-Offset`, which tells where the upload is with the bytes that were taken.",
    ),
    Statement::must(
        "CWU-06",
        HTTP_EXPECT,
        "A client may wait for `100 Continue` before it sends the bytes: it gets that, or else the final answer.",
    ),
    Statement::must(
        "CWU-07",
        CREATION_WITH_UPLOAD,
        "The content of a creation is held to the rules for that of a PATCH.",
    ),
];

const OFFERED: &[Need] = &[Need::Offered(CreationWithUpload)];
const WITH_CONTENT: &[Need] = &[Need::Offered(CreationWithUpload), Need::Content];
const OVER_HTTP1: &[Need] = &[
    Need::Offered(CreationWithUpload),
    Need::Http(Protocol::Http1),
];
const VERIFIED: &[Need] = &[Need::Offered(CreationWithUpload), Need::Offered(Checksum)];

const CASES: &[Case] = &[
    Case::new(
        "CWU-01.1",
        "creation is announced where creation-with-upload is",
        run!(creation_too),
    )
    .needs(OFFERED),
    Case::new(
        "CWU-01.2",
        "where creation-with-upload is not announced, no byte is taken with a creation",
        run!(unannounced),
    )
    .needs(&[
        Need::Offered(Creation),
        Need::NotOffered(CreationWithUpload),
    ]),
    Case::new(
        "CWU-02.1",
        "a creation brings the beginning, and PATCH the rest",
        run!(beginning),
    )
    .needs(WITH_CONTENT),
    Case::new("CWU-02.2", "a creation brings all", run!(all)).needs(WITH_CONTENT),
    Case::new(
        "CWU-02.3",
        "a creation without a length brings bytes",
        run!(with, "Upload-Defer-Length", "1"),
    )
    .needs(&[
        Need::Offered(CreationWithUpload),
        Need::Offered(CreationDeferLength),
    ]),
    Case::new(
        "CWU-02.4",
        "the creation of a partial upload brings bytes",
        run!(with, "Upload-Concat", "partial"),
    )
    .needs(&[
        Need::Offered(CreationWithUpload),
        Need::Offered(Concatenation),
    ]),
    Case::new(
        "CWU-03.1",
        "bytes of another type are refused with 415",
        run!(other_type, Some("text/plain")),
    )
    .needs(OFFERED)
    .resolution("A13"),
    Case::new(
        "CWU-03.2",
        "the type does not matter where there are no bytes",
        run!(type_without_content),
    )
    .resolution("A13"),
    Case::new(
        "CWU-03.3",
        "bytes without a type are refused with 415",
        run!(other_type, None),
    )
    .needs(OFFERED)
    .resolution("A13"),
    Case::new(
        "CWU-04.1",
        "all bytes of some are taken",
        run!(all_are_taken, 5),
    )
    .needs(OFFERED),
    Case::new(
        "CWU-04.2",
        "all bytes of many are taken",
        run!(all_are_taken, 256 * 1024),
    )
    .needs(OFFERED),
    Case::new(
        "CWU-04.3",
        "all bytes are taken where their number is not told",
        run!(all_chunks_are_taken),
    )
    .needs(OFFERED),
    Case::new(
        "CWU-05.1",
        "the offset in the answer is the one that HEAD tells",
        run!(offset_is_true),
    )
    .needs(OFFERED),
    Case::new(
        "CWU-05.2",
        "the offset is told also if there are no bytes",
        run!(offset_without_content),
    )
    .needs(OFFERED)
    .resolution("A13"),
    Case::new(
        "CWU-06.1",
        "`100 Continue` is sent, and then 201",
        run!(continued),
    )
    .needs(OVER_HTTP1),
    Case::new(
        "CWU-06.2",
        "a creation that is too large is refused without `100 Continue`",
        run!(too_large_is_not_continued),
    )
    .needs(&[
        Need::Offered(CreationWithUpload),
        Need::Http(Protocol::Http1),
        Need::MaxSize,
    ])
    .resolution("A01"),
    Case::new(
        "CWU-06.3",
        "a creation of another version is refused without `100 Continue`",
        run!(other_version_is_not_continued),
    )
    .needs(OVER_HTTP1)
    .resolution("A01"),
    Case::new(
        "CWU-07.1",
        "the offset does not go beyond the length where too many bytes come",
        run!(too_many, false),
    )
    .needs(OFFERED),
    Case::new(
        "CWU-07.2",
        "the offset does not go beyond the length where too many bytes come without their number",
        run!(too_many, true),
    )
    .needs(OFFERED),
    Case::new(
        "CWU-07.3",
        "bytes with the right checksum are taken",
        run!(right_checksum),
    )
    .needs(VERIFIED)
    .resolution("A14"),
    Case::new(
        "CWU-07.4",
        "an offset of 0 may be told",
        run!(with, "Upload-Offset", "0"),
    )
    .needs(OFFERED)
    .resolution("A13"),
    Case::new(
        "CWU-07.5",
        "bytes with a wrong checksum are refused with 460, and nothing is created",
        run!(refused_checksum, "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=", 460),
    )
    .needs(VERIFIED)
    .resolution("A14"),
    Case::new(
        "CWU-07.6",
        "a checksum of an unknown kind is refused with 400, and nothing is created",
        run!(refused_checksum, "unknown AAAA", 400),
    )
    .needs(VERIFIED)
    .resolution("A14"),
    Case::new(
        "CWU-07.7",
        "too many bytes are refused with 413, and nothing is created",
        run!(too_many_are_refused, false),
    )
    .needs(OFFERED)
    .resolution("A16"),
    Case::new(
        "CWU-07.8",
        "too many bytes without their number are refused with 413, and nothing is created",
        run!(too_many_are_refused, true),
    )
    .needs(OFFERED)
    .resolution("A16"),
    Case::new(
        "CWU-07.9",
        "another offset than 0 is refused",
        run!(other_offset),
    )
    .needs(OFFERED)
    .resolution("A13"),
];

/// A creation of a length that brings bytes.
fn bringing<'a>(trial: &'a Trial, length: usize, content: &[u8]) -> Call<'a> {
    trial
        .post_of(length as u64)
        .field("Content-Type", OFFSET_OCTET_STREAM)
        .body(content)
}

async fn creation_too(trial: &Trial) -> Verdict {
    let answer = trial.options().send().await?;
    answer.lists("tus-extension", Creation.name())?;
    Ok(())
}

async fn unannounced(trial: &Trial) -> Verdict {
    let answer = bringing(trial, 10, b"hello").send().await?;
    if !answer.status.is_success() {
        return trial.creates_nothing(&answer).await;
    }
    if answer.fields.contains_key("upload-offset") {
        answer.has("upload-offset", "0")?;
    }
    trial.located(&answer)?.is_at(0).await
}

async fn beginning(trial: &Trial) -> Verdict {
    let upload = taken(trial, bringing(trial, 10, b"hello"), 5).await?;
    upload.append(5, b"world").await?;
    trial.holds(&upload, b"helloworld").await
}

async fn all(trial: &Trial) -> Verdict {
    let bytes = content::bytes(1, 10_000);
    let upload = taken(trial, bringing(trial, bytes.len(), &bytes), bytes.len()).await?;
    trial.holds(&upload, &bytes).await
}

async fn with(trial: &Trial, name: &str, value: &str) -> Verdict {
    let mut call = bringing(trial, 10, b"hello").field(name, value);
    if name == "Upload-Defer-Length" {
        call = call.without("Upload-Length");
    }
    taken(trial, call, 5).await?;
    Ok(())
}

async fn other_type(trial: &Trial, media_type: Option<&str>) -> Verdict {
    let mut call = bringing(trial, 10, b"hello").without("Content-Type");
    if let Some(media_type) = media_type {
        call = call.field("Content-Type", media_type);
    }
    let answer = call.send().await?;
    answer.status(&[415])?;
    trial.creates_nothing(&answer).await
}

async fn type_without_content(trial: &Trial) -> Verdict {
    for media_type in ["application/json", "application/x-www-form-urlencoded"] {
        let call = trial.post_of(10).field("Content-Type", media_type);
        let answer = call.send().await?;
        answer.status(&[201])?;
        trial.located(&answer)?.is_at(0).await?;
    }
    Ok(())
}

async fn all_are_taken(trial: &Trial, length: usize) -> Verdict {
    let bytes = content::bytes(2, length);
    taken(trial, bringing(trial, length + 1, &bytes), length).await?;
    Ok(())
}

async fn all_chunks_are_taken(trial: &Trial) -> Verdict {
    let call = bringing(trial, 100, b"").chunks(&[b"hel", b"lo"]);
    let answer = call.clone().send().await?;
    if answer.refused().is_ok() {
        let reason = "content has to tell its length";
        return Err(Stop::NotApplicable(reason.to_owned()));
    }
    taken(trial, call, 5).await?;
    Ok(())
}

async fn offset_is_true(trial: &Trial) -> Verdict {
    let answer = bringing(trial, 10, b"hello").send().await?;
    answer.status(&[201])?;
    let offset = answer.present("upload-offset")?;
    let told = trial.located(&answer)?.told().await?;
    told.has("upload-offset", offset)?;
    Ok(())
}

async fn offset_without_content(trial: &Trial) -> Verdict {
    taken(trial, bringing(trial, 10, b""), 0).await?;
    Ok(())
}

async fn continued(trial: &Trial) -> Verdict {
    let mut call = bringing(trial, 10, b"").declared(5);
    call = call.field("Expect", "100-continue");
    let mut exchange = call.open().await?;
    if let Connection::Http1(connection) = exchange.connection() {
        let interim = trial.within(connection.head()).await?;
        interim.status(&[100])?;
    }
    exchange.send(b"hello").await?;
    let answer = exchange.finish().await?;
    answer.status(&[201])?;
    trial.located(&answer)?.told().await?;
    Ok(())
}

async fn too_large_is_not_continued(trial: &Trial) -> Verdict {
    let largest = trial.session().features().max_size().unwrap_or_default();
    let length = largest.saturating_add(1).to_string();
    let call = bringing(trial, 10, b"").set("Upload-Length", length);
    is_not_continued(call, 413).await
}

async fn other_version_is_not_continued(trial: &Trial) -> Verdict {
    let call = bringing(trial, 10, b"").set("Tus-Resumable", "0.0.1");
    is_not_continued(call, 412).await
}

async fn is_not_continued(call: Call<'_>, status: u16) -> Verdict {
    let call = call.field("Expect", "100-continue").declared(5);
    let mut exchange = call.open().await?;
    let answer = exchange.response().await?;
    answer.status(&[status])?;
    match answer.interim.first() {
        None => Ok(()),
        Some(interim) => Err(Stop::failed(
            "no interim answer",
            format!("status {}", interim.as_u16()),
        )),
    }
}

/// A creation of five bytes that brings eight.
fn overrun(trial: &Trial, in_chunks: bool) -> Call<'_> {
    let call = bringing(trial, 5, b"too many");
    if in_chunks {
        call.chunks(&[b"too", b" many"])
    } else {
        call
    }
}

async fn too_many(trial: &Trial, in_chunks: bool) -> Verdict {
    let answer = overrun(trial, in_chunks).send().await?;
    if !answer.status.is_success() {
        return trial.creates_nothing(&answer).await;
    }
    let offset = answer.number("upload-offset").unwrap_or_default();
    let stored = trial.located(&answer)?.offset().await?;
    if offset.max(stored) > 5 {
        let observed = format!("offset {}", offset.max(stored));
        return Err(Stop::failed("no offset beyond the length 5", observed));
    }
    Ok(())
}

async fn too_many_are_refused(trial: &Trial, in_chunks: bool) -> Verdict {
    let answer = overrun(trial, in_chunks).send().await?;
    answer.status(&[413])?;
    trial.creates_nothing(&answer).await
}

async fn right_checksum(trial: &Trial) -> Verdict {
    let call = bringing(trial, 10, b"hello").field("Upload-Checksum", sha1(b"hello"));
    taken(trial, call, 5).await?;
    Ok(())
}

async fn refused_checksum(trial: &Trial, checksum: &str, status: u16) -> Verdict {
    let call = bringing(trial, 10, b"hello").field("Upload-Checksum", checksum);
    let answer = call.send().await?;
    answer.status(&[status])?;
    trial.creates_nothing(&answer).await
}

async fn other_offset(trial: &Trial) -> Verdict {
    let call = bringing(trial, 10, b"hello").field("Upload-Offset", "3");
    let answer = call.send().await?;
    answer.status(&[400])?;
    trial.creates_nothing(&answer).await
}

/// The creation succeeds, and so many bytes of it are there.
async fn taken<'a>(trial: &'a Trial, call: Call<'_>, bytes: usize) -> Result<Upload<'a>, Stop> {
    call.fits()?;
    let answer = call.send().await?;
    answer
        .status(&[201])?
        .has("upload-offset", bytes.to_string())?;
    let upload = trial.located(&answer)?;
    upload.is_at(bytes as u64).await?;
    Ok(upload)
}
