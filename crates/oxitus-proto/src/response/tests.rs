use std::time::Duration;

use super::*;
use crate::extension::Extensions;
use crate::fixtures::{
    FINAL, SPOKEN, every_refusal_with_an_offset, expiring, final_upload, metadata, now, partial,
    parts, protocol, too_large, unlimited, upload,
};
use crate::request::route;

/// A request of HTTP/1.1 for the upload `abc`, which lives as long as the tests.
fn asked(method: &str, lines: &[(&str, &str)]) -> Asked<'static> {
    let parts = Box::leak(Box::new(parts(method, "/files/abc", lines)));
    let operation = route(parts, &protocol()).ok();
    Asked::new(parts, operation.as_ref())
}

fn answer(outcome: &Outcome, protocol: &Protocol) -> Response<()> {
    respond(outcome, &asked("HEAD", &[SPOKEN]), protocol)
}

/// The headers `Upload-…` without that prefix, as `name: value`, in the order of their names.
fn upload_headers<B>(response: &Response<B>) -> Vec<String> {
    let mut lines: Vec<_> = response
        .headers()
        .iter()
        .filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("upload-")?;
            Some(format!("{name}: {}", value.to_str().unwrap()))
        })
        .collect();
    lines.sort();
    lines
}

fn header<B>(response: &Response<B>, name: &str) -> Option<String> {
    let mut values = response.headers().get_all(name).iter();
    let value = values.next()?.to_str().unwrap().to_owned();
    assert!(values.next().is_none(), "{name} stands twice");
    Some(value)
}

fn every_outcome() -> Vec<Outcome> {
    let joined = final_upload(Phase::Complete, 11, Some(11));
    vec![
        Outcome::Options,
        Outcome::Created(upload(0, Some(5))),
        Outcome::Created(joined.clone()),
        Outcome::Described(joined),
        Outcome::Described(expiring(upload(3, None))),
        Outcome::Appended(expiring(upload(3, Some(5)))),
        Outcome::Terminated,
    ]
}

/// Refusals whose answers differ in their headers.
fn refusals() -> Vec<Refusal> {
    let mut refusals = every_refusal_with_an_offset(7);
    refusals.extend([
        Refusal::UnsupportedVersion,
        Refusal::NotFound,
        Refusal::MethodNotAllowed {
            allow: vec![Method::HEAD, Method::PATCH],
        },
        Refusal::UnsupportedMediaType,
        Refusal::ChecksumMismatch,
        Refusal::RangeNotSatisfiable { length: 9 },
        Refusal::Locked,
        Refusal::Overtaken,
        Refusal::Failed,
    ]);
    refusals
}

#[test]
fn every_answer_has_what_every_answer_has() {
    let asked = asked("PATCH", &[SPOKEN, ("origin", "https://example.org")]);
    let outcomes = every_outcome();
    let accepted = outcomes
        .iter()
        .map(|outcome| respond(outcome, &asked, &protocol()));
    let refusals = refusals();
    let refused = refusals
        .iter()
        .map(|refusal| refuse(refusal, &asked, &protocol()).map(drop));
    for response in accepted.chain(refused) {
        let header = |name| header(&response, name);
        assert_eq!(
            header("tus-resumable").as_deref(),
            Some("1.0.0"),
            "INV-1 CORE-06"
        );
        assert_eq!(
            header("cache-control").as_deref(),
            Some("no-store"),
            "CORE-21 A20"
        );
        assert_eq!(
            header("x-content-type-options").as_deref(),
            Some("nosniff"),
            "H-12"
        );
        assert_eq!(
            header("access-control-allow-origin").as_deref(),
            Some("*"),
            "H-03"
        );
        assert!(header("access-control-expose-headers").is_some(), "H-02");
        assert!(header("content-length").is_none(), "INV-3");
        for value in response.headers().values() {
            let value = value.to_str().unwrap();
            assert_eq!(value.trim(), value, "INV-6");
        }
    }
}

