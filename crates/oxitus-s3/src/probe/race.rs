//! Whether one wins, and no more, of many that write at once on the same condition.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;

use super::conditions::{IF_MATCH, IF_NONE_MATCH};
use super::{Probe, Result, vanished};
use crate::bucket::{Attributes, Bucket, Condition, ETag};
use crate::nonce::Nonce;
use crate::open_error::{OpenError, Unsuitable};

/// How many write at once.
const WRITERS: usize = 16;

/// How many times one of them must win. The first time connections are made, and they do not come
/// at the same moment.
const ROUNDS: usize = 3;

/// How many more times nobody may win: a store that is busy may refuse them all.
const VOID_ROUNDS: usize = 5;

/// How long to wait after a round that nobody won.
const PAUSE: Duration = Duration::from_secs(1);

/// How often the nonce of a writer stands in what it writes, so that writing takes a while.
const REPETITIONS: usize = 256;

impl Probe {
    /// Lets many replace the object with this ETag, and many make it where there is none.
    pub(super) async fn lets_one_win(&self, first: ETag) -> Result<()> {
        let mut current = first;
        let mut rounds = Rounds::default();
        while rounds.another(IF_MATCH)? {
            let won = self.race(IF_MATCH, &Condition::Is(current.clone())).await?;
            rounds.count(won).await;
            let head = self.bucket.head(&self.record).await;
            current = head
                .map_err(|error| vanished("tell of an object", error))?
                .etag;
        }
        let mut rounds = Rounds::default();
        while rounds.another(IF_NONE_MATCH)? {
            let deleted = self.bucket.delete(&self.record).await;
            deleted.map_err(|error| OpenError::at("delete an object", error))?;
            let won = self.race(IF_NONE_MATCH, &Condition::Absent).await?;
            rounds.count(won).await;
        }
        Ok(())
    }

    /// Lets many write at once; whether one has won.
    async fn race(&self, name: &'static str, condition: &Condition) -> Result<bool> {
        let bodies: Vec<_> = (0..WRITERS)
            .map(|_| Bytes::from(Nonce::random().to_string().repeat(REPETITIONS)))
            .collect();
        let attributes = Attributes::default();
        let writers = bodies.iter().map(|body| {
            self.bucket
                .put(&self.record, body.clone(), condition.clone(), &attributes)
        });
        let outcomes = join_all(writers).await;
        let winners: Vec<_> = outcomes
            .iter()
            .zip(&bodies)
            .filter(|(outcome, _)| outcome.is_ok())
            .map(|(_, body)| body)
            .collect();
        let body = match winners.as_slice() {
            [] => return Ok(false),
            [body] => *body,
            _ => return Err(not_atomic(name, winners.len())),
        };
        let stored = self.bucket.get(&self.record).await;
        let stored = stored.map_err(|error| vanished("read an object", error))?;
        if stored.body != *body {
            return Err(not_atomic(name, 1));
        }
        Ok(true)
    }
}

fn not_atomic(condition: &'static str, winners: usize) -> OpenError {
    let writers = WRITERS;
    Unsuitable::ConditionsNotAtomic {
        condition,
        writers,
        winners,
    }
    .into()
}

/// How the rounds went so far.
#[derive(Default)]
struct Rounds {
    won: usize,
    void: usize,
}

impl Rounds {
    /// Whether there is another one.
    fn another(&self, condition: &'static str) -> Result<bool> {
        if self.void > VOID_ROUNDS {
            let writers = WRITERS;
            return Err(Unsuitable::NobodyWins { condition, writers }.into());
        }
        Ok(self.won < ROUNDS)
    }

    async fn count(&mut self, won: bool) {
        if won {
            self.won += 1;
        } else {
            self.void += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}
