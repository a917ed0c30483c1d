//! kill -9 in the middle of a PATCH: while it sends, while its parts are uploaded, while it is
//! committed and answered.
//!
//! What a node had sent to the store when it was killed may be carried out at any time later, so
//! the next writer may find that its upload has moved on.

use std::thread;
use std::time::Duration;

use oxitus_tests::payload::RngExt;

use crate::nodes::NODES;
use crate::round::Round;
use crate::sending::Sending;

/// How many nodes are killed at most, one after the other.
const KILLS: usize = 3;

/// How long after its bytes were sent the node may live.
const LIFE: Duration = Duration::from_millis(120);

pub(crate) fn run(round: &mut Round<'_>) {
    let nodes = round.nodes;
    thread::scope(|scope| {
        let mut stand = Stand::default();
        let mut victims: Vec<usize> = (0..NODES).collect();
        for _ in 0..round.random.random_range(1..=KILLS) {
            if stand.offset == round.length() {
                break;
            }
            let victim = victims.remove(round.random.random_range(0..victims.len()));
            kill_during_patch(round, victim, &mut stand);
            // So that the next ones are killed while it comes back.
            scope.spawn(move || nodes.replace(victim));
        }
    });
    round.complete();
    round.verify();
}

/// Where the upload stands, and where else it may.
#[derive(Default)]
struct Stand {
    offset: usize,
    /// How many bytes were ever sent.
    sent: usize,
    /// Where the bodies end whose digests would match.
    ends: Vec<usize>,
}

/// Kills a node at some moment of a PATCH.
fn kill_during_patch(round: &mut Round<'_>, victim: usize, stand: &mut Stand) {
    let offset = stand.offset;
    let rest = round.length() - offset;
    let length = match round.random.random_bool(0.5) {
        true => rest,
        false => round.random.random_range(1..=rest),
    };
    let end = offset + length;
    let strike = round.random.random_range(0..=length);
    let life = round.random.random_range(Duration::ZERO..LIFE);
    let client = round.nodes.client(victim, round.http());
    let sending = Sending::new();
    let answer = thread::scope(|scope| {
        let body = &round.bytes[offset..end];
        let writer =
            scope.spawn(|| sending.run(&client, &round.url, offset, body, round.is_checked));
        sending.reaches(strike);
        thread::sleep(life);
        round.nodes.kill(victim);
        writer.join().unwrap()
    });
    if let Some(answer) = answer
        && answer.status != 204
    {
        answer.expect_any(&[409, 423]);
    }
    stand.sent = stand.sent.max(offset + sending.sent());
    stand.ends.push(end);
    stand.offset = round.offset();
    let found = stand.offset;
    assert!(
        (offset..=stand.sent).contains(&found),
        "{found} of {}",
        stand.sent
    );
    if round.is_checked && found != offset {
        assert!(stand.ends.contains(&found), "{found} without a digest");
    }
}
