//! Every switch of a dialect, as a client sees it.

use oxitus_testkit::s3::{
    Bucket, Condition, Conditions, DeadUpload, Dialect, ETagForm, ETags, InMemoryS3, MissingKey,
    PartMarker, PartNumbers, PartSizes, S3Error, SecondComplete, UploadListing,
};

use crate::support::{BOGUS, Store, named, refusal, refused};

on_both_front_ends! {
    etags_in_quotes_only
    etags_without_quotes_only
    conditions_that_are_ignored
    conditions_that_are_unsupported
    conditions_that_are_checked_first
    a_missing_key_that_fails_the_precondition
    deletes_that_are_never_conditional
    completions_that_are_never_conditional
    etags_of_chance
    metadata_that_is_dropped
    consecutive_parts_only
    equal_parts_only
    a_small_minimum_part_size
    a_second_completion
    sizes_that_are_not_checked
    what_dead_uploads_answer
    late_parts_that_revive_an_upload
    uploads_listed_by_exact_key
    markers_that_are_no_parts
    a_full_store
}

const SMALL: Dialect = Dialect {
    minimum_part_size: 2,
    ..Dialect::aws()
};

fn server(dialect: Dialect) -> InMemoryS3 {
    InMemoryS3::new(Bucket::with_dialect(dialect))
}

impl Store {
    async fn put_matching(&self, etag: &str) -> Result<(), (u16, String)> {
        let put = self.client.put_object().bucket(&self.bucket).key("key");
        let put = put.if_match(etag).body(b"new".to_vec().into()).send().await;
        match put {
            Ok(_) => Ok(()),
            refused => Err(refusal(refused)),
        }
    }
}

async fn etags_in_quotes_only(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let store = connect(&server(Dialect::r2())).await;
    let etag = store.put("key", "old").await;
    let bare = etag.trim_matches('"');
    assert_eq!(
        store.put_matching(bare).await,
        Err(refused(400, "InvalidArgument"))
    );
    assert_eq!(
        store.put_matching(BOGUS).await,
        Err(refused(412, "PreconditionFailed"))
    );
    assert_eq!(store.put_matching(&etag).await, Ok(()));
}

async fn etags_without_quotes_only(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let store = connect(&server(Dialect::ceph())).await;
    let etag = store.put("key", "old").await;
    let bare = etag.trim_matches('"');
    assert_eq!(
        store.put_matching(&etag).await,
        Err(refused(412, "PreconditionFailed"))
    );
    assert_eq!(store.put_matching(bare).await, Ok(()));
    assert_eq!(Dialect::aws().etag_form, ETagForm::Either);
}

async fn conditions_that_are_ignored(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let conditions = Conditions::Ignored;
    let s3 = server(Dialect {
        conditions,
        ..SMALL
    });
    let store = connect(&s3).await;
    assert_eq!(store.put_matching(BOGUS).await, Ok(()));
    let put = store.client.put_object().bucket(&store.bucket).key("key");
    put.if_none_match("*").send().await.unwrap();
    let id = store.begin("key").await;
    let part = store.part("key", &id, 1, "x").await;
    store
        .complete("key", &id, [part])
        .if_match(BOGUS)
        .send()
        .await
        .unwrap();
    let delete = store
        .client
        .delete_object()
        .bucket(&store.bucket)
        .key("key");
    delete.if_match(BOGUS).send().await.unwrap();
    assert!(s3.bucket().get("key", &Condition::None).is_err());
}

async fn conditions_that_are_unsupported(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let conditions = Conditions::Unsupported;
    let store = connect(&server(Dialect {
        conditions,
        ..SMALL
    }))
    .await;
    store.put("key", "old").await;
    let not_implemented = refused(501, "NotImplemented");
    assert_eq!(
        store.put_matching(BOGUS).await,
        Err(not_implemented.clone())
    );
    let put = store.client.put_object().bucket(&store.bucket).key("key");
    assert_eq!(
        refusal(put.if_none_match("*").send().await),
        not_implemented
    );
    let delete = store
        .client
        .delete_object()
        .bucket(&store.bucket)
        .key("key");
    assert_eq!(
        refusal(delete.if_match(BOGUS).send().await),
        not_implemented
    );
    assert_eq!(store.get("key").await, "old");
}

