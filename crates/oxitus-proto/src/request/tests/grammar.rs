use super::*;

/// `Upload-Length` where any number is small enough, and where 1000 is the limit.
#[test]
fn of_upload_length() {
    #[rustfmt::skip]
    let rows: [(&str, &str, u16); 38] = [
        ("LEN-01", "-1", 400),
        ("LEN-02", "-0", 400),
        ("LEN-03", "+5", 400),
        ("LEN-04", "05", 201),
        ("LEN-04", "000", 201),
        ("LEN-05", " 5 ", 201),
        ("LEN-05", "\t5\t", 201),
        ("LEN-06", "5 0", 400),
        ("LEN-06", "5,5", 400),
        ("LEN-06", "5;q=1", 400),
        ("LEN-07", "5.0", 400),
        ("LEN-07", "5e3", 400),
        ("LEN-07", "1e3", 400),
        ("LEN-07", "0x5", 400),
        ("LEN-07", "1_0", 400),
        ("LEN-07", "１", 400),
        ("LEN-07", "٥", 400),
        ("LEN-08", "", 400),
        ("LEN-08", " ", 400),
        ("LEN-09", "abc", 400),
        ("LEN-09", "NaN", 400),
        ("LEN-09", "Infinity", 400),
        ("LEN-10", "0", 201),
        ("LEN-11", "1000", 201),
        ("LEN-12", "1001", 201),
        ("LEN-13", "9223372036854775807", 201),
        ("LEN-14", "9223372036854775808", 413),
        ("LEN-15", "18446744073709551615", 413),
        ("LEN-16", "18446744073709551616", 413),
        ("LEN-17", LONG, 413),
        ("LEN-18", "9007199254740993", 201),
        ("LEN-23", "²", 400),
        ("LEN-23", "\u{a0}", 400),
        ("CRE-06", "0", 201),
        ("CRE-09", "99999999999999999999", 413),
        ("CORE-03", "100", 201),
        ("CORE-03", "1 ", 201),
        ("CORE-03", "1a", 400),
    ];
    for (id_of_catalogue, value, expected) in rows {
        let headers = headers(&[("Upload-Length", value)]);
        let read = |protocol| Creation::read(&headers, EMPTY, &protocol);
        let created = read(unlimited());
        assert_eq!(
            status(&created, 201),
            expected,
            "{id_of_catalogue} {value:?}"
        );

        let length = value.trim().parse::<u64>().ok();
        if let Ok(Creation { wanted, .. }) = created {
            assert_eq!(
                wanted,
                Wanted::Whole { length },
                "{id_of_catalogue} {value:?}"
            );
        }
        let is_above = expected == 201 && length > Some(1_000);
        let limited = if is_above { 413 } else { expected };
        assert_eq!(
            status(&read(protocol()), 201),
            limited,
            "{id_of_catalogue} {value:?}"
        );

        let patch = append(
            &[OFFSET_OCTET_STREAM, OFFSET, ("Upload-Length", value)],
            EMPTY,
        );
        let patched = if expected == 400 { 400 } else { 200 };
        assert_eq!(
            status(&patch, 200),
            patched,
            "CDL-06 {id_of_catalogue} {value:?}"
        );
    }
    for (id_of_catalogue, second) in [("LEN-19", "5"), ("LEN-20", "6")] {
        let twice = create(&[LENGTH, ("upload-length", second)], EMPTY);
        assert_eq!(status(&twice, 201), 400, "{id_of_catalogue}");
    }
    let raw = headers(&[("upload-length", [0xb2])]);
    assert_eq!(
        status(&Creation::read(&raw, EMPTY, &protocol()), 201),
        400,
        "LEN-23"
    );
    let upper = create(&[("UPLOAD-LENGTH", "5")], EMPTY);
    assert!(upper.is_ok(), "LEN-22");
}

const LONG: &str = "99999999999999999999999999999999999999999999999999\
                    99999999999999999999999999999999999999999999999999";

