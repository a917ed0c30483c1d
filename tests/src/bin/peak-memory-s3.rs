//! How much memory the server needs at most where it keeps uploads in a bucket, in five situations,
//! as a command:
//!
//! ```text
//! cargo run --release -p oxitus-tests --bin peak-memory-s3
//! ```
//!
//! It prints the peak (`VmHWM`) of each, and fails where one is beyond its limit. The bucket is one
//! of versitygw's, or of the server that `OXITUS_TEST_STORAGE` names.

#![expect(clippy::unwrap_used, reason = "what it does not expect is a failure")]

use std::process::ExitCode;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use oxitus_tests::http1::Connection;
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::storage::Storage;
use oxitus_tests::{payload, process_memory, tus};

const MIB: usize = 1024 * 1024;

/// What may be in memory of all uploads, as the server is told.
const BUDGET: usize = 256 * MIB;

/// How large parts are, where nobody says otherwise.
const PART_SIZE: usize = 8 * MIB;

/// What the server may need beside that.
const REST: usize = 128 * MIB;

/// One upload of 1 GiB, in one PATCH.
const LARGE_UPLOAD: usize = 1024 * MIB;

/// Many uploads at once, each as fast as it goes.
const MANY: usize = 100;
const EACH: usize = 32 * MIB;

/// One fast upload beside many clients that send a byte a second.
const FAST_UPLOAD: usize = 256 * MIB;
const TRICKLERS: usize = 200;

/// How long an upload may have to wait for its turn, on the slowest of machines.
const PATIENCE: Duration = Duration::from_secs(600);

fn main() -> ExitCode {
    if cfg!(debug_assertions) {
        eprintln!("these figures are of an unoptimised build: add --release");
    }
    if Storage::in_bucket().is_none() {
        return ExitCode::SUCCESS;
    }
    let figures = [
        process_memory::report(
            "one upload of 1 GiB in one PATCH",
            peak_of_large_upload(),
            REST as u64,
        ),
        process_memory::report(
            "100 uploads of 32 MiB at once",
            peak_of_many_uploads(EACH),
            (BUDGET + REST) as u64,
        ),
        process_memory::report(
            "100 uploads of one part's size at once",
            peak_of_many_uploads(PART_SIZE),
            (BUDGET + REST) as u64,
        ),
        process_memory::report(
            "100 clients that leave a tail, and go on with no more than a head",
            peak_of_tails(),
            (BUDGET + REST) as u64,
        ),
        process_memory::report(
            "256 MiB beside 200 clients that send a byte a second",
            peak_beside_tricklers(),
            (BUDGET + REST) as u64,
        ),
    ];
    if figures.into_iter().all(|is_well| is_well) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn start() -> Server {
    Settings::default()
        .option("--s3-memory", BUDGET)
        .option("--s3-part-size", PART_SIZE)
        .start_on(&Storage::in_bucket().unwrap())
}

fn peak_of_large_upload() -> u64 {
    let server = start();
    upload(server.connect(), &payload::bytes(1, MIB), LARGE_UPLOAD);
    process_memory::peak(server.process())
}

fn peak_of_many_uploads(each: usize) -> u64 {
    let server = start();
    let block = payload::bytes(2, MIB);
    let all_connected = Barrier::new(MANY);
    thread::scope(|scope| {
        for _ in 0..MANY {
            scope.spawn(|| {
                let connection = server.connect();
                all_connected.wait();
                upload(connection, &block, each);
            });
        }
    });
    process_memory::peak(server.process())
}

fn peak_of_tails() -> u64 {
    let server = start();
    let tail = payload::bytes(4, PART_SIZE - 1);
    let mut connections = Vec::new();
    for _ in 0..MANY {
        let mut connection = server.connect();
        connection.set_patience(PATIENCE).unwrap();
        let created = connection.exchange(&tus::create(EACH as u64)).unwrap();
        let url = tus::location(&created.expect(201));
        let answer = connection.exchange(&tus::patch(&url, 0, tail.clone()));
        answer.unwrap().expect(204);
        let rest = EACH - tail.len();
        let next = tus::patch_of_length(&url, tail.len() as u64, rest);
        connection.send_head(&next).unwrap();
        connections.push(connection);
    }
    // Nor do they keep others from their turn.
    upload(server.connect(), &payload::bytes(5, MIB), EACH);
    process_memory::peak(server.process())
}

fn peak_beside_tricklers() -> u64 {
    let server = start();
    let block = payload::bytes(3, MIB);
    let alone = upload(server.connect(), &block, FAST_UPLOAD);
    let is_over = AtomicBool::new(false);
    let all_begun = Barrier::new(TRICKLERS + 1);
    thread::scope(|scope| {
        for _ in 0..TRICKLERS {
            scope.spawn(|| trickle(server.connect(), &all_begun, &is_over));
        }
        all_begun.wait();
        let beside = upload(server.connect(), &block, FAST_UPLOAD);
        is_over.store(true, Ordering::Relaxed);
        println!("256 MiB alone: {alone:.1?}, beside the others: {beside:.1?}");
    });
    process_memory::peak(server.process())
}

/// Uploads `length` bytes in one PATCH, and says how long that took.
fn upload(mut connection: Connection, block: &[u8], length: usize) -> Duration {
    connection.set_patience(PATIENCE).unwrap();
    let begun = Instant::now();
    let created = connection.exchange(&tus::create(length as u64)).unwrap();
    let patch = tus::patch_of_length(&tus::location(&created.expect(201)), 0, length);
    connection.send_head(&patch).unwrap();
    for _ in 0..length / block.len() {
        connection.write(block).unwrap();
    }
    let answer = connection.read_response("PATCH").unwrap().expect(204);
    answer.expect_offset(length as u64);
    begun.elapsed()
}

/// Announces a large upload, begins it well, and then sends a byte a second.
fn trickle(mut connection: Connection, all_begun: &Barrier, is_over: &AtomicBool) {
    let created = connection.exchange(&tus::create(EACH as u64)).unwrap();
    let patch = tus::patch_of_length(&tus::location(&created.expect(201)), 0, EACH);
    connection.send_head(&patch).unwrap();
    connection.write(vec![0; MIB]).unwrap();
    all_begun.wait();
    while !is_over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_secs(1));
        connection.write([0]).unwrap();
    }
}
