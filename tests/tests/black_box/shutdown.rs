//! SIGTERM: what arrived is kept, and the server ends by itself. (CORE-30.2, H-20)

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use oxitus_tests::client::Http;
use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::server::Server;
use oxitus_tests::{checksum, tus, wait};

const LENGTH: usize = 20_000_000;
const SENT: usize = 7_000_000;

/// Fills a PATCH half, ends the server, starts it again and resumes.
fn terminate_in_a_patch(http: Http, checksum: bool, offset: usize) {
    let mut server = Server::start();
    let bytes = payload::bytes(1, LENGTH);
    let client = server.client(http);
    let url = client.create(LENGTH as u64);
    let mut patch = tus::patch_of_length(&url, 0, LENGTH);
    if checksum {
        patch = patch.header("Upload-Checksum", checksum::of("sha256", &bytes));
    }
    let mut pending = client.begin(&patch);
    pending.write(&bytes[..SENT]);
    pending.wait_until_read();

    server.terminate();
    assert!(server.wait_for_exit().success(), "it ends well");
    // 503, or nothing at all; the connection is gone in any case.
    drop(pending);

    server.restart();
    let client = server.client(http);
    assert_eq!(client.offset(&url), offset as u64);
    client
        .patch(&url, offset as u64, &bytes[offset..])
        .expect(204);
    assert_same(&client.download(&url), &bytes);
}

#[test]
fn what_arrived_over_http1_is_kept() {
    terminate_in_a_patch(Http::One, false, SENT);
}

#[test]
fn what_arrived_over_http2_is_kept() {
    terminate_in_a_patch(Http::Two, false, SENT);
}

#[test]
fn what_nobody_verified_is_not() {
    terminate_in_a_patch(Http::One, true, 0);
}

/// Nobody holds a server up: neither a connection that says nothing, nor one that waits for its
/// next request, nor a head that never ends.
#[test]
fn idle_connections_hold_nothing_up() {
    let mut server = Server::start();
    let _silent = server.connect();
    let mut kept_alive = server.connect();
    kept_alive.exchange(&tus::create(5)).unwrap().expect(201);
    let mut slow = server.connect();
    slow.write("PATCH /files/").unwrap();
    let over_http2 = server.client(Http::Two);
    over_http2.options().expect(204);
    server.terminate();
    assert!(server.wait_for_exit().success());
}

/// A PATCH that goes on all the while either ends well or is told when to go on.
#[test]
fn a_running_patch_ends_well_or_can_be_resumed() {
    for http in Http::BOTH {
        let mut server = Server::start();
        let bytes = payload::bytes(2, 2_000_000);
        let url = server.client(http).create(bytes.len() as u64);
        let mut pending = server
            .client(http)
            .begin(&tus::patch_of_length(&url, 0, bytes.len()));
        let (first, rest) = bytes.split_at(1_000_000);
        pending.write(first);
        pending.wait_until_read();
        server.terminate();
        thread::scope(|scope| {
            scope.spawn(|| {
                // Until it is whole, or nobody listens any more.
                let _ = rest.chunks(10_000).try_for_each(|piece| {
                    thread::sleep(Duration::from_millis(10));
                    pending.try_write(piece)
                });
            });
            assert!(server.wait_for_exit().success());
        });
        server.restart();
        let client = server.client(http);
        let offset = client.offset(&url);
        assert!(offset >= first.len() as u64, "{offset}");
        client
            .patch(&url, offset, &bytes[usize::try_from(offset).unwrap()..])
            .expect(204);
        assert_same(&client.download(&url), &bytes);
    }
}

/// New connections are refused as soon as it goes down. Until then a request may be told to come back.
#[test]
fn nobody_new_is_let_in() {
    let mut server = Server::start();
    let client = server.client(Http::One);
    let url = client.create(10);
    let mut pending = client.begin(&tus::patch_of_length(&url, 0, 10));
    pending.write(b"hello");
    pending.wait_until_read();
    server.terminate();
    wait::until("the door to close", || {
        TcpStream::connect(server.address()).is_err().then_some(())
    });
    assert!(server.wait_for_exit().success());
}
