mod appending;
mod checksums;
mod creation;
mod grammar;
mod routing;

use super::*;
use crate::extension::Extensions;
use crate::fixtures::{
    OFFSET_OCTET_STREAM, SPOKEN, headers, id, parts, protocol, status, unlimited,
};

const EMPTY: BodySize = BodySize::Exact(0);
const LENGTH: (&str, &str) = ("upload-length", "5");
const DEFER: (&str, &str) = ("upload-defer-length", "1");
const OFFSET: (&str, &str) = ("upload-offset", "5");
const SHA1: (&str, &str) = ("upload-checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
const TRAILER: (&str, &str) = ("trailer", "Upload-Checksum");

type Lines<'l> = &'l [(&'l str, &'l str)];

fn create(lines: Lines<'_>, body: BodySize) -> Result<Creation, Refusal> {
    Creation::read(&headers(lines), body, &protocol())
}

fn append(lines: Lines<'_>, body: BodySize) -> Result<Append, Refusal> {
    Append::read(&headers(lines), body, &protocol())
}

fn route_to(method: &str, path: &str, lines: Lines<'_>) -> Result<Operation, Refusal> {
    route(&parts(method, path, lines), &protocol())
}

/// A value for one header, and the status that it leads to.
type Row = (&'static str, &'static str, u16);

/// A header whose extension is off changes what a request means, so it is not ignored (A25).
#[test]
fn headers_of_extensions_that_are_off_are_refused() {
    let bytes = OFFSET_OCTET_STREAM;
    let partial = ("upload-concat", "partial");
    let fin = ("upload-concat", "final;/files/a");
    #[rustfmt::skip]
    let rows: [(&str, Extension, Lines<'_>, BodySize); 7] = [
        ("CDL-01", Extension::CreationDeferLength, &[DEFER], EMPTY),
        ("CAT-17", Extension::Concatenation, &[LENGTH, partial], EMPTY),
        ("CAT-17", Extension::Concatenation, &[fin], EMPTY),
        ("CWU-05", Extension::CreationWithUpload, &[LENGTH, bytes], BodySize::Exact(5)),
        ("CKS-12", Extension::Checksum, &[LENGTH, SHA1], EMPTY),
        ("CKS-12", Extension::Checksum, &[LENGTH, TRAILER], EMPTY),
        ("TRL-02", Extension::ChecksumTrailer, &[LENGTH, TRAILER], EMPTY),
    ];
    for (id_of_catalogue, extension, lines, body) in rows {
        let protocol = Protocol {
            extensions: Extensions::all().without(extension),
            ..protocol()
        };
        let refused = Creation::read(&headers(lines), body, &protocol).unwrap_err();
        assert!(
            matches!(refused, Refusal::ExtensionNotOffered(_)),
            "{id_of_catalogue} {refused:?}"
        );
        assert!(create(lines, body).is_ok(), "{id_of_catalogue}");
        if lines.iter().any(|line| [SHA1, TRAILER].contains(line)) {
            let lines = [&[bytes, OFFSET], lines].concat();
            let refused = Append::read(&headers(&lines), body, &protocol).unwrap_err();
            assert!(
                matches!(refused, Refusal::ExtensionNotOffered(_)),
                "{id_of_catalogue}"
            );
        }
    }
}
