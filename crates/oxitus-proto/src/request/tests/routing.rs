use http::Version;

use super::*;

#[test]
fn finds_the_operation() {
    #[rustfmt::skip]
    let rows = [
        ("CRE-03", "POST", "/files", Operation::Create),
        ("CRE-03", "POST", "/files/", Operation::Create),
        ("CRE-03", "POST", "/files?x=1", Operation::Create),
        ("CORE-17", "HEAD", "/files/abc", Operation::Head(id("abc"))),
        ("CORE-19", "HEAD", "/files/abc/", Operation::Head(id("abc"))),
        ("CORE-22", "PATCH", "/files/abc", Operation::Append(id("abc"))),
        ("CORE-19", "PATCH", "/files/abc/", Operation::Append(id("abc"))),
        ("TRM-02", "DELETE", "/files/abc", Operation::Terminate(id("abc"))),
        ("H-14", "GET", "/files/abc", Operation::Download(id("abc"))),
        ("CORE-31", "OPTIONS", "/files", Operation::Options),
        ("CORE-31", "OPTIONS", "/files/abc", Operation::Options),
        ("CORE-31", "OPTIONS", "/files/NO/such/thing", Operation::Options),
        ("CORE-31", "OPTIONS", "*", Operation::Options),
        ("TRN-19", "PATCH", "http://evil/files/abc", Operation::Append(id("abc"))),
    ];
    for (id_of_catalogue, method, path, operation) in rows {
        let routed = route_to(method, path, &[SPOKEN]);
        assert_eq!(routed, Ok(operation), "{id_of_catalogue} {method} {path}");
    }
}

#[test]
fn knows_no_other_path() {
    #[rustfmt::skip]
    let values = [
        "/", "/other", "/filesabc", "/files/%00", "/files/..%2f..%2fetc%2fpasswd", "/files/a%2Fb",
        "/files/.info", "/files/abc.info", "/files/ABC", "/files/abc/def",
        &format!("/files/{}", "a".repeat(300)),
    ];
    for path in values {
        for method in ["POST", "HEAD", "PATCH", "DELETE", "GET", "BREW"] {
            let routed = route_to(method, path, &[SPOKEN]);
            assert_eq!(routed, Err(Refusal::NotFound), "CORE-19 {method} {path}");
        }
    }
    let routed = route_to("OPTIONS", "/other", &[]);
    assert_eq!(routed, Err(Refusal::NotFound), "H-06");
}

#[test]
fn tells_the_methods_that_a_path_knows() {
    let all = protocol();
    let no_termination = Protocol {
        extensions: Extensions::all().without(Extension::Termination),
        ..protocol()
    };
    let core_only = Protocol {
        extensions: Extensions::NONE,
        downloads: false,
        ..protocol()
    };
    #[rustfmt::skip]
    let rows = [
        ("H-05", &all, "/files", "HEAD GET PATCH DELETE PUT BREW patch", "POST OPTIONS"),
        ("CRE-03", &all, "/files/abc", "POST PUT", "HEAD PATCH GET DELETE OPTIONS"),
        ("TRM-01", &no_termination, "/files/abc", "DELETE", "HEAD PATCH GET OPTIONS"),
        ("CORE-01", &core_only, "/files/abc", "DELETE GET POST", "HEAD PATCH OPTIONS"),
        ("CORE-01", &core_only, "/files", "POST HEAD", "OPTIONS"),
    ];
    for (id_of_catalogue, protocol, path, methods, allow) in rows {
        let allow = allow
            .split(' ')
            .map(|method| method.parse().unwrap())
            .collect();
        let refusal = Refusal::MethodNotAllowed { allow };
        for method in methods.split(' ') {
            let routed = route(&parts(method, path, &[SPOKEN]), protocol);
            assert_eq!(
                routed.as_ref(),
                Err(&refusal),
                "{id_of_catalogue} {method} {path}"
            );
        }
    }
}

/// A request with everything wrong, and then with one fault after another mended.
#[test]
fn checks_in_the_order_of_a01() {
    let gzip = ("transfer-encoding", "gzip, chunked");
    let override_put = ("x-http-method-override", "PUT");
    let wrong_version = ("tus-resumable", "0.2.2");
    let is_refused = |method, path, lines: Lines<'_>| route_to(method, path, lines).unwrap_err();

    let twice = [override_put, override_put, wrong_version, gzip];
    assert_eq!(
        is_refused("PATCH", "/other", &twice),
        Refusal::UnsupportedTransferCoding
    );
    let Refusal::InvalidHeader(invalid) = is_refused("PATCH", "/other", &twice[..3]) else {
        panic!("the override is not refused");
    };
    assert_eq!(invalid.name, name::METHOD_OVERRIDE);
    let once = &twice[1..3];
    assert_eq!(
        is_refused("PATCH", "/other", once),
        Refusal::UnsupportedVersion
    );
    let spoken = [override_put, SPOKEN];
    assert_eq!(is_refused("PATCH", "/other", &spoken), Refusal::NotFound);
    let refusal = is_refused("PATCH", "/files/abc", &spoken);
    assert_eq!(refusal.status(), 405);
    assert!(route_to("PATCH", "/files/abc", &[SPOKEN]).is_ok());
}

