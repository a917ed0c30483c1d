//! DELETE. (TRM-*)

use oxitus_tests::server::Server;
use oxitus_tests::tus;

/// TRM-02, TRM-03.
#[test]
fn a_deleted_upload_is_gone() {
    let server = Server::start();
    for client in server.clients() {
        let files = server.storage().files();
        let part = client.upload_partial(b"part");
        let unfinished = client.create(10);
        client.patch(&unfinished, 0, b"hello").expect(204);
        let uploads = [
            unfinished,
            client.upload(b"complete"),
            client.create(0),
            client.created(&tus::create_deferred()),
            client.created(&tus::create_final(&[&part, &part])),
            part,
        ];
        for (number, url) in uploads.iter().enumerate() {
            let delete = match number % 2 {
                0 => tus::delete(url),
                _ => tus::delete(url).body(""),
            };
            client.send(&delete).expect(204);
            for request in [
                tus::head(url),
                tus::patch(url, 5, "world"),
                tus::delete(url),
                tus::get(url),
            ] {
                let answer = client.send(&request).expect_any(&[404, 410]);
                assert_eq!(answer.header("upload-offset"), None);
            }
        }
        assert_eq!(server.storage().files(), files, "its space is free again");
    }
}

/// DELETE with a body: whatever it is for, it does no harm.
#[test]
fn a_body_does_not_matter() {
    let server = Server::start();
    for client in server.clients() {
        let url = client.create(10);
        client
            .send(&tus::delete(&url).body("a body"))
            .expect_any(&[204, 400]);
        let url = client.create(10);
        client
            .send(&tus::delete(&url).chunks(["a", "body"]))
            .expect_any(&[204, 400]);
    }
}
