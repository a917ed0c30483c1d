use std::time::Duration;

use super::*;
use crate::fixtures::{
    OFFSET_OCTET_STREAM, every_refusal_with_an_offset, expiring, final_upload, headers, now,
    partial, protocol, too_large, too_late, unlimited, upload,
};

fn append(offset: u64, length: Option<u64>, body: BodySize) -> Append {
    Append {
        offset: Number::Exact(offset),
        length: length.map(Number::Exact),
        body,
        checksum: ChecksumSource::Absent,
    }
}

fn bytes(count: u64) -> BodySize {
    BodySize::Exact(count)
}

mod offsets {
    use super::*;

    #[test]
    fn that_do_not_match_are_refused_before_anything_else() {
        let receiving = upload(5, Some(10));
        #[rustfmt::skip]
        let rows = [
            ("CORE-24", Number::Exact(0)),
            ("CORE-24", Number::Exact(6)),
            ("CORE-24", Number::Exact(10)),
            ("CORE-24", Number::Exact(Number::MAX)),
            ("OFF-06", Number::Exact(4)),
            ("OFF-06", Number::Exact(11)),
            ("OFF-08", Number::TooLarge),
        ];
        for (id, offset) in rows {
            // The length that it declares and its body are wrong too.
            for body in [bytes(0), bytes(1), bytes(u64::MAX), BodySize::Unknown] {
                let append = Append {
                    offset,
                    ..append(0, Some(3), body)
                };
                let refusal = Refusal::OffsetMismatch { offset: 5 };
                assert_eq!(
                    append.check_offset(&receiving, now()),
                    Err(refusal.clone()),
                    "{id}"
                );
                assert_eq!(
                    append.decide(&receiving, &protocol(), now()),
                    Err(refusal),
                    "{id}"
                );
            }
        }
        let complete = upload(10, Some(10));
        let refusal = Refusal::OffsetMismatch { offset: 10 };
        assert_eq!(
            append(0, None, bytes(0)).check_offset(&complete, now()),
            Err(refusal),
            "CORE-24"
        );
    }

    #[test]
    fn of_a_final_upload_do_not_matter() {
        for phase in [Phase::Receiving, Phase::Received, Phase::Complete] {
            let joined = final_upload(phase, 11, Some(11));
            for (offset, body) in [(11, 0), (0, 1), (11, 1)] {
                let decided = append(offset, None, bytes(body)).decide(&joined, &protocol(), now());
                assert_eq!(
                    decided,
                    Err(Refusal::ModifyFinal),
                    "CON-11 CUF-02 {phase:?} @{offset}"
                );
            }
        }
    }

    #[test]
    fn of_an_expired_upload_do_not_matter() {
        #[rustfmt::skip]
        let values = [
            expiring(upload(5, Some(10))),
            expiring(partial(5, Some(5))),
            expiring(final_upload(Phase::Receiving, 0, None)),
        ];
        for expired in values {
            for offset in [0, 5] {
                let decided =
                    append(offset, None, bytes(0)).decide(&expired, &protocol(), too_late());
                assert_eq!(decided, Err(Refusal::Gone), "EXP-05 {:?}", expired.kind);
            }
        }
        let complete = expiring(upload(5, Some(5)));
        let decided = append(5, None, bytes(0)).decide(&complete, &protocol(), too_late());
        assert!(
            decided.is_ok(),
            "EXP-05: a completed upload does not expire"
        );
    }

    #[test]
    fn expire_at_the_very_second() {
        let short = expiring(upload(5, Some(10)));
        let minute = Duration::from_secs(60);
        let before = now() + minute - Duration::from_nanos(1);
        assert_eq!(check_not_expired(&short, before), Ok(()), "EXP-05");
        assert_eq!(
            check_not_expired(&short, now() + minute),
            Err(Refusal::Gone),
            "EXP-05"
        );
        let endless = Upload {
            time_to_live: Some(Duration::MAX),
            ..short
        };
        assert_eq!(check_not_expired(&endless, too_late()), Ok(()), "EXP-05");
    }
}

mod bodies {
    use super::*;