#[test]
fn refuses_versions_that_are_not_spoken_here() {
    let methods = ["POST", "PATCH", "HEAD", "DELETE"];
    let path = |method| {
        if method == "POST" {
            "/files"
        } else {
            "/files/abc"
        }
    };
    #[rustfmt::skip]
    let values = [
        "0.2.2", "1.0.1", "1.0", "2.0.0", "1.0.0,0.2.2", "1.0.0 ; x", "", "9.9.9",
    ];
    for version in values {
        let lines = [("tus-resumable", version)];
        for method in methods {
            let routed = route_to(method, path(method), &lines);
            assert_eq!(
                routed,
                Err(Refusal::UnsupportedVersion),
                "CORE-07 {method} {version}"
            );
        }
        for (id_of_catalogue, method) in [("CORE-33", "OPTIONS"), ("A02", "GET")] {
            let routed = route_to(method, "/files/abc", &lines);
            assert!(routed.is_ok(), "{id_of_catalogue} {method} {version}");
        }
        let lines = [lines[0], ("x-http-method-override", "DELETE")];
        let routed = route_to("POST", "/files/abc", &lines);
        assert_eq!(
            routed,
            Err(Refusal::UnsupportedVersion),
            "CORE-09 {version}"
        );
    }
    for method in methods {
        let padded = route_to(method, path(method), &[("tus-resumable", " 1.0.0 ")]);
        assert!(padded.is_ok(), "CORE-07 {method}");
        let twice = route_to(method, path(method), &[SPOKEN, SPOKEN]);
        assert_eq!(twice, Err(Refusal::UnsupportedVersion), "CORE-07 {method}");
        let absent = status(&route_to(method, path(method), &[]), 200);
        let expected = if method == "HEAD" { 200 } else { 412 };
        assert_eq!(absent, expected, "CORE-06 {method}");
    }
}

#[test]
fn goes_by_the_overriding_method() {
    let abc = || id("abc");
    #[rustfmt::skip]
    let rows = [
        ("CORE-14", "POST", "PATCH", Operation::Append(abc())),
        ("CORE-14", "POST", "DELETE", Operation::Terminate(abc())),
        ("CORE-14", "POST", "OPTIONS", Operation::Options),
        ("CORE-14", "GET", "HEAD", Operation::Head(abc())),
        ("CORE-14", "PATCH", "", Operation::Append(abc())),
        ("CORE-15", "PATCH", "HEAD", Operation::Head(abc())),
        ("CORE-15", "DELETE", "HEAD", Operation::Head(abc())),
        ("CORE-15", "OPTIONS", "HEAD", Operation::Head(abc())),
    ];
    for (id_of_catalogue, method, overriding, operation) in rows {
        let lines = [SPOKEN, ("x-http-method-override", overriding)];
        let routed = route_to(method, "/files/abc", &lines);
        assert_eq!(
            routed,
            Ok(operation),
            "{id_of_catalogue} {method} as {overriding}"
        );
    }
    let options = route_to("POST", "/files", &[("x-http-method-override", "OPTIONS")]);
    assert_eq!(options, Ok(Operation::Options), "CORE-14 without a version");
    for (overriding, expected) in [("patch", 405), ("BREW", 405), ("PA TCH", 400), ("é", 400)] {
        let lines = [SPOKEN, ("x-http-method-override", overriding)];
        let refused = status(&route_to("POST", "/files/abc", &lines), 200);
        assert_eq!(refused, expected, "CORE-14 {overriding}");
    }
}

#[test]
fn refuses_framing_that_could_be_read_in_two_ways() {
    #[rustfmt::skip]
    let lines: [(&str, Lines<'_>, u16); 8] = [
        ("TRN-01", &[("transfer-encoding", "chunked")], 200),
        ("TRN-01", &[("transfer-encoding", "Chunked")], 200),
        ("TRN-04", &[("transfer-encoding", "gzip, chunked")], 400),
        ("TRN-04", &[("transfer-encoding", "gzip"), ("transfer-encoding", "chunked")], 400),
        ("TRN-04", &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], 400),
        ("TRN-04", &[("transfer-encoding", "chunked, chunked")], 400),
        ("TRN-04", &[("transfer-encoding", "")], 400),
        ("TRN-15", &[("host", "other")], 400),
    ];
    for (id_of_catalogue, lines, expected) in lines {
        let routed = route_to("GET", "/files/abc", lines);
        assert_eq!(
            status(&routed, 200),
            expected,
            "{id_of_catalogue} {lines:?}"
        );
    }
    #[rustfmt::skip]
    let rows = [
        ("TRN-15", Version::HTTP_11, 400),
        ("TRN-14", Version::HTTP_10, 200),
        ("TRN-16", Version::HTTP_2, 200),
    ];
    for (id_of_catalogue, version, expected) in rows {
        let mut request = parts("GET", "/files/abc", &[]);
        request.headers.clear();
        request.version = version;
        let routed = route(&request, &protocol());
        assert_eq!(
            status(&routed, 200),
            expected,
            "{id_of_catalogue} {version:?}"
        );
    }
}

/// What the operation does not use is not looked at.
#[test]
fn ignores_the_headers_of_other_operations() {
    #[rustfmt::skip]
    let rows = [
        ("LEN-24", "upload-length"),
        ("META-18", "upload-metadata"),
        ("CAT-19", "upload-concat"),
        ("CDL-09", "upload-defer-length"),
    ];
    for (id_of_catalogue, name) in rows {
        for method in ["HEAD", "DELETE"] {
            let routed = route_to(method, "/files/abc", &[SPOKEN, (name, "!")]);
            assert!(routed.is_ok(), "{id_of_catalogue} {method}");
        }
        if name != "upload-length" {
            let lines = [OFFSET_OCTET_STREAM, OFFSET, (name, "!")];
            assert!(append(&lines, EMPTY).is_ok(), "{id_of_catalogue} PATCH");
        }
    }
}
