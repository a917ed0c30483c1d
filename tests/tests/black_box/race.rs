//! Two writers at one offset: exactly one of them wins, and the bytes are all its own.
//! (CORE-24, CDL-06.9; architecture, "Locks, takeover, reads")

use std::sync::Barrier;
use std::thread;

use oxitus_tests::client::{Client, Http};
use oxitus_tests::payload::{self, Random, RngExt, assert_same};
use oxitus_tests::request::Request;
use oxitus_tests::response::Response;
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::storage::Storage;
use oxitus_tests::tus;

const ROUNDS: usize = 100;

/// What the loser of a race may be told.
const LOST: [u16; 3] = [400, 409, 423];

/// Sends both requests at the same moment, each to its server; each over a version of HTTP that is
/// drawn.
fn race(servers: [&Server; 2], requests: [Request; 2], random: &mut Random) -> [Response; 2] {
    let start = Barrier::new(2);
    let [first, second] = [0, 1].map(|runner| {
        let client = servers[runner].client(Http::BOTH[random.random_range(0..2)]);
        let (start, request) = (&start, &requests[runner]);
        move || {
            start.wait();
            client.send(request)
        }
    });
    thread::scope(|scope| {
        let second = scope.spawn(second);
        [first(), second.join().unwrap()]
    })
}

/// Which of the two has won, if one has.
#[track_caller]
fn winner(answers: &[Response; 2]) -> Option<usize> {
    let statuses = answers.each_ref().map(|answer| answer.status);
    match statuses {
        [204, lost] if LOST.contains(&lost) => Some(0),
        [lost, 204] if LOST.contains(&lost) => Some(1),
        [one, other] if LOST.contains(&one) && LOST.contains(&other) => None,
        _ => panic!("one may win, and the other is to be told: {answers:?}"),
    }
}

/// Plays so many rounds, each of which says whether somebody has won. A machine that is busy may hold
/// up a writer so long that it is rightly overtaken, by one who then finds that some of its bytes were
/// kept. That can happen, and must not be the rule.
fn play(rounds: usize, mut round: impl FnMut(u64) -> bool) {
    let numbers = 0..rounds as u64;
    let won = numbers.filter(|number| round(*number)).count();
    assert!(won >= rounds * 9 / 10, "only {won} of {rounds} were won");
}

/// A body of `bytes`, sent in one of the ways in which a body can be sent.
fn patch(url: &str, bytes: Vec<u8>, random: &mut Random) -> Request {
    let patch = tus::patch_head(url, 0);
    match random.random_range(0..3) {
        0 => patch.body(bytes),
        1 => {
            let size = random.random_range(1..=bytes.len());
            patch.chunks(
                bytes
                    .chunks(size.max(1000))
                    .map(<[u8]>::to_vec)
                    .collect::<Vec<_>>(),
            )
        }
        _ => tus::patch_checked(url, 0, "sha1", &bytes),
    }
}

/// Expects that what is there is one of the two bodies, as far as it goes.
fn assert_one_of(client: &Client, url: &str, bodies: &[Vec<u8>; 2]) {
    let offset = client.offset(url);
    let (there, rest) = bodies[0].split_at(usize::try_from(offset).unwrap());
    client.patch(url, offset, rest).expect(204);
    let whole = client.download(url);
    let is_first = whole == bodies[0];
    let is_second = whole == [&bodies[1][..there.len()], rest].concat();
    assert!(is_first || is_second, "neither's bytes");
}

/// Each round a new upload, and two whole bodies for it of the same length.
fn race_for_the_whole(servers: [&Server; 2]) {
    let mut random = payload::random();
    play(ROUNDS, |round| {
        let length = [1, 1000, 70_000, 1_000_000][random.random_range(0..4)];
        let bodies = [
            payload::bytes(2 * round, length),
            payload::bytes(2 * round + 1, length),
        ];
        let url = servers[0].client(Http::One).create(length as u64);
        let patches = bodies.clone().map(|body| patch(&url, body, &mut random));
        let Some(winner) = winner(&race(servers, patches, &mut random)) else {
            assert_one_of(&servers[0].client(Http::One), &url, &bodies);
            return false;
        };
        for server in servers {
            let client = server.client(Http::One);
            assert_eq!(client.offset(&url), length as u64);
            assert_same(&client.download(&url), &bodies[winner]);
        }
        true
    });
}

#[test]
fn one_writer_wins_in_one_process() {
    let server = Server::start();
    race_for_the_whole([&server, &server]);
}

#[test]
fn one_writer_wins_in_two_processes() {
    let storage = Storage::new();
    let servers = [(); 2].map(|()| Settings::default().start_on(&storage));
    race_for_the_whole([&servers[0], &servers[1]]);
}

/// Bodies of different lengths that leave the upload unfinished: it stands where the winner left
/// it.
#[test]
fn the_offset_is_the_winners() {
    let storage = Storage::new();
    let servers = [(); 2].map(|()| Settings::default().start_on(&storage));
    let mut random = payload::random();
    play(ROUNDS / 2, |round| {
        let bodies = [
            payload::bytes(2 * round, random.random_range(1..100_000)),
            payload::bytes(2 * round + 1, random.random_range(1..100_000)),
        ];
        let last = payload::bytes(round, 100_000);
        let client = servers[1].client(Http::One);
        let url = client.create(100_000);
        let patches = bodies.clone().map(|body| patch(&url, body, &mut random));
        let Some(winner) = winner(&race([&servers[0], &servers[1]], patches, &mut random)) else {
            return false;
        };
        let winner = &bodies[winner];
        assert_eq!(client.offset(&url), winner.len() as u64);
        let rest = &last[winner.len()..];
        client.patch(&url, winner.len() as u64, rest).expect(204);
        assert_same(&client.download(&url), &[winner, rest].concat());
        true
    });
}

/// Two requests declare a length of a deferred upload: one of them is believed. (CDL-06.9)
#[test]
fn one_length_wins() {
    let storage = Storage::new();
    let servers = [(); 2].map(|()| Settings::default().start_on(&storage));
    let mut random = payload::random();
    play(ROUNDS / 4, |_| {
        let client = servers[0].client(Http::One);
        let url = client.created(&tus::create_deferred());
        let lengths = [10_u64, 20];
        let patches = lengths.map(|length| {
            tus::patch(&url, 0, vec![b'x'; 10]).header("Upload-Length", length.to_string())
        });
        let Some(winner) = winner(&race([&servers[0], &servers[1]], patches, &mut random)) else {
            return false;
        };
        let head = client.head(&url).expect(200).expect_offset(10);
        assert_eq!(head.number("upload-length"), Some(lengths[winner]));
        true
    });
}

/// Two DELETEs: the upload is gone, and nobody is told anything but that.
#[test]
fn two_deletions_end_in_one_absence() {
    let storage = Storage::new();
    let servers = [(); 2].map(|()| Settings::default().start_on(&storage));
    let mut random = payload::random();
    for _ in 0..ROUNDS / 4 {
        let url = servers[0].client(Http::One).upload(b"gone soon");
        let deletions = [tus::delete(&url), tus::delete(&url)];
        let answers = race([&servers[0], &servers[1]], deletions, &mut random);
        assert!(
            answers.iter().any(|answer| answer.status == 204),
            "{answers:?}"
        );
        for answer in answers {
            answer.expect_any(&[204, 404, 410]);
        }
        let left = storage.files_of(tus::id(&url));
        assert!(left.is_empty(), "{left:?}");
    }
}
