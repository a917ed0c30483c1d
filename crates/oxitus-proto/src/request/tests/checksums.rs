use super::*;

fn source(lines: Lines<'_>) -> Result<ChecksumSource, Refusal> {
    let lines = [&[OFFSET_OCTET_STREAM, OFFSET], lines].concat();
    append(&lines, BodySize::Unknown).map(|append| append.checksum)
}

#[test]
fn come_as_a_header_or_as_a_trailer() {
    let Ok(ChecksumSource::Header(checksum)) = source(&[SHA1]) else {
        panic!("CHK-05");
    };
    assert_eq!(checksum.to_string(), SHA1.1, "CHK-09");
    #[rustfmt::skip]
    let rows = [
        ("CHK-05", vec![], Ok(ChecksumSource::Absent)),
        ("TRL-02", vec![TRAILER], Ok(ChecksumSource::Trailer)),
        ("TRL-02", vec![("trailer", "x, UPLOAD-CHECKSUM ,y")], Ok(ChecksumSource::Trailer)),
        ("TRL-02", vec![("trailer", "x"), TRAILER], Ok(ChecksumSource::Trailer)),
        ("TRL-02", vec![("trailer", "Upload-Checksum-2")], Ok(ChecksumSource::Absent)),
        ("TRL-02", vec![SHA1, TRAILER], Err(Refusal::ChecksumTwice)),
    ];
    for (id_of_catalogue, lines, expected) in rows {
        assert_eq!(source(&lines), expected, "{id_of_catalogue} {lines:?}");
    }
}

#[test]
fn as_trailers_are_read_after_the_body() {
    let read = |lines: Lines<'_>| ChecksumSource::Trailer.expected(Some(&headers(lines)));
    let checksum = read(&[SHA1]).unwrap().unwrap();
    assert_eq!(checksum.to_string(), SHA1.1, "TRL-02");
    #[rustfmt::skip]
    let values = [
        [SHA1, ("upload-length", "x")], [SHA1, ("content-length", "1")],
        [SHA1, ("transfer-encoding", "gzip")], [SHA1, ("tus-resumable", "0")],
    ];
    for lines in values {
        assert!(read(&lines).is_ok(), "TRL-02 {lines:?}");
    }
    for lines in [vec![], vec![("other", "1")]] {
        assert_eq!(read(&lines), Err(Refusal::ChecksumTrailerMissing), "TRL-02");
    }
    assert_eq!(
        ChecksumSource::Trailer.expected(None),
        Err(Refusal::ChecksumTrailerMissing),
        "TRL-02"
    );
    for value in ["foo AAAA", "sha1", "sha1 !!!", ""] {
        let refused = status(&read(&[("upload-checksum", value)]), 204);
        assert_eq!(refused, 400, "TRL-02 {value}");
    }
    assert_eq!(status(&read(&[SHA1, SHA1]), 204), 400, "TRL-02");
}

#[test]
fn as_trailers_must_be_announced_and_the_only_ones() {
    let absent = ChecksumSource::Absent;
    let expected = |lines: Lines<'_>| absent.expected(Some(&headers(lines)));
    assert_eq!(status(&expected(&[SHA1]), 204), 400, "TRL-02");
    assert_eq!(expected(&[("other", "1")]), Ok(None), "TRL-02");
    assert_eq!(absent.expected(None), Ok(None), "TRL-02");

    let header = source(&[SHA1]).unwrap();
    let twice = header.expected(Some(&headers(&[SHA1])));
    assert_eq!(twice, Err(Refusal::ChecksumTwice), "TRL-02");
    assert!(
        header
            .expected(None)
            .is_ok_and(|checksum| checksum.is_some()),
        "CHK-05"
    );
}
