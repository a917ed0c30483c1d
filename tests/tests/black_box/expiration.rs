//! Unfinished uploads go after a while, finished ones stay. (EXP-*)

use std::time::{Duration, Instant, SystemTime};

use oxitus_tests::client::{Client, Http};
use oxitus_tests::payload::assert_same;
use oxitus_tests::response::Response;
use oxitus_tests::server::{Server, Settings};
use oxitus_tests::{tus, wait};

/// How long an upload lives whose end is waited for.
const SHORT: Duration = Duration::from_secs(2);

/// How long one lives that is not to end while something else happens.
const LONG: Duration = Duration::from_secs(10);

fn start(time_to_live: Duration) -> Server {
    let time_to_live = format!("{}s", time_to_live.as_secs());
    let settings = Settings::default().option("--expire-after", &time_to_live);
    settings.start()
}

/// `Upload-Expires` as seconds since 1970, after a look at its form. (EXP-06)
fn expires(response: &Response) -> u64 {
    let value = response
        .header("upload-expires")
        .unwrap_or_else(|| panic!("{response:?}"));
    let fields: Vec<&str> = value.split([' ', ':']).collect();
    let [weekday, day, month, year, hour, minute, second, "GMT"] = fields[..] else {
        panic!("{value} is not an IMF-fixdate");
    };
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = months.iter().position(|name| *name == month).unwrap() as u64;
    let [day, year, hour, minute, second] = [day, year, hour, minute, second].map(|field| {
        assert!(field.len() == 2 || field.len() == 4, "{value}");
        field.parse::<u64>().unwrap()
    });
    // Days since 1970 in the calendar whose years begin in March.
    let (year, month) = if month < 2 {
        (year - 1, month + 10)
    } else {
        (year, month - 2)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    let days = days - 719_468;
    let weekdays = ["Thu,", "Fri,", "Sat,", "Sun,", "Mon,", "Tue,", "Wed,"];
    assert_eq!(
        weekday,
        weekdays[usize::try_from(days % 7).unwrap()],
        "{value}"
    );
    days * 86_400 + hour * 3_600 + minute * 60 + second
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// Expects that it expires after the time that it lives, from some moment on that lies between
/// `begun` and now.
#[track_caller]
fn assert_expires_soon(response: &Response, begun: u64) {
    let expires = expires(response);
    let soonest = begun + LONG.as_secs();
    // It may be rounded.
    let latest = now() + LONG.as_secs() + 1;
    assert!(
        (soonest..=latest).contains(&expires),
        "{expires} is not in {soonest}..={latest}: {response:?}"
    );
}

fn wait_until_gone(client: &Client, url: &str) {
    wait::until("the upload to expire", || {
        [404, 410].contains(&client.head(url).status).then_some(())
    });
}

/// EXP-01, EXP-02, EXP-03, EXP-06.
#[test]
fn answers_tell_when_an_upload_will_go() {
    let server = start(LONG);
    for client in server.clients() {
        let begun = now();
        let options = client.options();
        assert!(
            options
                .header("tus-extension")
                .unwrap()
                .contains("expiration")
        );
        for creation in [
            tus::create(10),
            tus::create_partial(10),
            tus::create_deferred(),
        ] {
            assert_expires_soon(&client.send(&creation).expect(201), begun);
        }
        let url = client.create(10);
        assert_expires_soon(&client.patch(&url, 0, b"hello").expect(204), begun);
        assert_expires_soon(&client.patch(&url, 5, b"").expect(204), begun);
        assert_expires_soon(&client.head(&url).expect(200), begun);
        client
            .patch(&url, 5, b"world")
            .expect(204)
            .expect_header("upload-expires", None);
        client
            .head(&url)
            .expect(200)
            .expect_header("upload-expires", None);
        client
            .send(&tus::create(0))
            .expect(201)
            .expect_header("upload-expires", None);
        let whole = tus::create(5)
            .header("Content-Type", tus::OFFSET_OCTET_STREAM)
            .body("hello");
        client
            .send(&whole)
            .expect(201)
            .expect_header("upload-expires", None);
    }
}

/// EXP-01: without a time to live nothing expires, and the extension is not there.
#[test]
fn without_a_time_nothing_expires() {
    let server = Server::start();
    let client = server.client(Http::One);
    let created = client.send(&tus::create(10)).expect(201);
    assert_eq!(created.header("upload-expires"), None);
}

/// EXP-04: a piece prolongs the life. A machine that is busy may take so long for one that the upload
/// rightly expires; then it is tried anew.
#[test]
fn activity_keeps_an_upload_alive() {
    let server = start(SHORT);
    let client = server.client(Http::One);
    for _ in 0..10 {
        if keeps_alive(&client) {
            return;
        }
    }
    panic!("this machine is too busy to keep an upload alive");
}

/// Whether an upload of pieces that together take longer than it may live was in time throughout.
fn keeps_alive(client: &Client) -> bool {
    let mut last_activity = Instant::now();
    let url = client.create(5);
    for offset in 0..4 {
        std::thread::sleep(SHORT / 3);
        let (sent, before) = (Instant::now(), now());
        let patched = client.patch(&url, offset, b"x");
        if last_activity.elapsed() >= SHORT {
            return false;
        }
        last_activity = sent;
        let patched = patched.expect(204);
        assert!(expires(&patched) >= before + SHORT.as_secs(), "{patched:?}");
    }
    let patched = client.patch(&url, 4, b"x");
    if last_activity.elapsed() >= SHORT {
        return false;
    }
    patched.expect(204);
    assert_same(&client.download(&url), b"xxxxx");
    true
}

/// EXP-05.1, EXP-05.2, EXP-05.3, EXP-05.5; and nothing of it is left on the disk.
#[test]
fn an_expired_upload_is_gone() {
    let server = start(LONG);
    let client = server.client(Http::One);
    let urls = [
        tus::create(10),
        tus::create_partial(10),
        tus::create_deferred(),
    ]
    .map(|creation| {
        let url = client.created(&creation);
        client.patch(&url, 0, b"hello").expect(204);
        url
    });
    let finished_part = client.upload_partial(b"part");
    for url in urls.iter().chain([&finished_part]) {
        wait_until_gone(&client, url);
        let files = server.storage().files();
        client.head(url).expect_header("upload-offset", None);
        client.patch(url, 5, b"world").expect_any(&[404, 410]);
        client.send(&tus::get(url)).expect_any(&[404, 410]);
        let answer = client.send(&tus::create_final(&[url]));
        assert!((400..500).contains(&answer.status), "{answer:?}");
        client.delete(url).expect_any(&[204, 404, 410]);
        assert!(server.storage().files().len() <= files.len());
    }
    wait::until("the sweeper to remove the files", || {
        let mut left = urls
            .iter()
            .map(|url| server.storage().files_of(tus::id(url)));
        left.all(|files| files.is_empty()).then_some(())
    });
}

/// EXP-05.4: the classic mistake is to remove what is complete.
#[test]
fn a_complete_upload_never_expires() {
    let server = start(LONG);
    let client = server.client(Http::One);
    let complete = client.upload(b"complete");
    let empty = client.create(0);
    let part = client.upload_partial(b"part");
    let whole = client.created(&tus::create_final(&[&part, &part]));
    let unfinished = client.create(10);
    wait_until_gone(&client, &unfinished);
    wait_until_gone(&client, &part);
    wait::until("the sweeper", || {
        server
            .storage()
            .files_of(tus::id(&unfinished))
            .is_empty()
            .then_some(())
    });
    assert_same(&client.download(&complete), b"complete");
    assert_same(&client.download(&empty), b"");
    assert_same(&client.download(&whole), b"partpart");
    client.head(&complete).expect(200).expect_offset(8);
}

/// EXP-05.6: a body that is being received is activity; it ends well, or is refused.
#[test]
fn a_body_across_the_moment_of_expiry_is_not_lost_unnoticed() {
    let server = start(SHORT);
    for client in server.clients() {
        let url = client.create(60);
        let mut pending = client.begin(&tus::patch_of_length(&url, 0, 60));
        for _ in 0..60 {
            if pending.try_write(b"x").is_err() {
                break;
            }
            std::thread::sleep(SHORT / 40);
        }
        if pending.response().expect_any(&[204, 400, 404, 410]).status == 204 {
            assert_same(&client.download(&url), &[b'x'; 60]);
        }
    }
}
