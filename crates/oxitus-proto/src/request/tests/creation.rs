use super::*;

type Length = Result<Option<u64>, Refusal>;

#[test]
fn says_its_length_in_one_way() {
    #[rustfmt::skip]
    let rows: [(&str, Lines<'_>, Length); 9] = [
        ("CRE-03", &[], Err(Refusal::MissingLength)),
        ("CRE-03", &[LENGTH], Ok(Some(5))),
        ("CRE-06", &[("upload-length", "0")], Ok(Some(0))),
        ("CDL-02", &[DEFER], Ok(None)),
        ("CDL-04", &[LENGTH, DEFER], Err(Refusal::AmbiguousLength)),
        ("CRE-09", &[("upload-length", "1000")], Ok(Some(1_000))),
        ("CRE-09", &[("upload-length", "1001")], Err(crate::fixtures::too_large())),
        ("CON-02", &[LENGTH, ("upload-concat", "partial")], Ok(Some(5))),
        ("CON-02", &[("upload-concat", "partial")], Err(Refusal::MissingLength)),
    ];
    for (id_of_catalogue, lines, expected) in rows {
        let length = create(lines, EMPTY).map(|creation| match creation.wanted {
            Wanted::Whole { length } | Wanted::Partial { length } => length,
            Wanted::Final { .. } => panic!("nobody asked for a final upload"),
        });
        assert_eq!(length, expected, "{id_of_catalogue} {lines:?}");
    }
    for value in ["0", "2", "01", "+1", "-1", "true", "1,1", "1 1", ""] {
        for lines in [vec![], vec![LENGTH]] {
            let lines = [lines, vec![("upload-defer-length", value)]].concat();
            assert_eq!(status(&create(&lines, EMPTY), 201), 400, "CDL-03 {value:?}");
        }
    }
    assert_eq!(status(&create(&[DEFER, DEFER], EMPTY), 201), 400, "CDL-03");
}

#[test]
fn of_a_final_upload_has_neither_length_nor_body() {
    let concat = ("upload-concat", "final;/files/a");
    #[rustfmt::skip]
    let rows = [
        ("CON-08", vec![concat, LENGTH], EMPTY, Refusal::FinalWithLength),
        ("CON-08", vec![concat, DEFER], EMPTY, Refusal::FinalWithLength),
        ("CON-18", vec![concat, OFFSET_OCTET_STREAM], BodySize::Exact(1), Refusal::FinalWithBody),
        ("CON-18", vec![concat, OFFSET_OCTET_STREAM], BodySize::Unknown, Refusal::FinalWithBody),
    ];
    for (id_of_catalogue, lines, body, refusal) in rows {
        assert_eq!(
            create(&lines, body),
            Err(refusal),
            "{id_of_catalogue} {lines:?}"
        );
    }
    let metadata = create(&[concat, ("upload-metadata", "k")], EMPTY)
        .unwrap()
        .metadata;
    assert_eq!(metadata.unwrap().as_str(), "k", "CON-09");
}

#[test]
fn takes_bytes_of_the_right_type_and_number_only() {
    let text = ("content-type", "text/plain");
    let bytes = OFFSET_OCTET_STREAM;
    let max = BodySize::Exact(u64::MAX);
    #[rustfmt::skip]
    let rows: [(&str, Lines<'_>, BodySize, u16); 19] = [
        ("CWU-02", &[LENGTH, bytes], BodySize::Exact(4), 201),
        ("CWU-02", &[LENGTH, bytes], BodySize::Exact(5), 201),
        ("CWU-02", &[DEFER, bytes], BodySize::Exact(5), 201),
        ("CWU-02", &[LENGTH, bytes, ("upload-concat", "partial")], BodySize::Exact(5), 201),
        ("CWU-03", &[LENGTH, text], BodySize::Exact(5), 415),
        ("CWU-03", &[LENGTH, text], BodySize::Unknown, 415),
        ("CWU-03", &[LENGTH], BodySize::Exact(5), 415),
        ("CWU-03", &[LENGTH, text], EMPTY, 201),
        ("CWU-03", &[LENGTH, ("content-type", "application/json")], EMPTY, 201),
        ("CWU-03", &[LENGTH, bytes, bytes], BodySize::Exact(5), 400),
        ("CWU-05", &[LENGTH, bytes], EMPTY, 201),
        ("CWU-07", &[LENGTH, bytes], BodySize::Exact(6), 413),
        ("CWU-07", &[LENGTH, bytes], max, 413),
        ("CWU-07", &[LENGTH, bytes, ("upload-offset", "0")], BodySize::Exact(5), 201),
        ("CWU-07", &[LENGTH, bytes, ("upload-offset", "3")], BodySize::Exact(2), 400),
        ("OFF-13", &[LENGTH, ("upload-offset", "18446744073709551616")], EMPTY, 400),
        ("CDL-08", &[DEFER, bytes], BodySize::Exact(1_000), 201),
        ("CDL-08", &[DEFER, bytes], BodySize::Exact(1_001), 413),
        ("TRN-23", &[LENGTH, bytes, ("content-encoding", "gzip")], BodySize::Exact(5), 415),
    ];
    for (id_of_catalogue, lines, body, expected) in rows {
        let created = create(lines, body);
        assert_eq!(
            status(&created, 201),
            expected,
            "{id_of_catalogue} {lines:?} {body:?}"
        );
        if let Ok(creation) = created {
            assert_eq!(creation.body, body, "{id_of_catalogue}");
        }
    }
    assert_eq!(status(&create(&[DEFER, bytes], max), 201), 413, "CDL-08");
}
