//! A writer stalls, another node takes the upload over, and then the writer wakes up: its client, or
//! the whole process, which then knows nothing of the time that has passed.

use std::thread;

use oxitus_tests::payload::RngExt;
use oxitus_tests::wait;

use crate::round::Round;
use crate::sending::Sending;

pub(crate) fn run(round: &mut Round<'_>) {
    let start = round.begin();
    let (stalled, other) = round.two_nodes();
    // What the stalled writer wants to send is not what the others send.
    let stale = round.other_bytes();
    let length = round.length() - start;
    let sent = round.random.random_range(1..=length);
    let is_process = round.random.random_bool(0.5);
    let is_complete_when_it_wakes = round.random.random_bool(0.5);
    let client = round.nodes.client(stalled, round.http());
    let sending = if is_process {
        Sending::new()
    } else {
        Sending::up_to(sent)
    };
    let (nodes, url, is_checked) = (round.nodes, round.url.clone(), round.is_checked);
    thread::scope(|scope| {
        let body = &stale[start..];
        let writer = scope.spawn(|| sending.run(&client, &url, start, body, is_checked));
        sending.reaches(sent);
        if is_process {
            nodes.freeze(stalled);
        }
        // Whatever happens: somebody waits for the writer.
        let woken = sending.wake_later();
        let taken_up_to = take_over(round, other, start, &stale);
        if let Some(offset) = taken_up_to
            && is_complete_when_it_wakes
        {
            complete_through(round, other, offset);
        }
        drop(woken);
        if is_process {
            nodes.thaw(stalled);
        }
        let answer = writer.join().unwrap();
        if let (Some(answer), Some(_)) = (answer, taken_up_to) {
            answer.expect_any(&[400, 409, 423]);
        }
    });
    round.complete();
    round.verify();
}

/// Writes through `node` from where it says that the upload stands, and says how far. `None` where
/// the stalled writer had it all committed.
fn take_over(round: &mut Round<'_>, node: usize, start: usize, stale: &[u8]) -> Option<usize> {
    let length = round.length();
    let client = round.nodes.client(node, round.http());
    wait::until("the upload to be taken over", || {
        let head = client.head(&round.url).expect_any(&[200, 423]);
        if head.status == 423 {
            return None;
        }
        let offset = usize::try_from(head.offset()).unwrap();
        if round.is_checked {
            let is_whole = [start, length].contains(&offset);
            assert!(is_whole, "{offset} of {start}..{length} without a digest");
        }
        round.bytes[start..offset].copy_from_slice(&stale[start..offset]);
        if offset == length {
            return Some(None);
        }
        let end = round.random.random_range(offset + 1..=length);
        let patch = client.send(&round.patch(offset..end));
        let patch = patch.expect_any(&[204, 409, 423]);
        (patch.status == 204).then_some(Some(end))
    })
}

/// Sends what is missing through one node, since others may be frozen.
fn complete_through(round: &mut Round<'_>, node: usize, offset: usize) {
    if offset < round.length() {
        let client = round.nodes.client(node, round.http());
        let patch = round.patch(offset..round.length());
        client.send(&patch).expect(204);
    }
}
