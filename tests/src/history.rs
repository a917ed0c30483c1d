//! What must be true of every answer, whatever was asked: the invariants INV-1 to INV-6, and
//! what the server promises everywhere.
//!
//! A [`History`] belongs to a place for uploads, and outlives the servers on it: what one of
//! them has acknowledged, the next must not take back, whether it was restarted after a crash or
//! runs beside the first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::request::Request;
use crate::response::Response;

const BASE: &str = "/files";

/// Headers that hold a number.
const NUMBERS: [&str; 7] = [
    "access-control-max-age",
    "content-length",
    "retry-after",
    "tus-max-size",
    "upload-defer-length",
    "upload-length",
    "upload-offset",
];

/// What clients have been told of each upload so far.
#[derive(Clone, Debug, Default)]
pub struct History(Arc<Mutex<HashMap<String, Told>>>);

/// What clients have been told of one upload.
#[derive(Clone, Debug, Default)]
struct Told {
    offset: u64,
    length: Option<u64>,
    metadata: Option<String>,
    is_deleted: bool,
}

/// A request under way, and what was known of its upload when it began.
#[derive(Debug)]
pub struct Watch {
    history: History,
    request: Request,
    before: Told,
}

impl History {
    /// Begins to watch a request.
    #[must_use]
    pub fn watch(&self, request: &Request) -> Watch {
        let before = self.lock().get(upload_of(&request.target)).cloned();
        Watch {
            history: self.clone(),
            request: request.clone(),
            before: before.unwrap_or_default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// The request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Holds an answer against the invariants, and remembers what it tells.
    ///
    /// # Panics
    /// Where one is broken.
    #[track_caller]
    pub fn check(&self, response: &Response) {
        self.find_fault(response).unwrap_or_else(|fault| {
            panic!(
                "{fault}\n  request: {:?}\n  answer: {response:?}",
                self.request
            )
        });
    }

    fn find_fault(&self, response: &Response) -> Result<(), String> {
        check_values(response)?;
        let is_below_base = self.request.target.starts_with(BASE);
        let method = if is_below_base {
            self.request.meant_method()
        } else {
            &self.request.method
        };
        demand(
            response.status < 500,
            "INV-2: a request must not cause a 5xx",
        )?;
        let may_have_body = method != "HEAD" && response.status != 204;
        demand(
            may_have_body || response.body.is_empty(),
            "INV-3: no body is allowed here",
        )?;
        if response.status == 204 {
            for name in ["content-length", "transfer-encoding"] {
                demand(!has(response, name), "INV-3: a 204 has no body to describe")?;
            }
        }
        if !is_below_base || response.is_of_parser() {
            return Ok(());
        }
        demand(
            response.lines("date").count() == 1,
            "every answer has a Date",
        )?;
        if self.request.value("origin").is_some() {
            demand(
                has(response, "access-control-allow-origin"),
                "every answer has CORS headers",
            )?;
        }
        if response.status >= 400 {
            let nosniff = response.lines("x-content-type-options").eq(["nosniff"]);
            demand(nosniff, "an error is not to be sniffed")?;
        }
        if method == "GET" {
            return Ok(());
        }
        demand(
            response.lines("tus-resumable").eq(["1.0.0"]),
            "INV-1: Tus-Resumable must be there once",
        )?;
        demand(
            response
                .lines("cache-control")
                .any(|value| value.contains("no-store")),
            "no answer but a download may be stored",
        )?;
        self.learn(response)
    }

    /// INV-5, and that nothing comes back.
    fn learn(&self, response: &Response) -> Result<(), String> {
        let location = response.header("location");
        let name = location.map_or(upload_of(&self.request.target), upload_of);
        if name.is_empty() {
            return Ok(());
        }
        let is_success = response.status < 300 && self.request.meant_method() != "OPTIONS";
        demand(
            !(self.before.is_deleted && is_success),
            "a deleted upload has come back",
        )?;
        let mut uploads = self.history.lock();
        let told = uploads.entry(name.to_owned()).or_default();
        if is_success && self.request.meant_method() == "DELETE" {
            told.is_deleted = true;
        }
        if let Some(offset) = response.number("upload-offset") {
            demand(
                offset >= self.before.offset,
                format!("INV-5: the offset was {} already", self.before.offset),
            )?;
            told.offset = told.offset.max(offset);
        }
        if let Some(length) = response.number("upload-length") {
            demand(
                self.before.length.is_none_or(|before| before == length),
                format!("the length was {:?}", self.before.length),
            )?;
            told.length = Some(length);
        }
        demand(
            told.length.is_none_or(|length| told.offset <= length),
            "INV-5: the offset is beyond the length",
        )?;
        if let Some(metadata) = response.header("upload-metadata") {
            let before = self.before.metadata.as_deref();
            demand(
                before.is_none_or(|before| before == metadata),
                format!("the metadata was {before:?}"),
            )?;
            told.metadata = Some(metadata.to_owned());
        }
        Ok(())
    }
}

/// INV-6.
fn check_values(response: &Response) -> Result<(), String> {
    for (name, value) in &response.headers {
        let is_trimmed = !value.starts_with([' ', '\t']) && !value.ends_with([' ', '\t']);
        demand(
            is_trimmed,
            format!("INV-6: {name} has white space at an end"),
        )?;
        if NUMBERS.contains(&name.as_str()) {
            let is_number = value == "0"
                || (!value.is_empty()
                    && !value.starts_with('0')
                    && value.bytes().all(|byte| byte.is_ascii_digit()));
            demand(is_number, format!("INV-6: {name} is not a number"))?;
        }
    }
    Ok(())
}

/// The name of the upload that a URL is about; empty where it is about none.
fn upload_of(url: &str) -> &str {
    let rest = url.rsplit_once(BASE).map_or("", |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    path.trim_matches('/')
}

fn has(response: &Response, name: &str) -> bool {
    response.lines(name).next().is_some()
}

fn demand(holds: bool, fault: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(fault.into()) }
}
