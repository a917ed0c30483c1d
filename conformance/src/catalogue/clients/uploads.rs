//! Whole uploads as tus-js-client makes them, with each of its options.

use futures_util::future::try_join_all;

use crate::case::{Case, Need, run};
use crate::http::Response;
use crate::session::Extension::{
    Concatenation, CreationDeferLength, CreationWithUpload, Termination,
};
use crate::spec::{CLIENTS, Strength};
use crate::statement::Statement;
use crate::trial::{Call, Ending, OFFSET_OCTET_STREAM, Stop, Trial, Upload, Verdict, content};

/// The bytes of a file.
const LENGTH: usize = 100_000;

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CLI-01",
        CLIENTS,
        "tus-js-client makes an upload, fills it in one PATCH or several, and goes on after a pause with what HEAD tells.",
    ),
    Statement::must(
        "CLI-02",
        CLIENTS,
        "tus-js-client sends the first bytes with the creation (`uploadDataDuringCreation`), and needs `Upload-Offset` in 201.",
    ),
    Statement::must(
        "CLI-03",
        CLIENTS,
        "tus-js-client sends POST with `X-HTTP-Method-Override: PATCH` where PATCH is not available (`overridePatchMethod`).",
    ),
    Statement::should(
        "CLI-04",
        CLIENTS,
        "Fields that the application adds, such as `X-Request-ID`, do no harm.",
    ),
    Statement::must(
        "CLI-05",
        CLIENTS,
        "tus-js-client sends a file in parts at once and joins them by their whole URLs (`parallelUploads`).",
    ),
    Statement::must(
        "CLI-06",
        CLIENTS,
        "tus-js-client sends a stream whose length it tells in the last PATCH (`uploadLengthDeferred`).",
    ),
    Statement::must(
        "CLI-07",
        CLIENTS,
        "tus-js-client resolves `Location` against the URL of creation, and finds the upload there.",
    ),
    Statement::should(
        "CLI-08",
        CLIENTS,
        "Uppy describes a file with several keys, of which some say the same and some nothing.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CLI-01.1",
        "a file is uploaded in one PATCH",
        run!(in_pieces, LENGTH),
    ),
    Case::new(
        "CLI-01.2",
        "a file is uploaded in pieces of one size",
        run!(in_pieces, 30_000),
    ),
    Case::new("CLI-01.3", "an upload is paused and goes on", run!(paused)),
    Case::new(
        "CLI-01.4",
        "an empty file is uploaded by its creation",
        run!(empty),
    ),
    Case::new(
        "CLI-02.1",
        "a file is uploaded from its creation on",
        run!(during_creation, 40_000),
    )
    .needs(&[Need::Offered(CreationWithUpload)]),
    Case::new(
        "CLI-02.2",
        "a file is uploaded by its creation alone",
        run!(during_creation, LENGTH),
    )
    .needs(&[Need::Offered(CreationWithUpload)]),
    Case::new(
        "CLI-03.1",
        "a file is uploaded by POST in place of PATCH",
        run!(by_override),
    ),
    Case::new(
        "CLI-04.1",
        "a file is uploaded with fields of the application in each request",
        run!(with_fields),
    ),
    Case::new(
        "CLI-05.1",
        "a file is uploaded in parts that are joined by their whole URLs",
        run!(in_parts),
    )
    .needs(&[Need::Offered(Concatenation)]),
    Case::new(
        "CLI-06.1",
        "a stream is uploaded whose length is told in the last PATCH",
        run!(stream, false),
    )
    .needs(&[Need::Offered(CreationDeferLength)]),
    Case::new(
        "CLI-06.2",
        "a stream is uploaded whose length is told when all of it is sent",
        run!(stream, true),
    )
    .needs(&[Need::Offered(CreationDeferLength)]),
    Case::new(
        "CLI-07.1",
        "the upload is where `Location` leads, on the server that was asked",
        run!(location),
    )
    .strength(Strength::Should),
    Case::new(
        "CLI-08.1",
        "the keys that Uppy sends are taken, and told again",
        run!(uppy),
    ),
    Case::new(
        "CLI-08.2",
        "an upload that the user cancels is gone",
        run!(cancelled),
    )
    .needs(&[Need::Offered(Termination)]),
];