async fn conditions_that_are_checked_first(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let conditions = Conditions::CheckThenAct;
    let store = connect(&server(Dialect {
        conditions,
        ..SMALL
    }))
    .await;
    let etag = store.put("key", "old").await;
    let race = (0..16).map(|_| store.put_matching(&etag));
    let outcomes = futures_util::future::join_all(race).await;
    let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(winners > 1, "{outcomes:?}");
    assert_eq!(
        store.put_matching(&etag).await,
        Err(refused(412, "PreconditionFailed"))
    );
}

async fn a_missing_key_that_fails_the_precondition(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let missing_key = MissingKey::PreconditionFailed;
    let store = connect(&server(Dialect {
        missing_key,
        ..SMALL
    }))
    .await;
    assert_eq!(
        store.put_matching(BOGUS).await,
        Err(refused(412, "PreconditionFailed"))
    );
}

async fn deletes_that_are_never_conditional(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    for (dialect, outcome) in [(Dialect::minio(), None), (SMALL, Some(412))] {
        let s3 = server(dialect);
        let store = connect(&s3).await;
        store.put("key", "x").await;
        let delete = store
            .client
            .delete_object()
            .bucket(&store.bucket)
            .key("key");
        let deleted = delete.if_match(BOGUS).send().await;
        assert_eq!(
            deleted
                .err()
                .map(|error| error.raw_response().unwrap().status().as_u16()),
            outcome
        );
        assert_eq!(
            s3.bucket().get("key", &Condition::None).is_ok(),
            outcome.is_some()
        );
    }
}

async fn completions_that_are_never_conditional(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let store = connect(&server(Dialect::ceph())).await;
    store.put("key", "old").await;
    let id = store.begin("key").await;
    let part = store.part("key", &id, 1, "new").await;
    store
        .complete("key", &id, [part])
        .if_none_match("*")
        .send()
        .await
        .unwrap();
    assert_eq!(store.get("key").await, "new");
}

async fn etags_of_chance(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let etags = ETags::Random;
    let store = connect(&server(Dialect { etags, ..SMALL })).await;
    let (one, two) = (
        store.put("key", "same").await,
        store.put("key", "same").await,
    );
    assert_ne!(one, two);
    assert_eq!(
        store.put_matching(&one).await,
        Err(refused(412, "PreconditionFailed"))
    );
    assert_eq!(store.put_matching(&two).await, Ok(()));
    let id = store.begin("key").await;
    let stale = store.part("key", &id, 1, "same").await;
    let part = store.part("key", &id, 1, "same").await;
    let complete = store.complete("key", &id, [stale]).send().await;
    assert_eq!(refusal(complete), refused(400, "InvalidPart"));
    store.complete("key", &id, [part]).send().await.unwrap();
}

async fn metadata_that_is_dropped(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let keeps_metadata = false;
    let store = connect(&server(Dialect {
        keeps_metadata,
        ..SMALL
    }))
    .await;
    let put = store.client.put_object().bucket(&store.bucket).key("key");
    put.metadata("token", "x")
        .content_type("text/x-kept")
        .send()
        .await
        .unwrap();
    let head = store.client.head_object().bucket(&store.bucket).key("key");
    let head = head.send().await.unwrap();
    assert!(head.metadata().is_none_or(|metadata| metadata.is_empty()));
    assert_eq!(head.content_type(), Some("text/x-kept"));
}

async fn consecutive_parts_only(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    for gap_refusal in [S3Error::InvalidPartOrder, S3Error::InvalidRequest] {
        let store = connect(&server(Dialect {
            part_numbers: PartNumbers::Consecutive,
            gap_refusal,
            ..SMALL
        }))
        .await;
        let id = store.begin("key").await;
        let parts = [
            store.part("key", &id, 1, "ab").await,
            store.part("key", &id, 2, "cd").await,
            store.part("key", &id, 3, "e").await,
        ];
        let [one, two, three] = parts.clone();
        for gap in [vec![one, three], vec![two]] {
            let complete = store.complete("key", &id, gap).send().await;
            assert_eq!(refusal(complete), refused(400, gap_refusal.code()));
        }
        store.complete("key", &id, parts).send().await.unwrap();
        assert_eq!(store.get("key").await, "abcde");
    }
}

