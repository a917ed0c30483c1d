//! [`DefectiveLease`].

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Kind, Phase, Upload};
use oxitus_core::storage::{
    Append, AppendOptions, CommitMode, Error, ErrorKind, Intent, Lease, NewUpload, Result,
};
use tokio::time;

use super::Defect::*;
use super::Defective;
use super::append::DefectiveAppend;

#[derive(Debug)]
pub(super) struct DefectiveLease {
    /// None in a phantom, which holds nothing.
    inner: Option<Box<dyn Lease>>,
    phantom: Option<Upload>,
    backend: Defective,
}

impl DefectiveLease {
    pub(super) fn of(inner: Box<dyn Lease>, backend: Defective) -> Self {
        Self {
            inner: Some(inner),
            phantom: None,
            backend,
        }
    }

    pub(super) fn phantom(upload: Upload, backend: Defective) -> Self {
        Self {
            inner: None,
            phantom: Some(upload),
            backend,
        }
    }

    fn take(mut self: Box<Self>) -> Result<(Box<dyn Lease>, Defective)> {
        let inner = self.inner.take();
        let inner = inner.ok_or(Error::new(ErrorKind::LeaseLost, "there never was one"))?;
        Ok((inner, self.backend.clone()))
    }
}

#[async_trait]
impl Lease for DefectiveLease {
    fn info(&self) -> &Upload {
        let inner = self.inner.as_ref().map(|inner| inner.info());
        inner.or(self.phantom.as_ref()).unwrap()
    }

    async fn wanted(&mut self) -> Intent {
        if self.backend.has(LooksAfterAWhile) {
            time::sleep(Duration::from_millis(100)).await;
        }
        let intent = self.inner.as_mut().unwrap().wanted().await;
        match self.backend.defect {
            AlwaysAsksToTerminate => Intent::Terminate,
            _ => intent,
        }
    }

    async fn append(self: Box<Self>, mut options: AppendOptions) -> Result<Box<dyn Append>> {
        let (mut inner, backend) = self.take()?;
        let upload = inner.info().clone();
        let asked = options;
        match (backend.defect, options.declare_length) {
            (ReservesWhatIsExpected, _) if options.expected > Some(1 << 40) => {
                return Err(Error::new(ErrorKind::Full, "so many do not fit"));
            }
            (KeepsTheLeaseWhereItFails, _) if options.offset != upload.offset => {
                std::mem::forget(inner);
                return Err(Error::new(ErrorKind::OffsetMismatch, "elsewhere"));
            }
            (RecordsTheLengthAtOnce, Some(_)) => {
                inner = inner.append(options).await?.commit().await?;
            }
            (RecordsTheLengthAtTheEnd, _) => options.declare_length = None,
            (OverlooksALengthThatIsReached, Some(length)) if length == options.offset => {
                options.declare_length = None;
            }
            (TakesTheLastLength, Some(length)) if upload.length.is_some() => {
                backend.memory().lengths.insert(upload.id.clone(), length);
            }
            (ShowsAtomicAppends, _) => options.mode = CommitMode::Progressive,
            (HidesProgress, _) => options.mode = CommitMode::Atomic,
            _ => {}
        }
        match inner.append(options).await {
            Ok(inner) => Ok(Box::new(DefectiveAppend::new(
                inner, backend, upload, asked,
            ))),
            Err(_) if backend.has(RefusesInOtherWords) => Err(Error::new(ErrorKind::Other, "no")),
            Err(error) => Err(error),
        }
    }

    async fn assemble(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let (inner, backend) = self.take()?;
        let upload = inner.info().clone();
        if backend.has(AssemblesOnce) && upload.phase != Phase::Receiving {
            return Err(Error::new(ErrorKind::Other, "it is assembled"));
        }
        let outcome = inner.assemble().await;
        match (backend.defect, &upload.kind, &outcome) {
            (TakesTheParts, Kind::Final(concatenation), Ok(_)) => {
                for part in concatenation.parts.iter() {
                    backend.terminate(part).await;
                }
            }
            (TakesTheUnfinishedForMissing, _, Err(error))
                if error.kind() == ErrorKind::PartUnfinished =>
            {
                return Err(Error::new(ErrorKind::PartMissing, "there is no such part"));
            }
            (RemovesWhatCannotBeAssembled, _, Err(_)) => backend.terminate(&upload.id).await,
            _ => {}
        }
        Ok(backend.lease(outcome?))
    }

    async fn complete(&mut self) -> Result<()> {
        let upload = self.info().clone();
        match (self.backend.defect, upload.phase) {
            (CompletesOnce, Phase::Complete) => Err(Error::new(ErrorKind::Other, "it is complete")),
            (CompletesTheUnfinished, Phase::Receiving) => {
                self.backend.memory().completed.insert(upload.id);
                Ok(())
            }
            _ => self.inner.as_mut().unwrap().complete().await,
        }
    }

    async fn terminate(self: Box<Self>) -> Result<()> {
        if self.phantom.is_some() {
            return Ok(());
        }
        let (inner, backend) = self.take()?;
        let upload = inner.info().clone();
        backend.memory().terminated.insert(upload.id.clone());
        match backend.defect {
            OnlyReleases => inner.release().await,
            KeepsTheSpace => {
                inner.terminate().await?;
                keep_the_space(&backend, &upload).await
            }
            _ => inner.terminate().await,
        }
    }

    async fn release(self: Box<Self>) -> Result<()> {
        let (inner, backend) = self.take()?;
        if backend.has(ReleasesLater) {
            tokio::spawn(async move {
                time::sleep(Duration::from_millis(50)).await;
                inner.release().await
            });
            return Ok(());
        }
        inner.release().await
    }
}

async fn keep_the_space(backend: &Defective, upload: &Upload) -> Result<()> {
    let id = UploadId::parse(&format!("ghost-of-{}", upload.id)).unwrap();
    let new = NewUpload::new(id, Some(upload.offset), SystemTime::now());
    let options = AppendOptions::new(0, CommitMode::Progressive);
    let mut append = backend.inner.create(new).await?.append(options).await?;
    let bytes = Bytes::from(vec![0; upload.offset as usize]);
    append.write(vec![bytes]).await?;
    append.commit().await?.release().await
}

impl Drop for DefectiveLease {
    fn drop(&mut self) {
        let Some(inner) = self.inner.take() else {
            return;
        };
        match self.backend.defect {
            KeepsWhatIsDropped => std::mem::forget(inner),
            NeedsARuntimeToDrop => drop(tokio::spawn(async move { drop(inner) })),
            _ => {}
        }
    }
}