#[test]
fn options_describes_the_server() {
    let options = |protocol| {
        let parts = parts("OPTIONS", "/files", &[("tus-resumable", "9.9.9")]);
        let operation = route(&parts, &protocol).unwrap();
        respond(
            &Outcome::Options,
            &Asked::new(&parts, Some(&operation)),
            &protocol,
        )
    };
    let all = options(protocol());
    assert_eq!(all.status(), 204, "CORE-31 CORE-33");
    #[rustfmt::skip]
    let rows = [
        ("CORE-04 CORE-05", "tus-version", Some("1.0.0")),
        ("CORE-12", "tus-max-size", Some("1000")),
        ("CHK-02 CHK-03", "tus-checksum-algorithm", Some("sha1,sha256,sha512,md5,crc32")),
        ("A21", "allow", Some("POST, OPTIONS")),
        (
            "CORE-10 CRE-02 CDL-01 CWU-01 EXP-01 CHK-01 TRL-01 TRM-01 CON-01 CUF-01",
            "tus-extension",
            Some(
                "creation,creation-with-upload,creation-defer-length,expiration,checksum,\
                 checksum-trailer,termination,concatenation,concatenation-unfinished",
            ),
        ),
    ];
    for (id, name, value) in rows {
        assert_eq!(header(&all, name).as_deref(), value, "{id}");
    }
    let core_only = options(Protocol {
        extensions: Extensions::NONE,
        ..unlimited()
    });
    #[rustfmt::skip]
    let rows = [
        ("CORE-11", "tus-extension"),
        ("CORE-13", "tus-max-size"),
        ("CHK-02", "tus-checksum-algorithm"),
    ];
    for (id, name) in rows {
        assert_eq!(header(&core_only, name), None, "{id}");
    }
    let beyond = options(Protocol {
        max_size: Some(u64::MAX),
        ..protocol()
    });
    let limit = i64::MAX.to_string();
    assert_eq!(header(&beyond, "tus-max-size"), Some(limit), "CORE-12");
}

#[test]
fn options_tells_the_methods_of_a_path_that_has_some() {
    #[rustfmt::skip]
    let rows = [
        ("/files/", Some("POST, OPTIONS")),
        ("/files/abc", Some("HEAD, PATCH, GET, DELETE, OPTIONS")),
        ("/files/NONE", None),
        ("*", None),
    ];
    for (path, allow) in rows {
        let parts = parts("OPTIONS", path, &[]);
        let asked = Asked::new(&parts, Some(&Operation::Options));
        let response = respond(&Outcome::Options, &asked, &protocol());
        assert_eq!(
            header(&response, "allow").as_deref(),
            allow,
            "A21 CORE-31 {path}"
        );
    }
}

#[test]
fn head_describes_the_upload() {
    let joined = |phase, offset| final_upload(phase, offset, Some(11));
    #[rustfmt::skip]
    let rows: [(&str, Upload, &[&str]); 11] = [
        ("CORE-17", upload(0, Some(5)), &["length: 5", "offset: 0"]),
        ("CORE-18", upload(3, Some(5)), &["length: 5", "offset: 3"]),
        ("CORE-17", upload(5, Some(5)), &["length: 5", "offset: 5"]),
        ("CRE-06", upload(0, Some(0)), &["length: 0", "offset: 0"]),
        ("CDL-07", upload(3, None), &["defer-length: 1", "offset: 3"]),
        ("CON-14 CON-16", partial(3, Some(5)), &["concat: partial", "length: 5", "offset: 3"]),
        ("CON-02", partial(3, None), &["concat: partial", "defer-length: 1", "offset: 3"]),
        ("CON-13 CON-15", joined(Phase::Complete, 11), &["concat: FINAL", "length: 11", "offset: 11"]),
        ("CON-12 CUF-03", joined(Phase::Receiving, 5), &["concat: FINAL", "length: 11"]),
        ("CON-12", joined(Phase::Received, 11), &["concat: FINAL", "length: 11"]),
        ("CUF-03", final_upload(Phase::Receiving, 0, None), &["concat: FINAL"]),
    ];
    for (id, upload, expected) in rows {
        let response = answer(&Outcome::Described(upload), &protocol());
        assert_eq!(response.status(), 200, "CORE-20 {id}");
        let expected: Vec<_> = expected
            .iter()
            .map(|line| line.replace("FINAL", FINAL))
            .collect();
        assert_eq!(upload_headers(&response), expected, "{id}");
    }
    for raw in [
        "filename d29ybGQ=,is_confidential",
        "k ,j dg==",
        "k Zh==, K dg==",
    ] {
        let upload = Upload {
            metadata: metadata(raw),
            ..upload(0, None)
        };
        let response = answer(&Outcome::Described(upload), &protocol());
        assert_eq!(
            header(&response, "upload-metadata").as_deref(),
            Some(raw),
            "CRE-08"
        );
    }
}

