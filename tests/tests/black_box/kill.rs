//! kill -9 at random moments: nothing that was acknowledged is lost, nothing unverified is kept,
//! and in the end every byte is right. (CORE-27.3, CHK-08.3)
//!
//! That no acknowledged offset is taken back is checked on every answer, by the history that
//! outlives the server.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use oxitus_tests::client::{Client, Http};
use oxitus_tests::payload::{self, Random, RngExt, assert_same};
use oxitus_tests::request::Request;
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::tus;

const ROUNDS: u64 = 25;
const LENGTH: usize = 4_000_000;

/// How long a server may live, at most, after a round has begun: about as long as the uploading
/// takes, into a directory.
const LIFE: Duration = Duration::from_millis(60);
/// The same where each chunk is verified, or synced to the disk.
const LONG_LIFE: Duration = Duration::from_millis(300);

/// So many times as long it takes into a bucket.
const BUCKET: u32 = 5;

/// Sends requests, all of which must be answered with `status`, until one is not answered at all.
/// Says how many were.
fn send_until_killed(
    client: &Client,
    status: u16,
    requests: impl Iterator<Item = Request>,
) -> usize {
    requests
        .map_while(|request| client.try_send(&request).ok())
        .inspect(|answer| assert_eq!(answer.status, status, "{answer:?}"))
        .count()
}

/// Runs `upload` on a server that is killed at some moment of it, and starts the server again.
fn kill_during(
    server: &mut Server,
    life: Duration,
    random: &mut Random,
    upload: impl FnOnce(&Client) + Send,
) {
    let client = server.client(Http::BOTH[random.random_range(0..2)]);
    let longer = if server.storage().is_bucket() {
        BUCKET
    } else {
        1
    };
    let life = random.random_range(Duration::ZERO..life * longer);
    thread::scope(|scope| {
        scope.spawn(|| upload(&client));
        thread::sleep(life);
        server.kill();
    });
    server.restart();
}

/// Cuts `bytes` into PATCHes of random lengths, from `offset` on.
fn cut(bytes: &[u8], mut offset: usize, random: &mut Random) -> Vec<(usize, usize)> {
    let mut cuts = Vec::new();
    while offset < bytes.len() {
        let end = (offset + random.random_range(1..=400_000)).min(bytes.len());
        cuts.push((offset, end));
        offset = end;
    }
    cuts
}

#[test]
fn plain_uploads_lose_nothing_that_was_acknowledged() {
    let mut random = payload::random();
    let mut server = Server::start();
    for round in 0..ROUNDS {
        let bytes = payload::bytes(round, LENGTH);
        let url = server.client(Http::One).create(LENGTH as u64);
        // Half of the rounds send everything in one request, as clients do by default.
        let cuts = match round % 2 {
            0 => vec![(0, LENGTH)],
            _ => cut(&bytes, 0, &mut random),
        };
        let sent = AtomicU64::new(0);
        kill_during(&mut server, LIFE, &mut random, |client| {
            let patches = cuts.iter().map(|(start, end)| {
                sent.store(*end as u64, Ordering::Relaxed);
                tus::patch(&url, *start as u64, bytes[*start..*end].to_vec())
            });
            send_until_killed(client, 204, patches);
        });
        let client = server.client(Http::One);
        let offset = client.offset(&url);
        assert!(offset <= sent.into_inner(), "more than was ever sent");
        let rest = &bytes[usize::try_from(offset).unwrap()..];
        client.patch(&url, offset, rest).expect(204);
        assert_same(&client.download(&url), &bytes);
    }
}

#[test]
fn checksummed_uploads_keep_whole_verified_chunks_only() {
    let mut random = payload::random();
    let mut server = Server::start();
    for round in 0..ROUNDS {
        let bytes = payload::bytes(round, LENGTH);
        let url = server.client(Http::One).create(LENGTH as u64);
        let cuts = cut(&bytes, 0, &mut random);
        let mut answered = 0;
        kill_during(&mut server, LONG_LIFE, &mut random, |client| {
            let patches = cuts.iter().map(|(start, end)| {
                tus::patch_checked(&url, *start as u64, "sha256", &bytes[*start..*end])
            });
            answered = send_until_killed(client, 204, patches);
        });
        let client = server.client(Http::One);
        let offset = usize::try_from(client.offset(&url)).unwrap();
        // The chunk after the last answer may have been verified and not have been answered.
        let end_of = |chunks: usize| chunks.checked_sub(1).map_or(0, |last| cuts[last].1);
        let wanted = [end_of(answered), end_of((answered + 1).min(cuts.len()))];
        assert!(wanted.contains(&offset), "{offset} is none of {wanted:?}");
        for (start, end) in cut(&bytes, offset, &mut random) {
            let patch = tus::patch_checked(&url, start as u64, "sha256", &bytes[start..end]);
            client.send(&patch).expect(204);
        }
        assert_same(&client.download(&url), &bytes);
    }
}

/// Bytes whose digest is wrong never count, whatever moment the server is killed at.
#[test]
fn a_chunk_with_a_wrong_digest_never_counts() {
    let mut random = payload::random();
    let mut server = Server::start();
    for round in 0..ROUNDS / 2 {
        let bytes = payload::bytes(round, LENGTH);
        let url = server.client(Http::One).create(LENGTH as u64);
        let wrong = vec![0xee; LENGTH - 1000];
        server
            .client(Http::One)
            .patch(&url, 0, &bytes[..1000])
            .expect(204);
        kill_during(&mut server, LONG_LIFE, &mut random, |client| {
            let patch = tus::patch_checked(&url, 1000, "sha256", b"something else");
            let patches = std::iter::repeat_with(|| patch.clone().body(wrong.clone()));
            send_until_killed(client, 460, patches);
        });
        let client = server.client(Http::One);
        assert_eq!(client.offset(&url), 1000);
        client.patch(&url, 1000, &bytes[1000..]).expect(204);
        assert_same(&client.download(&url), &bytes);
    }
}

/// What is complete stays complete, and what was deleted stays away.
#[test]
fn creations_and_deletions_survive() {
    let mut random = payload::random();
    let settings = Settings::default().option("--durability", "acknowledgement");
    let mut server = settings.start();
    for round in 0..ROUNDS / 2 {
        let mut kept = Vec::new();
        kill_during(&mut server, LONG_LIFE, &mut random, |client| {
            for number in 0.. {
                let bytes = payload::bytes(round * 1000 + number, 1000);
                let creation = tus::create(1000)
                    .header("Content-Type", tus::OFFSET_OCTET_STREAM)
                    .header("Upload-Metadata", format!("number {}", "AAAA".repeat(20)))
                    .body(bytes.clone());
                let Ok(created) = client.try_send(&creation) else {
                    return;
                };
                let url = tus::location(&created.expect(201));
                if number % 2 == 1 {
                    kept.push((url, bytes));
                } else if client.try_send(&tus::delete(&url)).is_err() {
                    return;
                }
            }
        });
        let client = server.client(Http::One);
        for (url, bytes) in kept {
            client.head(&url).expect(200).expect_offset(1000);
            assert_same(&client.download(&url), &bytes);
        }
    }
}
