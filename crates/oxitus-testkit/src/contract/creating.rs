//! Clauses 1 to 4: creating and finding.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future;
use oxitus_core::proto::header::UploadMetadata;
use oxitus_core::proto::upload::{Kind, Phase};
use oxitus_core::storage::{Acquire, ByteRange, Capabilities, ErrorKind, NewUpload};

use super::content::content;
use super::steps::*;
use super::{Fixture, Outcome};

/// 1: `info`, in every instance, shows the upload as it was asked for.
pub async fn clause_01_a_new_upload_is_visible_as_it_was_made(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    for new in uploads_of_every_sort(backend.capabilities()) {
        let expected = new.snapshot();
        let lease = create(&backend, new).await;
        assert_eq!(*lease.info(), expected);
        let elsewhere = fixture.reopen().await;
        assert_eq!(backend.info(&expected.id).await.expect("info"), expected);
        assert_eq!(elsewhere.info(&expected.id).await.expect("info"), expected);
        lease.release().await.expect("release");
        let lease = acquire_soon(&elsewhere, &expected.id).await;
        assert_eq!(*lease.info(), expected);
        assert_eq!((expected.offset, expected.phase), (0, Phase::Receiving));
    }
    Ok(())
}

fn uploads_of_every_sort(capabilities: Capabilities) -> Vec<NewUpload> {
    let mut described = new(
        "0_of-the-longest-ids-that-there-are-0123456789_0123456789-012345",
        Some(5),
    );
    described.metadata = Some(UploadMetadata::parse(b"filename d29ybGQ=").expect("metadata"));
    described.max_size = Some(70_000);
    described.created = now() - Duration::from_secs(7 * 24 * 3600);
    described.time_to_live = Some(Duration::from_secs(90));
    let mut all = vec![
        new("plain", Some(5)),
        new("beyond-4-gib", Some((4 << 30) + 1)),
        new("the-largest", Some(i64::MAX.unsigned_abs())),
        described,
    ];
    if capabilities.deferred_length {
        all.push(new("deferred", None));
    }
    if capabilities.concatenation {
        all.push(partial("partial", 5));
        all.push(final_of("final", Some(15), &["one", "other", "one"]));
        all.push(final_of("final-of-nothing", Some(0), &["empty"]));
        all.push(final_of("final-of-unknown-length", None, &["deferred"]));
    }
    all.retain(|new| {
        let largest = capabilities.max_size.unwrap_or(u64::MAX);
        new.length.is_none_or(|length| length <= largest)
    });
    all
}

/// 2: whatever the upload is like that has the id.
pub async fn clause_02_a_taken_id_is_refused_and_its_upload_unchanged(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let elsewhere = fixture.reopen().await;
    let name = id("taken");
    let bytes = content(2, 3000);
    let refused_everywhere = async || {
        let before = backend.info(&name).await.expect("info");
        for backend in [&backend, &elsewhere] {
            let mut another = new("taken", Some(7));
            another.metadata = Some(UploadMetadata::parse(b"other").expect("metadata"));
            fails(backend.create(another).await, ErrorKind::AlreadyExists);
        }
        assert_eq!(backend.info(&name).await.expect("info"), before);
        assert_eq!(elsewhere.info(&name).await.expect("info"), before);
    };

    let lease = create(&backend, new("taken", Some(3000))).await;
    refused_everywhere().await;
    lease.release().await.expect("release");
    refused_everywhere().await;
    let lease = acquire_soon(&backend, &name).await;
    let lease = append(lease, &bytes.slice(..1000)).await;
    refused_everywhere().await;
    let lease = append(lease, &bytes.slice(1000..)).await;
    refused_everywhere().await;
    finish(lease).await;
    refused_everywhere().await;
    holds(fixture, &name, &bytes).await;
    Ok(())
}

