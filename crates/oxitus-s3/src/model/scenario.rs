//! A run: an upload or three, from their creation to their end, as a seed has it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oxitus_core::clock::Clock as _;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Concatenation, Kind};
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
use super::weather::{Climate, Sky};
use crate::settings::Settings;
use crate::testing::{DirectBucket, settings};

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    /// An upload of some parts.
    Parts,
    /// Parts that arrive late, and a node that crashes again and again and gets most requests.
    LateParts,
    /// Records that arrive late, often when their senders have given up.
    LateRecords,
    /// An upload of no more than one part's worth of bytes, or none.
    Small,
    /// Somebody removes an upload.
    Removed,
    /// Two uploads are joined.
    Joined,
}

/// How a run went wrong.
pub(super) struct Violation {
    seed: u64,
    scenario: Scenario,
    pub(super) text: String,
    trace: Trace,
}

/// Longer than any request is under way.
const GRACE: Duration = Duration::from_secs(2 * 3600);

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
            None => Ok(run.oracle.tally()),
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
    uploads: Vec<Target>,
    clock: VirtualClock,
    sky: Arc<Sky>,
    oracle: Oracle,
    cast: Cast,
    /// The node that most clients go to, if they do not go to any.
    favourite: Option<usize>,
    chance: Chance,
}

/// An upload as it is to be.
#[derive(Clone, Debug)]
struct Target {
    id: UploadId,
    kind: Kind,
    total: u64,
    is_length_known: bool,
    time_to_live: Option<Duration>,
}

impl Run {
    fn new(scenario: Scenario, seed: u64) -> Self {
        let chance = Chance::of(seed);
        let part_size = chance.within(3..=5);
        let clock = VirtualClock::start();
        let dialect = dialect(&chance);
        let mut settings = Settings {
            inline: chance.one_of(&[0, 0, 1, 2, 1024]),
            tombstones_last: GRACE,
            orphans_last: GRACE,
            clock: Arc::new(clock),
            ..settings(part_size)
        };
        settings.part_sizes.smallest = dialect.minimum_part_size;
        settings.traits = settings
            .traits
            .equal_parts(dialect.part_sizes == s3::PartSizes::Equal);
        let oracle = Oracle::new(Trace::start());
        let uploads = uploads(scenario, part_size, &chance);
        for Target { id, kind, .. } in &uploads {
            let keys = &settings.layout;
            let mut story = Story::new(keys.record(id), keys.data(id), GRACE);
            if let Kind::Final(concatenation) = kind {
                story.parts_joined = concatenation.parts.to_vec();
            }
            oracle.watch(id.clone(), story);
        }
        let climate = climate(scenario, &chance);
        let said = format_args!("{uploads:?} in parts of {part_size}, {climate:?}, {dialect:?}");
        oracle.trace().note("scenario", said);
        let bucket = s3::Bucket::builder()
            .dialect(dialect)
            .clock(clock)
            .seed(seed)
            .build();
        let bucket = DirectBucket(bucket);
        let sky = Arc::new(Sky::new(bucket, oracle.clone(), chance.fork(), climate));
        let has_favourite = scenario == Scenario::LateParts || chance.of_hundred(50);
        Self {
            scenario,
            uploads,
            clock,
            cast: Cast::new(Arc::clone(&sky), settings),
            sky,
            oracle,
            favourite: has_favourite.then(|| chance.one_of(&Cast::places())),
            chance,
        }
    }

    /// Clients come and go, and nodes too.
    async fn storm(&mut self) {
        for target in &self.uploads {
            self.create(target).await;
        }
        let visits = self.chance.within(4..=16) * self.uploads.len() as u64;
        let crashes = match self.scenario {
            Scenario::LateParts => 40,
            _ => self.chance.one_of(&[0, 10, 25]) as u32,
        };
        for _ in 0..visits {
            let place = self.place();
            if self.cast.busy(place) < 2 {
                self.serve(place);
            }
            time::sleep(self.pause()).await;
            if self.chance.of_hundred(crashes) {
                self.cast.crash(self.place());
            }
            if self.oracle.violation().is_some() {
                return;
            }
        }
    }

    /// Lets somebody come to a node.
    fn serve(&mut self, place: usize) {
        let target = &self.uploads[self.chance.within(0..=self.uploads.len() as u64 - 1) as usize];
        let client = self.client(target, place, false);
        match self.chance.within(0..=99) {
            0..5 => self.cast.serve(place, client.sweep(self.clock)),
            5..20 if self.scenario == Scenario::Removed => {
                self.cast.serve(place, client.remove());
            }
            _ => self.cast.serve(place, client.visit()),
        }
    }

    fn pause(&self) -> Duration {
        match self.chance.within(0..=39) {
            0..32 => self.chance.milliseconds(0..=60),
            32..36 => self.chance.milliseconds(0..=1_000),
            36..39 => self.chance.milliseconds(0..=70_000),
            _ => GRACE + Duration::from_secs(60),
        }
    }

    fn place(&self) -> usize {
        match self.favourite {
            Some(favourite) if self.chance.of_hundred(80) => favourite,
            _ => self.chance.one_of(&Cast::places()),
        }
    }

