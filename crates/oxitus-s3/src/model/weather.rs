//! [`Weather`]: a node's way to the store, on which requests are delayed and lost.
//!
//! A request is carried out by the store at once and wholly, or not at all. But it takes a while to
//! get there, and when its sender has given up, or has crashed, it may still be on its way: it then
//! lands late, up to an hour, as a **zombie**. Answers get lost too.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::Uri;
use tokio::sync::oneshot;
use tokio::time;

use super::chance::Chance;
use super::oracle::Oracle;
use crate::bucket::{
    Attributes, Bucket, ByteStream, CompletedPart, Condition, ETag, Error, ErrorKind, Head,
    ListedPart, Listing, Multipart, Object, OpenMultipart, Result, Source,
};
use crate::testing::DirectBucket;

/// How bad the weather is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Climate {
    /// How many of a hundred requests meet with an accident.
    pub(super) accidents: u32,
    /// How many of a hundred parts are late beyond that.
    pub(super) late_parts: u32,
    /// How many of a hundred conditional PUTs.
    pub(super) late_records: u32,
}

/// The store, and the sky above it.
#[derive(Debug)]
pub(super) struct Sky {
    pub(super) bucket: DirectBucket,
    pub(super) oracle: Oracle,
    chance: Chance,
    climate: Climate,
    is_fair: AtomicBool,
    under_way: AtomicUsize,
}

impl Sky {
    pub(super) fn new(
        bucket: DirectBucket,
        oracle: Oracle,
        chance: Chance,
        climate: Climate,
    ) -> Self {
        Self {
            bucket,
            oracle,
            chance,
            climate,
            is_fair: AtomicBool::new(false),
            under_way: AtomicUsize::new(0),
        }
    }

    /// From now on nothing happens to requests. Those that are under way still are.
    pub(super) fn clear_up(&self) {
        self.is_fair.store(true, Ordering::Relaxed);
    }

    /// Waits until every request has landed.
    pub(super) async fn settle(&self) {
        while self.under_way.load(Ordering::Relaxed) > 0 {
            time::sleep(Duration::from_secs(600)).await;
        }
    }

