//! Uploads in a bucket of an S3 server, under a prefix.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
use oxitus_testkit::real_s3::RealS3;
use tokio::runtime::Runtime;

/// The smallest parts that S3 takes, so that small uploads have several.
const PART_SIZE: &str = "5MiB";

/// How long nobody waits for what is to be removed.
const MOMENT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Bucket {
    server: &'static RealS3,
    prefix: String,
}

impl Bucket {
    pub(super) fn new(server: &'static RealS3) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self {
            server,
            prefix: format!("{}-{number}/", std::process::id()),
        }
    }

    pub(super) fn tell(&self, command: &mut Command) {
        command
            .arg("--s3-path-style")
            .args(["--s3-bucket", &self.server.bucket])
            .args(["--s3-endpoint", &self.server.endpoint])
            .args(["--s3-region", &self.server.region])
            .args(["--s3-prefix", &self.prefix])
            // As a variable, so that there can be a flag that says otherwise.
            .env("OXITUS_S3_PART_SIZE", PART_SIZE)
            .env("AWS_ACCESS_KEY_ID", &self.server.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &self.server.secret_key);
    }

    pub(super) fn files(&self) -> BTreeMap<String, u64> {
        let asked = Instant::now();
        loop {
            let objects = self.objects();
            let is_settled = objects.values().all(|object| object.is_needed);
            if is_settled || asked.elapsed() > MOMENT {
                return objects
                    .into_iter()
                    .filter(|(_, object)| !object.is_tombstone)
                    .map(|(key, object)| (key, object.size))
                    .collect();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What is there, by its key without the prefix.
    fn objects(&self) -> BTreeMap<String, Object> {
        runtime().block_on(async {
            let sizes = self.list().await;
            let mut records = BTreeMap::new();
            for key in sizes.keys() {
                if let Some(id) = key.strip_suffix(".info") {
                    records.insert(id, Record::read(&self.get(key).await));
                }
            }
            let of = |key: &str| records.get(key.split('.').next().unwrap_or_default());
            let objects = sizes.iter().map(|(key, size)| {
                let record = of(key);
                let object = Object {
                    size: *size,
                    is_needed: record.is_some_and(|record| record.needs(key)),
                    is_tombstone: key.ends_with(".info")
                        && record.is_some_and(|record| record.is_tombstone),
                };
                (key.clone(), object)
            });
            objects.collect()
        })
    }

    /// The sizes of all objects but those that belong to no upload, whose names begin with a dot.
    async fn list(&self) -> BTreeMap<String, u64> {
        let mut sizes = BTreeMap::new();
        let listing = client(self.server).list_objects_v2();
        let listing = listing.bucket(&self.server.bucket).prefix(&self.prefix);
        let mut pages = listing.into_paginator().send();
        while let Some(page) = pages.next().await {
            for object in page.expect("the bucket can be listed").contents() {
                let key = object.key().and_then(|key| key.strip_prefix(&self.prefix));
                let key = key.expect("a key begins with its prefix");
                if !key.starts_with('.') {
                    let size = object.size().and_then(|size| u64::try_from(size).ok());
                    sizes.insert(key.to_owned(), size.expect("an object has a size"));
                }
            }
        }
        sizes
    }

    /// The text of an object; none of one that is gone.
    async fn get(&self, key: &str) -> String {
        let request = client(self.server).get_object();
        let request = request.bucket(&self.server.bucket);
        let Ok(answer) = request.key(format!("{}{key}", self.prefix)).send().await else {
            return String::new();
        };
        let body = answer.body.collect().await.map(|body| body.to_vec());
        String::from_utf8(body.unwrap_or_default()).expect("a record is text")
    }
}

/// What is to be known of an object.
struct Object {
    size: u64,
    /// Whether the record of its upload wants it to be there.
    is_needed: bool,
    is_tombstone: bool,
}

/// What the record of an upload says.
struct Record {
    text: String,
    is_tombstone: bool,
}

impl Record {
    fn read(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            is_tombstone: text.contains(r#""state":"terminated""#),
        }
    }

    fn needs(&self, key: &str) -> bool {
        match key.split_once('.') {
            Some((_, "info")) => true,
            Some(_) => !self.is_tombstone && self.text.contains(key),
            None => !self.is_tombstone,
        }
    }
}

fn client(server: &RealS3) -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        let credentials =
            Credentials::new(&server.access_key, &server.secret_key, None, None, "tests");
        let http_client = aws_smithy_http_client::Builder::new().build_http();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(server.region.clone()))
            .endpoint_url(&server.endpoint)
            .force_path_style(true)
            .credentials_provider(credentials)
            .http_client(http_client);
        Client::from_conf(config.build())
    })
}

/// One for all tests: the connections of the client live in it.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}
