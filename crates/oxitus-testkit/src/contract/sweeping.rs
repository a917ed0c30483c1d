//! Clause 24: sweeping.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{Acquire, ErrorKind, NewUpload, Sweep};

use super::content::content;
use super::run::need;
use super::steps::*;
use super::{Fixture, Outcome};

const LIMITS: [usize; 4] = [1, 3, 100, usize::MAX];
const DAY: Duration = Duration::from_secs(24 * 3600);

/// 24: in steps of any size, and of every upload what `info` says of it.
pub async fn clause_24_a_sweep_reports_what_is_due(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    assert!(names(&sweep(&backend, now() + DAY, 10).await).is_empty());
    let started = now();
    let uploads = uploads_of_every_sort(&backend, started).await;
    let held = acquire_soon(&backend, &id("begun-60")).await;
    let soon = Duration::from_secs(30);
    for (moment, dues) in [
        (started + soon, &[Due::Now][..]),
        (started + DAY, &[Due::Now, Due::Later]),
    ] {
        let expected = uploads.iter().filter(|(_, due)| dues.contains(due));
        let mut expected: Vec<_> = expected.map(|(name, _)| id(name)).collect();
        expected.sort();
        for backend in [&backend, &fixture.reopen().await] {
            for limit in LIMITS {
                let due = sweep(backend, moment, limit).await;
                assert_eq!(names(&due), expected, "in steps of {limit}");
                for upload in due {
                    assert_eq!(backend.info(&upload.id).await.expect("info"), upload);
                    assert!(Sweep::concerns(&upload, moment));
                }
            }
        }
    }
    held.release().await.expect("release");
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Now,
    Later,
    Never,
}

/// Makes uploads of every kind, in every phase, with a time to live and without, and says when a
/// sweep reports each of them: at once, some days later, or never.
async fn uploads_of_every_sort(backend: &Backend, at: SystemTime) -> HashMap<String, Due> {
    let mut uploads = HashMap::new();
    let bytes = content(24, 100);
    for seconds in [0, 60, 3600] {
        let living = |mut new: NewUpload| {
            new.created = at;
            new.time_to_live = (seconds > 0).then_some(Duration::from_secs(seconds));
            new
        };
        let expires = if seconds > 0 { Due::Later } else { Due::Never };

        let name = format!("new-{seconds}");
        drop(create(backend, living(new(&name, Some(100)))).await);
        uploads.insert(name, expires);

        let name = format!("begun-{seconds}");
        let lease = create(backend, living(new(&name, Some(100)))).await;
        drop(append(lease, &bytes.slice(..40)).await);
        uploads.insert(name, expires);

        let name = format!("received-{seconds}");
        let lease = create(backend, living(new(&name, Some(100)))).await;
        drop(append(lease, &bytes).await);
        uploads.insert(name, Due::Now);

        let name = format!("complete-{seconds}");
        upload(backend, living(new(&name, None)), &bytes).await;
        uploads.insert(name, Due::Never);

        if !backend.capabilities().concatenation {
            continue;
        }
        let name = format!("part-begun-{seconds}");
        let lease = create(backend, living(partial(&name, 100))).await;
        drop(append(lease, &bytes.slice(..40)).await);
        uploads.insert(name, expires);

        let name = format!("part-received-{seconds}");
        let lease = create(backend, living(partial(&name, 100))).await;
        drop(append(lease, &bytes).await);
        uploads.insert(name, Due::Now);

        let part = format!("part-complete-{seconds}");
        upload(backend, living(partial(&part, 100)), &bytes).await;
        uploads.insert(part.clone(), expires);

        let name = format!("final-{seconds}");
        drop(create(backend, living(final_of(&name, None, &[&part]))).await);
        uploads.insert(name, Due::Now);

        let name = format!("final-received-{seconds}");
        let lease = create(backend, living(final_of(&name, None, &[&part]))).await;
        let mut lease = lease.assemble().await.expect("assemble");
        uploads.insert(name, Due::Now);
        let name = format!("final-complete-{seconds}");
        drop(lease);
        lease = create(backend, living(final_of(&name, None, &[&part]))).await;
        lease = lease.assemble().await.expect("assemble");
        lease.complete().await.expect("complete");
        uploads.insert(name, Due::Never);
    }
    uploads
}