    fn fate(&self, request: &Request) -> Fate {
        let chance = &self.chance;
        if self.is_fair.load(Ordering::Relaxed) {
            return Fate::of(Accident::None, chance);
        }
        let accident = match () {
            () if request.is_part && chance.of_hundred(self.climate.late_parts) => Accident::Late,
            () if request.is_conditional && chance.of_hundred(self.climate.late_records) => {
                Accident::Late
            }
            () if !chance.of_hundred(self.climate.accidents) => Accident::None,
            () if !request.writes => Accident::AnswerLost,
            () if request.is_conditional && chance.of_hundred(20) => Accident::Conflict,
            () => chance.one_of(&[
                Accident::Lost,
                Accident::AnswerLost,
                Accident::AnswerLost,
                Accident::Late,
                Accident::Late,
            ]),
        };
        Fate::of(accident, chance)
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
struct Fate {
    accident: Accident,
    arrives_after: Duration,
    answer_takes: Duration,
    /// How long its sender waits.
    patience: Duration,
    /// Whether it lands if its sender crashes meanwhile.
    outlives_sender: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accident {
    None,
    /// It is never carried out.
    Lost,
    AnswerLost,
    /// It is carried out when nobody waits for it any more.
    Late,
    /// The store has something else to do with that key.
    Conflict,
}

impl Fate {
    fn of(accident: Accident, chance: &Chance) -> Self {
        let usual = chance.milliseconds(0..=8);
        let late = match chance.within(0..=9) {
            0..4 => chance.milliseconds(10..=300),
            4..7 => chance.milliseconds(300..=3_000),
            7..9 => chance.milliseconds(3_000..=60_000),
            _ => chance.milliseconds(60_000..=3_600_000),
        };
        let is_late = accident == Accident::Late;
        let long = Duration::from_secs(7_200);
        Self {
            accident,
            arrives_after: if is_late { late } else { usual },
            answer_takes: chance.milliseconds(0..=4),
            patience: if is_late { usual } else { long },
            outlives_sender: chance.of_hundred(60),
        }
    }
}

/// What is to be known of a request to decide its fate.
#[derive(Debug)]
struct Request {
    text: String,
    writes: bool,
    is_conditional: bool,
    is_part: bool,
}

impl Request {
    fn read(text: String) -> Self {
        Self {
            text,
            writes: false,
            is_conditional: false,
            is_part: false,
        }
    }

    fn write(text: String) -> Self {
        Self {
            writes: true,
            ..Self::read(text)
        }
    }
}

/// See the [module](self). Each start of a node has a weather of its own.
#[derive(Debug)]
pub(super) struct Weather {
    sky: Arc<Sky>,
    /// Who sends, as the trace names it.
    sender: Arc<str>,
    has_crashed: Arc<AtomicBool>,
}

impl Weather {
    pub(super) fn new(sky: Arc<Sky>, sender: &str) -> Self {
        Self {
            sky,
            sender: sender.into(),
            has_crashed: Arc::default(),
        }
    }

    /// The node sends nothing any more, and hears nothing. What is under way may still land.
    pub(super) fn crash(&self) {
        self.has_crashed.store(true, Ordering::Relaxed);
    }

    async fn send<T: Send + 'static>(
        &self,
        request: Request,
        carry_out: impl FnOnce(&DirectBucket) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.unless_crashed().await;
        let fate = self.sky.fate(&request);
        let (answer, answered) = oneshot::channel();
        let Self {
            sky,
            sender,
            has_crashed,
        } = self;
        let (sky, sender, has_crashed) =
            (Arc::clone(sky), Arc::clone(sender), Arc::clone(has_crashed));
        sky.under_way.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            time::sleep(fate.arrives_after).await;
            let is_orphan = has_crashed.load(Ordering::Relaxed) || answer.is_closed();
            let is_lost = fate.accident == Accident::Lost || is_orphan && !fate.outlives_sender;
            let trace = sky.oracle.trace();
            if is_lost {
                trace.note(&sender, format_args!("{} is lost", request.text));
            } else if fate.accident == Accident::Conflict {
                trace.note(&sender, format_args!("{} conflicts", request.text));
                let _ = answer.send(Err(Error::new(ErrorKind::Conflict, "a request")));
            } else {
                let outcome = carry_out(&sky.bucket);
                let how = match &outcome {
                    Ok(_) => "done".to_owned(),
                    Err(error) => error.kind.to_string(),
                };
                let manner = match (fate.accident, is_orphan) {
                    (Accident::Late, _) | (_, true) => ", late",
                    (Accident::AnswerLost, _) => ", answer lost",
                    _ => "",
                };
                trace.note(&sender, format_args!("{}: {how}{manner}", request.text));
                sky.oracle.look(&sky.bucket.0, &sender);
                if fate.accident != Accident::AnswerLost {
                    time::sleep(fate.answer_takes).await;
                    let _ = answer.send(outcome);
                }
            }
            sky.under_way.fetch_sub(1, Ordering::Relaxed);
        });
        let answered = time::timeout(fate.patience, answered).await;
        self.unless_crashed().await;
        let unknown = || Err(Error::new(ErrorKind::Unknown, "a request"));
        answered.map_or_else(|_| unknown(), |answer| answer.unwrap_or_else(|_| unknown()))
    }

    async fn unless_crashed(&self) {
        if self.has_crashed.load(Ordering::Relaxed) {
            std::future::pending().await
        }
    }
}

#[async_trait]
impl Bucket for Weather {
    async fn get(&self, key: &str) -> Result<Object> {
        let request = Request::read(format!("GET {}", short(key)));
        let key = key.to_owned();
        self.send(request, move |bucket| now(bucket.get(&key)))
            .await
    }

    async fn read(&self, key: &str, etag: &ETag, range: Range<u64>) -> Result<ByteStream> {
        let request = Request::read(format!("READ {} {range:?}", short(key)));
        let (key, etag) = (key.to_owned(), etag.clone());
        self.send(request, move |bucket| now(bucket.read(&key, &etag, range)))
            .await
    }

    async fn presign(&self, key: &str, lasts: Duration) -> Result<Uri> {
        self.sky.bucket.presign(key, lasts).await
    }

