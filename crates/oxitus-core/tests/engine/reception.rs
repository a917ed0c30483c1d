//! How bodies begin, break off, stall, collide and end.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::support::*;
use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::Full;
use oxitus_core::body::BoxError;
use oxitus_core::event::{EventKind, Interruption};

#[tokio::test]
async fn a_broken_body_keeps_what_came() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut patch = open_patch(&engine, &path, 0, &[]);
    patch.data("hello").await;
    reaches(&engine, &path, 5).await;
    assert_eq!(patch.cut().await.status, 400);
    assert_eq!(head(&engine, &path).await.offset(), Some(5));
    let answer = super::support::patch(&engine, &path, 5, &[], " world").await;
    assert_eq!((answer.status.as_u16(), answer.offset()), (204, Some(11)));
    assert_eq!(get(&engine, &path).await.body, "hello world");
}

#[tokio::test]
async fn a_dropped_request_keeps_what_came() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut patch = open_patch(&engine, &path, 0, &[]);
    patch.data("hello").await;
    reaches(&engine, &path, 5).await;
    patch.answer.abort();
    patch.data(" world").await;
    drop(patch.body);
    reaches(&engine, &path, 11).await;
    assert_eq!(get(&engine, &path).await.body, "hello world");
}

#[tokio::test]
async fn a_broken_body_with_a_digest_keeps_nothing() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut patch = open_patch(&engine, &path, 0, &[("upload-checksum", HELLO_WORLD)]);
    patch.data("hello").await;
    assert_eq!(patch.cut().await.status, 400);
    assert_eq!(head(&engine, &path).await.offset(), Some(0));
}

#[tokio::test]
async fn a_digest_decides() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-length", "11")]).await;
    let checksum = [("upload-checksum", HELLO_WORLD)];
    let answer = patch(&engine, &path, 0, &checksum, "hello wOrld").await;
    assert_eq!(answer.status, 460);
    assert_eq!(head(&engine, &path).await.offset(), Some(0));
    let answer = patch(&engine, &path, 0, &checksum, "hello world").await;
    assert_eq!(answer.status, 204);
    assert_eq!(get(&engine, &path).await.body, "hello world");
}

#[tokio::test]
async fn a_digest_may_follow_as_a_trailer_that_was_announced() {
    let announced = [("trailer", "Upload-Checksum")];
    for (headers, trailer, status, offset) in [
        (announced.as_slice(), Some(HELLO_WORLD), 204, 11),
        (
            &announced,
            Some("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            460,
            0,
        ),
        (&announced, Some("foo AAAA"), 400, 0),
        (&announced, Some("sha1 !!!"), 400, 0),
        (&announced, None, 400, 0),
        (&[], Some(HELLO_WORLD), 400, 0),
        (
            &[("upload-checksum", HELLO_WORLD)],
            Some(HELLO_WORLD),
            400,
            0,
        ),
    ] {
        let engine = engine(|config| config);
        let path = create(&engine, &[("upload-length", "20")]).await;
        let mut patch = open_patch(&engine, &path, 0, headers);
        patch.data("hello world").await;
        if let Some(trailer) = trailer {
            let mut trailers = http::HeaderMap::new();
            trailers.insert("upload-checksum", trailer.parse().unwrap());
            trailers.insert("upload-length", "3".parse().unwrap());
            patch.body.send_trailers(trailers).await.unwrap();
        }
        let answer = patch.end().await;
        assert_eq!(answer.status.as_u16(), status, "{trailer:?}");
        let head = head(&engine, &path).await;
        assert_eq!(head.offset(), Some(offset), "{trailer:?}");
        assert_eq!(head.header("upload-length"), Some("20"));
    }
}

#[tokio::test]
async fn a_body_without_a_length_that_is_too_long_does_not_complete_the_upload() {
    for pieces in [&["hello", "world", "!"][..], &["hello", "world!"]] {
        let engine = engine(|config| config);
        let path = create(&engine, &[("upload-length", "10")]).await;
        let mut patch = open_patch(&engine, &path, 0, &[]);
        for piece in pieces {
            patch.data(piece).await;
        }
        let answer = patch.answer.await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.offset()), (413, Some(5)));
        assert_eq!(head(&engine, &path).await.offset(), Some(5));
        let answer = super::support::patch(&engine, &path, 5, &[], "world").await;
        assert_eq!(answer.status, 204);
        assert_eq!(get(&engine, &path).await.body, "helloworld");
    }
}

