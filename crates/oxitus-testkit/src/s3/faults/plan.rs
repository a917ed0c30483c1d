//! [`Faults`]: the schedule.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::oneshot;

use super::hold::Gate;
use super::late::{LateRequest, LateRequests};
use super::{Fault, Hold, Landed, Selector};
use crate::s3::Operation;

/// The faults of an [`InMemoryS3`](crate::s3::InMemoryS3). Clones are the same schedule.
#[derive(Clone)]
pub struct Faults(Arc<Mutex<Schedule>>);

struct Schedule {
    rules: Vec<Rule>,
    gates: Vec<Arc<Gate>>,
    late: LateRequests,
    chance: SmallRng,
}

#[derive(Debug)]
struct Rule {
    selector: Selector,
    when: When,
    fault: Fault,
}

#[derive(Debug)]
enum When {
    /// After so many more requests.
    Once(usize),
    /// At any request, with this probability.
    Each(f64),
}

impl Faults {
    /// Lets the request go wrong that comes after `later` more of those that `selector` selects:
    /// the next one, where that is 0.
    pub fn plan(&self, selector: impl Into<Selector>, later: usize, fault: Fault) {
        self.add(selector.into(), When::Once(later), fault);
    }

    /// Lets each request go wrong that `selector` selects, with a probability of 0 to 1.
    pub fn plan_each(&self, selector: impl Into<Selector>, probability: f64, fault: Fault) {
        self.add(
            selector.into(),
            When::Each(probability.clamp(0.0, 1.0)),
            fault,
        );
    }

    fn add(&self, selector: Selector, when: When, fault: Fault) {
        self.lock().rules.push(Rule {
            selector,
            when,
            fault,
        });
    }

    /// Begins chance anew. Without that it begins with 0.
    pub fn seed(&self, seed: u64) {
        self.lock().chance = SmallRng::seed_from_u64(seed);
    }

    /// Forgets what was planned. Late requests stay, and so does what is on hold.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// How many [planned](Self::plan) faults are still to come. A test that ends with some has
    /// not tested them.
    #[must_use]
    pub fn remaining(&self) -> usize {
        let schedule = self.lock();
        let planned = |rule: &&Rule| matches!(rule.when, When::Once(_));
        schedule.rules.iter().filter(planned).count()
    }

    /// Stops the requests that `selector` selects, until the [`Hold`] lets them go on.
    pub fn hold(&self, selector: impl Into<Selector>) -> Hold {
        let gate = Arc::new(Gate::new(selector.into()));
        self.lock().gates.push(Arc::clone(&gate));
        Hold::new(gate, self.clone())
    }

    /// How many late requests wait for [`land_next`](Self::land_next) or one of its sisters.
    #[must_use]
    pub fn late(&self) -> usize {
        self.lock().late.len()
    }

    /// Carries the late request out that came first.
    pub fn land_next(&self) -> Option<Landed> {
        self.land(0)
    }

    /// Carries the late request out that is at this place, in the order in which they came.
    pub fn land(&self, place: usize) -> Option<Landed> {
        let request = self.lock().late.take(place);
        request.map(LateRequest::land)
    }

    /// Carries all late requests out, in the order in which they came.
    pub fn land_all(&self) -> Vec<Landed> {
        std::iter::from_fn(|| self.land_next()).collect()
    }

    /// How a request goes wrong that has arrived.
    pub(in crate::s3) fn strike(&self, operation: Operation, key: &str) -> Option<Fault> {
        let Schedule { rules, chance, .. } = &mut *self.lock();
        let mut struck = None;
        rules.retain_mut(|rule| {
            if !rule.selector.selects(operation, key) {
                return true;
            }
            let strikes = match &mut rule.when {
                When::Once(0) => struck.is_none(),
                When::Once(later) => {
                    *later -= 1;
                    false
                }
                When::Each(probability) => chance.random_bool(*probability),
            };
            if strikes && struck.is_none() {
                struck = Some(rule.fault);
            }
            !strikes || matches!(rule.when, When::Each(_))
        });
        struck
    }

    /// Where a request has to wait that has arrived: when what comes back is done, it goes on.
    pub(in crate::s3) fn stop(
        &self,
        operation: Operation,
        key: &str,
    ) -> Option<oneshot::Receiver<()>> {
        let schedule = self.lock();
        let gate = schedule
            .gates
            .iter()
            .find(|gate| gate.stops(operation, key))?;
        Some(gate.queue(operation, key))
    }

    pub(in crate::s3) fn postpone(&self, request: LateRequest) {
        self.lock().late.push(request);
    }

    pub(super) fn open(&self, gate: &Arc<Gate>) {
        self.lock().gates.retain(|other| !Arc::ptr_eq(other, gate));
    }

    fn lock(&self) -> MutexGuard<'_, Schedule> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No faults.
impl Default for Faults {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Schedule {
            rules: Vec::new(),
            gates: Vec::new(),
            late: LateRequests::default(),
            chance: SmallRng::seed_from_u64(0),
        })))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schedule = self.lock();
        formatter
            .debug_struct("Faults")
            .field("rules", &schedule.rules)
            .field("late", &schedule.late.len())
            .finish_non_exhaustive()
    }
}