    async fn head(&self, key: &str) -> Result<Head> {
        let request = Request::read(format!("HEAD {}", short(key)));
        let key = key.to_owned();
        self.send(request, move |bucket| now(bucket.head(&key)))
            .await
    }

    async fn put(
        &self,
        key: &str,
        body: Bytes,
        condition: Condition,
        attributes: &Attributes,
    ) -> Result<ETag> {
        let request = Request {
            is_conditional: condition != Condition::None,
            ..Request::write(format!("PUT {} ({} bytes)", short(key), body.len()))
        };
        let (key, attributes) = (key.to_owned(), attributes.clone());
        self.send(request, move |bucket| {
            now(bucket.put(&key, body, condition, &attributes))
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let request = Request::write(format!("DELETE {}", short(key)));
        let key = key.to_owned();
        self.send(request, move |bucket| now(bucket.delete(&key)))
            .await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Listing> {
        let request = Request::read(format!("LIST {prefix}"));
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        self.send(request, move |bucket| {
            now(bucket.list(&prefix, after.as_deref()))
        })
        .await
    }

    async fn create_multipart(&self, key: &str, attributes: &Attributes) -> Result<Multipart> {
        let request = Request::write("CREATE MULTIPART".to_owned());
        let (key, attributes) = (key.to_owned(), attributes.clone());
        self.send(request, move |bucket| {
            now(bucket.create_multipart(&key, &attributes))
        })
        .await
    }

    async fn upload_part(&self, multipart: &Multipart, number: u16, body: Bytes) -> Result<ETag> {
        let request = Request {
            is_part: true,
            ..Request::write(format!("PART {number} {body:?}"))
        };
        let multipart = multipart.clone();
        self.send(request, move |bucket| {
            now(bucket.upload_part(&multipart, number, body))
        })
        .await
    }

    async fn copy_part(&self, multipart: &Multipart, number: u16, source: &Source) -> Result<ETag> {
        let request = Request::write(format!("COPY PART {number} {:?}", source.range));
        let (multipart, source) = (multipart.clone(), source.clone());
        self.send(request, move |bucket| {
            now(bucket.copy_part(&multipart, number, &source))
        })
        .await
    }

    async fn list_parts(&self, multipart: &Multipart, after: u16) -> Result<Vec<ListedPart>> {
        let request = Request::read(format!("LIST PARTS after {after}"));
        let multipart = multipart.clone();
        self.send(request, move |bucket| {
            now(bucket.list_parts(&multipart, after))
        })
        .await
    }

    async fn complete_multipart(
        &self,
        multipart: &Multipart,
        parts: &[CompletedPart],
    ) -> Result<ETag> {
        let numbers: Vec<_> = parts.iter().map(|part| part.number).collect();
        let request = Request::write(format!("COMPLETE {numbers:?}"));
        let (multipart, parts) = (multipart.clone(), parts.to_vec());
        self.send(request, move |bucket| {
            now(bucket.complete_multipart(&multipart, &parts))
        })
        .await
    }

    async fn abort_multipart(&self, multipart: &Multipart) -> Result<()> {
        let request = Request::write("ABORT".to_owned());
        let multipart = multipart.clone();
        self.send(request, move |bucket| {
            now(bucket.abort_multipart(&multipart))
        })
        .await
    }

    async fn list_multiparts(&self, prefix: &str) -> Result<Vec<OpenMultipart>> {
        let request = Request::read(format!("LIST MULTIPARTS {prefix}"));
        let prefix = prefix.to_owned();
        self.send(request, move |bucket| now(bucket.list_multiparts(&prefix)))
            .await
    }

    async fn multiparts_of(&self, key: &str) -> Result<Vec<Multipart>> {
        let request = Request::read(format!("LIST MULTIPARTS of {key}"));
        let key = key.to_owned();
        self.send(request, move |bucket| now(bucket.multiparts_of(&key)))
            .await
    }
}

/// The bucket in memory answers at once.
fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("an answer at once")
}

/// A key as the trace shows it.
fn short(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    name.split_at_checked(name.find(".pending.").map_or(name.len(), |at| at + 13))
        .map_or(name, |(short, _)| short)
}
