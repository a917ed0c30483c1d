//! [`InMemoryS3`], and what becomes of a request that has reached it.

use std::panic::resume_unwind;
use std::time::Duration;

use super::faults::LateRequest;
use super::{
    Bucket, Condition, Conditions, Counters, Fault, Faults, Landing, Operation, Result, S3Error,
};

/// An S3 server in memory: a [`Bucket`], and what happens to the requests for it.
///
/// Clones are the same server.
#[derive(Clone, Debug, Default)]
pub struct InMemoryS3 {
    bucket: Bucket,
    faults: Faults,
    counters: Counters,
}

/// A request that has arrived, body and all.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// What it asks for.
    pub operation: Operation,
    /// The key that it is for, or the prefix of a listing.
    pub key: String,
    /// What has to be so for an object to be written.
    pub condition: Condition,
    /// How many bytes of an object or a part came with it.
    pub bytes: u64,
}

impl Request {
    /// An unconditional request without a body.
    #[must_use]
    pub fn new(operation: Operation, key: impl Into<String>) -> Self {
        Self {
            operation,
            key: key.into(),
            condition: Condition::None,
            bytes: 0,
        }
    }

    /// Makes it conditional.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.condition = condition;
        self
    }

    /// Gives it a body.
    #[must_use]
    pub fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }
}

/// Why a request has no answer that is a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It was refused.
    #[error(transparent)]
    Refused(#[from] S3Error),
    /// The connection broke: it was done, or it was not, or it will be.
    #[error("the connection broke")]
    Broken,
}

/// What a request was answered.
pub(super) struct Answer<T> {
    pub(super) output: T,
    /// After how many bytes of an object the connection breaks.
    pub(super) cut_off: Option<u64>,
}

impl InMemoryS3 {
    /// A server for a bucket.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self {
            bucket,
            ..Self::default()
        }
    }

    /// What it stores.
    #[must_use]
    pub const fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// What goes wrong.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What came.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Does what a request asks for, as the front ends do it: counted, and wrong where it is to
    /// go wrong. It is the way in for clients that do without HTTP.
    ///
    /// `act` gets the condition that is still to be checked. It runs even if this future is
    /// dropped.
    ///
    /// ```
    /// # use oxitus_testkit::s3::{Failure, InMemoryS3, Operation, Request};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let s3 = InMemoryS3::default();
    /// let request = Request::new(Operation::PutObject, "key").with_bytes(5);
    /// s3.request(request, |bucket, condition| {
    ///     bucket.put("key", "hello", Default::default(), condition)
    /// })
    /// .await?;
    /// assert_eq!(s3.counters().snapshot().of(Operation::PutObject), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What `act` says, or what a fault does.
    pub async fn request<T: Send + 'static>(
        &self,
        request: Request,
        act: impl FnOnce(&Bucket, &Condition) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        match self.exchange(request, act).await? {
            Answer {
                output,
                cut_off: None,
            } => Ok(output),
            Answer { .. } => Err(Failure::Broken),
        }
    }

    /// As [`request`](Self::request), with the reply of a GetObject that is cut off.
    pub(super) async fn exchange<T: Send + 'static>(
        &self,
        request: Request,
        act: impl FnOnce(&Bucket, &Condition) -> Result<T> + Send + 'static,
    ) -> std::result::Result<Answer<T>, Failure> {
        self.counters.request(request.operation, request.bytes);
        let carried_out = tokio::spawn(self.clone().carry_out(request, act));
        match carried_out.await {
            Ok(answer) => answer,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Err(Failure::Broken),
        }
    }

    async fn carry_out<T: Send + 'static>(
        self,
        mut request: Request,
        act: impl FnOnce(&Bucket, &Condition) -> Result<T> + Send + 'static,
    ) -> std::result::Result<Answer<T>, Failure> {
        let fault = self.faults.strike(request.operation, &request.key);
        let gate = self.faults.stop(request.operation, &request.key);
        self.check_before_acting(&mut request).await?;
        if let Some(gate) = gate {
            // The gate is gone where it has been opened.
            let _ = gate.await;
        }
        let Request {
            operation,
            key,
            condition,
            ..
        } = request;
        let bucket = self.bucket.clone();
        let act = move || act(&bucket, &condition);
        let mut cut_off = None;
        let output = match fault {
            None => act()?,
            Some(Fault::Refused(refusal)) => return Err(S3Error::from(refusal).into()),
            Some(Fault::RequestLost) => return Err(Failure::Broken),
            Some(Fault::ReplyLost) => {
                drop(act());
                return Err(Failure::Broken);
            }
            Some(Fault::Late(landing)) => {
                let act = Box::new(move || act().map(drop));
                let request = LateRequest {
                    operation,
                    key,
                    act,
                };
                self.postpone(request, landing);
                return Err(Failure::Broken);
            }
            Some(Fault::SlowRequest(delay)) => {
                tokio::time::sleep(delay).await;
                act()?
            }
            Some(Fault::SlowReply(delay)) => {
                let output = act();
                tokio::time::sleep(delay).await;
                output?
            }
            Some(Fault::CutOff(after)) => {
                cut_off = Some(after);
                act()?
            }
        };
        if cut_off.is_some() && operation != Operation::GetObject {
            return Err(Failure::Broken);
        }
        Ok(Answer { output, cut_off })
    }

    /// What a store does whose conditional writes are not atomic.
    async fn check_before_acting(&self, request: &mut Request) -> Result<()> {
        let conditional = request.condition != Condition::None && request.operation.writes_object();
        if conditional && self.bucket.dialect().conditions == Conditions::CheckThenAct {
            self.bucket
                .check(request.operation, &request.key, &request.condition)?;
            request.condition = Condition::None;
            tokio::time::sleep(BETWEEN_CHECK_AND_ACT).await;
        }
        Ok(())
    }

    fn postpone(&self, request: LateRequest, landing: Landing) {
        match landing {
            Landing::OnCommand => self.faults.postpone(request),
            Landing::After(delay) => {
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    request.land();
                });
            }
        }
    }
}

/// Long enough for requests that were sent at the same time to be checked before either acts.
const BETWEEN_CHECK_AND_ACT: Duration = Duration::from_millis(20);
