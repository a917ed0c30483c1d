//! Clause 25: uploads that can never be completed.

use std::time::Duration;

use oxitus_core::storage::{Acquire, ErrorKind};

use super::content::content;
use super::run::needs;
use super::steps::*;
use super::{Fixture, Outcome};

/// 25: every instance says so, a sweep reports it when it has expired, and it can be removed, in
/// every way that there is.
pub async fn clause_25_an_upload_that_can_never_be_completed_can_be_removed(
    fixture: &dyn Fixture,
) -> Outcome {
    let backend = fixture.backend();
    let bytes = content(25, 2 * fixture.boundary());
    let size = bytes.len() as u64;
    for (number, how) in [Acquire::Try, to_terminate(FOREVER)]
        .into_iter()
        .enumerate()
    {
        let name = id(&format!("ruined-{number}"));
        let mut new = new(name.as_str(), Some(2 * size));
        new.time_to_live = Some(Duration::from_secs(60));
        let lease = append(create(&backend, new).await, &bytes).await;
        lease.release().await.expect("release");
        let ruined = fixture.ruin(&name).await;
        needs(ruined, "a fixture that can ruin an upload")?;
        for backend in [fixture.backend(), fixture.reopen().await] {
            fails(backend.info(&name).await, ErrorKind::Gone);
            let appending = backend.acquire(&name, to_append(size, FOREVER)).await;
            fails(appending, ErrorKind::Gone);
            let later = now() + Duration::from_secs(24 * 3600);
            let due = sweep(&backend, later, 10).await;
            assert!(due.iter().any(|upload| upload.id == name), "{due:?}");
            acquire_soon(&backend, &name)
                .await
                .release()
                .await
                .expect("release");
        }
        let lease = backend.acquire(&name, how).await.expect("acquire");
        assert_eq!(lease.info().id, name);
        lease.terminate().await.expect("terminate");
        for backend in [fixture.backend(), fixture.reopen().await] {
            fails(backend.info(&name).await, ErrorKind::NotFound);
        }
    }
    Ok(())
}