    #[test]
    fn end_at_the_length_at_the_latest() {
        let whole = |offset, length| upload(offset, Some(length));
        let received = Upload {
            phase: Phase::Received,
            ..whole(10, 10)
        };
        #[rustfmt::skip]
        let rows = [
            ("CORE-22", whole(0, 10), bytes(10), true),
            ("CORE-22", whole(5, 10), bytes(5), true),
            ("CORE-27", whole(5, 10), bytes(0), true),
            ("OFF-07", whole(5, 10), bytes(6), false),
            ("OFF-14", whole(5, 10), BodySize::Unknown, true),
            ("TRN-07", whole(5, 10), bytes(18_446_744_073_709_551_613), false),
            ("TRN-07", whole(5, 10), bytes(u64::MAX), false),
            ("TRN-07", whole(0, Number::MAX), bytes(u64::MAX), false),
            ("TRN-07", whole(1, Number::MAX), bytes(Number::MAX), false),
            ("TRN-07", whole(1, Number::MAX), bytes(Number::MAX - 1), true),
            ("OFF-11", whole(10, 10), bytes(0), true),
            ("OFF-12", whole(10, 10), bytes(1), false),
            ("OFF-12", whole(10, 10), BodySize::Unknown, true),
            ("OFF-11", received.clone(), bytes(0), true),
            ("OFF-12", received, bytes(1), false),
            ("CRE-06", whole(0, 0), bytes(0), true),
            ("CRE-06", whole(0, 0), bytes(1), false),
            ("CON-14", partial(5, Some(6)), bytes(1), true),
            ("CON-14", partial(5, Some(6)), bytes(2), false),
            // The limit came down after the upload was made: its length was promised.
            ("CORE-12", whole(5, 2_000), bytes(1_995), true),
        ];
        for (id, upload, body, fits) in rows {
            let (offset, length) = (upload.offset, upload.length.unwrap());
            let decided = append(offset, None, body).decide(&upload, &protocol(), now());
            let plan = AppendPlan {
                offset,
                body,
                declare_length: None,
                ceiling: Ceiling::Length(length),
                checksum: ChecksumSource::Absent,
            };
            let refusal = Refusal::BodyTooLong {
                offset: Some(offset),
            };
            let expected = if fits { Ok(plan) } else { Err(refusal) };
            assert_eq!(decided, expected, "{id} {body:?} at {offset} of {length}");
        }
    }

    #[test]
    fn end_at_the_largest_size_at_the_latest() {
        #[rustfmt::skip]
        let rows = [
            ("CDL-08", 0, bytes(1_000), true),
            ("CDL-08", 0, bytes(1_001), false),
            ("CDL-08", 999, bytes(2), false),
            ("CDL-08", 999, bytes(1), true),
            ("CDL-08", 1_000, bytes(0), true),
            ("CDL-08", 1_000, BodySize::Unknown, true),
            ("CDL-08", 1, bytes(u64::MAX), false),
            // The limit came down after these bytes were stored.
            ("CDL-08", 1_001, bytes(0), false),
            ("CDL-08", 1_001, BodySize::Unknown, false),
        ];
        for (id, offset, body, fits) in rows {
            let deferred = upload(offset, None);
            let decided = append(offset, None, body).decide(&deferred, &protocol(), now());
            let expected = if fits {
                Ok(Ceiling::MaxSize(1_000))
            } else {
                Err(Refusal::UploadTooLarge {
                    limit: 1_000,
                    offset: Some(offset),
                })
            };
            let ceiling = decided.map(|plan| plan.ceiling);
            assert_eq!(ceiling, expected, "{id} {body:?} at {offset}");
        }
        let huge =
            append(1, None, bytes(Number::MAX)).decide(&upload(1, None), &unlimited(), now());
        assert_eq!(huge.unwrap_err().status(), 413, "CDL-08");
    }

