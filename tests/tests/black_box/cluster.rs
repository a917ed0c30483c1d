//! Three processes on one place for uploads, and every request to any of them.
//! (architecture, "Locks, takeover, reads"; filesystem, "Files and locks")

use std::thread;
use std::time::Duration;

use oxitus_tests::client::{Client, Http};
use oxitus_tests::payload::{self, Random, RngExt, assert_same};
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::storage::Storage;
use oxitus_tests::{tus, wait};

const ROUNDS: u64 = 20;

struct Cluster {
    storage: Storage,
    servers: Vec<Server>,
}

impl Cluster {
    fn start() -> Self {
        let storage = Storage::new();
        let servers = [(); 3].map(|()| Settings::default().start_on(&storage));
        Self {
            storage,
            servers: servers.into(),
        }
    }

    /// A client of any of the servers.
    fn any(&self, random: &mut Random) -> Client {
        let server = &self.servers[random.random_range(0..self.servers.len())];
        server.client(Http::BOTH[random.random_range(0..2)])
    }

    fn clients(&self) -> impl Iterator<Item = Client> {
        self.servers.iter().map(|server| server.client(Http::One))
    }
}

/// Any of the servers is killed while a client uploads in pieces. After a request without an
/// answer it asks how far it came, and goes on from there.
#[test]
fn kill_of_any_process_loses_nothing_that_was_acknowledged() {
    let mut random = payload::random();
    let mut cluster = Cluster::start();
    for round in 0..ROUNDS {
        let bytes = payload::bytes(round, 4_000_000);
        let url = cluster.any(&mut random).create(bytes.len() as u64);
        let victim = random.random_range(0..3);
        let life = random.random_range(Duration::ZERO..Duration::from_millis(80));
        let addresses: Vec<Client> = cluster
            .clients()
            .chain(
                cluster
                    .servers
                    .iter()
                    .map(|server| server.client(Http::Two)),
            )
            .collect();
        let mut choice = payload::random();
        thread::scope(|scope| {
            let uploader = scope.spawn(|| {
                let mut any = || &addresses[choice.random_range(0..addresses.len())];
                let mut offset = 0;
                while offset < bytes.len() {
                    let end = (offset + 150_000).min(bytes.len());
                    let patch = tus::patch(&url, offset as u64, bytes[offset..end].to_vec());
                    let answer = any().try_send(&patch).ok();
                    let told = answer.and_then(|answer| {
                        answer.expect_any(&[204, 409, 423]).number("upload-offset")
                    });
                    let told = told.unwrap_or_else(|| {
                        let head = || any().try_send(&tus::head(&url)).ok();
                        wait::until("an answer to HEAD", head).expect(200).offset()
                    });
                    offset = usize::try_from(told).unwrap();
                }
            });
            thread::sleep(life);
            cluster.servers[victim].kill();
            uploader.join().unwrap();
        });
        cluster.servers[victim].restart();
        for client in cluster.clients() {
            assert_same(&client.download(&url), &bytes);
        }
    }
}

/// A writer falls silent, another process takes its upload over, and then it wakes up.
#[test]
fn a_writer_that_was_overtaken_elsewhere_changes_nothing() {
    let mut random = payload::random();
    let cluster = Cluster::start();
    for round in 0..ROUNDS {
        let bytes = payload::bytes(round, 300_000);
        let url = cluster.any(&mut random).create(bytes.len() as u64);
        let sent = random.random_range(1..200_000);
        let mut stale = cluster
            .any(&mut random)
            .begin(&tus::patch_of_length(&url, 0, bytes.len()));
        stale.write(&bytes[..sent]);
        stale.wait_until_read();
        let client = cluster.any(&mut random);
        wait::until("the bytes that were sent", || {
            (client.offset(&url) == sent as u64).then_some(())
        });
        let middle = random.random_range(sent + 1..bytes.len());
        client
            .patch(&url, sent as u64, &bytes[sent..middle])
            .expect(204);

        let _ = stale.try_write(&vec![0xee; bytes.len() - sent]);
        if let Ok(answer) = stale.try_response() {
            match cluster.storage.is_bucket() {
                // Processes share no locks: a writer learns at its next change that it has none.
                true => answer.expect_any(&[400, 423]),
                false => answer.expect(400),
            };
        }
        for client in cluster.clients() {
            assert_eq!(client.offset(&url), middle as u64);
        }
        let client = cluster.any(&mut random);
        client
            .patch(&url, middle as u64, &bytes[middle..])
            .expect(204);
        for client in cluster.clients() {
            assert_same(&client.download(&url), &bytes);
        }
    }
}

/// An upload is deleted through one process while another writes to it.
#[test]
fn a_deletion_elsewhere_is_final() {
    let mut random = payload::random();
    let cluster = Cluster::start();
    for round in 0..ROUNDS {
        let bytes = payload::bytes(round, 1_000_000);
        let url = cluster.any(&mut random).create(bytes.len() as u64);
        let mut writer =
            cluster
                .any(&mut random)
                .begin(&tus::patch_of_length(&url, 0, bytes.len()));
        writer.write(&bytes[..100_000]);
        // In half of the rounds the writer goes on all the while.
        let is_silent = round % 2 == 0;
        thread::scope(|scope| {
            scope.spawn(|| {
                let sent = bytes[100_000..].chunks(10_000).try_for_each(|piece| {
                    thread::sleep(Duration::from_millis(2));
                    if is_silent {
                        Ok(())
                    } else {
                        writer.try_write(piece)
                    }
                });
                if let Ok(answer) = sent.and_then(|()| writer.try_response()) {
                    // It may have been quick enough to finish before the deletion came, or not have
                    // learned yet what came.
                    answer.expect_any(&[204, 400, 404, 410, 423]);
                }
            });
            thread::sleep(random.random_range(Duration::ZERO..Duration::from_millis(100)));
            cluster.any(&mut random).delete(&url).expect(204);
        });
        for client in cluster.clients() {
            client.head(&url).expect_any(&[404, 410]);
            client.send(&tus::get(&url)).expect_any(&[404, 410]);
            client
                .patch(&url, 100_000, &bytes[100_000..])
                .expect_any(&[404, 410]);
        }
        let mut left = cluster.storage.files_of(tus::id(&url));
        if cluster.storage.is_bucket() {
            // A writer that finds the upload gone cannot know whether its last change will still
            // land, so what it stored for that stays for the sweeper.
            left.retain(|name| !name.contains(".pending."));
        }
        assert!(left.is_empty(), "{left:?}");
    }
}

/// What one process made, the others know at once.
#[test]
fn every_process_sees_the_same() {
    let mut random = payload::random();
    let cluster = Cluster::start();
    for round in 0..ROUNDS {
        let bytes = payload::bytes(round, 10_000);
        let creation = tus::create(10_000).header("Upload-Metadata", "filename d29ybGQ=");
        let url = cluster.any(&mut random).created(&creation);
        let mut offset = 0;
        while offset < bytes.len() {
            let end = (offset + random.random_range(1..5_000)).min(bytes.len());
            let client = cluster.any(&mut random);
            client
                .patch(&url, offset as u64, &bytes[offset..end])
                .expect(204);
            for client in cluster.clients() {
                let head = client.head(&url).expect(200).expect_offset(end as u64);
                assert_eq!(head.header("upload-metadata"), Some("filename d29ybGQ="));
            }
            offset = end;
        }
        assert_same(&cluster.any(&mut random).download(&url), &bytes);
    }
}
