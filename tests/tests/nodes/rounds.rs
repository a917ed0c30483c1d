//! The rounds, mixed.

use std::thread;
use std::time::{Duration, Instant};

use oxitus_tests::payload::{self, RngExt};
use oxitus_tests::server::Settings;

use crate::deletion::assert_gone;
use crate::nodes::Nodes;
use crate::round::Round;
use crate::{deletion, kill, race, stall};

/// How often each kind of round is played, with checksums and without.
const TIMES: usize = 13;

/// How late something may land that was on its way when its upload was deleted.
const LATE: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Kill,
    Stall,
    Race,
    Deletion,
}

#[test]
#[ignore = "takes minutes: see tests/nodes/main.rs"]
fn nothing_acknowledged_is_lost_and_nothing_deleted_comes_back() {
    let Some(nodes) = Nodes::start(Settings::default()) else {
        return;
    };
    let mut random = payload::random();
    let kinds = [Kind::Kill, Kind::Stall, Kind::Race, Kind::Deletion];
    let mut rounds: Vec<_> = kinds
        .into_iter()
        .flat_map(|kind| [(kind, false), (kind, true)])
        .flat_map(|round| [round; TIMES])
        .collect();
    let mut deleted = Vec::new();
    let count = rounds.len();
    for number in 1..=count {
        let (kind, is_checked) = rounds.remove(random.random_range(0..rounds.len()));
        let begun = Instant::now();
        let mut round = Round::new(&nodes, random.random(), is_checked);
        let checked = if is_checked { "checksummed" } else { "plain" };
        eprint!("{number} of {count}: {kind:?}, {checked}, {} ", round.url);
        match kind {
            Kind::Kill => kill::run(&mut round),
            Kind::Stall => stall::run(&mut round),
            Kind::Race => race::run(&mut round),
            Kind::Deletion => deletion::run(&mut round),
        }
        if matches!(kind, Kind::Deletion) {
            deleted.push((round.url.clone(), Instant::now()));
        } else {
            // The bucket is on this machine's disk. A node that was killed may have left pending bytes,
            // which are the sweeper's in a day.
            round.remove();
        }
        eprintln!("{:.1?}", begun.elapsed());
    }
    // Every process sweeps when it starts.
    nodes.kill(0);
    nodes.replace(0);
    for (url, at) in deleted {
        thread::sleep(LATE.saturating_sub(at.elapsed()));
        assert_gone(&nodes, &url);
    }
}