/// 2: also where they come at once, by way of several instances.
pub async fn clause_02_of_many_who_create_one_id_one_succeeds(fixture: &dyn Fixture) -> Outcome {
    let backends = [fixture.backend(), fixture.reopen().await];
    for round in 0..20 {
        let name = format!("round-{round}");
        let attempts = (0..8).map(|attempt| {
            let backend = Arc::clone(&backends[attempt % backends.len()]);
            let new = new(&name, Some(attempt as u64 + 1));
            tokio::spawn(async move { (attempt, backend.create(new).await) })
        });
        let mut winners = Vec::new();
        for attempt in future::join_all(attempts).await {
            match attempt.expect("no panic") {
                (attempt, Ok(lease)) => winners.push((attempt, lease)),
                (_, Err(error)) => assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error:?}"),
            }
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        let length = backends[1].info(&id(&name)).await.expect("info").length;
        assert_eq!(length, Some(winners[0].0 as u64 + 1));
    }
    Ok(())
}

/// 3: and to look for it leaves nothing behind.
pub async fn clause_03_an_unknown_id_is_not_found(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    drop(create(&backend, new("known", Some(5))).await);
    for unknown in ["unknown", "know", "known-", "known-info", "known_lock"] {
        let name = id(unknown);
        fails(backend.info(&name).await, ErrorKind::NotFound);
        for how in [
            Acquire::Try,
            to_append(0, Duration::from_secs(60)),
            to_append(5, Duration::from_secs(60)),
            to_terminate(Duration::from_secs(60)),
        ] {
            fails(backend.acquire(&name, how).await, ErrorKind::NotFound);
        }
        fails(
            backend.read(&name, ByteRange::ALL).await,
            ErrorKind::NotFound,
        );
        fails(backend.info(&name).await, ErrorKind::NotFound);
        let lease = create(&backend, new(unknown, Some(3))).await;
        finish(append(lease, &content(3, 3)).await).await;
        holds(fixture, &name, &content(3, 3)).await;
    }
    Ok(())
}

/// 4: from every place that tells of an upload, through all of its life.
pub async fn clause_04_metadata_and_concat_come_back_byte_for_byte(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(4, 500);
    let long = format!("long {}", "QUJD".repeat(1500));
    for (number, raw) in [
        "filename d29ybGQ=,is_confidential",
        "k",
        "k ,j dg==",
        "k dg==,K dg==",
        "k dg==, j dg==",
        "k Zh==",
        "k=\"/; dg==",
        "\\\"quoted\\\" dg==,<x>&'y' dg==,%00 dg==,{} dg==,$HOME dg==",
        "constructor dg==,__proto__ dg==,length dg==,offset dg==",
        &long,
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("described-{number}");
        let mut new = new(&name, Some(500));
        new.metadata = Some(UploadMetadata::parse(raw.as_bytes()).expect("metadata"));
        let expected = new.metadata.clone();
        let lease = create(&backend, new).await;
        assert_eq!(lease.info().metadata, expected);
        let lease = append(lease, &bytes.slice(..200)).await;
        assert_eq!(lease.info().metadata, expected);
        finish(append(lease, &bytes.slice(200..)).await).await;
        let elsewhere = fixture.reopen().await;
        for backend in [&backend, &elsewhere] {
            let info = backend.info(&id(&name)).await.expect("info");
            assert_eq!(info.metadata, expected);
            let download = backend.read(&id(&name), ByteRange::ALL).await;
            assert_eq!(download.expect("read").upload.metadata, expected);
        }
        holds(fixture, &id(&name), &bytes).await;
    }

    if backend.capabilities().concatenation {
        for (number, raw) in [
            "final;/files/a",
            "final; /files/a  http://localhost:1080/files/b /files/a ",
            "final;https://example.org/%7Efiles/a?x=\"y\"&z=\\ ../b",
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("final-{number}");
            let mut new = final_of(&name, None, &["a", "b", "a"]);
            if let Kind::Final(concatenation) = &mut new.kind {
                concatenation.raw = raw.into();
            }
            let expected = new.kind.clone();
            drop(create(&backend, new).await);
            for backend in [&backend, &fixture.reopen().await] {
                let info = backend.info(&id(&name)).await.expect("info");
                assert_eq!(info.kind, expected);
            }
        }
    }
    Ok(())
}