#[tokio::test]
async fn the_last_frame_of_a_body_without_a_length_counts_when_the_body_breaks_off() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-length", "10")]).await;
    let mut patch = open_patch(&engine, &path, 0, &[]);
    patch.data("hello").await;
    patch.data("world").await;
    reaches(&engine, &path, 5).await;
    assert_eq!(patch.cut().await.status, 400);
    assert_eq!(head(&engine, &path).await.offset(), Some(10));
    assert_eq!(get(&engine, &path).await.body, "helloworld");
}

#[tokio::test]
async fn the_maximum_holds_without_a_known_length() {
    let engine = engine(|config| config.max_size(Some(10)));
    let path = create(&engine, &[("upload-defer-length", "1")]).await;
    let mut patch = open_patch(&engine, &path, 0, &[]);
    patch.data("hello").await;
    reaches(&engine, &path, 5).await;
    patch.data("worlds").await;
    let answer = patch.end().await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("tus-max-size"), Some("10"));
    let head = head(&engine, &path).await;
    assert_eq!(head.offset(), Some(5));
    assert_eq!(head.header("upload-defer-length"), Some("1"));
}

#[tokio::test]
async fn a_silent_writer_is_overtaken_at_its_offset() {
    let engine = engine(|config| config.takeover_after(Duration::from_millis(50)));
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut stale = open_patch(&engine, &path, 0, &[]);
    stale.data("hello").await;
    reaches(&engine, &path, 5).await;
    let answer = patch(&engine, &path, 5, &[], " world").await;
    assert_eq!(answer.status, 204);
    let overtaken = stale.answer.await.unwrap();
    assert_eq!(overtaken.status, 400);
    assert_eq!(get(&engine, &path).await.body, "hello world");
}

/// On a busy machine bytes may lie there unread until the writer looks again.
#[tokio::test(start_paused = true)]
async fn a_writer_whose_bytes_only_lie_there_is_not_overtaken() {
    let engine = engine(|config| config.lock_timeout(Duration::from_secs(5)));
    let path = create(&engine, &[("upload-length", "11")]).await;
    let unread = Unread {
        frames: ["hello", " world"].map(Bytes::from).into(),
        not_before: tokio::time::Instant::now() + Duration::from_millis(300),
    };
    let writer = tokio::spawn({
        let engine = engine.clone();
        let request = patch_request(&path, 0, &[("content-length", "11")], unread);
        async move { send(&engine, request).await }
    });
    tokio::task::yield_now().await;
    let answer = patch(&engine, &path, 0, &[], "xxxxx").await;
    assert_eq!((answer.status.as_u16(), answer.offset()), (409, Some(11)));
    assert_eq!(writer.await.unwrap().status, 204);
    assert_eq!(get(&engine, &path).await.body, "hello world");
}

/// A body of which bytes come at some moment, and nobody wakes its reader up.
struct Unread {
    frames: VecDeque<Bytes>,
    not_before: tokio::time::Instant,
}

impl Body for Unread {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if tokio::time::Instant::now() < self.not_before {
            return Poll::Pending;
        }
        Poll::Ready(self.frames.pop_front().map(|data| Ok(Frame::data(data))))
    }
}

#[tokio::test]
async fn a_patch_elsewhere_disturbs_nobody() {
    let engine = engine(|config| config.takeover_after(Duration::ZERO));
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut healthy = open_patch(&engine, &path, 0, &[]);
    healthy.data("hello").await;
    reaches(&engine, &path, 5).await;
    for offset in [0, 4, 6, 11] {
        let answer = patch(&engine, &path, offset, &[], "x").await;
        assert_eq!((answer.status.as_u16(), answer.offset()), (409, Some(5)));
    }
    healthy.data(" world").await;
    assert_eq!(healthy.end().await.status, 204);
}

#[tokio::test]
async fn a_healthy_writer_is_waited_for() {
    let engine = engine(|config| {
        config
            .takeover_after(Duration::from_secs(60))
            .lock_timeout(Duration::from_millis(100))
    });
    let path = create(&engine, &[("upload-length", "11")]).await;
    let checksum = [("upload-checksum", HELLO_WORLD)];
    let mut healthy = open_patch(&engine, &path, 0, &checksum);
    healthy.is_read().await;
    healthy.data("hello").await;
    let answer = patch(&engine, &path, 0, &[], "xxxxx").await;
    assert_eq!(answer.status, 423);
    assert!(answer.header("retry-after").is_some());
    healthy.data(" world").await;
    assert_eq!(healthy.end().await.status, 204);
    assert_eq!(get(&engine, &path).await.body, "hello world");
}

