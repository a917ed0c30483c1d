//! Who may take an upload over, and from whom: only a writer that has fallen silent is overtaken,
//! a healthy one is never disturbed, and DELETE always comes through.
//! (CORE-30.3, TRM-02.6; architecture, "Locks, takeover, reads")

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use oxitus_tests::client::{Client, Http, Pending};
use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::response::Response;
use oxitus_tests::server::Server;
use oxitus_tests::{checksum, tus, wait};

const LENGTH: usize = 4_000_000;
const SENT: usize = 1_500_000;

/// Begins a PATCH of the whole upload, sends a part, and falls silent.
fn hang(client: &Client, url: &str, bytes: &[u8]) -> Pending {
    let mut pending = client.begin(&tus::patch_of_length(url, 0, bytes.len()));
    pending.write(&bytes[..SENT]);
    pending.wait_until_read();
    wait::until("the part that was sent", || {
        (client.offset(url) == SENT as u64).then_some(())
    });
    pending
}

/// Has a hanging PATCH overtaken, by a client that may share its connection, and then wakes it up.
/// One that was not overtaken would outlast the newcomer, which would get 423.
fn overtake(stale_client: &Client, client: &Client) {
    let bytes = payload::bytes(1, LENGTH);
    let url = client.create(LENGTH as u64);
    let mut stale = hang(stale_client, &url, &bytes);

    let head = client.head(&url).expect(200);
    head.expect_offset(SENT as u64);
    let half = (SENT + LENGTH) / 2;
    let patch = client.patch(&url, SENT as u64, &bytes[SENT..half]);
    patch.expect(204).expect_offset(half as u64);

    // It wakes up, and sends bytes of its own in place of those that took their place.
    let _ = stale.try_write(&vec![0xee; LENGTH - SENT]);
    if let Ok(answer) = stale.try_response() {
        answer.expect(400);
    }
    assert_eq!(client.offset(&url), half as u64);
    client.patch(&url, half as u64, &bytes[half..]).expect(204);
    assert_same(&client.download(&url), &bytes);
}

#[test]
fn a_hanging_patch_is_overtaken_over_http1() {
    let server = Server::start();
    overtake(&server.client(Http::One), &server.client(Http::One));
}

#[test]
fn a_hanging_patch_is_overtaken_over_http2() {
    let server = Server::start();
    overtake(&server.client(Http::Two), &server.client(Http::Two));
}

#[test]
fn a_hanging_patch_is_overtaken_on_its_own_http2_connection() {
    let server = Server::start();
    let client = server.client(Http::Two);
    overtake(&client, &client);
}

/// What nobody has verified goes when its writer is overtaken.
#[test]
fn a_hanging_checksummed_patch_is_overtaken_and_leaves_nothing() {
    let server = Server::start();
    for http in Http::BOTH {
        let bytes = payload::bytes(2, LENGTH);
        let client = server.client(http);
        let url = client.create(LENGTH as u64);
        let patch = tus::patch_of_length(&url, 0, LENGTH)
            .header("Upload-Checksum", checksum::of("sha256", &bytes));
        let mut stale = client.begin(&patch);
        stale.write(&vec![0xee; SENT]);
        stale.wait_until_read();
        client.head(&url).expect(200).expect_offset(0);
        let patch = client.patch(&url, 0, &bytes[..SENT]);
        patch.expect(204).expect_offset(SENT as u64);
        let _ = stale.try_write(&bytes[SENT..]);
        if let Ok(answer) = stale.try_response() {
            answer.expect(400);
        }
        assert_eq!(client.offset(&url), SENT as u64);
        client.patch(&url, SENT as u64, &bytes[SENT..]).expect(204);
        assert_same(&client.download(&url), &bytes);
    }
}

/// The one that was overtaken is told, and cannot fight back on the same connection.
#[test]
fn the_overtaken_request_is_answered() {
    let server = Server::start();
    let bytes = payload::bytes(3, LENGTH);
    for http in Http::BOTH {
        let client = server.client(http);
        let url = client.create(LENGTH as u64);
        let mut stale = hang(&client, &url, &bytes);
        client.patch(&url, SENT as u64, &bytes[SENT..]).expect(204);
        let answer = stale.try_response().expect("an answer").expect(400);
        if http == Http::One {
            assert_eq!(answer.header("connection"), Some("close"));
        }
    }
}

/// Sends a whole upload in small pieces with small pauses, all the while `disturb` does its worst,
/// and must come through.
///
/// A machine that is busy with other tests may keep the writer, or what carries its bytes, from its
/// work for so long that it counts as silent, and is rightly overtaken. That must not be the rule.
fn keep_healthy(
    http: Http,
    headers: &[(&str, String)],
    disturb: impl Fn(&Client, &str) -> Response + Sync,
) {
    let mut lead = 0;
    for _ in 0..10 {
        match keep_healthy_once(http, headers, &disturb) {
            Ok(()) => lead += 1,
            Err(why) => {
                eprintln!("once more: {why}");
                lead -= 1;
            }
        }
        if lead > 0 {
            return;
        }
    }
    panic!("this machine is too busy for a writer to be healthy, or they are not left alone");
}

