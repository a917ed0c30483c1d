//! A run: one upload, from its creation to its end, as a seed has it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oxitus_core::clock::Clock as _;
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{ErrorKind, NewUpload, StorageBackend as _};
use oxitus_testkit::s3;
use tokio::runtime::Builder;
use tokio::time;

use super::cast::Cast;
use super::chance::Chance;
use super::client::Client;
use super::clock::VirtualClock;
use super::oracle::Oracle;
use super::story::{Story, Tally};
use super::trace::Trace;
use super::weather::Sky;
use crate::settings::Settings;
use crate::testing::{DirectBucket, settings};

/// What kind of upload it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    /// Some parts.
    Parts,
    /// No more than one part's worth of bytes, or none.
    Small,
    /// Somebody removes it.
    Removed,
}

/// How a run went wrong.
pub(super) struct Violation {
    seed: u64,
    scenario: Scenario,
    pub(super) text: String,
    trace: Trace,
}

/// Runs a scenario.
pub(super) fn run(scenario: Scenario, seed: u64) -> Result<Tally, Violation> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut run = Run::new(scenario, seed);
        run.storm().await;
        run.end().await;
        let trace = run.oracle.trace().clone();
        match run.oracle.violation() {
            None => Ok(run.oracle.tally(&run.id)),
            Some(text) => Err(Violation {
                seed,
                scenario,
                text,
                trace,
            }),
        }
    })
}

struct Run {
    scenario: Scenario,
    id: UploadId,
    total: u64,
    is_length_known: bool,
    time_to_live: Option<Duration>,
    clock: VirtualClock,
    sky: Arc<Sky>,
    oracle: Oracle,
    cast: Cast,
    chance: Chance,
}

impl Run {
    fn new(scenario: Scenario, seed: u64) -> Self {
        let chance = Chance::of(seed);
        let part_size = chance.within(3..=5);
        let total = match scenario {
            Scenario::Small => chance.within(0..=part_size),
            _ if chance.of_hundred(20) => part_size * chance.within(1..=5),
            _ => chance.within(0..=30),
        };
        let clock = VirtualClock::start();
        let settings = Settings {
            inline: chance.one_of(&[0, 0, 1, 2, 1024]),
            clock: Arc::new(clock),
            ..settings(part_size)
        };
        let oracle = Oracle::new(Trace::start());
        let id = UploadId::parse("upload").expect("an id");
        let keys = &settings.layout;
        let story = Story::new(keys.record(&id), keys.data(&id), None);
        oracle.watch(id.clone(), story);
        let bucket = s3::Bucket::builder()
            .dialect(dialect(&chance))
            .clock(clock)
            .seed(seed)
            .build();
        let accidents = chance.one_of(&[0, 5, 10, 20, 30]) as u32;
        let bucket = DirectBucket(bucket);
        let sky = Arc::new(Sky::new(bucket, oracle.clone(), chance.fork(), accidents));
        oracle.trace().note(
            "scenario",
            format_args!("{total} bytes in parts of {part_size}, accidents {accidents} %"),
        );
        Self {
            scenario,
            id,
            total,
            is_length_known: chance.of_hundred(70),
            time_to_live: chance.of_hundred(30).then_some(Duration::from_secs(8)),
            clock,
            cast: Cast::new(Arc::clone(&sky), settings),
            sky,
            oracle,
            chance,
        }
    }

    /// Clients come and go, and nodes too.
    async fn storm(&mut self) {
        self.create().await;
        let visits = self.chance.within(4..=16);
        let crashes = self.chance.one_of(&[0, 10, 25]) as u32;
        for _ in 0..visits {
            let place = self.chance.one_of(&Cast::places());
            if self.cast.busy(place) < 2 {
                let client = self.client(place, false);
                let removes = self.scenario == Scenario::Removed && self.chance.of_hundred(15);
                match removes {
                    true => self.cast.serve(place, client.remove()),
                    false => self.cast.serve(place, client.visit()),
                }
            }
            let pause = match self.chance.within(0..=9) {
                0..8 => self.chance.milliseconds(0..=60),
                8 => self.chance.milliseconds(0..=1_000),
                _ => self.chance.milliseconds(0..=70_000),
            };
            time::sleep(pause).await;
            if self.chance.of_hundred(crashes) {
                self.cast.crash(self.chance.one_of(&Cast::places()));
            }
            if self.oracle.violation().is_some() {
                return;
            }
        }
    }