/// A creation of a file, described as tus-js-client does.
fn creation(trial: &Trial, length: usize) -> Call<'_> {
    let metadata = content::metadata(&[("filename", b"file.bin"), ("filetype", b"image/png")]);
    trial
        .post_of(length as u64)
        .field("Upload-Metadata", metadata)
}

async fn created<'a>(trial: &'a Trial, creation: Call<'a>) -> Result<Upload<'a>, Stop> {
    let answer = creation.send().await?;
    answer.status(&[200, 201])?;
    trial.located(&answer)
}

/// What tus-js-client needs in an answer to content: success, and how far the upload is.
fn went_well(answer: &Response, offset: usize) -> Verdict {
    if !answer.status.is_success() {
        let status = answer.status.as_u16().to_string();
        return Err(Stop::failed("a status of success (2xx)", status));
    }
    answer.has("upload-offset", offset.to_string())?;
    Ok(())
}

async fn in_pieces(trial: &Trial, size: usize) -> Verdict {
    let bytes = content::bytes(60, LENGTH);
    let upload = created(trial, creation(trial, LENGTH)).await?;
    let mut offset = 0;
    for piece in bytes.chunks(size) {
        let answer = upload.patch(offset as u64).body(piece).send().await?;
        offset += piece.len();
        went_well(&answer, offset)?;
    }
    upload.is_at(LENGTH as u64).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

/// The request is aborted, and HEAD has both what was stored and what there is to come.
async fn paused(trial: &Trial) -> Verdict {
    let bytes = content::bytes(61, LENGTH);
    let upload = created(trial, creation(trial, LENGTH)).await?;
    let mut exchange = upload.patch(0).declared(LENGTH as u64).open().await?;
    exchange
        .send(bytes.get(..40_000).unwrap_or_default())
        .await?;
    exchange.break_off(Ending::Reset).await?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-length", LENGTH.to_string())?
        .present("upload-offset")?;
    upload.is_resumed(&bytes, 40_000).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn empty(trial: &Trial) -> Verdict {
    let upload = created(trial, creation(trial, 0)).await?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-length", "0")?
        .has("upload-offset", "0")?;
    Ok(())
}

async fn during_creation(trial: &Trial, first: usize) -> Verdict {
    let bytes = content::bytes(62, LENGTH);
    let (first, rest) = bytes.split_at(first);
    let creation = creation(trial, LENGTH)
        .field("Content-Type", OFFSET_OCTET_STREAM)
        .body(first);
    let answer = creation.send().await?;
    went_well(&answer, first.len())?;
    let upload = trial.located(&answer)?;
    if !rest.is_empty() {
        let answer = upload.patch(first.len() as u64).body(rest).send().await?;
        went_well(&answer, LENGTH)?;
    }
    upload.is_at(LENGTH as u64).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn by_override(trial: &Trial) -> Verdict {
    let bytes = content::bytes(63, LENGTH);
    let upload = created(trial, creation(trial, LENGTH)).await?;
    for (offset, end) in [(0, 50_000), (50_000, LENGTH)] {
        let piece = bytes.get(offset..end).unwrap_or_default();
        let patch = upload.patch(offset as u64).body(piece).method("POST");
        let answer = patch
            .field("X-HTTP-Method-Override", "PATCH")
            .send()
            .await?;
        went_well(&answer, end)?;
    }
    upload.is_at(LENGTH as u64).await?;
    trial.holds_if_readable(&upload, &bytes).await
}

/// With fields that applications and browsers add.
fn with(call: Call<'_>) -> Call<'_> {
    call.field("X-Request-ID", "c7a6cbf6-9c2b-4d7f-8e44-4d8a5a4b8a3c")
        .field("X-Requested-With", "XMLHttpRequest")
        .field("Accept", "*/*")
        .field("User-Agent", "tus-js-client")
        .field("Cookie", "session=1; theme=dark")
}

async fn with_fields(trial: &Trial) -> Verdict {
    let answer = with(creation(trial, 5)).send().await?;
    answer.status(&[200, 201])?;
    let upload = trial.located(&answer)?;
    let answer = with(upload.patch(0).body("hello")).send().await?;
    went_well(&answer, 5)?;
    let answer = with(upload.head()).send().await?;
    answer.status(&[200, 204])?.has("upload-offset", "5")?;
    Ok(())
}

async fn in_parts(trial: &Trial) -> Verdict {
    let bytes = content::bytes(64, LENGTH);
    let parts = bytes.chunks(40_000).map(async |part| {
        let creation = trial
            .post_of(part.len() as u64)
            .field("Upload-Concat", "partial");
        let upload = created(trial, creation).await?;
        let answer = upload.patch(0).body(part).send().await?;
        went_well(&answer, part.len())?;
        Ok::<_, Stop>(upload)
    });
    let parts = try_join_all(parts).await?;
    let urls: Vec<_> = parts.iter().map(|part| part.url.as_str()).collect();
    let metadata = content::metadata(&[("filename", b"file.bin")]);
    let joining = trial
        .post()
        .field("Upload-Metadata", metadata)
        .field("Upload-Concat", format!("final;{}", urls.join(" ")));
    let upload = created(trial, joining).await?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-length", LENGTH.to_string())?;
    trial.holds_if_readable(&upload, &bytes).await
}

/// The length comes with the last bytes, or behind them with none.
async fn stream(trial: &Trial, behind: bool) -> Verdict {
    let bytes = content::bytes(65, LENGTH);
    let (first, last) = bytes.split_at(70_000);
    let creation = trial.post().field("Upload-Defer-Length", "1");
    let upload = created(trial, creation).await?;
    went_well(&upload.patch(0).body(first).send().await?, 70_000)?;
    let patch = upload.patch(70_000).body(last);
    let length = LENGTH.to_string();
    if behind {
        went_well(&patch.send().await?, LENGTH)?;
        let patch = upload.patch(LENGTH as u64).field("Upload-Length", &length);
        went_well(&patch.send().await?, LENGTH)?;
    } else {
        let answer = patch.field("Upload-Length", &length).send().await?;
        went_well(&answer, LENGTH)?;
    }
    let told = upload.head().send().await?;
    told.status(&[200, 204])?
        .has("upload-length", &length)?
        .has("upload-offset", &length)?
        .lacks("upload-defer-length")?;
    trial.holds_if_readable(&upload, &bytes).await
}

async fn location(trial: &Trial) -> Verdict {
    let answer = creation(trial, 5).send().await?;
    let told = answer.status(&[200, 201])?.present("location")?;
    let target = trial.connector().target();
    let origin = target.url().origin();
    // Clients follow to another place, too, but many a server tells one where nobody can go.
    if target
        .resolve(told)
        .is_none_or(|url| url.origin() != origin)
    {
        let expected = format!("a place on {}", origin.ascii_serialization());
        return Err(Stop::failed(expected, answer.shown("location")));
    }
    trial.located(&answer)?.is_at(0).await
}

async fn uppy(trial: &Trial) -> Verdict {
    let metadata = content::metadata(&[
        ("relativePath", b"null"),
        ("name", "фото 1.png".as_bytes()),
        ("type", b"image/png"),
        ("filetype", b"image/png"),
        ("filename", "фото 1.png".as_bytes()),
    ]);
    let creation = trial.post_of(5).field("Upload-Metadata", &metadata);
    let upload = created(trial, creation).await?;
    went_well(&upload.patch(0).body("hello").send().await?, 5)?;
    let told = upload.head().send().await?;
    told.status(&[200, 204])?.has("upload-offset", "5")?;
    // Some servers tell the pairs in another order.
    let told = told.list("upload-metadata");
    for pair in metadata.split(',') {
        if !told.iter().any(|told| told == pair) {
            return Err(Stop::failed(
                format!("`{pair}` in Upload-Metadata"),
                told.join(","),
            ));
        }
    }
    trial.holds_if_readable(&upload, b"hello").await
}

/// The request is aborted and the upload terminated, again where the moment was a bad one.
async fn cancelled(trial: &Trial) -> Verdict {
    let upload = created(trial, creation(trial, LENGTH)).await?;
    let mut exchange = upload.patch(0).declared(LENGTH as u64).open().await?;
    exchange.send(b"hello").await?;
    exchange.break_off(Ending::Reset).await?;
    let ask = || async {
        let answer = upload.delete().send().await?;
        answer.status(&[204, 409, 423])?;
        Ok(answer.status.as_u16() == 204)
    };
    trial.eventually("204", ask).await?;
    upload.is_gone().await
}
