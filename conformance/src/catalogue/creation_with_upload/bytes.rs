//! The bytes that a creation brings, and what the server says of them.

use super::{OFFERED, bringing, taken};
use crate::case::{Case, Need, run};
use crate::session::Extension::{Concatenation, Creation, CreationDeferLength, CreationWithUpload};
use crate::spec::CREATION_WITH_UPLOAD;
use crate::statement::Statement;
use crate::trial::{Trial, Verdict, content};

pub(super) const STATEMENTS: &[Statement] = &[
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
];

const WITH_CONTENT: &[Need] = &[Need::Offered(CreationWithUpload), Need::Content];

pub(super) const CASES: &[Case] = &[
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
    .needs(&[Need::Offered(CreationWithUpload), Need::UntoldLength]),
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
];

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
