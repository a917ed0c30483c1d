//! How `Upload-Metadata` is written.

use super::{described, tells};
use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::http::Response;
use crate::spec::{HTTP_FIELDS, UPLOAD_METADATA};
use crate::statement::Statement;
use crate::trial::{Call, Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CRE-11",
        UPLOAD_METADATA,
        "`Upload-Metadata` has pairs, separated by commas: a key and a value in Base64, separated by a space.",
    )
    .untried("the statements from META-01 on are what it consists of"),
    Statement::must(
        "META-01",
        UPLOAD_METADATA,
        "The example of the specification is metadata.",
    ),
    Statement::must(
        "META-02",
        UPLOAD_METADATA,
        "Where a value is empty, the space before it may be left out.",
    ),
    Statement::must(
        "META-03",
        UPLOAD_METADATA,
        "Where a value is empty, the space before it may be there.",
    ),
    Statement::should("META-04", UPLOAD_METADATA, "All keys are unique."),
    Statement::should(
        "META-05",
        UPLOAD_METADATA,
        "Keys in other case are other keys, where a server keeps both.",
    ),
    Statement::should("META-06", UPLOAD_METADATA, "No key is empty."),
    Statement::should("META-07", UPLOAD_METADATA, "No comma is behind the last pair."),
    Statement::should(
        "META-08",
        UPLOAD_METADATA,
        "One space is between a key and its value.",
    ),
    Statement::should(
        "META-09",
        HTTP_FIELDS,
        "A list may have white space behind its commas, and may be in several lines.",
    ),
    Statement::should("META-10", UPLOAD_METADATA, "Values are in Base64."),
    Statement::should(
        "META-11",
        UPLOAD_METADATA,
        "Base64 may have bits at its end that say nothing.",
    ),
    Statement::should("META-12", UPLOAD_METADATA, "Keys are in ASCII."),
    Statement::must(
        "META-13",
        UPLOAD_METADATA,
        "A key may have any character but spaces and commas.",
    ),
    Statement::must(
        "META-14",
        UPLOAD_METADATA,
        "A key may be a word that means something in the language of the server.",
    ),
    Statement::should("META-15", UPLOAD_METADATA, "Metadata has at least one pair."),
    Statement::must("META-16", UPLOAD_METADATA, "A value may be any bytes."),
    Statement::should(
        "META-17",
        UPLOAD_METADATA,
        "Metadata that is too large is refused.",
    ),
    Statement::must(
        "META-18",
        UPLOAD_METADATA,
        "Metadata is what was sent with the creation, and not later.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "META-01.1",
        "the example is told",
        run!(kept, "filename d29ybGQ=,is_confidential"),
    ),
    Case::new(
        "META-01.2",
        "the example is told as it was sent",
        run!(echoed, "filename d29ybGQ=,is_confidential"),
    )
    .resolution("A10"),
    Case::new("META-02.1", "a key alone is told", run!(kept, "k")),
    Case::new(
        "META-02.2",
        "a key alone is told as it was sent",
        run!(echoed, "k"),
    )
    .resolution("A10"),
    Case::new(
        "META-03.1",
        "a key with a space behind it is told",
        run!(kept, "k ,j dg=="),
    ),
    Case::new(
        "META-03.2",
        "a key with a space behind it is told as it was sent",
        run!(echoed, "k ,j dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-03.3",
        "a key with a space behind it at the end can be told",
        run!(kept, "j dg==,k "),
    )
    .needs(&[Need::Http(Http1)]),
    Case::new(
        "META-04.1",
        "a key that is there twice makes no error of the server",
        run!(survived, "k dg==,k dg=="),
    ),
    Case::new(
        "META-04.2",
        "a key that is there twice is refused with 400",
        run!(refused, "k dg==,k dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-04.3",
        "a key that is there with two values is refused with 400",
        run!(refused, "k dg==,j dg==,k dw=="),
    )
    .resolution("A10"),
    Case::new(
        "META-05.1",
        "keys in other case make no error of the server",
        run!(survived, "k dg==,K dg=="),
    ),
    Case::new(
        "META-05.2",
        "keys in other case are told as they were sent",
        run!(echoed, "k dg==,K dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-06.1",
        "an empty key makes no error of the server",
        run!(survived, "k dg==,,j dg=="),
    ),
    Case::new(
        "META-06.2",
        "an empty first pair is refused with 400",
        run!(refused, ",k dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-06.3",
        "an empty pair is refused with 400",
        run!(refused, "k dg==,,j dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-06.4",
        "a comma alone is refused with 400",
        run!(refused, ","),
    )
    .resolution("A10"),
    Case::new(
        "META-07.1",
        "a comma at the end makes no error of the server",
        run!(survived, "k dg==,"),
    ),
    Case::new(
        "META-07.2",
        "a comma at the end is refused with 400",
        run!(refused, "k dg==,"),
    )
    .resolution("A10"),
    Case::new(
        "META-08.1",
        "a value with a space makes no error of the server",
        run!(survived, "k d g=="),
    ),
    Case::new(
        "META-08.2",
        "two spaces are refused with 400",
        run!(refused, "k  dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-08.3",
        "a value with a space is refused with 400",
        run!(refused, "k d g=="),
    )
    .resolution("A10"),
    Case::new(
        "META-08.4",
        "a tab instead of the space is refused with 400",
        run!(refused, "k\tdg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-09.1",
        "a space behind a comma makes no error of the server",
        run!(survived, "k dg==, j dg=="),
    ),
    Case::new(
        "META-09.2",
        "a space behind a comma is accepted",
        run!(accepted, "k dg==, j dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-09.3",
        "pairs in two lines are one list",
        run!(in_two_lines),
    )
    .resolution("A10"),
    Case::new(
        "META-10.1",
        "a value that is no Base64 makes no error of the server",
        run!(survived, "k !!!!"),
    ),
    Case::new(
        "META-10.2",
        "a value without its padding makes no error of the server",
        run!(survived, "k dg"),
    ),
    Case::new(
        "META-10.3",
        "a value that is no Base64 is refused with 400",
        run!(refused, "k !!!!"),
    )
    .resolution("A10"),
    Case::new(
        "META-10.4",
        "a value without its padding is refused with 400",
        run!(refused, "k dg"),
    )
    .resolution("A10"),
    Case::new(
        "META-10.5",
        "a value with half of its padding is refused with 400",
        run!(refused, "k dg="),
    )
    .resolution("A10"),
    Case::new(
        "META-10.6",
        "a value with more than its padding is refused with 400",
        run!(refused, "k dg==="),
    )
    .resolution("A10"),
    Case::new(
        "META-10.7",
        "a value of padding alone is refused with 400",
        run!(refused, "k ===="),
    )
    .resolution("A10"),
    Case::new(
        "META-10.8",
        "a value in the alphabet for URLs is refused with 400",
        run!(refused, "k _-8="),
    )
    .resolution("A10"),
    Case::new(
        "META-11.1",
        "bits that say nothing are told as they were sent",
        run!(echoed, "k Zh=="),
    )
    .resolution("A10"),
    Case::new(
        "META-12.1",
        "a key in UTF-8 makes no error of the server",
        run!(survived, "kéy dg=="),
    ),
    Case::new(
        "META-12.2",
        "a key in Latin-1 makes no error of the server",
        run!(survived, b"k\xe9y dg=="),
    ),
    Case::new(
        "META-12.3",
        "a key in UTF-8 is refused with 400",
        run!(refused, "kéy dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-12.4",
        "a key in Latin-1 is refused with 400",
        run!(refused, b"k\xe9y dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-13.1",
        "a key with punctuation is told",
        run!(kept, "a=b\"c/d;e dg=="),
    ),
    Case::new(
        "META-13.2",
        "a key with punctuation is told as it was sent",
        run!(echoed, "a=b\"c/d;e dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-13.3",
        "a key with a DEL is refused with 400",
        run!(refused_by_somebody, b"k\x7f dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-14.1",
        "the key `constructor` is told",
        run!(kept, "constructor dg=="),
    ),
    Case::new(
        "META-14.2",
        "the key `__proto__` is told",
        run!(kept, "__proto__ dg=="),
    ),
    Case::new(
        "META-14.3",
        "the keys `constructor`, `__proto__` and `toString` are told as they were sent",
        run!(echoed, "constructor dg==,__proto__ dg==,toString dg=="),
    )
    .resolution("A10"),
    Case::new(
        "META-15.1",
        "an empty field makes no error of the server",
        run!(survived, ""),
    ),
    Case::new("META-15.2", "an empty field is none", run!(empty_is_none)).resolution("A10"),
    Case::new("META-16.1", "a NUL is kept", run!(kept, "k AGE=")),
    Case::new(
        "META-16.2",
        "a line break and what looks like a field are kept",
        run!(kept, "k DQpTZXQtQ29va2llOiB4PTE="),
    ),
    Case::new(
        "META-16.3",
        "bytes that are no UTF-8 are kept",
        run!(kept, "k //4="),
    ),
    Case::new(
        "META-16.4",
        "a path out of the directory is kept, and leads nowhere",
        run!(kept, "filename Li4vLi4vZXRjL3Bhc3N3ZA=="),
    ),
    Case::new(
        "META-16.5",
        "bytes that are no UTF-8 are told as they were sent",
        run!(echoed, "k //4="),
    )
    .resolution("A10"),
    Case::new(
        "META-17.1",
        "a thousand pairs are accepted or refused",
        run!(thousand_pairs),
    ),
    Case::new(
        "META-17.2",
        "a value of 60 KiB is accepted or refused",
        run!(large_value),
    ),
    Case::new(
        "META-18.1",
        "metadata with PATCH changes nothing",
        run!(not_with_patch),
    ),
    Case::new(
        "META-18.2",
        "metadata with HEAD changes nothing",
        run!(not_with_head),
    ),
];

fn creation<'a>(trial: &'a Trial, metadata: impl AsRef<[u8]>) -> Call<'a> {
    trial.post_of(5).field("Upload-Metadata", metadata)
}

/// The server tells it, if it takes it.
async fn kept(trial: &Trial, metadata: &str) -> Verdict {
    let upload = described(trial, metadata).await?;
    tells(&upload, metadata).await
}

/// The server takes it, and tells it byte for byte.
async fn echoed(trial: &Trial, metadata: &str) -> Verdict {
    let answer = creation(trial, metadata).send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
    upload.told().await?.has("upload-metadata", metadata)?;
    Ok(())
}

async fn accepted(trial: &Trial, metadata: &str) -> Verdict {
    let answer = creation(trial, metadata).send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
    tells(&upload, metadata).await
}

async fn refused(trial: &Trial, metadata: impl AsRef<[u8]>) -> Verdict {
    let answer = creation(trial, metadata).send().await?;
    answer.status(&[400])?.lacks("location")?;
    Ok(())
}

/// What serves HTTP may refuse such a field before anybody looks for metadata.
async fn refused_by_somebody(trial: &Trial, metadata: impl AsRef<[u8]>) -> Verdict {
    let answer = creation(trial, metadata).unobserved().send().await?;
    answer.status(&[400])?.lacks("location")?;
    Ok(())
}

/// What a client should not send: the server refuses it, or makes an upload that works.
async fn survived(trial: &Trial, metadata: impl AsRef<[u8]>) -> Verdict {
    let answer = creation(trial, metadata).send().await?;
    works_or_is_refused(trial, &answer).await
}

async fn works_or_is_refused(trial: &Trial, answer: &Response) -> Verdict {
    if answer.status.as_u16() == 201 {
        return trial.located(answer)?.is_at(0).await;
    }
    answer.blamed()?;
    Ok(())
}

async fn in_two_lines(trial: &Trial) -> Verdict {
    let call = creation(trial, "k dg==").field("Upload-Metadata", "j dg==");
    let answer = call.send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
    tells(&upload, "k dg==,j dg==").await
}

async fn empty_is_none(trial: &Trial) -> Verdict {
    let answer = creation(trial, "").send().await?;
    answer.status(&[201])?;
    let upload = trial.located(&answer).map_err(Stop::on_the_way)?;
    upload.told().await?.lacks("upload-metadata")?;
    Ok(())
}

async fn thousand_pairs(trial: &Trial) -> Verdict {
    let pairs: Vec<_> = (0..1000).map(|number| format!("k{number} dg==")).collect();
    large(trial, &pairs.join(",")).await
}

async fn large_value(trial: &Trial) -> Verdict {
    large(trial, &format!("k {}", "YWJj".repeat(15 << 10))).await
}

/// What serves HTTP may have a limit for fields.
async fn large(trial: &Trial, metadata: &str) -> Verdict {
    let answer = creation(trial, metadata).unobserved().send().await?;
    works_or_is_refused(trial, &answer).await
}

async fn not_with_patch(trial: &Trial) -> Verdict {
    let upload = described(trial, "k dg==").await?;
    let call = upload.patch(0).body("hel");
    call.field("Upload-Metadata", "j dg==").send().await?;
    tells(&upload, "k dg==").await
}

async fn not_with_head(trial: &Trial) -> Verdict {
    let upload = described(trial, "k dg==").await?;
    let call = upload.head();
    call.field("Upload-Metadata", "j dg==").send().await?;
    tells(&upload, "k dg==").await
}
