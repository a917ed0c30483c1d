//! Properties of the protocol for any input. What must hold stands in `targets`.

mod targets;

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use oxitus_proto::decide::final_length;
use oxitus_proto::header::{Number, UploadExpires, UploadMetadata};
use oxitus_proto::id::UploadId;
use oxitus_proto::mount::Mount;
use oxitus_proto::protocol::Protocol;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::request::{Append, BodySize};
use oxitus_proto::upload::{Kind, Phase, Upload};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// Bytes of any kind, bytes of a header's kind, and what matches `pattern`.
fn input(pattern: &'static str) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => vec(any::<u8>(), 0..128),
        1 => "[\t -~]{0,64}".prop_map(String::into_bytes),
        4 => pattern.prop_map(String::into_bytes),
    ]
}

/// Numbers, many of them at the edges of what can be counted.
fn number() -> impl Strategy<Value = u64> {
    let edges = [0, 1_000, Number::MAX, u64::MAX];
    let near_an_edge = (
        proptest::sample::select(edges.to_vec()),
        0_u64..4,
        any::<bool>(),
    )
        .prop_map(|(edge, distance, above)| match above {
            true => edge.saturating_add(distance),
            false => edge.saturating_sub(distance),
        });
    prop_oneof![any::<u64>(), 0_u64..2_000, near_an_edge]
}

fn id() -> impl Strategy<Value = UploadId> {
    "[a-z0-9][a-z0-9_-]{0,63}".prop_filter_map("an id", |text| UploadId::parse(&text).ok())
}

/// A request as `targets::request` reads it, with every header that is of interest or none.
fn request() -> impl Strategy<Value = Vec<u8>> {
    let number = || "(-|[0-9]{1,4}|9223372036854775807)";
    let first = (
        "(POST|HEAD|PATCH|GET|DELETE|OPTIONS|[A-Za-z]{1,5})",
        r"(/files/?|/files/abc/?|\*|/[!-~]{0,20})",
        "(1\\.0|1\\.1|2)",
        number(),
        number(),
        "(whole|partial|final)",
    )
        .prop_map(|(method, path, version, offset, length, kind)| {
            format!("{method} {path} {version} {offset} {length} {kind}")
        });
    let line = prop_oneof![
        6 => Just("Host: example.org".to_owned()),
        6 => Just("Tus-Resumable: 1.0.0".to_owned()),
        6 => Just("Content-Type: application/offset+octet-stream".to_owned()),
        6 => number().prop_map(|number| format!("Upload-Offset: {number}")),
        6 => number().prop_map(|number| format!("Upload-Length: {number}")),
        6 => number().prop_map(|number| format!("Content-Length: {number}")),
        1 => Just("Upload-Defer-Length: 1".to_owned()),
        1 => "Upload-Metadata: ([a-c]( dg==)?,?){0,4}",
        1 => "Upload-Concat: (partial|final;( ?/files/[a-z]{1,3}){0,3})",
        1 => "Upload-Checksum: (sha1 Kq5sNclPz7QV2\\+lfQIuc6R7oRu0=|crc32 AAAAAA==|foo AAAA)",
        1 => Just("Trailer: Upload-Checksum".to_owned()),
        1 => Just("Transfer-Encoding: chunked".to_owned()),
        1 => "X-HTTP-Method-Override: (HEAD|PATCH|DELETE|OPTIONS|BREW)?",
        1 => "Origin: https://[a-z]{1,5}\\.example",
        1 => Just("Access-Control-Request-Method: PATCH".to_owned()),
        2 => "(Host|Tus-Resumable|Content-Type|Upload-[A-Z][a-z]{3,8}): [\t -~]{0,20}",
    ];
    (first, vec(line, 0..10)).prop_map(|(first, lines)| {
        let text = [vec![first], lines].concat();
        text.join("\n").into_bytes()
    })
}