    async fn create(&self) {
        for _ in 0..4 {
            let length = self.is_length_known.then_some(self.total);
            let mut new = NewUpload::new(self.id.clone(), length, self.clock.now());
            new.time_to_live = self.time_to_live;
            let (node, name) = self.cast.node(self.chance.one_of(&Cast::places()));
            match node.create(new).await {
                Ok(lease) => {
                    let _ = lease.release().await;
                    return;
                }
                Err(error) => {
                    let said = format_args!("POST: {error}");
                    self.oracle.trace().note(&name, said);
                    if error.kind() == ErrorKind::AlreadyExists {
                        return;
                    }
                }
            }
        }
    }

    /// The weather clears up, and everything comes to its end.
    async fn end(&mut self) {
        self.sky.clear_up();
        self.oracle.trace().note("sky", "clears up");
        for _ in 0..12 {
            if self.oracle.violation().is_some() {
                return;
            }
            if self.oracle.of(&self.id, |story| story.record().is_none()) {
                self.create().await;
            }
            let is_over = self
                .oracle
                .of(&self.id, |story| story.is_complete() || story.is_removed());
            if is_over {
                break;
            }
            let place = self.chance.one_of(&Cast::places());
            self.client(place, true).visit().await;
            time::sleep(Duration::from_secs(1)).await;
        }
        if self.scenario == Scenario::Removed {
            let place = self.chance.one_of(&Cast::places());
            self.client(place, true).remove().await;
        }
        self.sky.settle().await;
        for place in Cast::places() {
            self.cast.busy(place);
            let client = self.client(place, true);
            client.look().await;
            client.read().await;
        }
        self.check_end().await;
    }

    async fn check_end(&self) {
        let (is_complete, is_removed, length) = self.oracle.of(&self.id, |story| {
            let length = story.content.len() as u64;
            (story.is_complete(), story.is_removed(), length)
        });
        match self.scenario {
            Scenario::Removed if is_removed => self.check_removed().await,
            Scenario::Removed => self.oracle.blame("cannot be removed"),
            _ if !is_complete => self.oracle.blame("is not completed in fair weather"),
            _ if length != self.total => self.oracle.blame("is complete without being whole"),
            _ => {}
        }
    }

    /// Once nothing is in flight any more, nothing is left after another pass.
    async fn check_removed(&self) {
        let (node, _) = self.cast.node(0);
        let tombstone = self.oracle.of(&self.id, |story| story.record().cloned());
        if let Some(tombstone) = tombstone
            && let Err(error) = node.0.remove_everything(&tombstone).await
        {
            self.oracle.blame(format!("cannot be removed: {error}"));
        }
        let bucket = &self.sky.bucket.0;
        let remains = self.oracle.of(&self.id, |story| story.remains(bucket));
        if !remains.is_empty() {
            self.oracle.blame(format!("removed, but for {remains:?}"));
        }
    }

    fn client(&self, place: usize, is_well_behaved: bool) -> Client {
        let (node, name) = self.cast.node(place);
        Client {
            id: self.id.clone(),
            total: self.total,
            node,
            name,
            oracle: self.oracle.clone(),
            chance: self.chance.fork(),
            is_well_behaved,
        }
    }
}

fn dialect(chance: &Chance) -> s3::Dialect {
    let stores = [
        s3::Dialect::aws,
        s3::Dialect::minio,
        s3::Dialect::versitygw,
        s3::Dialect::r2,
    ];
    let mut dialect = chance.one_of(&stores)();
    dialect.minimum_part_size = 0;
    dialect.late_parts_revive = chance.of_hundred(30);
    if chance.of_hundred(30) {
        dialect.etags = s3::ETags::Random;
    }
    dialect
}

impl fmt::Debug for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seed,
            scenario,
            text,
            trace,
        } = self;
        write!(
            formatter,
            "{scenario:?}, seed {seed}: {text}\n{trace}\n{scenario:?}, seed {seed}: {text}"
        )
    }
}