    async fn create(&self, target: &Target) {
        for _ in 0..4 {
            let length = target.is_length_known.then_some(target.total);
            let mut new = NewUpload::new(target.id.clone(), length, self.clock.now());
            new.time_to_live = target.time_to_live;
            new.kind = target.kind.clone();
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
        for target in self.uploads.clone() {
            self.conclude(&target).await;
        }
        self.sky.settle().await;
        for place in Cast::places() {
            self.cast.busy(place);
            for target in &self.uploads {
                let client = self.client(target, place, true);
                client.look().await;
                client.read().await;
            }
        }
        if self.oracle.violation().is_none() {
            self.check_end();
            self.clean_up().await;
        }
    }

    /// Uploads what is missing, or removes the upload.
    async fn conclude(&self, target: &Target) {
        for _ in 0..12 {
            if self.oracle.violation().is_some() {
                return;
            }
            let (exists, is_over) = self.oracle.of(&target.id, |story| {
                (story.exists(), story.is_complete() || story.is_removed())
            });
            if is_over {
                break;
            }
            if !exists {
                self.create(target).await;
            }
            let place = self.chance.one_of(&Cast::places());
            self.client(target, place, true).visit().await;
            time::sleep(Duration::from_secs(1)).await;
        }
        if self.scenario == Scenario::Removed {
            let place = self.chance.one_of(&Cast::places());
            self.client(target, place, true).remove().await;
        }
    }

    fn check_end(&self) {
        for target in &self.uploads {
            let (is_complete, is_removed, length) = self.oracle.of(&target.id, |story| {
                let length = story.content.len() as u64;
                (story.is_complete(), story.is_removed(), length)
            });
            match self.scenario {
                Scenario::Removed if is_removed => {}
                Scenario::Removed => self.oracle.blame("cannot be removed"),
                _ if !is_complete => self.oracle.blame("is not completed in fair weather"),
                _ if length != target.total => self.oracle.blame("is complete, but not whole"),
                _ => {}
            }
        }
    }

    /// Once nothing is in flight any more, sweeps leave no more than there should be.
    async fn clean_up(&self) {
        time::sleep(GRACE * 2).await;
        for _ in 0..2 {
            let client = self.client(&self.uploads[0], 0, true);
            client.sweep(self.clock).await;
        }
        let bucket = &self.sky.bucket.0;
        let keys = &self.cast.settings().layout;
        let mut expected = Vec::new();
        if self.scenario != Scenario::Removed {
            for Target { id, .. } in &self.uploads {
                expected.extend([keys.data(id), keys.record(id)]);
            }
        }
        expected.sort_unstable();
        let page = bucket.list("", None, usize::MAX);
        let left: Vec<_> = page.objects.into_iter().map(|object| object.key).collect();
        if left != expected {
            self.oracle.blame(format!("{left:?} are left"));
        }
        let open = bucket.list_multipart_uploads("", None, usize::MAX);
        if !open.uploads.is_empty() {
            self.oracle.blame(format!("{:?} are left", open.uploads));
        }
        let of_objects: u64 = expected
            .iter()
            .filter_map(|key| bucket.head(key, &s3::Condition::None).ok())
            .map(|object| object.content.size())
            .sum();
        // What a store does not show cannot be swept.
        let shows_all = bucket.dialect().upload_listing == s3::UploadListing::ByPrefix;
        if shows_all && !bucket.dialect().late_parts_revive && bucket.used() != of_objects {
            self.oracle.blame("parts are left");
        }
    }

    fn client(&self, target: &Target, place: usize, is_well_behaved: bool) -> Client {
        let (node, name) = self.cast.node(place);
        Client {
            id: target.id.clone(),
            total: target.total,
            node,
            name,
            oracle: self.oracle.clone(),
            chance: self.chance.fork(),
            is_well_behaved,
        }
    }
}

fn uploads(scenario: Scenario, part_size: u64, chance: &Chance) -> Vec<Target> {
    let some = |name: &str, kind: Kind| Target {
        id: UploadId::parse(name).expect("an id"),
        kind,
        total: match scenario {
            Scenario::Small => chance.within(0..=part_size),
            _ if chance.of_hundred(20) => part_size * chance.within(1..=5),
            _ => chance.within(0..=30),
        },
        is_length_known: chance.of_hundred(70),
        time_to_live: chance.of_hundred(30).then_some(Duration::from_secs(8)),
    };
    if scenario != Scenario::Joined {
        return vec![some("upload", Kind::Whole)];
    }
    let parts = [some("a-part", Kind::Partial), some("b-part", Kind::Partial)];
    let [first, second] = parts.clone();
    let order = match chance.within(0..=3) {
        0 => vec![first, second.clone(), second],
        1 => vec![second, first],
        _ => vec![first, second],
    };
    let ids: Vec<_> = order.iter().map(|part| part.id.clone()).collect();
    let joined = Target {
        total: order.iter().map(|part| part.total).sum(),
        ..some("joined", Kind::Final(Concatenation::new("final;…", ids)))
    };
    [&parts[..], &[joined]].concat()
}

fn climate(scenario: Scenario, chance: &Chance) -> Climate {
    match scenario {
        Scenario::LateParts => Climate {
            accidents: 3,
            late_parts: 40,
            late_records: 0,
        },
        Scenario::LateRecords => Climate {
            accidents: 3,
            late_parts: 0,
            late_records: 60,
        },
        _ => Climate {
            accidents: chance.one_of(&[0, 5, 10, 20, 30]) as u32,
            late_parts: 0,
            late_records: 0,
        },
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
    dialect.minimum_part_size = chance.within(1..=3);
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
        let head = format_args!("{scenario:?}, seed {seed}: {text}").to_string();
        write!(formatter, "{head}\n{trace}\n{head}")
    }
}
