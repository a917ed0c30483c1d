//! Every clause of the contract has a test, and every test is one that `contract_tests!` makes.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const CONTRACT: &str = include_str!("../../oxitus-core/src/storage/mod.rs");
const MACRO: &str = include_str!("../src/contract/mod.rs");

#[test]
fn every_clause_function_is_in_the_macro() {
    let listed: BTreeSet<_> = MACRO
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("clause_"))
        .map(str::to_owned)
        .collect();
    assert_eq!(written(), listed);
}

#[test]
fn every_clause_of_the_contract_has_a_function() {
    let numbers = CONTRACT.lines().filter_map(|line| {
        let (number, _) = line.strip_prefix("//! ")?.split_once(". ")?;
        number.parse::<usize>().ok()
    });
    let numbers: BTreeSet<_> = numbers.collect();
    assert_eq!(
        numbers.len(),
        *numbers.last().unwrap(),
        "they are counted without a gap"
    );
    let tested: BTreeSet<_> = written()
        .iter()
        .map(|name| name.split('_').nth(1).unwrap().parse().unwrap())
        .collect();
    assert_eq!(tested, numbers);
}

/// The clause functions that there are.
fn written() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let files = fs::read_dir(folder).unwrap();
    let sources = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    sources
        .flat_map(|source| {
            let functions = source.split("pub async fn ").skip(1);
            let names = functions.map(|function| function.split('(').next().unwrap().to_owned());
            names.collect::<Vec<_>>()
        })
        .filter(|name| name.starts_with("clause_"))
        .collect()
}