async fn equal_parts_only(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let part_sizes = PartSizes::Equal;
    let store = connect(&server(Dialect {
        part_sizes,
        ..SMALL
    }))
    .await;
    for (bodies, fits) in [
        (vec!["abc", "def", "g"], true),
        (vec!["abc", "def", "ghi"], true),
        (vec!["abcdef"], true),
        (vec!["abc", "de", "f"], false),
        (vec!["abc", "def", "ghij"], false),
    ] {
        let id = store.begin("key").await;
        let mut parts = Vec::new();
        for (number, body) in (1..).zip(&bodies) {
            parts.push(store.part("key", &id, number, *body).await);
        }
        let complete = store.complete("key", &id, parts).send().await;
        if fits {
            complete.unwrap();
            assert_eq!(store.get("key").await, bodies.concat());
        } else {
            assert_eq!(refusal(complete), refused(400, "InvalidPart"));
        }
    }
}

async fn a_small_minimum_part_size(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let store = connect(&server(SMALL)).await;
    for (first, fits) in [("ab", true), ("a", false)] {
        let id = store.begin("key").await;
        let parts = [
            store.part("key", &id, 1, first).await,
            store.part("key", &id, 2, "").await,
        ];
        let complete = store.complete("key", &id, parts).send().await;
        if fits {
            complete.unwrap();
        } else {
            assert_eq!(refusal(complete), refused(400, "EntityTooSmall"));
        }
    }
}

async fn a_second_completion(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    // For each: the same parts, others, and the same after the object has been deleted.
    for (dialect, succeeds) in [
        (Dialect::aws(), [true, false, true]),
        (Dialect::versitygw(), [true, true, false]),
        (Dialect::minio(), [false, false, false]),
    ] {
        let second_complete = dialect.second_complete;
        let s3 = server(Dialect {
            second_complete,
            ..SMALL
        });
        let store = connect(&s3).await;
        let id = store.begin("key").await;
        let part = store.part("key", &id, 1, "x").await;
        let first = store
            .complete("key", &id, [part.clone()])
            .send()
            .await
            .unwrap();
        let again = async |parts, expected, etag: Option<String>| {
            let again = store.complete("key", &id, parts).send().await;
            if expected {
                assert_eq!(again.unwrap().e_tag, etag, "{second_complete:?}");
            } else {
                assert_eq!(
                    refusal(again),
                    refused(404, "NoSuchUpload"),
                    "{second_complete:?}"
                );
            }
        };
        again([part.clone()], succeeds[0], first.e_tag.clone()).await;
        let other = "\"a63b1318bf257a72cc83a9e3c530bf8b-1\"".to_owned();
        again([named(7, BOGUS)], succeeds[1], Some(other)).await;
        assert_eq!(store.get("key").await, "x");
        s3.bucket().delete("key", &Condition::None).unwrap();
        again([part], succeeds[2], first.e_tag.clone()).await;
        assert!(s3.bucket().get("key", &Condition::None).is_err());
    }
    assert_eq!(
        Dialect::versitygw().second_complete,
        SecondComplete::WhereAnObjectStands
    );
}

async fn sizes_that_are_not_checked(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    for (dialect, checks) in [(Dialect::minio(), false), (Dialect::aws(), true)] {
        let store = connect(&server(dialect)).await;
        let id = store.begin("key").await;
        let part = store.part("key", &id, 1, "x").await;
        let complete = store.complete("key", &id, [part]).mpu_object_size(7);
        let complete = complete.send().await;
        if checks {
            assert_eq!(refusal(complete), refused(400, "InvalidRequest"));
        } else {
            complete.unwrap();
        }
    }
}

async fn what_dead_uploads_answer(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    for (answer, expected) in [
        (DeadUpload::NoSuchUpload, Some(refused(404, "NoSuchUpload"))),
        (DeadUpload::AccessDenied, Some(refused(403, "AccessDenied"))),
        (
            DeadUpload::InternalError,
            Some(refused(500, "InternalError")),
        ),
        (DeadUpload::Accepted, None),
    ] {
        let s3 = server(Dialect {
            part_of_dead_upload: answer,
            parts_of_dead_upload: answer,
            abort_of_dead_upload: answer,
            ..SMALL
        });
        let store = connect(&s3).await;
        let id = store.begin("key").await;
        let abort = || {
            let abort = store.client.abort_multipart_upload().bucket(&store.bucket);
            abort.key("key").upload_id(&id).send()
        };
        abort().await.unwrap();
        let upload = store
            .client
            .upload_part()
            .bucket(&store.bucket)
            .key("key")
            .upload_id(&id);
        let upload = upload
            .part_number(1)
            .body(b"x".to_vec().into())
            .send()
            .await;
        let list = store
            .client
            .list_parts()
            .bucket(&store.bucket)
            .key("key")
            .upload_id(&id);
        let list = list.send().await;
        let abort = abort().await;
        match expected {
            Some(expected) => {
                assert_eq!(refusal(upload), expected);
                assert_eq!(refusal(list), expected);
                assert_eq!(refusal(abort), expected);
            }
            None => {
                upload.unwrap();
                assert_eq!(list.unwrap().parts().len(), 0);
                abort.unwrap();
            }
        }
        assert_eq!(s3.bucket().used(), 0);
    }
}

