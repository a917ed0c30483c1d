//! The dialects that are named after servers are those that the servers speak.

use std::fmt::Debug;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use oxitus_testkit::real_s3::{Implementation, RealS3};
use oxitus_testkit::s3::{Bucket, Dialect, InMemoryS3};

use crate::support::{BOGUS, Store, named};

#[tokio::test]
async fn versitygw() {
    if let Some(server) = RealS3::start(Implementation::Versitygw) {
        compare(&server, Dialect::versitygw()).await;
    }
}

#[tokio::test]
async fn minio() {
    if let Some(server) = RealS3::start(Implementation::Minio) {
        compare(&server, Dialect::minio()).await;
    }
}

async fn compare(server: &RealS3, dialect: Dialect) {
    let real = manners(&Store::real(server, "manners")).await;
    let s3 = InMemoryS3::new(Bucket::with_dialect(dialect));
    assert_eq!(manners(&Store::in_process(&s3).await).await, real);
}

/// What a store does that others do in another way.
async fn manners(store: &Store) -> Vec<String> {
    let mut manners = Manners(Vec::new());
    conditions(store, &mut manners).await;
    completions(store, &mut manners).await;
    dead_uploads(store, &mut manners).await;
    listings(store, &mut manners).await;
    manners.0
}

struct Manners(Vec<String>);

impl Manners {
    fn note(&mut self, name: &str, what: impl Debug) {
        self.0.push(format!("{name}: {what:?}"));
    }

    fn outcome<T, E: ProvideErrorMetadata>(&mut self, name: &str, outcome: Result<T, SdkError<E>>) {
        let refusal = outcome.err().map(|error| {
            let status = error.raw_response().map(|raw| raw.status().as_u16());
            (status, error.code().map(str::to_owned))
        });
        self.note(name, refusal);
    }
}

async fn conditions(store: &Store, manners: &mut Manners) {
    let key = store.key("conditions");
    let put = || store.client.put_object().bucket(&store.bucket).key(&key);
    manners.outcome(
        "put If-Match, no object",
        put().if_match(BOGUS).send().await,
    );
    let etag = store.put(&key, "x").await;
    let unquoted = put().if_match(etag.trim_matches('"')).send().await;
    manners.outcome("put If-Match, unquoted", unquoted);
    let delete = store.client.delete_object().bucket(&store.bucket).key(&key);
    let deleted = delete.if_match(BOGUS).send().await;
    manners.outcome("delete If-Match, other object", deleted);
    let head = store
        .client
        .head_object()
        .bucket(&store.bucket)
        .key(&key)
        .send()
        .await;
    manners.note("it is still there", head.is_ok());
}

async fn completions(store: &Store, manners: &mut Manners) {
    let key = store.key("completions");
    let id = store.begin(&key).await;
    let part = store.part(&key, &id, 3, "x").await;
    let size = store.complete(&key, &id, [part.clone()]).mpu_object_size(7);
    manners.outcome("complete, other size", size.send().await);

    let id = store.begin(&key).await;
    let part = store.part(&key, &id, 3, "x").await;
    store
        .complete(&key, &id, [part.clone()])
        .send()
        .await
        .unwrap();
    let again = store.complete(&key, &id, [part.clone()]).send().await;
    manners.outcome("complete again", again);
    let again = store.complete(&key, &id, [named(1, BOGUS)]).send().await;
    manners.note(
        "its ETag",
        again.as_ref().ok().and_then(|again| again.e_tag()),
    );
    manners.outcome("complete again, other parts", again);
    let delete = store.client.delete_object().bucket(&store.bucket).key(&key);
    delete.send().await.unwrap();
    // What Amazon answers here nobody has seen; these two are alike.
    let again = store.complete(&key, &id, [part]).send().await;
    manners.outcome("complete again, object deleted", again);
}

async fn dead_uploads(store: &Store, manners: &mut Manners) {
    let key = store.key("dead");
    store.put(&key, "other").await;
    let id = store.begin(&key).await;
    let part = store.part(&key, &id, 1, "x").await;
    let abort = || {
        let abort = store.client.abort_multipart_upload().bucket(&store.bucket);
        abort.key(&key).upload_id(&id).send()
    };
    abort().await.unwrap();
    manners.outcome("abort again", abort().await);
    let upload = store.client.upload_part().bucket(&store.bucket).key(&key);
    let upload = upload.upload_id(&id).part_number(1).send().await;
    manners.outcome("upload a part", upload);
    let list = store.client.list_parts().bucket(&store.bucket).key(&key);
    manners.outcome("list parts", list.upload_id(&id).send().await);
    let complete = store.complete(&key, &id, [part]).send().await;
    manners.outcome("complete an aborted upload over an object", complete);
    manners.note("the object", store.get(&key).await);
}

async fn listings(store: &Store, manners: &mut Manners) {
    let key = store.key("listings");
    let id = store.begin(&key).await;
    for number in [2, 4, 7] {
        store.part(&key, &id, number, "x").await;
    }
    for marker in ["1", "2", "3", "7", "9"] {
        let list = store.client.list_parts().bucket(&store.bucket).key(&key);
        let list = list
            .upload_id(&id)
            .part_number_marker(marker)
            .send()
            .await
            .unwrap();
        let numbers: Vec<_> = list.parts().iter().map(|part| part.part_number()).collect();
        manners.note("parts after a marker", (marker, numbers));
    }
    for prefix in [store.key("listin"), key.clone()] {
        let list = store.client.list_multipart_uploads().bucket(&store.bucket);
        let list = list.prefix(&prefix).send().await.unwrap();
        manners.note("uploads by prefix", list.uploads().len());
    }
    let abort = store.client.abort_multipart_upload().bucket(&store.bucket);
    abort.key(&key).upload_id(&id).send().await.unwrap();
}
