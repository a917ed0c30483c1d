//! [`Chance`]: everything that happens at random, drawn from one seed.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

/// A stream of decisions. Clones draw from the same stream.
#[derive(Clone, Debug)]
pub(super) struct Chance(Arc<Mutex<SmallRng>>);

impl Chance {
    pub(super) fn of(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(SmallRng::seed_from_u64(seed))))
    }

    /// Another stream, which this one decides.
    pub(super) fn fork(&self) -> Self {
        Self::of(self.draw(|chance| chance.random_range(0..=u64::MAX)))
    }

    pub(super) fn of_hundred(&self, percent: u32) -> bool {
        self.draw(|chance| chance.random_range(0..100) < percent)
    }

    pub(super) fn within(&self, range: RangeInclusive<u64>) -> u64 {
        self.draw(|chance| chance.random_range(range))
    }

    pub(super) fn one_of<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.draw(|chance| chance.random_range(0..choices.len()))]
    }

    pub(super) fn milliseconds(&self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut SmallRng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