/// One round; an error is the reason why it proves nothing.
fn keep_healthy_once(
    http: Http,
    headers: &[(&str, String)],
    disturb: &(impl Fn(&Client, &str) -> Response + Sync),
) -> Result<(), String> {
    /// Less than the silence after which a writer is overtaken.
    const HELD_UP: Duration = Duration::from_millis(300);

    let server = Server::start();
    let bytes = payload::bytes(4, 300_000);
    let client = server.client(http);
    let url = client.create(bytes.len() as u64);
    // There is an offset to be wrong about, but for a digest, which is that of all the bytes.
    let start = if headers.is_empty() { 3_000 } else { 0 };
    if start > 0 {
        client.patch(&url, 0, &bytes[..start]).expect(204);
    }
    let mut patch = tus::patch_of_length(&url, start as u64, bytes.len() - start);
    for (name, value) in headers {
        patch = patch.header(name, value);
    }
    let mut healthy = server.client(http).begin(&patch);
    let (first, rest) = bytes[start..].split_at(3_000);
    let mut last_written = Instant::now();
    healthy.write(first);
    healthy.wait_until_read();
    let (longest_pause, answer, disturbances) = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut longest_pause = Duration::ZERO;
            for piece in rest.chunks(3_000) {
                thread::sleep(Duration::from_millis(10));
                let written = healthy.try_write(piece);
                longest_pause = longest_pause.max(last_written.elapsed());
                last_written = Instant::now();
                if written.is_err() {
                    break;
                }
            }
            // Fails where the answer came before it, and that is looked at next.
            let _ = healthy.try_finish();
            (longest_pause, healthy.try_response())
        });
        let mut disturbances = Vec::new();
        while !writer.is_finished() {
            disturbances.push(disturb(&client, &url));
        }
        let (longest_pause, answer) = writer
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (longest_pause, answer, disturbances)
    });
    if longest_pause > HELD_UP {
        return Err(format!("the writer was held up for {longest_pause:?}"));
    }
    let answer = match answer {
        Ok(answer) if answer.status == 400 => return Err(format!("{answer:?}")),
        Ok(answer) => answer,
        Err(error) => panic!("the writer was cut off: {error}"),
    };
    for disturbance in disturbances {
        disturbance.expect_any(&[200, 409, 423]);
    }
    answer.expect(204).expect_offset(bytes.len() as u64);
    assert_same(&server.client(http).download(&url), &bytes);
    Ok(())
}

#[test]
fn a_patch_at_a_wrong_offset_disturbs_nobody() {
    for http in Http::BOTH {
        keep_healthy(http, &[], |client, url| {
            client.patch(url, 299_999, b"!").expect(409);
            let answer = client.patch(url, 0, b"too late").expect(409);
            assert!(answer.offset() > 0, "{answer:?}");
            answer
        });
    }
}

/// At the right offset, but its writer is well: the newcomer waits, the offset moves, and it is
/// told so.
#[test]
fn a_patch_at_the_right_offset_does_not_overtake_a_healthy_writer() {
    for http in Http::BOTH {
        keep_healthy(http, &[], |client, url| {
            let head = client.head(url).expect(200);
            if head.offset() < 290_000 {
                client.patch(url, head.offset(), &[0xee; 1000])
            } else {
                head
            }
        });
    }
}

/// A checksummed writer does not move the offset until its end, so the newcomer waits for that.
#[test]
fn a_healthy_checksummed_writer_is_not_overtaken_either() {
    let bytes = payload::bytes(4, 300_000);
    let headers = [("Upload-Checksum", checksum::of("sha1", &bytes))];
    keep_healthy(Http::One, &headers, |client, url| {
        let answer = client.patch(url, 0, &[0xee; 1000]);
        if answer.status == 423 {
            assert!(answer.number("retry-after").is_some(), "{answer:?}");
        }
        answer
    });
}

#[test]
fn head_disturbs_nobody() {
    for http in Http::BOTH {
        keep_healthy(http, &[], |client, url| client.head(url).expect(200));
    }
}