#[test]
fn of_upload_offset() {
    let read = |value| {
        let lines = [OFFSET_OCTET_STREAM, ("upload-offset", value)];
        append(&lines, EMPTY).map(|append| append.offset)
    };
    #[rustfmt::skip]
    let rows = [
        ("CORE-02", "5", Number::Exact(5)),
        ("OFF-04", "05", Number::Exact(5)),
        ("OFF-05", " 5 ", Number::Exact(5)),
        ("OFF-06", "11", Number::Exact(11)),
        ("OFF-08", "9223372036854775808", Number::TooLarge),
        ("OFF-08", "18446744073709551616", Number::TooLarge),
        ("OFF-08", LONG, Number::TooLarge),
        ("CORE-24", "9223372036854775807", Number::Exact(Number::MAX)),
    ];
    for (id_of_catalogue, value, offset) in rows {
        assert_eq!(read(value), Ok(offset), "{id_of_catalogue} {value:?}");
    }
    #[rustfmt::skip]
    let rows = [
        ("OFF-02", ""),
        ("OFF-02", "abc"),
        ("OFF-02", "5.0"),
        ("OFF-02", "0x5"),
        ("OFF-02", "1_0"),
        ("OFF-02", "５"),
        ("OFF-03", "-1"),
        ("OFF-03", "-5"),
        ("OFF-03", "+5"),
        ("OFF-10", "5,5"),
    ];
    for (id_of_catalogue, value) in rows {
        assert_eq!(
            status(&read(value), 204),
            400,
            "{id_of_catalogue} {value:?}"
        );
    }
    let absent = append(&[OFFSET_OCTET_STREAM], EMPTY).unwrap_err();
    assert_eq!(
        absent,
        Refusal::MissingHeader(name::UPLOAD_OFFSET),
        "OFF-01"
    );
    for second in ["5", "6"] {
        let lines = [OFFSET_OCTET_STREAM, OFFSET, ("upload-offset", second)];
        assert_eq!(status(&append(&lines, EMPTY), 204), 400, "OFF-09");
    }
}

/// What is accepted is kept as it came, less the white space at its ends.
#[test]
fn of_upload_metadata() {
    #[rustfmt::skip]
    let rows: [Row; 40] = [
        ("META-01", "filename d29ybGQ=,is_confidential", 201),
        ("META-02", "k", 201),
        ("META-03", "k ,j dg==", 201),
        ("META-03", "j dg==,k ", 201),
        ("META-04", "k dg==,k dg==", 400),
        ("META-05", "k dg==,K dg==", 201),
        ("META-06", " dg==", 201),
        ("META-06", ",k dg==", 400),
        ("META-06", "k dg==,,j dg==", 400),
        ("META-06", ",", 400),
        ("META-07", "k dg==,", 400),
        ("META-08", "k  dg==", 400),
        ("META-08", "k d g==", 400),
        ("META-08", "k\tdg==", 400),
        ("META-09", "k dg==, j dg==", 201),
        ("META-10", "k !!!!", 400),
        ("META-10", "k dg", 400),
        ("META-10", "k dg=", 400),
        ("META-10", "k dg===", 400),
        ("META-10", "k ====", 400),
        ("META-10", "k _-8=", 400),
        ("META-11", "k Zh==", 201),
        ("META-12", "kéy dg==", 400),
        ("META-12", "k é", 400),
        ("META-13", "k= dg==", 201),
        ("META-13", "k\" dg==", 201),
        ("META-13", "k/ dg==", 201),
        ("META-13", "k; dg==", 201),
        ("META-14", "constructor dg==,__proto__ dg==,toString dg==", 201),
        ("META-16", "nul AA==,crlf DQo=,raw /w==,path Li4vLi4vZXRjL3Bhc3N3ZA==", 201),
        ("CRE-07", "k dg==", 201),
        ("CRE-08", "filename 0LYudHh0, empty ,last", 201),
        ("CRE-11", "a b", 400),
        ("CRE-11", "a Yg==", 201),
        ("CRE-11", "a Yg== b", 400),
        ("CRE-12", "k /w==", 201),
        ("META-15", "", 201),
        ("META-15", " ", 201),
        ("META-06", ",,", 400),
        ("META-08", "k dg== j dg==", 400),
    ];
    for (id_of_catalogue, value, expected) in rows {
        let created = create(&[LENGTH, ("upload-metadata", value)], EMPTY);
        assert_eq!(
            status(&created, 201),
            expected,
            "{id_of_catalogue} {value:?}"
        );
        if let Ok(Creation { metadata, .. }) = created {
            let kept = metadata
                .map(|metadata| metadata.to_string())
                .unwrap_or_default();
            assert_eq!(kept, value.trim(), "{id_of_catalogue} {value:?}");
        }
    }
    #[rustfmt::skip]
    let lines = [
        LENGTH,
        ("upload-metadata", "k dg=="),
        ("upload-metadata", "j"),
    ];
    let joined = create(&lines, EMPTY).unwrap().metadata.unwrap();
    assert_eq!(joined.as_str(), "k dg==,j", "META-09");
}

