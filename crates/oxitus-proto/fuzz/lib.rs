//! The targets of the property tests, for the fuzzer.

#[path = "../tests/targets/mod.rs"]
mod targets;

/// Runs the target `name`, which panics where something does not hold.
pub fn run(name: &str, input: &[u8]) {
    let target = targets::ALL.iter().find(|(known, _)| *known == name);
    let Some((_, target)) = target else {
        panic!("there is no target {name}");
    };
    target(input);
}
