use super::*;
use crate::fixtures::{every_refusal_with_an_offset, too_large};
use crate::header::name;

fn by_hook(status: u16) -> Refusal {
    Refusal::ByHook {
        status: StatusCode::from_u16(status).unwrap(),
        reason: "because".to_owned(),
    }
}

#[test]
fn statuses_are_those_of_the_catalogue() {
    let header = || name::UPLOAD_LENGTH;
    let invalid = InvalidHeader::new(header(), "reason");
    #[rustfmt::skip]
    let rows = [
        ("CORE-07", Refusal::UnsupportedVersion, 412),
        ("TRN-15", Refusal::InvalidHost, 400),
        ("TRN-04", Refusal::UnsupportedTransferCoding, 400),
        ("TRN-23", Refusal::UnsupportedContentCoding, 415),
        ("CORE-19", Refusal::NotFound, 404),
        ("EXP-05", Refusal::Gone, 410),
        ("INV-7", Refusal::Lost, 410),
        ("H-05", Refusal::MethodNotAllowed { allow: vec![] }, 405),
        ("LEN-01", Refusal::InvalidHeader(invalid), 400),
        ("OFF-01", Refusal::MissingHeader(header()), 400),
        ("CRE-03", Refusal::MissingLength, 400),
        ("CDL-04", Refusal::AmbiguousLength, 400),
        ("CAT-17", Refusal::ExtensionNotOffered(header()), 400),
        ("CORE-23", Refusal::UnsupportedMediaType, 415),
        ("CWU-07", Refusal::CreationOffset, 400),
        ("CON-08", Refusal::FinalWithLength, 400),
        ("CON-18", Refusal::FinalWithBody, 400),
        ("CAT-10", Refusal::NotAPartial { position: 1 }, 400),
        ("CON-07", Refusal::PartUnfinished { position: 1 }, 400),
        ("CAT-13", Refusal::TooManyParts { limit: 1 }, 400),
        ("META-17", Refusal::HeaderTooLong { name: header(), limit: 1 }, 400),
        ("CRE-09", too_large(), 413),
        ("OFF-07", Refusal::BodyTooLong { offset: None }, 413),
        ("CORE-24", Refusal::OffsetMismatch { offset: 0 }, 409),
        ("CON-11", Refusal::ModifyFinal, 403),
        ("CDL-06", Refusal::LengthChanged, 400),
        ("CDL-06", Refusal::LengthBelowOffset, 400),
        ("CHK-07", Refusal::ChecksumMismatch, 460),
        ("TRL-02", Refusal::ChecksumTrailerMissing, 400),
        ("TRL-02", Refusal::ChecksumTwice, 400),
        ("A17", Refusal::Locked, 423),
        ("A17", Refusal::Overtaken, 400),
        ("A29", Refusal::Stalled { offset: Some(0) }, 409),
        ("CORE-29", Refusal::BodyBroken, 400),
        ("H-15", Refusal::PreconditionFailed, 412),
        ("H-16", Refusal::RangeNotSatisfiable { length: 0 }, 416),
        ("INV-2", Refusal::StorageFull { offset: None }, 507),
        ("H-09", Refusal::Overloaded, 503),
        ("H-20", Refusal::ShuttingDown, 503),
        ("INV-2", Refusal::Unavailable, 503),
        ("INV-2", Refusal::Failed, 500),
        ("CRE-07", by_hook(422), 422),
        ("CRE-07", by_hook(503), 503),
        ("CRE-07", by_hook(200), 403),
        ("CRE-07", by_hook(304), 403),
    ];
    for (id, refusal, status) in rows {
        assert_eq!(refusal.status(), status, "{id} {refusal:?}");
        let text = refusal.to_string();
        assert!(
            text.len() > 5 && !text.contains(['\n', '\r']),
            "{id} {text}"
        );
    }
}

/// tus-js-client tries again after 409, 423 and 5xx only, so nothing else promises that it helps.
#[test]
fn temporary_refusals_are_those_that_clients_repeat() {
    let temporary = [
        Refusal::Locked,
        Refusal::Overloaded,
        Refusal::ShuttingDown,
        Refusal::Unavailable,
    ];
    for refusal in &temporary {
        assert!(refusal.is_temporary(), "H-23 {refusal:?}");
        let status = refusal.status();
        assert!(
            status == 423 || status.is_server_error(),
            "H-23 {refusal:?}"
        );
    }
    let final_ones = [
        Refusal::Failed,
        Refusal::Gone,
        Refusal::Lost,
        by_hook(503),
        too_large(),
    ];
    for refusal in final_ones.iter().chain(&every_refusal_with_an_offset(0)) {
        assert!(!refusal.is_temporary(), "H-23 {refusal:?}");
    }
}