#[test]
fn of_upload_metadata_has_a_documented_limit() {
    let pairs: Vec<_> = (0..1_000).map(|number| format!("k{number} dg==")).collect();
    let many = pairs.join(",");
    let at_limit = format!("k {}", "A".repeat(8 * 1024));
    let limit = |max_metadata_length, value: &str| {
        let protocol = Protocol {
            max_metadata_length,
            ..protocol()
        };
        let headers = headers(&[LENGTH, ("upload-metadata", value)]);
        Creation::read(&headers, EMPTY, &protocol)
    };
    assert!(
        create(&[LENGTH, ("upload-metadata", &many)], EMPTY).is_ok(),
        "META-17"
    );
    assert!(limit(at_limit.len(), &at_limit).is_ok(), "CRE-08");
    let refusal = Refusal::HeaderTooLong {
        name: name::UPLOAD_METADATA,
        limit: at_limit.len() - 1,
    };
    assert_eq!(
        limit(at_limit.len() - 1, &at_limit),
        Err(refusal),
        "META-17"
    );
}

#[test]
fn of_upload_concat() {
    let partial = create(&[LENGTH, ("upload-concat", "partial")], EMPTY).unwrap();
    assert_eq!(
        partial.wanted,
        Wanted::Partial { length: Some(5) },
        "CAT-01"
    );
    let deferred = create(&[DEFER, ("upload-concat", "partial")], EMPTY).unwrap();
    assert_eq!(deferred.wanted, Wanted::Partial { length: None }, "CON-02");
    #[rustfmt::skip]
    let rows = [
        ("CAT-03", "final;/files/a /files/b", "a b"),
        ("CON-06", "final;/files/b /files/a", "b a"),
        ("CAT-04", "final;http://host/files/a http://host/files/b", "a b"),
        ("CAT-05", "final;https://other:8080/files/a /files/b", "a b"),
        ("CAT-06", "final;a ../files/b", "a b"),
        ("CAT-08", "final; /files/a  /files/b ", "a b"),
        ("CAT-09", "final;/files/a?query#fragment", "a"),
        ("CAT-12", "final;/files/a /files/a", "a a"),
        ("CON-10", "final;/files/a /files/b /files/a", "a b a"),
        ("CON-16", "final;/files/%61", "a"),
    ];
    for (id_of_catalogue, value, parts) in rows {
        let created = create(&[("upload-concat", value)], EMPTY).unwrap();
        let parts = parts.split(' ').map(id).collect();
        let raw = value.trim().into();
        assert_eq!(
            created.wanted,
            Wanted::Final { raw, parts },
            "{id_of_catalogue} {value}"
        );
    }
    #[rustfmt::skip]
    let rows = [
        ("CAT-02", "Partial"),
        ("CAT-02", "PARTIAL"),
        ("CAT-02", "partial;"),
        ("CAT-02", "partial x"),
        ("CAT-02", "bogus"),
        ("CAT-02", ""),
        ("CAT-07", "final;"),
        ("CAT-07", "final; "),
        ("CAT-07", "final"),
        ("CAT-07", "FINAL;/files/a"),
        ("CAT-07", "final,/files/a"),
        ("CAT-09", "final;/files/%2e%2e%2fabc"),
        ("CAT-09", "final;/files/a /other/x"),
        ("CAT-09", "final;/files/A"),
        ("CAT-09", "final;/files/a/b"),
        ("CAT-09", "final;/files"),
        ("CON-05", "final;/files/a,/files/b"),
        ("CON-17", "final;/files/é"),
    ];
    for (id_of_catalogue, value) in rows {
        #[rustfmt::skip]
        let values = [
            vec![("upload-concat", value)], vec![LENGTH, ("upload-concat", value)],
        ];
        for lines in values {
            let refused = status(&create(&lines, EMPTY), 201);
            assert_eq!(refused, 400, "{id_of_catalogue} {value}");
        }
    }
    let second = [("upload-concat", "final;/files/a /other/x")];
    let refusal = Refusal::NotAPartial { position: 2 };
    assert_eq!(create(&second, EMPTY), Err(refusal), "CAT-09");
    #[rustfmt::skip]
    let twice = [
        LENGTH,
        ("upload-concat", "partial"),
        ("upload-concat", "partial"),
    ];
    assert_eq!(status(&create(&twice, EMPTY), 201), 400, "CAT-14");
}