    #[test]
    fn end_at_the_limit_of_their_upload_at_the_latest() {
        let own = |max_size| Upload {
            max_size: Some(max_size),
            ..upload(5, None)
        };
        let plan = |upload: Upload, declared, body| {
            append(5, declared, body).decide(&upload, &protocol(), now())
        };
        let too_large = |limit| Refusal::UploadTooLarge {
            limit,
            offset: Some(5),
        };
        #[rustfmt::skip]
        let rows = [
            (own(10), None, bytes(5), Ok(Ceiling::MaxSize(10))),
            (own(10), None, BodySize::Unknown, Ok(Ceiling::MaxSize(10))),
            (own(10), None, bytes(6), Err(too_large(10))),
            (own(10), Some(10), bytes(5), Ok(Ceiling::Length(10))),
            (own(10), Some(11), bytes(0), Err(too_large(10))),
            (own(5_000), None, bytes(995), Ok(Ceiling::MaxSize(1_000))),
            (own(5_000), None, bytes(996), Err(too_large(1_000))),
        ];
        for (upload, declared, body, expected) in rows {
            let max_size = upload.max_size;
            let ceiling = plan(upload, declared, body).map(|plan| plan.ceiling);
            assert_eq!(
                ceiling, expected,
                "CDL-08 {max_size:?} {declared:?} {body:?}"
            );
        }
    }

    #[test]
    fn of_creations_begin_at_0() {
        let creation = Creation::read(
            &headers(&[
                OFFSET_OCTET_STREAM,
                ("upload-defer-length", "1"),
                ("trailer", "Upload-Checksum"),
            ]),
            BodySize::Unknown,
            &protocol(),
        );
        let plan = AppendPlan {
            offset: 0,
            body: BodySize::Unknown,
            declare_length: None,
            ceiling: Ceiling::MaxSize(1_000),
            checksum: ChecksumSource::Trailer,
        };
        let made = upload(0, None);
        assert_eq!(creation.unwrap().plan(&made, &protocol()), plan, "CWU-07");
    }

    #[test]
    fn that_overflow_are_told_where_the_upload_stands() {
        for refusal in every_refusal_with_an_offset(7) {
            assert_eq!(refusal.offset(), Some(7), "{refusal:?}");
            let is_about_the_offset = matches!(refusal, Refusal::OffsetMismatch { .. });
            let left = is_about_the_offset.then_some(7);
            let status = refusal.status();
            let alone = refusal.without_offset();
            assert_eq!((alone.offset(), alone.status()), (left, status));
        }
        assert_eq!(
            Ceiling::Length(5).exceeded(Some(3)),
            Refusal::BodyTooLong { offset: Some(3) }
        );
        assert_eq!(Ceiling::MaxSize(1_000).exceeded(None), too_large());
    }
}

mod lengths {
    use super::*;

    /// What a PATCH that declares `length` makes of an upload, with a body of `body` bytes.
    #[test]
    fn are_declared_once() {
        let too_large = |offset| Refusal::UploadTooLarge {
            limit: 1_000,
            offset: Some(offset),
        };
        let too_long = |offset| Refusal::BodyTooLong {
            offset: Some(offset),
        };
        let changed = || Err(Refusal::LengthChanged);
        let at_3 = || upload(3, None);
        #[rustfmt::skip]
        let rows = [
            ("CDL-05", upload(0, None), Number::Exact(5), bytes(3), Ok(Some(5))),
            ("CDL-05", at_3(), Number::Exact(5), bytes(1), Ok(Some(5))),
            ("CDL-05", at_3(), Number::Exact(3), bytes(0), Ok(Some(3))),
            ("CDL-05", upload(0, None), Number::Exact(0), bytes(0), Ok(Some(0))),
            ("CDL-05", at_3(), Number::Exact(5), BodySize::Unknown, Ok(Some(5))),
            ("CDL-06", upload(4, Some(5)), Number::Exact(6), bytes(0), changed()),
            ("CDL-06", upload(4, Some(5)), Number::Exact(5), bytes(1), Ok(None)),
            ("CDL-06", upload(0, Some(10)), Number::Exact(11), bytes(1), changed()),
            ("CDL-06", upload(0, Some(10)), Number::TooLarge, bytes(1), changed()),
            ("CDL-06", upload(5, Some(5)), Number::Exact(5), bytes(0), Ok(None)),
            ("CDL-06", upload(5, Some(5)), Number::Exact(6), bytes(0), changed()),
            ("CDL-06", at_3(), Number::Exact(2), bytes(0), Err(Refusal::LengthBelowOffset)),
            ("CDL-06", at_3(), Number::Exact(1_000), bytes(0), Ok(Some(1_000))),
            ("CDL-06", at_3(), Number::Exact(1_001), bytes(0), Err(too_large(3))),
            ("LEN-14", at_3(), Number::TooLarge, bytes(0), Err(too_large(3))),
            ("CDL-06", at_3(), Number::Exact(4), bytes(3), Err(too_long(3))),
            ("CDL-06", at_3(), Number::Exact(4), bytes(u64::MAX), Err(too_long(3))),
        ];
        for (id, upload, length, body, expected) in rows {
            let append = Append {
                length: Some(length),
                ..append(upload.offset, None, body)
            };
            let decided = append.decide(&upload, &protocol(), now());
            let declared = decided.map(|plan| plan.declare_length);
            assert_eq!(
                declared, expected,
                "{id} {length:?} {body:?} {:?}",
                upload.length
            );
        }
    }

