use super::*;

#[test]
fn needs_the_content_type() {
    #[rustfmt::skip]
    let rows = [
        ("CORE-23", "application/offset+octet-stream", 204),
        ("CORE-23", "Application/Offset+Octet-Stream", 204),
        ("CORE-23", "application/offset+octet-stream; charset=utf-8", 204),
        ("CORE-23", "text/plain", 415),
        ("CORE-23", "application/octet-stream", 415),
        ("CORE-23", "", 415),
    ];
    for (id_of_catalogue, value, expected) in rows {
        for body in [EMPTY, BodySize::Exact(5), BodySize::Unknown] {
            let patch = append(&[OFFSET, ("content-type", value)], body);
            assert_eq!(status(&patch, 204), expected, "{id_of_catalogue} {value}");
        }
    }
    assert_eq!(
        append(&[OFFSET], EMPTY),
        Err(Refusal::UnsupportedMediaType),
        "CORE-23"
    );
    let twice = append(&[OFFSET, OFFSET_OCTET_STREAM, OFFSET_OCTET_STREAM], EMPTY);
    assert_eq!(status(&twice, 204), 400, "CORE-23");
    for (coding, expected) in [("identity", 204), ("gzip", 415), ("identity, gzip", 415)] {
        let lines = [OFFSET, OFFSET_OCTET_STREAM, ("content-encoding", coding)];
        assert_eq!(
            status(&append(&lines, EMPTY), 204),
            expected,
            "TRN-23 {coding}"
        );
    }
}

/// Header syntax, then Content-Type, then the checksum.
#[test]
fn checks_in_the_order_of_a01() {
    let unknown = ("upload-checksum", "foo AAAA");
    let bad_offset = ("upload-offset", "x");
    let read = |lines: Lines<'_>| status(&append(lines, EMPTY), 204);
    assert_eq!(read(&[bad_offset, unknown]), 400);
    assert_eq!(read(&[OFFSET, unknown]), 415);
    assert_eq!(read(&[OFFSET, OFFSET_OCTET_STREAM, unknown]), 400);
    assert_eq!(read(&[OFFSET, OFFSET_OCTET_STREAM]), 204);
}
