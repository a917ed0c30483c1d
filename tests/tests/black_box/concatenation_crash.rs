//! kill -9 while parts are joined: whoever comes next finishes the work.
//! (architecture, "Concatenation is recorded first, then done")

use std::thread;
use std::time::Duration;

use oxitus_tests::client::{Client, Http};
use oxitus_tests::payload::{self, Random, RngExt, assert_same};
use oxitus_tests::server::Server;
use oxitus_tests::{tus, wait};

const ROUNDS: usize = 4;
const PART: usize = 64 * 1024 * 1024;

/// How long a server may live, at most, after the joining has begun.
const LIFE: Duration = Duration::from_millis(150);

/// Sends a request to a server that is killed while it works on it, and starts the server again.
fn kill_during(server: &mut Server, random: &mut Random, work: impl FnOnce(&Client) + Send) {
    let client = server.client(Http::One);
    let life = random.random_range(Duration::ZERO..LIFE);
    thread::scope(|scope| {
        scope.spawn(|| work(&client));
        thread::sleep(life);
        server.kill();
    });
    server.restart();
}

/// Asks for a final upload until it is joined, and compares its bytes.
fn wait_until_joined(client: &Client, url: &str, bytes: &[u8]) {
    wait::until("the parts to be joined", || {
        let head = client.head(url).expect(200);
        assert_eq!(head.number("upload-length"), Some(bytes.len() as u64));
        let offset = head.number("upload-offset")?;
        assert_eq!(
            offset,
            bytes.len() as u64,
            "a final upload has no offset before its end"
        );
        Some(())
    });
    assert_same(&client.download(url), bytes);
}

#[test]
fn a_recorded_final_upload_is_finished_after_a_crash() {
    let mut random = payload::random();
    let mut server = Server::start();
    let parts = [1, 2, 3].map(|seed| payload::bytes(seed, PART));
    let urls = parts
        .each_ref()
        .map(|part| server.client(Http::One).upload_partial(part));
    let whole = parts.concat();
    for _ in 0..ROUNDS {
        let before = server.storage().ids();
        kill_during(&mut server, &mut random, |client| {
            let _ = client.try_send(&tus::create_final(&urls));
        });
        // The client was never told the name. It is there, if it was recorded at all.
        let client = server.client(Http::One);
        for id in server.storage().ids().difference(&before) {
            let url = format!("{}{id}", tus::BASE);
            if client.head(&url).expect_any(&[200, 404]).status == 200 {
                wait_until_joined(&client, &url, &whole);
                client.delete(&url).expect(204);
            }
        }
    }
    let client = server.client(Http::One);
    let url = client.created(&tus::create_final(&urls));
    wait_until_joined(&client, &url, &whole);
}

/// The last part is finished, which begins the joining of a final upload that has waited for it;
/// and the server is killed.
#[test]
fn a_final_upload_that_waited_for_its_parts_is_finished_after_a_crash() {
    let mut random = payload::random();
    let mut server = Server::start();
    let part = payload::bytes(4, PART);
    let last = payload::bytes(5, 1000);
    let client = server.client(Http::One);
    let first_url = client.upload_partial(&part);
    let whole = [part.as_slice(), &last, &part].concat();
    for _ in 0..ROUNDS {
        let client = server.client(Http::One);
        let last_url = client.created(&tus::create_partial(last.len() as u64));
        let url = client.created(&tus::create_final(&[&first_url, &last_url, &first_url]));
        client
            .head(&url)
            .expect(200)
            .expect_header("upload-offset", None);
        kill_during(&mut server, &mut random, |client| {
            let _ = client.try_send(&tus::patch(&last_url, 0, last.clone()));
        });
        let client = server.client(Http::One);
        let offset = usize::try_from(client.offset(&last_url)).unwrap();
        if offset < last.len() {
            client
                .patch(&last_url, offset as u64, &last[offset..])
                .expect(204);
        }
        wait_until_joined(&client, &url, &whole);
        client.delete(&url).expect(204);
    }
}
