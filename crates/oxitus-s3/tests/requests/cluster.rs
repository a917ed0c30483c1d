//! [`Cluster`]: engines that share a bucket, and a client that goes from one to the other.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;
use oxitus_s3::{S3Backend, StoreTraits};
use oxitus_testkit::s3::{
    ACCESS_KEY_ID, BUCKET, Bucket, Condition, Dialect, InMemoryS3, Operation, REGION,
    SECRET_ACCESS_KEY,
};

/// Nodes that know nothing of each other but the bucket.
pub(crate) struct Cluster {
    s3: InMemoryS3,
    nodes: Vec<Engine>,
    random: u64,
}

/// What a client is told of an upload.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) offset: Option<u64>,
    pub(crate) body: Bytes,
}

impl Cluster {
    /// So many nodes, whose uploads have parts of so many bytes.
    pub(crate) async fn new(nodes: usize, part_size: u64) -> Self {
        let mut dialect = Dialect::aws();
        dialect.minimum_part_size = part_size / 2;
        let s3 = InMemoryS3::new(Bucket::with_dialect(dialect));
        let mut cluster = Self {
            s3,
            nodes: Vec::new(),
            random: 1,
        };
        for _ in 0..nodes {
            let backend = cluster.backend(part_size).await;
            let engine = Engine::new(Arc::new(backend), Config::new("/files"));
            engine.start();
            cluster.nodes.push(engine);
        }
        cluster.until_swept().await;
        cluster
    }

    /// Every engine sweeps once as it starts, and ends with a look for orphaned parts.
    async fn until_swept(&self) {
        let swept = || {
            let traffic = self.s3.counters().snapshot();
            traffic.of(Operation::ListMultipartUploads)
        };
        while swept() < self.nodes.len() as u64 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn backend(&self, part_size: u64) -> S3Backend {
        use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
        let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "test");
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url("http://s3.test")
            .force_path_style(true)
            .credentials_provider(credentials)
            .http_client(self.s3.http_client())
            .build();
        let opened = S3Backend::builder(config, BUCKET)
            .smallest_part_size(part_size / 2)
            .part_size(part_size)
            .deferred_part_size(part_size)
            .store_traits(StoreTraits::new())
            .open()
            .await;
        opened.unwrap()
    }

    /// How many requests were made for uploads, be they retried ones. Deletions cost nothing, and
    /// only the sweeper lists the bucket.
    pub(crate) fn requests(&self) -> u64 {
        let traffic = self.s3.counters().snapshot();
        let sweeper = [Operation::ListObjectsV2, Operation::ListMultipartUploads];
        let swept: u64 = sweeper.iter().map(|operation| traffic.of(*operation)).sum();
        traffic.total_without_deletes() - swept
    }

    /// How many requests `work` makes.
    pub(crate) async fn count<T>(&mut self, work: impl AsyncFnOnce(&mut Self) -> T) -> (u64, T) {
        let before = self.requests();
        let outcome = work(self).await;
        (self.requests() - before, outcome)
    }

    /// Makes an upload, whose length is told now or later.
    pub(crate) async fn create(&mut self, length: Option<u64>) -> String {
        let request = Request::builder().method(Method::POST).uri("/files");
        let request = match length {
            Some(length) => request.header("upload-length", length),
            None => request.header("upload-defer-length", "1"),
        };
        let answer = self.send(request, Bytes::new()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.location.unwrap()
    }

    /// Makes an upload of these bytes with one request.
    pub(crate) async fn create_with(&mut self, bytes: Bytes) -> String {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/files")
            .header("upload-length", bytes.len())
            .header("content-type", "application/offset+octet-stream");
        let answer = self.send(request, bytes).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.location.unwrap()
    }

    /// Appends bytes, and tells the length with them where it is given.
    pub(crate) async fn append(
        &mut self,
        url: &str,
        offset: u64,
        bytes: Bytes,
        length: Option<u64>,
    ) {
        let end = offset + bytes.len() as u64;
        let mut request = Request::builder()
            .method(Method::PATCH)
            .uri(url)
            .header("upload-offset", offset)
            .header("content-type", "application/offset+octet-stream");
        if let Some(length) = length {
            request = request.header("upload-length", length);
        }
        let answer = self.send(request, bytes).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
        assert_eq!(answer.offset, Some(end));
    }

    /// Where an upload stands.
    pub(crate) async fn head(&mut self, url: &str) -> Option<u64> {
        let request = Request::builder().method(Method::HEAD).uri(url);
        self.send(request, Bytes::new()).await.offset
    }

    /// The bytes of a complete upload.
    pub(crate) async fn get(&mut self, url: &str) -> Bytes {
        let request = Request::builder().method(Method::GET).uri(url);
        let answer = self.send(request, Bytes::new()).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.body
    }

    /// The highest part number that was claimed for an upload.
    pub(crate) fn highest_part_number(&self, url: &str) -> u64 {
        let id = url.rsplit('/').next().unwrap();
        let record = self
            .s3
            .bucket()
            .get(&format!("{id}.info"), &Condition::None);
        let record = record.unwrap().content.bytes();
        let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
        record["next_number"].as_u64().unwrap() - 1
    }

    async fn send(&mut self, request: http::request::Builder, body: Bytes) -> Answer {
        let node = self.next_node();
        let request = request
            .header("host", "localhost")
            .header("tus-resumable", "1.0.0");
        let request = request.body(Full::new(body)).unwrap();
        let (parts, body) = node.handle(request).await.into_parts();
        let text = |name| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
        Answer {
            status: parts.status,
            location: text("location"),
            offset: text("upload-offset").and_then(|offset| offset.parse().ok()),
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// Any node, as a load balancer would have it (xorshift).
    fn next_node(&mut self) -> Engine {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.nodes[self.random as usize % self.nodes.len()].clone()
    }
}