#[test]
fn created_says_where_and_how_far() {
    #[rustfmt::skip]
    let rows: [(&str, Upload, Option<&str>); 5] = [
        ("CRE-05", upload(0, Some(5)), Some("0")),
        ("CWU-05", upload(3, Some(5)), Some("3")),
        ("CWU-02", upload(5, Some(5)), Some("5")),
        ("CON-13", final_upload(Phase::Complete, 11, Some(11)), Some("11")),
        ("CON-12", final_upload(Phase::Receiving, 0, Some(11)), None),
    ];
    for (id, upload, offset) in rows {
        let response = answer(&Outcome::Created(upload), &protocol());
        assert_eq!(response.status(), 201, "CRE-04 {id}");
        assert_eq!(
            header(&response, "location").as_deref(),
            Some("/files/abc"),
            "CRE-04 {id}"
        );
        assert_eq!(
            header(&response, "upload-offset").as_deref(),
            offset,
            "{id}"
        );
    }
    let public = Protocol {
        mount: protocol().mount.public_origin("https://example.org"),
        ..protocol()
    };
    let response = answer(&Outcome::Created(upload(0, None)), &public);
    let location = header(&response, "location");
    assert_eq!(
        location.as_deref(),
        Some("https://example.org/files/abc"),
        "CRE-04"
    );
}

#[test]
fn appended_says_how_far() {
    for (id, offset) in [("CORE-26", 3), ("CORE-27", 5)] {
        let response = answer(&Outcome::Appended(upload(offset, Some(5))), &protocol());
        assert_eq!(response.status(), 204, "{id}");
        assert_eq!(
            upload_headers(&response),
            [format!("offset: {offset}")],
            "{id}"
        );
    }
    let removed = answer(&Outcome::Terminated, &protocol());
    assert_eq!(removed.status(), 204, "TRM-02");
    assert!(upload_headers(&removed).is_empty(), "TRM-02");
}

#[test]
fn only_what_expires_says_when() {
    let a_minute_later = "Sun, 09 Sep 2001 01:47:40 GMT";
    let silent = Protocol {
        extensions: Extensions::all().without(Extension::Expiration),
        ..protocol()
    };
    let pending = || final_upload(Phase::Receiving, 0, None);
    let joined = || final_upload(Phase::Complete, 11, Some(11));
    #[rustfmt::skip]
    let rows = [
        ("EXP-03", Outcome::Created(expiring(upload(0, Some(5)))), true),
        ("EXP-03", Outcome::Created(expiring(upload(0, None))), true),
        ("EXP-03", Outcome::Created(expiring(partial(0, Some(5)))), true),
        ("EXP-03", Outcome::Created(expiring(upload(0, Some(0)))), false),
        ("EXP-02", Outcome::Appended(expiring(upload(3, Some(5)))), true),
        ("EXP-02", Outcome::Appended(expiring(upload(5, Some(5)))), false),
        ("EXP-02", Outcome::Appended(upload(3, Some(5))), false),
        ("EXP-02", Outcome::Appended(expiring(partial(5, Some(5)))), true),
        ("A18", Outcome::Described(expiring(upload(3, Some(5)))), true),
        ("A18", Outcome::Described(expiring(upload(5, Some(5)))), false),
        ("A18", Outcome::Described(expiring(pending())), true),
        ("A18", Outcome::Described(expiring(joined())), false),
    ];
    for (id, outcome, expires) in rows {
        let response = answer(&outcome, &protocol());
        let expected = expires.then_some(a_minute_later);
        assert_eq!(
            header(&response, "upload-expires").as_deref(),
            expected,
            "{id} EXP-06"
        );
        let response = answer(&outcome, &silent);
        assert_eq!(header(&response, "upload-expires"), None, "EXP-01 {id}");
    }
    let later = Upload {
        last_activity: now() + Duration::from_secs(60),
        ..expiring(upload(3, Some(5)))
    };
    let response = answer(&Outcome::Appended(later), &protocol());
    let value = header(&response, "upload-expires");
    assert_eq!(
        value.as_deref(),
        Some("Sun, 09 Sep 2001 01:48:40 GMT"),
        "EXP-04"
    );
}