async fn late_parts_that_revive_an_upload(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let late_parts_revive = true;
    let s3 = server(Dialect {
        late_parts_revive,
        ..SMALL
    });
    let store = connect(&s3).await;
    let id = store.begin("key").await;
    let abort = || {
        let abort = store.client.abort_multipart_upload().bucket(&store.bucket);
        abort.key("key").upload_id(&id).send()
    };
    abort().await.unwrap();
    store.part("key", &id, 3, "late").await;
    assert_eq!(store.parts("key", &id).await.len(), 1);
    let list = store.client.list_multipart_uploads().bucket(&store.bucket);
    assert_eq!(list.send().await.unwrap().uploads().len(), 0);
    assert_eq!(s3.bucket().used(), 4);
    abort().await.unwrap();
    assert_eq!(s3.bucket().used(), 0);
    assert_eq!(refusal(abort().await), refused(404, "NoSuchUpload"));
}

async fn uploads_listed_by_exact_key(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    assert_eq!(Dialect::minio().upload_listing, UploadListing::ByExactKey);
    let store = connect(&server(Dialect::minio())).await;
    for key in ["a", "ab", "ab"] {
        store.begin(key).await;
    }
    for (prefix, found) in [("", 3), ("a", 1), ("ab", 2), ("abc", 0)] {
        let list = store.client.list_multipart_uploads().bucket(&store.bucket);
        let list = list.prefix(prefix).send().await.unwrap();
        assert_eq!(list.uploads().len(), found, "{prefix}");
    }
    let by_prefix = connect(&server(Dialect::aws())).await;
    by_prefix.begin("ab").await;
    let list = by_prefix
        .client
        .list_multipart_uploads()
        .bucket(&by_prefix.bucket);
    assert_eq!(list.prefix("a").send().await.unwrap().uploads().len(), 1);
}

async fn markers_that_are_no_parts(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    for (part_marker, found) in [(PartMarker::Any, 2), (PartMarker::Existing, 0)] {
        let store = connect(&server(Dialect {
            part_marker,
            ..SMALL
        }))
        .await;
        let id = store.begin("key").await;
        for number in [2, 4, 7] {
            store.part("key", &id, number, "x").await;
        }
        for (marker, found) in [("0", 3), ("2", 2), ("3", found), ("7", 0)] {
            let list = store
                .client
                .list_parts()
                .bucket(&store.bucket)
                .key("key")
                .upload_id(&id);
            let list = list.part_number_marker(marker).send().await.unwrap();
            assert_eq!(list.parts().len(), found, "{part_marker:?} {marker}");
        }
    }
}

async fn a_full_store(connect: impl AsyncFn(&InMemoryS3) -> Store) {
    let capacity = Some(10);
    let s3 = server(Dialect { capacity, ..SMALL });
    let store = connect(&s3).await;
    store.put("key", "123456").await;
    let id = store.begin("other").await;
    let part = store.part("other", &id, 1, "789").await;
    let full = refused(507, "XMinioStorageFull");
    let upload = || {
        let upload = store
            .client
            .upload_part()
            .bucket(&store.bucket)
            .key("other");
        let upload = upload.upload_id(&id).part_number(2);
        upload.body(b"xx".to_vec().into()).send()
    };
    assert_eq!(refusal(upload().await), full);
    let put = store.client.put_object().bucket(&store.bucket).key("key");
    assert_eq!(
        refusal(put.body(b"12345678".to_vec().into()).send().await),
        full
    );
    assert_eq!(store.get("key").await, "123456");
    store.put("key", "12345").await;
    upload().await.unwrap();
    store.complete("other", &id, [part]).send().await.unwrap();
    assert_eq!(s3.bucket().used(), 8);
    store.put("key", "1234567").await;
    assert_eq!(s3.bucket().used(), 10);
}
