//! A DELETE through one node while another writes, or is frozen in the middle of writing: nothing
//! comes back, whatever lands afterwards.

use std::thread;

use oxitus_tests::payload::RngExt;
use oxitus_tests::{tus, wait};

use crate::nodes::Nodes;
use crate::round::Round;
use crate::sending::Sending;

/// What is said of an upload that is gone.
const GONE: [u16; 2] = [404, 410];

pub(crate) fn run(round: &mut Round<'_>) {
    let start = round.begin();
    let (writing, deleting) = round.two_nodes();
    let length = round.length() - start;
    let strike = round.random.random_range(0..=length);
    let is_frozen = round.random.random_bool(0.5);
    let client = round.nodes.client(writing, round.http());
    let other = round.nodes.client(deleting, round.http());
    let sending = Sending::new();
    thread::scope(|scope| {
        let body = &round.bytes[start..];
        let writer =
            scope.spawn(|| sending.run(&client, &round.url, start, body, round.is_checked));
        sending.reaches(strike);
        if is_frozen {
            round.nodes.freeze(writing);
        }
        other.delete(&round.url).expect(204);
        let was_sent = sending.sent() >= length;
        if is_frozen {
            round.nodes.thaw(writing);
        }
        if let Some(answer) = writer.join().unwrap() {
            let was_quick = answer.status == 204 && was_sent;
            assert!(
                was_quick || [400, 404, 409, 410, 423].contains(&answer.status),
                "{answer:?}"
            );
        }
    });
    assert_gone(round.nodes, &round.url);
}

/// Expects that no node knows of the upload, and that the bucket has nothing of it.
pub(crate) fn assert_gone(nodes: &Nodes, url: &str) {
    for client in nodes.each() {
        client.head(url).expect_any(&GONE);
        client.send(&tus::get(url)).expect_any(&GONE);
        // A node that has not heard of it believes what it knows, until it wants to change that.
        let unheard = client.patch(url, 0, b"more");
        if !GONE.contains(&unheard.status) {
            unheard.expect(423);
            client.patch(url, 0, b"more").expect_any(&GONE);
        }
    }
    // A node removes in the background what it finds that it has lost.
    wait::until("the bucket to have nothing of it", || {
        let left = nodes.storage.files_of(tus::id(url));
        left.is_empty().then_some(())
    });
}
