//! Bytes that tell where they belong, and random choices that can be made again.

use std::time::{SystemTime, UNIX_EPOCH};

pub use rand::{Rng, RngExt, SeedableRng};
/// The generator of every random choice in the tests.
pub type Random = rand::rngs::Xoshiro256PlusPlus;

/// `length` bytes that differ for every `seed` and at every place.
#[must_use]
pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    Random::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

/// A generator for the random choices of one test. Its seed is printed, which shows where the
/// test fails; set `OXITUS_SEED` to that number to have the same choices again.
#[must_use]
pub fn random() -> Random {
    let seed = match std::env::var("OXITUS_SEED") {
        Ok(seed) => seed.parse().expect("OXITUS_SEED is a number"),
        Err(_) => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| u64::from(since.subsec_nanos())),
    };
    eprintln!("OXITUS_SEED={seed}");
    Random::seed_from_u64(seed)
}

/// Where two byte strings first differ, in words short enough for a failure.
///
/// # Panics
/// Where they do.
#[track_caller]
pub fn assert_same(found: &[u8], wanted: &[u8]) {
    if found == wanted {
        return;
    }
    let difference = found
        .iter()
        .zip(wanted)
        .position(|(found, wanted)| found != wanted);
    let place = difference.unwrap_or_else(|| found.len().min(wanted.len()));
    panic!(
        "{} bytes instead of {}, and they differ from byte {place}",
        found.len(),
        wanted.len()
    );
}