proptest! {
    #[test]
    fn checksum(value in input("(sha1|sha256|md5|crc32|[a-z0-9]{1,6}) [A-Za-z0-9+/]{2,44}={0,2}")) {
        targets::checksum(&value);
    }

    #[test]
    fn concat(value in input("(final;|partial)( {0,2}(https?://[a-z]{1,5})?[!-~]{0,12}){0,4}")) {
        targets::concat(&value);
    }

    #[test]
    fn metadata(value in input("([!-~]{1,3}( ([A-Za-z0-9+/]{4}){0,2}([A-Za-z0-9+/]{2}==)?)?[,\n]? ?){0,6}")) {
        targets::metadata(&value);
    }

    #[test]
    fn number_of_bytes(value in input("[ \t]?0{0,3}[0-9]{0,24}[ \t]?")) {
        targets::number(&value);
    }

    #[test]
    fn path(value in input("(/?[a-z]{0,3}\\PC{0,6}){0,3}\n(/[a-z]{1,3}){0,2}(/[a-z0-9%._-]{0,6}){0,2}/?")) {
        targets::path(&value);
    }

    #[test]
    fn whole_request(value in prop_oneof![4 => request(), 1 => vec(any::<u8>(), 0..128)]) {
        targets::request(&value);
    }

    #[test]
    fn a_location_leads_back_for_any_base_path(base in "\\PC{0,24}", prefix in "(/[a-z]{1,4}){0,2}", id in id()) {
        let mount = Mount::new(&base);
        prop_assert!(targets::leads_back(&mount, &id));
        let origin = format!("https://example.org{prefix}");
        prop_assert!(targets::leads_back(&mount.clone().public_origin(&origin), &id));
        prop_assert!(targets::leads_back(&mount.prefix_is_stripped(true), &id));
    }

    #[test]
    fn metadata_made_from_pairs_decodes_to_them(
        pairs in btree_map("[!-+\\--~]{1,8}", vec(any::<u8>(), 0..24), 1..8),
    ) {
        let borrowed = pairs.iter().map(|(key, value)| (key.as_str(), value.as_slice()));
        let metadata = UploadMetadata::from_pairs(borrowed).unwrap();
        let decoded = metadata.iter().map(|(key, value)| (key.to_owned(), value)).collect();
        prop_assert_eq!(pairs, decoded);
        targets::metadata(metadata.as_str().as_bytes());
    }

    #[test]
    fn a_plan_stays_below_its_ceiling(
        (stored, length) in (0..=Number::MAX, proptest::option::of(number())),
        (offset, declared) in (number(), proptest::option::of(number())),
        (body, limit) in (proptest::option::of(number()), number()),
        at_the_offset in any::<bool>(),
    ) {
        let mut protocol = Protocol::new(Mount::new("/files"));
        protocol.max_size = Some(limit);
        let length = length.filter(|length| (stored..=Number::MAX).contains(length));
        let mut upload = Upload::new(UploadId::from_random_bits(0), length, SystemTime::UNIX_EPOCH);
        upload.offset = stored;
        let offset = if at_the_offset { stored } else { offset };
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/offset+octet-stream"));
        headers.insert("upload-offset", offset.into());
        if let Some(declared) = declared {
            headers.insert("upload-length", declared.into());
        }
        let body = body.map_or(BodySize::Unknown, BodySize::Exact);
        let append = Append::read(&headers, body, &protocol).unwrap();
        match append.decide(&upload, &protocol, SystemTime::UNIX_EPOCH) {
            Ok(plan) => {
                prop_assert_eq!(plan.offset, stored);
                let ceiling = plan.ceiling.offset();
                let at_least = if let BodySize::Exact(bytes) = body { bytes } else { 0 };
                prop_assert!(stored.checked_add(at_least).unwrap() <= ceiling);
                let most = length.or(declared).unwrap_or(limit).min(Number::MAX);
                prop_assert_eq!(ceiling, most);
            }
            Err(Refusal::OffsetMismatch { offset: told }) => {
                prop_assert_eq!(told, stored);
                prop_assert_ne!(offset, stored);
            }
            Err(refusal) => {
                prop_assert!(matches!(refusal.status().as_u16(), 400 | 413));
                prop_assert_eq!(offset, stored);
            }
        }
    }

    #[test]
    fn a_final_length_is_the_sum_or_too_large(
        lengths in vec(number().prop_map(|length| length.min(Number::MAX)), 0..5),
        limit in number(),
    ) {
        let mut protocol = Protocol::new(Mount::new("/files"));
        protocol.max_size = Some(limit);
        let parts: Vec<_> = lengths
            .iter()
            .map(|length| {
                let id = UploadId::from_random_bits(0);
                let mut part = Upload::new(id, Some(*length), SystemTime::UNIX_EPOCH);
                part.offset = *length;
                part.kind = Kind::Partial;
                part.phase = Phase::Complete;
                part
            })
            .collect();
        let sum: u128 = lengths.iter().map(|length| u128::from(*length)).sum();
        match final_length(&parts, false, &protocol, SystemTime::UNIX_EPOCH) {
            Ok(length) => prop_assert_eq!(length.map(u128::from), Some(sum)),
            Err(refusal) => {
                prop_assert_eq!(refusal.status(), 413);
                prop_assert!(sum > u128::from(protocol.size_limit()));
            }
        }
    }

    #[test]
    fn every_moment_has_a_date(seconds in number(), is_before in any::<bool>()) {
        let distance = Duration::from_secs(seconds);
        let epoch = SystemTime::UNIX_EPOCH;
        let time = if is_before { epoch.checked_sub(distance) } else { epoch.checked_add(distance) };
        if let Some(time) = time {
            let text = UploadExpires(time).to_string();
            prop_assert!(text.len() == 29 && text.ends_with(" GMT"), "{}", text);
        }
    }
}

/// Whatever the fuzzer has found once is tried on every toolchain.
#[test]
fn seeds() {
    for (name, target) in targets::ALL {
        let folder = format!("{}/tests/seeds/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut count = 0;
        for seed in std::fs::read_dir(&folder).unwrap() {
            target(&std::fs::read(seed.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 0, "{folder} is empty");
    }
}
