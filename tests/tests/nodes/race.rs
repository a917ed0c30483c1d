//! Two writers with different bytes at one offset, on two nodes: one of them at most is told that
//! its bytes are there, and they are.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use oxitus_tests::payload::RngExt;

use crate::round::{Round, patch};

/// How much later the second begins, at most.
const LAG: Duration = Duration::from_millis(100);

/// What a loser may be told.
const LOST: [u16; 3] = [400, 409, 423];

pub(crate) fn run(round: &mut Round<'_>) {
    let start = round.begin();
    let (first, second) = round.two_nodes();
    let rival = round.other_bytes();
    // They need not want to get equally far.
    let ends = [(); 2].map(|()| match round.random.random_bool(0.5) {
        true => round.length(),
        false => round.random.random_range(start + 1..=round.length()),
    });
    let bodies = [&round.bytes, &rival];
    let requests = [0, 1].map(|runner| {
        let body = &bodies[runner][start..ends[runner]];
        patch(&round.url, start, body, round.is_checked)
    });
    let clients = [first, second].map(|node| round.nodes.client(node, round.http()));
    let lags = [
        Duration::ZERO,
        round.random.random_range(Duration::ZERO..LAG),
    ];
    let together = Barrier::new(2);
    let answers = thread::scope(|scope| {
        let runners = [0, 1].map(|runner| {
            let (client, request, lag) = (&clients[runner], &requests[runner], lags[runner]);
            let together = &together;
            scope.spawn(move || {
                together.wait();
                thread::sleep(lag);
                client.send(request)
            })
        });
        runners.map(|runner| runner.join().unwrap())
    });
    let winners: Vec<_> = (0..2)
        .filter(|runner| answers[*runner].status == 204)
        .collect();
    for answer in &answers {
        answer.clone().expect_any(&[&LOST[..], &[204]].concat());
    }
    let winner = match winners[..] {
        [winner] => winner,
        _ => panic!("exactly one must win: {answers:?}"),
    };
    let end = ends[winner];
    assert_eq!(round.offset(), end);
    if winner == 1 {
        round.bytes[start..end].copy_from_slice(&rival[start..end]);
    }
    round.complete();
    round.verify();
}
