//! An upload that trickles for much longer than it may lie idle, while all other nodes sweep: it is
//! not idle.

use std::thread;
use std::time::Duration;

use oxitus_tests::client::Http;
use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::server::Settings;
use oxitus_tests::{checksum, tus};

use crate::nodes::Nodes;

/// How many drops there are, and how far apart.
const DROPS: usize = 60;
const APART: Duration = Duration::from_millis(500);

const EXPIRE_AFTER: &str = "5s";

#[test]
#[ignore = "takes half a minute: see tests/nodes/main.rs"]
fn an_upload_that_trickles_is_not_swept_away() {
    let Some(nodes) = Nodes::start(Settings::default().option("--expire-after", EXPIRE_AFTER))
    else {
        return;
    };
    let idle = nodes.client(0, Http::One).create(10);
    thread::scope(|scope| {
        // A drop is more than what stands in the record itself, or less.
        for (seed, drop) in [(1, 100), (2, 20_000), (3, 300_000)] {
            for is_checked in [false, true] {
                let nodes = &nodes;
                scope.spawn(move || trickle(nodes, seed, drop, is_checked));
            }
        }
    });
    // They have swept all the while.
    let left = nodes.storage.files_of(tus::id(&idle));
    assert!(left.is_empty(), "{left:?}");
}

fn trickle(nodes: &Nodes, seed: u64, drop: usize, is_checked: bool) {
    let bytes = payload::bytes(seed, DROPS * drop);
    let client = nodes.client(0, Http::One);
    let url = client.create(bytes.len() as u64);
    let mut patch = tus::patch_of_length(&url, 0, bytes.len());
    if is_checked {
        patch = patch.header("Upload-Checksum", checksum::of("sha256", &bytes));
    }
    let mut pending = client.begin(&patch);
    for drop in bytes.chunks(drop) {
        pending.write(drop);
        thread::sleep(APART);
    }
    let answer = pending.response().expect(204);
    answer.expect_offset(bytes.len() as u64);
    assert_same(&nodes.client(1, Http::One).download(&url), &bytes);
}