#[test]
fn delete_comes_through_and_nothing_comes_back() {
    let server = Server::start();
    let bytes = payload::bytes(5, LENGTH);
    for http in Http::BOTH {
        for is_silent in [true, false] {
            let client = server.client(http);
            let url = client.create(LENGTH as u64);
            let mut pending = hang(&client, &url, &bytes);
            let is_deleted = AtomicBool::new(false);
            thread::scope(|scope| {
                scope.spawn(|| {
                    let pieces = bytes[SENT..].chunks(1_000);
                    // The last piece is never sent before the upload is deleted.
                    let sent = pieces.take(1_000).try_for_each(|piece| {
                        thread::sleep(Duration::from_millis(2));
                        match is_silent || is_deleted.load(Ordering::Relaxed) {
                            true => Ok(()),
                            false => pending.try_write(piece),
                        }
                    });
                    let answer = sent.and_then(|()| pending.try_response());
                    if let Ok(answer) = answer {
                        assert!((400..500).contains(&answer.status), "{answer:?}");
                    }
                });
                thread::sleep(Duration::from_millis(50));
                client.delete(&url).expect(204);
                is_deleted.store(true, Ordering::Relaxed);
            });
            for request in [tus::head(&url), tus::delete(&url), tus::get(&url)] {
                client.send(&request).expect_any(&[404, 410]);
            }
            client
                .patch(&url, SENT as u64, &bytes[SENT..])
                .expect_any(&[404, 410]);
            let left = server.storage().files_of(tus::id(&url));
            assert!(left.is_empty(), "{left:?}");
        }
    }
}

/// Every byte is here, and only the end of the stream is missing: the upload is complete all the
/// same, and nobody waits for the client to say so.
#[test]
fn an_end_that_is_not_said_holds_nothing_up() {
    let server = Server::start();
    let client = server.client(Http::Two);
    let bytes = payload::bytes(7, 100_000);
    let url = client.create(bytes.len() as u64);
    let mut pending = client.begin(&tus::patch_of_length(&url, 0, bytes.len()));
    pending.write(&bytes);
    pending.wait_until_read();
    if server.storage().is_bucket() {
        // What a HEAD shows is recorded, and that takes until the writer counts as silent.
        wait::until("the end to be noticed", || {
            (client.offset(&url) == bytes.len() as u64).then_some(())
        });
    }
    let head = client.head(&url).expect(200);
    head.expect_offset(bytes.len() as u64);
    assert_same(&client.download(&url), &bytes);
    pending
        .response()
        .expect(204)
        .expect_offset(bytes.len() as u64);
}

/// Nor is a writer overtaken that owes nothing else.
#[test]
fn an_end_that_is_not_said_is_no_reason_to_be_overtaken() {
    let server = Server::start();
    let client = server.client(Http::Two);
    let bytes = payload::bytes(8, 100_000);
    for is_checked in [false, true] {
        let url = client.create(bytes.len() as u64);
        let mut patch = tus::patch_of_length(&url, 0, bytes.len());
        if is_checked {
            patch = patch.header("Upload-Checksum", checksum::of("sha1", &bytes));
        }
        let mut full = client.begin(&patch);
        full.write(&bytes);
        full.wait_until_read();
        let newcomer = client.patch(&url, 0, b"too late").expect(409);
        newcomer.expect_offset(bytes.len() as u64);
        let answer = full.try_response().expect("an answer").expect(204);
        answer.expect_offset(bytes.len() as u64);
        assert_same(&client.download(&url), &bytes);
    }
}

/// A body that waits for its upload must not stop the other streams of its connection, which
/// share one window.
#[test]
fn a_waiting_stream_does_not_block_the_others_of_its_connection() {
    let server = Server::start();
    let waits = (0..10).any(|_| waits_beside_others(&server));
    assert!(waits, "this machine is too busy for a holder to be healthy");
}

/// Whether the body was waiting all the time: its upload's holder may be held up, and be overtaken.
fn waits_beside_others(server: &Server) -> bool {
    let bytes = &payload::bytes(6, 8_000_000);
    let url = server.client(Http::One).create(bytes.len() as u64);
    // A healthy writer whose offset does not move, since nobody has verified its bytes.
    let patch = tus::patch_of_length(&url, 0, bytes.len())
        .header("Upload-Checksum", checksum::of("sha1", bytes));
    let mut holder = server.client(Http::One).begin(&patch);
    holder.write(&bytes[..1]);
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let holding = scope.spawn(|| {
            bytes[1..].chunks(1).take(300).all(|piece| {
                thread::sleep(Duration::from_millis(100));
                is_done.load(Ordering::Relaxed) || holder.try_write(piece).is_ok()
            })
        });
        let client = server.client(Http::Two);
        let mut waiting = client.begin(&tus::patch_of_length(&url, 0, bytes.len()));
        scope.spawn(move || {
            // As much as the window of the stream allows; the rest waits for a reader.
            let _ = waiting.try_write(&bytes[..4 * 1024 * 1024]);
            waiting.try_response().map(|answer| answer.status)
        });
        thread::sleep(Duration::from_millis(300));
        let small = client.upload(b"0123456789");
        assert_same(&client.download(&small), b"0123456789");
        // Whoever waits has not taken the upload over, so nothing of it is there.
        let waits = client.offset(&url) == 0;
        is_done.store(true, Ordering::Relaxed);
        client.delete(&url).expect(204);
        holding.join().unwrap() && waits
    })
}
