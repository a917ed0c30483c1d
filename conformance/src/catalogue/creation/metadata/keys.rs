//! The keys of metadata.

use super::{creation, echoed, kept, refused, survived};
use crate::case::{Case, run};
use crate::spec::UPLOAD_METADATA;
use crate::statement::Statement;
use crate::trial::{Trial, Verdict};

pub(in crate::catalogue::creation) const STATEMENTS: &[Statement] = &[
    Statement::should("META-04", UPLOAD_METADATA, "All keys are unique."),
    Statement::should(
        "META-05",
        UPLOAD_METADATA,
        "Keys in other case are other keys, where a server keeps both.",
    ),
    Statement::should("META-06", UPLOAD_METADATA, "No key is empty."),
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
];

pub(in crate::catalogue::creation) const CASES: &[Case] = &[
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
];

/// What serves HTTP may refuse such a field before anybody looks for metadata.
async fn refused_by_somebody(trial: &Trial, metadata: impl AsRef<[u8]>) -> Verdict {
    let answer = creation(trial, metadata).unobserved().send().await?;
    answer.status(&[400])?.lacks("location")?;
    Ok(())
}