/// 24: an upload expires so long after its last byte, or else after its creation.
pub async fn clause_24_arriving_bytes_put_the_expiry_off(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let minute = Duration::from_secs(60);
    let started = now();
    let mut new = new("old", Some(100));
    new.created = started - 60 * minute;
    new.time_to_live = Some(30 * minute);
    let lease = create(&backend, new).await;
    let before_it_expired = started - 31 * minute;
    assert!(sweep(&backend, before_it_expired, 10).await.is_empty());
    assert_eq!(
        names(&sweep(&backend, started + DAY, 10).await),
        [id("old")]
    );
    let lease = append(lease, &content(24, 1)).await;
    lease.release().await.expect("release");
    for backend in [&backend, &fixture.reopen().await] {
        for not_yet in [started, started + 29 * minute] {
            assert!(sweep(backend, not_yet, 10).await.is_empty());
        }
        assert_eq!(names(&sweep(backend, started + DAY, 10).await), [id("old")]);
    }
    Ok(())
}

/// 24: to remove what is due is somebody else's business.
pub async fn clause_24_a_sweep_takes_nothing_away(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let uploads = uploads_of_every_sort(&backend, now()).await;
    let mut before = Vec::new();
    for name in uploads.keys() {
        before.push(backend.info(&id(name)).await.expect("info"));
    }
    for limit in LIMITS {
        sweep(&backend, now() + 10_000 * DAY, limit).await;
    }
    for upload in before {
        assert_eq!(backend.info(&upload.id).await.expect("info"), upload);
        let lease = acquire_soon(&backend, &upload.id).await;
        assert_eq!(*lease.info(), upload);
        lease.release().await.expect("release");
    }
    holds(fixture, &id("complete-60"), &content(24, 100)).await;
    Ok(())
}

/// 24: what was there all the time is reported once, whatever comes and goes.
pub async fn clause_24_a_sweep_goes_on_while_uploads_come_and_go(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    let later = now() + DAY;
    let expiring = |name: &str| {
        let mut new = new(name, Some(9));
        new.time_to_live = Some(Duration::from_secs(60));
        new
    };
    for limit in [1, 3, 100] {
        for number in 0..120 {
            let lease = create(&backend, expiring(&format!("upload-{limit}-{number}"))).await;
            lease.release().await.expect("release");
        }
        let mut seen = Vec::new();
        let mut cursor = None;
        for step in 0..10_000 {
            let found = backend.sweep(later, cursor, limit).await.expect("sweep");
            assert!(found.due.len() <= limit);
            for upload in found.due {
                // Every other one goes away as soon as it was seen.
                if seen.len() % 2 == 0 {
                    let lease = backend
                        .acquire(&upload.id, Acquire::Try)
                        .await
                        .expect("acquire");
                    lease.terminate().await.expect("terminate");
                }
                seen.push(upload.id);
            }
            drop(create(&backend, expiring(&format!("meanwhile-{limit}-{step}"))).await);
            cursor = found.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(cursor, None, "the sweep never ends");
        let mut there_all_the_time: Vec<_> = seen
            .into_iter()
            .filter(|name| name.as_str().starts_with("upload-"))
            .collect();
        there_all_the_time.sort();
        let mut expected: Vec<_> = (0..120)
            .map(|number| id(&format!("upload-{limit}-{number}")))
            .collect();
        expected.sort();
        assert_eq!(there_all_the_time, expected, "in steps of {limit}");
        for upload in sweep(&backend, later, 100).await {
            let lease = acquire_soon(&backend, &upload.id).await;
            lease.terminate().await.expect("terminate");
        }
    }
    Ok(())
}

/// 24: what crashes left behind goes away, and nothing else.
pub async fn clause_24_a_sweep_repairs_what_crashes_left_behind(fixture: &dyn Fixture) -> Outcome {
    let backend = fixture.backend();
    upload(&backend, new("innocent", None), &content(24, 100)).await;
    drop(create(&backend, new("young", Some(9))).await);
    let wreckage = need(fixture.wreck().await, "a fixture with crashes")?;
    for name in &wreckage {
        let traces = need(fixture.traces(name).await, "a fixture that finds traces")?;
        assert!(
            !traces.is_empty(),
            "the fixture should have left something of {name}"
        );
    }
    for limit in [1, 100] {
        sweep(&backend, now() + DAY, limit).await;
    }
    for name in &wreckage {
        assert_eq!(fixture.traces(name).await, Some(Vec::new()), "{name}");
        fails(backend.info(name).await, ErrorKind::NotFound);
    }
    holds(fixture, &id("innocent"), &content(24, 100)).await;
    backend.info(&id("young")).await.expect("info");
    Ok(())
}

/// The ids of uploads, sorted; one that came twice stands there twice.
fn names(uploads: &[Upload]) -> Vec<UploadId> {
    let mut names: Vec<_> = uploads.iter().map(|upload| upload.id.clone()).collect();
    names.sort();
    names
}
