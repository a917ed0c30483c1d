//! The catalogue in the documentation is complete, and what it says of tests is true.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const CATALOGUE: &str = include_str!("../docs/catalogue.md");

/// How many statements there are of each kind.
const KINDS: [(&str, usize); 18] = [
    ("INV", 7),
    ("CORE", 35),
    ("CRE", 12),
    ("CDL", 9),
    ("CWU", 7),
    ("EXP", 6),
    ("CHK", 12),
    ("TRL", 2),
    ("TRM", 4),
    ("CON", 18),
    ("CUF", 4),
    ("LEN", 24),
    ("OFF", 14),
    ("META", 18),
    ("CAT", 19),
    ("CKS", 12),
    ("TRN", 24),
    ("H", 7),
];

/// The first and the last column of every row.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    CATALOGUE.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        Some((cells.next()?, cells.last()?)).filter(|(id, _)| *id != "ID")
    })
}

#[test]
fn every_statement_is_there_once() {
    let mut numbers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (id, _) in rows() {
        let (kind, number) = id.rsplit_once('-').unwrap();
        numbers
            .entry(kind)
            .or_default()
            .push(number.parse().unwrap());
    }
    let expected = KINDS
        .into_iter()
        .map(|(kind, count)| (kind, (1..=count).collect()))
        .collect();
    assert_eq!(numbers, expected);
}

#[test]
fn every_test_that_it_names_is_there() {
    let mut missing = Vec::new();
    for (id, places) in rows() {
        let modules = places
            .split(", ")
            .filter_map(|place| place.strip_prefix('`')?.strip_suffix('`'));
        let mut count = 0;
        for module in modules {
            count += 1;
            if !ids_in_tests_of(module).contains(id) {
                missing.push(format!("{id} in the tests of {module}"));
            }
        }
        let is_elsewhere = places.ends_with("black-box") || places.starts_with("does not apply: ");
        assert!(count > 0 || is_elsewhere, "{id}: {places}");
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Whatever looks like an ID in the unit tests beside a module.
fn ids_in_tests_of(module: &str) -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folder = source.join(module);
    let several = fs::read_dir(folder.join("tests")).into_iter().flatten();
    let files: Vec<_> = several
        .filter_map(|entry| Some(entry.ok()?.path()))
        .chain([folder.join("tests.rs")])
        .collect();
    let texts = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    let ids: BTreeSet<_> = texts
        .flat_map(|text| {
            let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
            words.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert!(!ids.is_empty(), "{module} has no tests");
    ids
}