#[test]
fn refusals_say_what_helps() {
    let unlimited = unlimited();
    let limited = protocol();
    let allow = Refusal::MethodNotAllowed {
        allow: vec![Method::HEAD, Method::PATCH],
    };
    let body_too_long = Refusal::BodyTooLong { offset: Some(5) };
    let mismatch = Refusal::OffsetMismatch { offset: 5 };
    let range = Refusal::RangeNotSatisfiable { length: 9 };
    #[rustfmt::skip]
    let rows = [
        ("CORE-08", Refusal::UnsupportedVersion, &limited, "tus-version", Some("1.0.0")),
        ("H-15", Refusal::PreconditionFailed, &limited, "tus-version", None),
        ("H-05", allow, &limited, "allow", Some("HEAD, PATCH")),
        ("CORE-24", mismatch, &limited, "upload-offset", Some("5")),
        ("OFF-07", body_too_long.clone(), &limited, "upload-offset", Some("5")),
        ("H-07", too_large(), &unlimited, "tus-max-size", Some("1000")),
        ("H-07", too_large(), &unlimited, "upload-offset", None),
        ("H-07", body_too_long.clone(), &limited, "tus-max-size", Some("1000")),
        ("H-07", body_too_long, &unlimited, "tus-max-size", None),
        ("H-16", range, &limited, "content-range", Some("bytes */9")),
        ("A17", Refusal::Locked, &limited, "retry-after", Some("1")),
        ("A17", Refusal::Overtaken, &limited, "connection", Some("close")),
        ("A29", Refusal::Stalled { offset: Some(1) }, &limited, "connection", Some("close")),
        ("CORE-19", Refusal::NotFound, &limited, "upload-offset", None),
        ("CORE-28", Refusal::NotFound, &limited, "upload-length", None),
        ("EXP-05", Refusal::Gone, &limited, "upload-offset", None),
        ("INV-7", Refusal::Lost, &limited, "upload-offset", None),
        ("INV-7", Refusal::Lost, &limited, "retry-after", None),
        ("CHK-08", Refusal::ChecksumMismatch, &limited, "connection", None),
    ];
    for (id, refusal, protocol, name, value) in rows {
        let response = refuse(&refusal, &asked("PATCH", &[SPOKEN]), protocol);
        assert_eq!(response.status(), refusal.status(), "{id}");
        assert_eq!(
            header(&response, name).as_deref(),
            value,
            "{id} {refusal:?} {name}"
        );
        let content_type = header(&response, "content-type");
        assert_eq!(
            content_type.as_deref(),
            Some("text/plain; charset=utf-8"),
            "H-12 {id}"
        );
        assert_eq!(response.body(), &format!("{refusal}\n"), "H-12 {id}");
    }
    for refusal in every_refusal_with_an_offset(5) {
        let response = refuse(&refusal, &asked("PATCH", &[SPOKEN]), &limited);
        assert_eq!(
            header(&response, "upload-offset").as_deref(),
            Some("5"),
            "A07 {refusal:?}"
        );
    }
    let text = refuse(&too_large(), &asked("POST", &[SPOKEN]), &limited).into_body();
    assert!(text.contains("1000"), "H-07: {text}");
}

/// By the method that is meant, and by the one that frames the answer.
#[test]
fn refusals_of_head_have_no_body() {
    let as_head = ("x-http-method-override", "HEAD");
    let as_patch = ("x-http-method-override", "PATCH");
    #[rustfmt::skip]
    let rows = [
        ("INV-3", "HEAD", vec![SPOKEN], false),
        ("INV-3", "HEAD", vec![("tus-resumable", "0")], false),
        ("CORE-15", "PATCH", vec![SPOKEN, as_head], false),
        ("CORE-15", "POST", vec![("tus-resumable", "0"), as_head], false),
        ("CORE-15", "HEAD", vec![SPOKEN, as_patch], false),
        ("H-12", "PATCH", vec![SPOKEN], true),
        ("H-12", "HEADS", vec![SPOKEN], true),
    ];
    for (id, method, lines, has_body) in rows {
        for refusal in refusals() {
            let response = refuse(&refusal, &asked(method, &lines), &protocol());
            assert_eq!(
                response.body().is_empty(),
                !has_body,
                "{id} {method} {refusal:?}"
            );
            assert_eq!(
                header(&response, "content-type").is_some(),
                has_body,
                "{id} {method}"
            );
        }
    }
}

#[test]
fn connections_end_with_a_header_where_there_is_one() {
    #[rustfmt::skip]
    let rows = [
        ("H-11", Version::HTTP_10, Some("close")),
        ("A17", Version::HTTP_11, Some("close")),
        ("TRN-16", Version::HTTP_2, None),
        ("H-19", Version::HTTP_3, None),
    ];
    for (id, version, value) in rows {
        let mut request = parts("PATCH", "/files/abc", &[SPOKEN]);
        request.version = version;
        let asked = Asked::new(&request, None);
        let response = refuse(&Refusal::Overtaken, &asked, &protocol());
        assert_eq!(
            header(&response, "connection").as_deref(),
            value,
            "{id} {version:?}"
        );
    }
}