#[tokio::test]
async fn a_newcomer_learns_that_the_offset_has_moved() {
    let engine = engine(|config| config.takeover_after(Duration::from_secs(60)));
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut healthy = open_patch(&engine, &path, 0, &[]);
    healthy.is_read().await;
    let waiting = open_patch(&engine, &path, 0, &[]);
    healthy.data("hello").await;
    let answer = waiting.answer.await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.offset()), (409, Some(5)));
    healthy.data(" world").await;
    assert_eq!(healthy.end().await.status, 204);
}

#[tokio::test]
async fn a_delete_ends_a_writer() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut writer = open_patch(&engine, &path, 0, &[]);
    writer.data("hello").await;
    reaches(&engine, &path, 5).await;
    assert_eq!(delete(&engine, &path).await.status, 204);
    assert_eq!(writer.answer.await.unwrap().status, 400);
    assert_eq!(head(&engine, &path).await.status, 404);
}

#[tokio::test]
async fn engines_over_one_backend_overtake_each_other() {
    use std::sync::Arc;

    use oxitus_core::config::Config;
    use oxitus_core::engine::Engine;
    use oxitus_core::memory::MemoryBackend;

    let backend = MemoryBackend::new();
    let [one, other] = [(); 2].map(|()| {
        let config = Config::new("/files").takeover_after(Duration::from_millis(100));
        Engine::new(Arc::new(backend.clone()), config)
    });
    let path = create(&one, &[("upload-length", "11")]).await;
    let mut stale = open_patch(&one, &path, 0, &[]);
    stale.data("hello").await;
    reaches(&other, &path, 5).await;
    let answer = patch(&other, &path, 5, &[], " world").await;
    assert_eq!(answer.status, 204);
    assert_eq!(stale.answer.await.unwrap().status, 400);
    assert_eq!(get(&one, &path).await.body, "hello world");
}

#[tokio::test]
async fn a_stalled_body_ends_and_keeps_what_came() {
    let engine = engine(|config| config.body_idle_timeout(Duration::from_millis(50)));
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut stalled = open_patch(&engine, &path, 0, &[]);
    stalled.data("hello").await;
    let answer = stalled.answer.await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.offset()), (409, Some(5)));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(head(&engine, &path).await.offset(), Some(5));
}

#[tokio::test]
async fn a_shutdown_keeps_what_came() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut writer = open_patch(&engine, &path, 0, &[]);
    writer.data("hello").await;
    reaches(&engine, &path, 5).await;
    assert!(engine.shutdown(Duration::from_secs(10)).await);
    assert_eq!(writer.answer.await.unwrap().status, 503);
    assert_eq!(head(&engine, &path).await.offset(), Some(5));
    assert_eq!(patch(&engine, &path, 5, &[], "x").await.status, 503);
}

#[tokio::test]
async fn too_many_bodies_at_once_are_put_off() {
    let engine = engine(|config| config.max_bodies(1));
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut first = open_patch(&engine, &path, 0, &[]);
    first.data("hello").await;
    reaches(&engine, &path, 5).await;
    let other = create(&engine, &[("upload-length", "5")]).await;
    let answer = patch(&engine, &other, 0, &[], "hello").await;
    assert_eq!(answer.status, 503);
    first.data(" world").await;
    assert_eq!(first.end().await.status, 204);
    assert_eq!(patch(&engine, &other, 0, &[], "hello").await.status, 204);
}

#[tokio::test]
async fn a_creation_whose_body_fails_leaves_nothing() {
    let engine = engine(|config| config);
    let mut events = engine.events();
    let mut post = request(
        http::Method::POST,
        "/files",
        &[
            ("upload-length", "11"),
            ("content-type", "application/offset+octet-stream"),
            ("upload-checksum", HELLO_WORLD),
        ],
        Full::from("hello wOrld"),
    );
    let answer = send(&engine, post.clone()).await;
    assert_eq!(answer.status, 460);
    assert_eq!(answer.header("location"), None);
    let kinds: Vec<_> = std::iter::from_fn(|| events.try_recv().ok())
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            EventKind::Created,
            EventKind::Interrupted(Interruption::ChecksumMismatch),
            EventKind::Terminated
        ]
    );
    *post.body_mut() = Full::from("hello world");
    let answer = send(&engine, post).await;
    assert_eq!((answer.status.as_u16(), answer.offset()), (201, Some(11)));
    assert_eq!(get(&engine, &answer.location()).await.body, "hello world");
}