#[test]
fn of_upload_concat_has_a_documented_limit() {
    let value = |parts| format!("final;{}", "/files/a ".repeat(parts));
    let limit = protocol().max_concat_parts;
    let create = |parts| create(&[("upload-concat", &value(parts))], EMPTY);
    assert!(create(limit).is_ok(), "CAT-13");
    assert_eq!(
        create(limit + 1),
        Err(Refusal::TooManyParts { limit }),
        "CAT-13"
    );
}

#[test]
fn of_upload_checksum() {
    #[rustfmt::skip]
    let rows: [Row; 18] = [
        ("CKS-01", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 204),
        ("CKS-02", "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=", 204),
        ("CKS-03", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 400),
        ("CKS-03", "Sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 400),
        ("CHK-04", "SHA256 AAAA", 400),
        ("CKS-04", "foo AAAA", 400),
        ("CHK-07", "sha-1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 400),
        ("CKS-05", "sha1", 400),
        ("CKS-05", "sha1 ", 400),
        ("CKS-05", "", 400),
        ("CKS-06", " sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 204),
        ("CKS-07", "sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=", 400),
        ("CKS-07", "sha1\tKq5sNclPz7QV2+lfQIuc6R7oRu0=", 400),
        ("CKS-08", "sha1 !!!", 400),
        ("CKS-08", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0", 400),
        ("CKS-08", "sha1 Kq5sNclPz7QV2-lfQIuc6R7oRu0=", 400),
        ("CKS-09", "sha1 AAAA", 400),
        ("CKS-11", "sha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed", 400),
    ];
    for (id_of_catalogue, value, expected) in rows {
        let checksum = ("upload-checksum", value);
        let patch = append(&[OFFSET_OCTET_STREAM, OFFSET, checksum], BodySize::Unknown);
        assert_eq!(status(&patch, 204), expected, "{id_of_catalogue} {value}");
        let post = create(&[OFFSET_OCTET_STREAM, LENGTH, checksum], BodySize::Exact(5));
        assert_eq!(
            status(&post, 204),
            expected,
            "CHK-12 {id_of_catalogue} {value}"
        );
    }
    let twice = append(&[OFFSET_OCTET_STREAM, OFFSET, SHA1, SHA1], EMPTY);
    assert_eq!(status(&twice, 204), 400, "CKS-10");
}
