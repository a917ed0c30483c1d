//! Clauses 17, 18 and 23 once more: what a failing call leaves, and that one can go on from there.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{Acquire, AppendOptions, CommitMode, ErrorKind, Lease, Result};
use tokio::time;

use super::content::content;
use super::run::needs;
use super::steps::*;
use super::{Fixture, Outcome};
use crate::fault::{Fault, Faults, FaultyBackend, Operation};

/// 17: no acknowledged byte is lost and no wrong one kept, whichever call fails, and whether it
/// has done anything or not.
pub async fn clause_17_a_fault_at_any_call_loses_nothing(fixture: &dyn Fixture) -> Outcome {
    let bytes = content(17, 6 * fixture.boundary() + 17);
    for mode in modes(&fixture.backend()) {
        for operation in [
            Operation::Acquire,
            Operation::Append,
            Operation::Write,
            Operation::Checkpoint,
            Operation::Commit,
            Operation::Rollback,
            Operation::Complete,
            Operation::Release,
        ] {
            for (number, fault) in faults().into_iter().enumerate() {
                for later in 0..3 {
                    let name = format!("{mode:?}-{operation:?}-{number}-{later}");
                    let name = id(&name.to_lowercase());
                    let (backend, plan) = faulty(fixture);
                    drop(create(&backend, new(name.as_str(), Some(bytes.len() as u64))).await);
                    plan.plan(operation, later, fault);
                    if operation == Operation::Rollback {
                        // There is one only after something else has failed.
                        plan.plan(Operation::Write, 2, fault);
                    }
                    let mut acknowledged = 0;
                    for _ in 0..5 {
                        let attempt = go_on(&backend, &name, &bytes, mode, &mut acknowledged);
                        match attempt.await {
                            Ok(()) => break,
                            Err(error) => assert_eq!(error.kind(), fault.kind, "{error:?}"),
                        }
                    }
                    holds(fixture, &name, &bytes).await;
                    let never = mode == CommitMode::Progressive && operation == Operation::Rollback;
                    assert!(
                        never || later > 0 || plan.remaining() == 0,
                        "{name} was not tested"
                    );
                }
            }
        }
    }
    Ok(())
}

/// Goes on with an upload from where it stands, and completes it: append after append, each of
/// some writes. `acknowledged` is what a client was told to be safe.
async fn go_on(
    backend: &Backend,
    id: &UploadId,
    bytes: &Bytes,
    mode: CommitMode,
    acknowledged: &mut usize,
) -> Result<()> {
    let mut lease = acquire_faultily(backend, id).await?;
    loop {
        let offset = lease.info().offset as usize;
        assert!(
            offset >= *acknowledged,
            "{offset} is less than {acknowledged}"
        );
        if lease.info().is_received() {
            break;
        }
        let mut append = lease
            .append(AppendOptions::new(offset as u64, mode))
            .await?;
        let end = bytes.len().min(offset + bytes.len() / 3 + 1);
        let mut failed = false;
        for chunk in bytes[offset..end].chunks(bytes.len() / 9) {
            failed |= append.write(vec![bytes.slice_ref(chunk)]).await.is_err();
            failed |= append.checkpoint().await.is_err();
            if failed {
                break;
            }
        }
        lease = match (failed, mode) {
            (true, CommitMode::Atomic) => append.rollback().await?,
            _ => append.commit().await?,
        };
        *acknowledged = lease.info().offset as usize;
    }
    lease.complete().await?;
    assert_eq!(lease.info().phase, Phase::Complete);
    lease.release().await
}

/// 18: by the same holder, and by the next one.
pub async fn clause_18_complete_can_be_tried_again_after_a_failure(
    fixture: &dyn Fixture,
) -> Outcome {
    let bytes = content(18, 500);
    for (number, fault) in faults().into_iter().enumerate() {
        for by_the_next in [false, true] {
            let name = id(&format!("{number}-{by_the_next}"));
            let (backend, plan) = faulty(fixture);
            let lease = create(&backend, new(name.as_str(), Some(500))).await;
            let mut lease = append(lease, &bytes).await;
            plan.plan(Operation::Complete, 0, fault);
            fails(lease.complete().await, fault.kind);
            if by_the_next {
                drop(lease);
                lease = acquire_soon(&fixture.reopen().await, &name).await;
            }
            assert!(lease.info().is_received());
            finish(lease).await;
            holds(fixture, &name, &bytes).await;
        }
    }
    Ok(())
}

/// 23: by the next holder.
pub async fn clause_23_assembling_can_be_tried_again_after_a_failure(
    fixture: &dyn Fixture,
) -> Outcome {
    let capabilities = fixture.backend().capabilities();
    needs(capabilities.concatenation, "concatenation")?;
    let part = content(23, 2 * fixture.boundary());
    upload(&fixture.backend(), partial("part", 0), &part).await;
    for (number, fault) in faults().into_iter().enumerate() {
        let name = id(&format!("final-{number}"));
        let (backend, plan) = faulty(fixture);
        let lease = create(&backend, final_of(name.as_str(), None, &["part", "part"])).await;
        plan.plan(Operation::Assemble, 0, fault);
        fails(lease.assemble().await, fault.kind);
        let lease = acquire_soon(&fixture.reopen().await, &name).await;
        finish(lease.assemble().await.expect("assemble")).await;
        holds(fixture, &name, &[&part[..], &part].concat().into()).await;
    }
    Ok(())
}

fn faults() -> [Fault; 2] {
    let kind = ErrorKind::Unavailable;
    [Fault::before(kind), Fault::after(kind)]
}

/// The backend under test, and what is to fail of it.
fn faulty(fixture: &dyn Fixture) -> (Backend, Faults) {
    let faults = Faults::default();
    let backend = FaultyBackend::new(fixture.backend(), faults.clone());
    (Arc::new(backend), faults)
}

/// Takes the lease that somebody gives up about now, or fails as it was told.
async fn acquire_faultily(backend: &Backend, id: &UploadId) -> Result<Box<dyn Lease>> {
    loop {
        match backend.acquire(id, Acquire::Try).await {
            Err(error) if error.kind() == ErrorKind::Locked => {
                time::sleep(Duration::from_millis(5)).await;
            }
            outcome => return outcome,
        }
    }
}
