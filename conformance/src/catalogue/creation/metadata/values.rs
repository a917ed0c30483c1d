//! The values of metadata.

use super::{echoed, kept, refused, survived};
use crate::case::{Case, Need, run};
use crate::http::Protocol::Http1;
use crate::spec::UPLOAD_METADATA;
use crate::statement::Statement;

pub(in crate::catalogue::creation) const STATEMENTS: &[Statement] = &[
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
    Statement::should("META-10", UPLOAD_METADATA, "Values are in Base64."),
    Statement::should(
        "META-11",
        UPLOAD_METADATA,
        "Base64 may have bits at its end that say nothing.",
    ),
    Statement::must("META-16", UPLOAD_METADATA, "A value may be any bytes."),
];

pub(in crate::catalogue::creation) const CASES: &[Case] = &[
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
];
