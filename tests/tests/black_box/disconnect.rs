//! Connections that end in the middle: what had arrived is kept, and the upload goes on from
//! there. (CORE-29, CORE-30, TRN-17, TRN-21)

use oxitus_tests::client::{Client, Http, Pending};
use oxitus_tests::payload::{self, assert_same};
use oxitus_tests::server::Server;
use oxitus_tests::{checksum, tus, wait};

const LENGTH: usize = 20_000_000;
const SENT: usize = 7_000_000;

/// How much a connection that ends in an error may take with it.
const LOSS: u64 = 512 * 1024;

/// Sends the first 7 MB of one 20 MB PATCH, and waits until they have arrived.
fn send_a_part(client: &Client, url: &str, bytes: &[u8]) -> Pending {
    let mut pending = client.begin(&tus::patch_of_length(url, 0, LENGTH));
    pending.write(&bytes[..SENT]);
    pending.wait_until_read();
    pending
}

/// Waits until the upload stands at `offset`. Offsets never go back, so there is no way past it.
fn wait_for_offset(client: &Client, url: &str, offset: u64) {
    wait::until("the offset", || {
        (client.offset(url) == offset).then_some(())
    });
}

fn resume(client: &Client, url: &str, bytes: &[u8]) {
    let offset = client.offset(url);
    let rest = &bytes[usize::try_from(offset).unwrap()..];
    client
        .patch(url, offset, rest)
        .expect(204)
        .expect_offset(bytes.len() as u64);
    assert_same(&client.download(url), bytes);
}

/// Cuts an upload with `cut`, and sees that no more than `loss` bytes went with it.
fn cut_and_resume(http: Http, loss: u64, cut: fn(Pending)) {
    let server = Server::start();
    let bytes = payload::bytes(1, LENGTH);
    let url = server.client(http).create(LENGTH as u64);
    cut(send_a_part(&server.client(http), &url, &bytes));
    // A client of its own: over HTTP/2, the connection of the first is gone.
    let client = server.client(http);
    wait::until("the bytes that had arrived", || {
        (client.offset(&url) >= SENT as u64 - loss).then_some(())
    });
    resume(&client, &url, &bytes);
}

#[test]
fn fin_over_http1_keeps_every_byte() {
    cut_and_resume(Http::One, 0, Pending::close);
}

#[test]
fn fin_over_http2_keeps_every_byte() {
    cut_and_resume(Http::Two, 0, Pending::close);
}

#[test]
fn rst_over_http1_keeps_what_was_read() {
    cut_and_resume(Http::One, LOSS, Pending::reset);
}

#[test]
fn rst_over_http2_keeps_what_was_read() {
    cut_and_resume(Http::Two, LOSS, Pending::reset);
}

#[test]
fn a_cancelled_stream_keeps_what_was_read_and_its_connection_goes_on() {
    let server = Server::start();
    let bytes = payload::bytes(2, LENGTH);
    let client = server.client(Http::Two);
    let url = client.create(LENGTH as u64);
    send_a_part(&client, &url, &bytes).cancel();
    wait::until("the bytes that had arrived", || {
        (client.offset(&url) >= SENT as u64 - LOSS).then_some(())
    });
    resume(&client, &url, &bytes);
}

#[test]
fn small_pieces_are_kept_too() {
    let server = Server::start();
    for http in Http::BOTH {
        for sent in [1, 5, 4096, 1_000_000] {
            let bytes = payload::bytes(3, 2_000_000);
            let url = server.client(http).create(bytes.len() as u64);
            for cut in [Pending::close, Pending::reset] {
                let client = server.client(http);
                let offset = client.offset(&url);
                let from = usize::try_from(offset).unwrap();
                let rest = bytes.len() - from;
                let mut pending = client.begin(&tus::patch_of_length(&url, offset, rest));
                pending.write(&bytes[from..][..sent.min(rest)]);
                let arrived = offset + sent.min(rest) as u64;
                wait_for_offset(&server.client(http), &url, arrived);
                cut(pending);
            }
            resume(&server.client(http), &url, &bytes);
        }
    }
}

/// A silent writer holds nothing back: what it sent counts before anything ends.
#[test]
fn bytes_count_while_the_connection_is_silent() {
    let server = Server::start();
    for http in Http::BOTH {
        let bytes = payload::bytes(4, LENGTH);
        let client = server.client(http);
        let url = client.create(LENGTH as u64);
        let mut pending = send_a_part(&client, &url, &bytes);
        wait_for_offset(&client, &url, SENT as u64);
        pending.write(&bytes[SENT..]);
        pending.response().expect(204).expect_offset(LENGTH as u64);
        assert_same(&client.download(&url), &bytes);
    }
}