    #[test]
    fn of_parts_add_up() {
        let limit = Number::MAX;
        let sum = |parts: &[Upload]| final_length(parts, false, &unlimited(), now());
        assert_eq!(
            sum(&[partial(5, Some(5)), partial(6, Some(6))]),
            Ok(Some(11)),
            "CON-04"
        );
        assert_eq!(
            sum(&[partial(5, Some(5)), partial(5, Some(5))]),
            Ok(Some(10)),
            "CON-10"
        );
        assert_eq!(
            sum(&[partial(0, Some(0)), partial(5, Some(5))]),
            Ok(Some(5)),
            "CAT-15"
        );
        let huge = || partial(limit, Some(limit));
        assert_eq!(sum(&[huge()]), Ok(Some(limit)), "CON-04");
        #[rustfmt::skip]
        let values = [
            vec![huge(), partial(1, Some(1))], vec![huge(), huge(), huge()],
        ];
        for parts in values {
            let refusal = Refusal::UploadTooLarge {
                limit,
                offset: None,
            };
            assert_eq!(sum(&parts), Err(refusal), "CON-04");
        }
        let parts = vec![partial(100, Some(100)); 11];
        let limited = |count| final_length(&parts[..count], false, &protocol(), now());
        assert_eq!(limited(10), Ok(Some(1_000)), "CON-04");
        assert_eq!(limited(11), Err(too_large()), "CAT-13");
    }

    #[test]
    fn of_parts_must_be_there() {
        let done = || partial(5, Some(5));
        let received = Upload {
            phase: Phase::Received,
            ..done()
        };
        let joined = final_upload(Phase::Complete, 5, Some(5));
        let not_a_partial = Err(Refusal::NotAPartial { position: 2 });
        let unfinished = Err(Refusal::PartUnfinished { position: 2 });
        #[rustfmt::skip]
        let rows = [
            ("CAT-10", upload(5, Some(5)), not_a_partial.clone(), not_a_partial.clone()),
            ("CAT-10", joined, not_a_partial.clone(), not_a_partial),
            ("CAT-11", partial(3, Some(5)), unfinished.clone(), Ok(Some(10))),
            ("CON-07", received, unfinished.clone(), Ok(Some(10))),
            ("CUF-03", partial(3, None), unfinished, Ok(None)),
            ("CON-04", done(), Ok(Some(10)), Ok(Some(10))),
        ];
        for (id, part, finished_only, waiting) in rows {
            let parts = [done(), part];
            let add =
                |may_be_unfinished| final_length(&parts, may_be_unfinished, &protocol(), now());
            assert_eq!(add(false), finished_only, "{id} {:?}", parts[1]);
            assert_eq!(add(true), waiting, "CUF-02 {id} {:?}", parts[1]);
        }
        let expired = [done(), expiring(done())];
        let late = final_length(&expired, true, &protocol(), too_late());
        assert_eq!(
            late,
            Err(Refusal::NotAPartial { position: 2 }),
            "EXP-05 CAT-16"
        );
    }
}
