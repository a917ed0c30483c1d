//! How many requests uploads cost, as the store counts them.
//!
//! The sizes are a sixteenth of those that are meant: parts of 8 MiB are parts of 512 KiB here, and
//! a gigabyte is 64 MiB.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod cluster;

use bytes::Bytes;

use self::cluster::Cluster;

/// A mebibyte, to scale.
const MIB: u64 = (1 << 20) / 16;

const GIB: u64 = 1024 * MIB;

fn content(size: u64) -> Bytes {
    (0..size)
        .map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8)
        .collect::<Vec<_>>()
        .into()
}

/// Uploads a gigabyte in requests of so many bytes; how many requests to the store it took.
async fn upload(nodes: usize, part_size: u64, piece: u64) -> u64 {
    let mut cluster = Cluster::new(nodes, part_size).await;
    let bytes = content(GIB);
    let (requests, url) = cluster
        .count(async |cluster| {
            let url = cluster.create(Some(GIB)).await;
            let mut offset = 0;
            for chunk in bytes.chunks(piece as usize) {
                let chunk = bytes.slice_ref(chunk);
                cluster.append(&url, offset, chunk.clone(), None).await;
                offset += chunk.len() as u64;
            }
            url
        })
        .await;
    assert!(cluster.get(&url).await == bytes, "other bytes");
    println!(
        "{nodes} nodes, parts of {} MiB, requests of {} MiB: {requests}",
        part_size / MIB,
        piece / MIB
    );
    requests
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_long_request() {
    assert!(upload(1, 8 * MIB, GIB).await <= 140);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_to_one_node() {
    assert!(upload(1, 10 * MIB, 50 * MIB).await <= 135);
    assert!(upload(1, 8 * MIB, 50 * MIB).await <= 185);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_to_any_of_three_nodes() {
    let appends = GIB.div_ceil(50 * MIB);
    for part_size in [10 * MIB, 8 * MIB] {
        let one = upload(1, part_size, 50 * MIB).await;
        let three = upload(3, part_size, 50 * MIB).await;
        assert!(three <= one + 3 * appends, "{three} instead of {one}");
    }
    let one = upload(1, 8 * MIB, GIB).await;
    assert!(upload(3, 8 * MIB, GIB).await <= one + 3);
}

#[tokio::test]
async fn each_operation() {
    let mut cluster = Cluster::new(1, 8 * MIB).await;
    let (create, url) = cluster
        .count(async |it| it.create(Some(100 * MIB)).await)
        .await;
    assert_eq!(create, 1);
    let (head, offset) = cluster.count(async |it| it.head(&url).await).await;
    assert_eq!((head, offset), (1, Some(0)));

    // Pending: a segment and the record.
    let bytes = content(100 * MIB);
    let append = async |cluster: &mut Cluster, from: u64, to: u64| {
        let chunk = bytes.slice(from as usize..to as usize);
        let (requests, ()) = cluster
            .count(async |it| it.append(&url, from, chunk, None).await)
            .await;
        requests
    };
    assert_eq!(append(&mut cluster, 0, MIB).await, 2);
    // So little that it stands in the record.
    assert_eq!(append(&mut cluster, MIB, MIB + 1000).await, 1);
    // The first part: the multipart upload and the claim too.
    assert_eq!(append(&mut cluster, MIB + 1000, 8 * MIB).await, 4);
    // Three parts, for which the append before has left two numbers: the third is claimed.
    assert_eq!(append(&mut cluster, 8 * MIB, 32 * MIB).await, 5);
    // Three parts, whose numbers came with the record of the append before.
    assert_eq!(append(&mut cluster, 32 * MIB, 56 * MIB).await, 4);
    // Three parts and a segment.
    assert_eq!(append(&mut cluster, 56 * MIB, 81 * MIB).await, 5);
    let (head, offset) = cluster.count(async |it| it.head(&url).await).await;
    assert_eq!((head, offset), (1, Some(81 * MIB)));
    // Two parts and the rest, the record that has them all, Complete, a look whether the object is
    // there, and the record that says so.
    assert_eq!(append(&mut cluster, 81 * MIB, 100 * MIB).await, 7);
    let (get, read) = cluster.count(async |it| it.get(&url).await).await;
    assert!(read == bytes, "other bytes");
    // The engine looks whether it is complete, the backend which version of the object that is.
    assert_eq!(get, 3);
}

#[tokio::test]
async fn small_uploads() {
    let mut cluster = Cluster::new(1, 8 * MIB).await;
    // The record, the bytes in the record, the object, and the record that says so.
    for (size, expected) in [
        (0, 3),
        (1000, 4),
        (16 * 1024, 4),
        (16 * 1024 + 1, 5),
        (8 * MIB, 5),
    ] {
        let bytes = content(size);
        let (requests, url) = cluster
            .count(async |it| it.create_with(bytes.clone()).await)
            .await;
        assert_eq!(requests, expected, "{size} bytes");
        assert!(cluster.get(&url).await == bytes, "other bytes");
    }
}

/// An upload of 62 GiB in 8 MiB requests has 7,936 parts of the 10,000 that are possible.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `.ci/run s3` has it"]
async fn numbers_do_not_run_out() {
    upload_part_by_part(62 * 1024 / 8).await;
}

/// A quarter of it has a quarter of the numbers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_not_wasted() {
    let highest = upload_part_by_part(62 * 1024 / 8 / 4).await;
    assert!(highest <= 10_000 / 4, "{highest}");
}

/// Uploads so many parts, each with a request of its own to any of three nodes; the highest part
/// number that was used.
async fn upload_part_by_part(parts: u64) -> u64 {
    const PART: u64 = 64;
    let mut cluster = Cluster::new(3, PART).await;
    let bytes = content(parts * PART);
    let url = cluster.create(None).await;
    for (number, chunk) in (0..parts).zip(bytes.chunks(PART as usize)) {
        let length = (number + 1 == parts).then_some(bytes.len() as u64);
        let chunk = bytes.slice_ref(chunk);
        cluster.append(&url, number * PART, chunk, length).await;
    }
    assert!(cluster.get(&url).await == bytes, "other bytes");
    cluster.highest_part_number(&url)
}
