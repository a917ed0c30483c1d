//! Downloads whose bytes the client gets elsewhere.

use std::sync::Arc;

use super::scripted::{Script, Scripted};
use super::support::*;
use http::Uri;
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;

const PLACE: &str = "https://bucket.example.org/data?X-Signature=abc%2Fdef&X-Expires=900";

/// Has no bytes itself.
#[derive(Debug)]
struct Elsewhere;

impl Script for Elsewhere {
    fn elsewhere(&self) -> Option<Uri> {
        Some(Uri::from_static(PLACE))
    }
}

#[tokio::test]
async fn a_client_is_sent_to_where_the_bytes_are() {
    let backend = Scripted::new(&Arc::new(Elsewhere));
    let engine = Engine::new(Arc::new(backend), Config::new("/files"));
    let path = create(&engine, &[("upload-length", "5")]).await;
    assert_eq!(get(&engine, &path).await.status, 404);
    assert_eq!(patch(&engine, &path, 0, &[], "hello").await.status, 204);

    for headers in [
        &[][..],
        &[("range", "bytes=1-2")],
        &[("range", "bytes=0-1,3-4")],
        &[("if-none-match", "\"another\"")],
    ] {
        let answer = get_with(&engine, &path, headers).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (307, PLACE.to_owned())
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("tus-resumable"), None);
        for of_the_bytes in [
            "etag",
            "last-modified",
            "accept-ranges",
            "content-range",
            "content-type",
        ] {
            assert_eq!(answer.header(of_the_bytes), None, "{of_the_bytes}");
        }
        assert!(answer.body.is_empty());
    }

    let id = path.rsplit('/').next().unwrap();
    let tag = format!("\"{id}\"");
    for (headers, status) in [
        (("if-none-match", tag.as_str()), 304),
        (("if-match", "\"another\""), 412),
        (("range", "bytes=5-"), 416),
    ] {
        let answer = get_with(&engine, &path, &[headers]).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
        assert_eq!(answer.header("location"), None);
    }
    let described = head(&engine, &path).await;
    assert_eq!(
        (described.status.as_u16(), described.offset()),
        (200, Some(5))
    );
}
