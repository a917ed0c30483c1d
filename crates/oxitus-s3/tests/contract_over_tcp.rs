//! The storage contract, clause by clause, over TCP: on the S3 server that `OXITUS_TEST_STORAGE`
//! names, and on one in memory where it names none.
//!
//! What takes the clock of the store, or a look behind its interface, is tested in the crate itself.

#![expect(
    clippy::expect_used,
    reason = "a test that panics has failed, as it should"
)]

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::StorageBackend;
use oxitus_s3::{S3Backend, StoreTraits};
use oxitus_testkit::contract::Fixture;
use oxitus_testkit::real_s3::RealS3;
use tokio::sync::OnceCell;

/// The smallest parts that S3 takes.
const PART_SIZE: u64 = 5 << 20;

oxitus_testkit::contract_tests!(UnderPrefix::new().await);

/// A prefix in the bucket of the server.
struct UnderPrefix {
    server: Server,
    prefix: String,
    backend: Arc<S3Backend>,
}

impl UnderPrefix {
    async fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let server = server();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("contract-{}-{number}/", std::process::id());
        Self {
            backend: Arc::new(open(&server, &prefix).await),
            server,
            prefix,
        }
    }

    fn client(&self) -> Client {
        let http_client = aws_smithy_http_client::Builder::new().build_http();
        Client::from_conf(config(&self.server).http_client(http_client).build())
    }
}

#[async_trait]
impl Fixture for UnderPrefix {
    fn backend(&self) -> Arc<dyn StorageBackend> {
        Arc::clone(&self.backend) as Arc<dyn StorageBackend>
    }

    async fn reopen(&self) -> Arc<dyn StorageBackend> {
        Arc::new(open(&self.server, &self.prefix).await)
    }

    fn boundary(&self) -> usize {
        PART_SIZE as usize
    }

    fn writes_behind(&self) -> bool {
        true
    }

    async fn traces(&self, id: &UploadId) -> Option<Vec<String>> {
        let client = self.client();
        let data = format!("{}{id}", self.prefix);
        let mut traces = Vec::new();
        let listing = client.list_objects_v2().bucket(&self.server.bucket);
        let listing = listing.prefix(&data).send().await.expect("a listing");
        for key in listing.contents().iter().filter_map(|object| object.key()) {
            if !is_tombstone(&client, &self.server.bucket, key).await {
                traces.push(key.to_owned());
            }
        }
        let listing = client.list_multipart_uploads().bucket(&self.server.bucket);
        let listing = listing.prefix(&data).send().await.expect("a listing");
        let multiparts = listing.uploads().iter().filter_map(|upload| upload.key());
        traces.extend(multiparts.map(str::to_owned));
        Some(traces)
    }
}

/// Whether it is the record that keeps the id of a removed upload taken.
async fn is_tombstone(client: &Client, bucket: &str, key: &str) -> bool {
    if !key.ends_with(".info") {
        return false;
    }
    let record = client.get_object().bucket(bucket).key(key).send().await;
    let record = record.expect("a record").body.collect().await;
    let record = record.expect("a record").to_vec();
    String::from_utf8_lossy(&record).contains(r#""state":"terminated""#)
}

/// The server of all tests, or one of this test alone, whose memory is free when it has ended.
type Server = Box<dyn Deref<Target = RealS3> + Send + Sync>;

fn server() -> Server {
    match RealS3::of_this_process() {
        Some(server) => Box::new(server),
        None => Box::new(Box::new(RealS3::in_memory())),
    }
}

/// The first one probes the store. The others rely on nothing that only some stores do.
async fn open(server: &RealS3, prefix: &str) -> S3Backend {
    static PROBED: OnceCell<()> = OnceCell::const_new();
    let builder = || {
        S3Backend::builder(config(server).build(), &server.bucket)
            .prefix(prefix)
            .part_size(PART_SIZE)
            .deferred_part_size(PART_SIZE)
    };
    PROBED
        .get_or_init(|| async {
            builder().open().await.expect("a store for uploads");
        })
        .await;
    let declared = builder().store_traits(StoreTraits::new());
    declared.open().await.expect("the settings are right")
}

fn config(server: &RealS3) -> aws_sdk_s3::config::Builder {
    let credentials = Credentials::new(&server.access_key, &server.secret_key, None, None, "tests");
    Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(server.region.clone()))
        .endpoint_url(&server.endpoint)
        .force_path_style(true)
        .credentials_provider(credentials)
}