/// Nothing of a body that nobody has verified counts. (CHK-10)
#[test]
fn a_checksummed_body_that_breaks_off_leaves_nothing() {
    let server = Server::start();
    let bytes = payload::bytes(5, 3_000_000);
    for http in Http::BOTH {
        for cut in [Pending::close, Pending::reset] {
            let client = server.client(http);
            let url = client.create(bytes.len() as u64);
            let patch = tus::patch_of_length(&url, 0, bytes.len())
                .header("Upload-Checksum", checksum::of("sha1", &bytes));
            let mut pending = client.begin(&patch);
            pending.write(&bytes[..2_000_000]);
            pending.wait_until_read();
            cut(pending);
            // The lease is free again when the rollback is done, and not before.
            let client = server.client(http);
            let patch = tus::patch_checked(&url, 0, "sha1", &bytes);
            assert_eq!(client.offset(&url), 0);
            client.send(&patch).expect(204);
            assert_same(&client.download(&url), &bytes);
        }
    }
}

/// A chunked body that is cut: whole data counts, the rest does not, and nothing is a success.
/// (CORE-29.4, TRN-05)
#[test]
fn a_chunked_body_that_breaks_off_keeps_its_data() {
    let server = Server::start();
    let client = server.client(Http::One);
    for (sent, offset) in [
        ("5\r\nhello\r\n", 5),
        ("5\r\nhello\r\n5", 5),
        ("5\r\nhello\r\n5\r\nwo", 7),
        ("5\r\nhello\r\n5\r\nworld", 10),
        ("5\r\nhello\r\n5\r\nworld\r\n", 10),
        ("5\r\nhello\r\n5\r\nworld\r\n0\r\n", 10),
        ("5\r\nhello\r\nxyz\r\nworld\r\n0\r\n\r\n", 5),
        ("5\r\nhelloworld\r\n0\r\n\r\n", 5),
    ] {
        let url = client.create(20);
        let mut connection = server.connect();
        let empty: [&str; 0] = [];
        connection
            .send_head(&tus::patch_head(&url, 0).chunks(empty))
            .unwrap();
        connection.write(sent).unwrap();
        connection.wait_until_read();
        connection.finish();
        if let Ok(answer) = connection.read_response("PATCH") {
            assert!(answer.status >= 400, "{sent:?} got {answer:?}");
        }
        wait_for_offset(&client, &url, offset);
    }
}

/// The last byte is here, and the client is gone before it hears of it. (TRN-21)
#[test]
fn a_client_that_leaves_after_the_last_byte_has_uploaded() {
    let server = Server::start();
    for http in Http::BOTH {
        for cut in [Pending::close, Pending::reset, Pending::cancel] {
            let bytes = payload::bytes(6, 1_000_000);
            let url = server.client(http).create(bytes.len() as u64);
            let client = server.client(http);
            let mut pending = client.begin(&tus::patch_of_length(&url, 0, bytes.len()));
            pending.write(&bytes);
            pending.try_finish().unwrap();
            pending.wait_until_read();
            cut(pending);
            let client = server.client(http);
            wait_for_offset(&client, &url, bytes.len() as u64);
            assert_same(&client.download(&url), &bytes);
        }
    }
}

/// Half closed: the client has said all and still listens. (TRN-21)
#[test]
fn a_client_that_has_said_all_still_hears_the_answer() {
    let server = Server::start();
    let bytes = payload::bytes(7, 1_000_000);
    let client = server.client(Http::One);
    let url = client.create(bytes.len() as u64);
    let mut connection = server.connect();
    connection
        .send(&tus::patch(&url, 0, bytes.clone()))
        .unwrap();
    connection.finish();
    if let Ok(answer) = connection.read_response("PATCH") {
        answer.expect(204).expect_offset(bytes.len() as u64);
    }
    wait_for_offset(&client, &url, bytes.len() as u64);
    assert_same(&client.download(&url), &bytes);
}

/// A creation whose body breaks off: its client never learned the name, so the upload may go. As
/// long as it is there it is right. (CWU-04)
#[test]
fn a_creation_that_breaks_off_leaves_a_right_upload_or_none() {
    let server = Server::start();
    for http in Http::BOTH {
        let creation = tus::create(10)
            .header("Content-Type", tus::OFFSET_OCTET_STREAM)
            .header("Content-Length", "10")
            .body("");
        let mut pending = server.client(http).begin(&creation);
        pending.write(b"hello");
        pending.wait_until_read();
        pending.close();
        let client = server.client(http);
        for id in server.storage().ids() {
            let url = format!("{}{id}", tus::BASE);
            wait::until("five bytes, or none", || {
                let head = client.head(&url).expect_any(&[200, 404, 410]);
                (head.status != 200 || head.offset() == 5).then_some(())
            });
        }
    }
}
