//! One request, from hyper and back to it.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, Version};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::answer::{Answer, Connection, With as _, answer};
use crate::body::Body;
use crate::discover;
use crate::fault::{Behaviour, Fault, Seen};
use crate::route;
use crate::settings::Settings;
use crate::store::Store;

/// Longer than any test.
const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) settings: Settings,
    pub(crate) fault: Fault,
    store: Arc<Store>,
}

/// A request that is being answered, without its body.
pub(crate) struct Call {
    pub(crate) service: Arc<Service>,
    pub(crate) parts: Parts,
    pub(crate) behaviours: Vec<Behaviour>,
}

impl Call {
    /// Whether this request meets a fault.
    pub(crate) fn has(&self, behaviour: Behaviour) -> bool {
        self.behaviours.contains(&behaviour)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.service.settings
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.service.store
    }
}

impl Service {
    pub(crate) fn new(mut settings: Settings, fault: Fault) -> io::Result<Self> {
        if fault.has(Behaviour::NeverTimesOut) {
            settings.head_timeout = FOR_EVER;
            settings.body_timeout = FOR_EVER;
        }
        let store = Arc::new(Store::open(&settings, &fault)?);
        Ok(Self {
            settings,
            fault,
            store,
        })
    }

    /// Answers a request. The work is done in a task of its own: hyper drops this future when the
    /// client is gone, and what the client has sent is to be stored all the same.
    pub(crate) async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, HungUp> {
        let (mut parts, incoming) = request.into_parts();
        let seen = Seen::of(&parts);
        self.fault.tamper_request(&seen, &mut parts);
        let behaviours = self.fault.behaviours(&seen);
        if behaviours.contains(&Behaviour::HangsUp) {
            return Err(HungUp);
        }
        if behaviours.contains(&Behaviour::NeverAnswers) {
            std::future::pending::<()>().await;
        }
        let dies_with_connection = behaviours.contains(&Behaviour::DiesWithConnection);
        let body = Body::new(&parts, incoming, self.settings.body_timeout);
        let call = Call {
            service: Arc::clone(&self),
            parts,
            behaviours,
        };

        let work = respond(call, body);
        let mut answer = if dies_with_connection {
            work.await
        } else {
            tokio::spawn(work).await.unwrap_or_else(|_| answer(500))
        };
        self.fault.tamper_response(&seen, &mut answer);
        Ok(answer.map(Full::new))
    }
}

/// Answers, completes the answer's headers, and sees to the rest of the body.
async fn respond(call: Call, mut body: Body) -> Answer {
    let method = route::effective_method(&call.parts.headers);
    let method = method
        .ok()
        .flatten()
        .unwrap_or_else(|| call.parts.method.clone());
    let (mut answer, mut connection) = match route::route(&call, &mut body).await {
        Ok(answer) => (answer, Connection::Keep),
        Err(refusal) => refusal.into_parts(),
    };

    let held_back = body.is_held_back();
    let max_drain = call.settings().max_drain;
    if body.is_unread() {
        let is_too_much = body.declared().is_some_and(|length| length > max_drain);
        if held_back || call.has(Behaviour::NeverDrains) {
            connection = Connection::Close;
        } else if is_too_much && connection == Connection::Keep {
            connection = Connection::DrainAndClose;
        }
        if connection != Connection::Close {
            tokio::spawn(body.drain(max_drain));
        }
    }

    answer = answer.with("tus-resumable", "1.0.0");
    if method != Method::GET && method != Method::OPTIONS {
        answer = answer.with("cache-control", "no-store");
    }
    if connection != Connection::Keep && call.parts.version != Version::HTTP_2 {
        answer = answer.with("connection", "close");
    }
    if method == Method::HEAD {
        answer.body_mut().clear();
        answer.headers_mut().remove("content-type");
    }
    discover::allow_origin(&call, answer)
}

/// There is no answer; only a faulty server does that.
#[derive(Debug)]
pub(crate) struct HungUp;

impl fmt::Display for HungUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the server hangs up")
    }
}

impl Error for HungUp {}
