//! How much memory the server needs at most, in two situations, as a command:
//!
//! ```text
//! cargo run --release -p oxitus-tests --bin peak-memory
//! ```
//!
//! It prints the peak (`VmHWM`) of each, and fails where one is beyond its limit.

#![expect(clippy::unwrap_used, reason = "what it does not expect is a failure")]

use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use oxitus_tests::client::Http;
use oxitus_tests::http1::Connection;
use oxitus_tests::server::Server;
use oxitus_tests::{payload, process_memory, tus};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// One upload of 1 GiB, in one PATCH.
const LARGE_UPLOAD: usize = 1024 * MIB;
const LARGE_LIMIT: u64 = 64 * MIB as u64;

/// Many uploads at once: a burst of 1 MiB each, then 1 KiB each second.
const SLOW_UPLOADS: usize = 500;
const BURST: usize = MIB;
const DRIP: usize = KIB;
const DRIPS: usize = 20;
const SLOW_LIMIT: u64 = 250 * MIB as u64;

fn main() -> ExitCode {
    if cfg!(debug_assertions) {
        eprintln!("these figures are of an unoptimised build: add --release");
    }
    let is_well = [
        process_memory::report(
            "one upload of 1 GiB in one PATCH",
            peak_of_large_upload(),
            LARGE_LIMIT,
        ),
        process_memory::report(
            "500 slow uploads at once",
            peak_of_slow_uploads(),
            SLOW_LIMIT,
        ),
    ];
    if is_well.into_iter().all(|is_well| is_well) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn peak_of_large_upload() -> u64 {
    let server = Server::start();
    let client = server.client(Http::One);
    let url = client.create(LARGE_UPLOAD as u64);
    let block = payload::bytes(1, MIB);
    let mut pending = client.begin(&tus::patch_of_length(&url, 0, LARGE_UPLOAD));
    for _ in 0..LARGE_UPLOAD / MIB {
        pending.write(&block);
    }
    pending
        .response()
        .expect(204)
        .expect_offset(LARGE_UPLOAD as u64);
    process_memory::peak(server.process())
}

fn peak_of_slow_uploads() -> u64 {
    let server = Server::start();
    let bytes = payload::bytes(2, BURST + DRIPS * DRIP);
    let all_connected = Barrier::new(SLOW_UPLOADS);
    thread::scope(|scope| {
        for _ in 0..SLOW_UPLOADS {
            scope.spawn(|| upload_slowly(server.connect(), &bytes, &all_connected));
        }
    });
    process_memory::peak(server.process())
}

fn upload_slowly(mut connection: Connection, bytes: &[u8], all_connected: &Barrier) {
    let created = connection
        .exchange(&tus::create(bytes.len() as u64))
        .unwrap()
        .expect(201);
    let patch = tus::patch_of_length(&tus::location(&created), 0, bytes.len());
    all_connected.wait();
    let (burst, drips) = bytes.split_at(BURST);
    connection.send_head(&patch).unwrap();
    connection.write(burst).unwrap();
    for drip in drips.chunks(DRIP) {
        thread::sleep(Duration::from_secs(1));
        connection.write(drip).unwrap();
    }
    let answer = connection.read_response("PATCH").unwrap().expect(204);
    assert_eq!(answer.offset(), bytes.len() as u64);
}
