//! [`Round`]: one upload, and what must be true of it in the end.

use std::ops::Range;

use oxitus_tests::client::Http;
use oxitus_tests::payload::{self, Random, RngExt, SeedableRng, assert_same};
use oxitus_tests::request::Request;
use oxitus_tests::{tus, wait};

use crate::nodes::{NODES, Nodes};

const MIB: usize = 1024 * 1024;

/// Several parts of 5 MiB each.
const LENGTHS: Range<usize> = 40 * MIB..60 * MIB;

/// The largest piece that is sent by one request where nothing is to happen to it.
const LARGEST_PIECE: usize = 24 * MIB;

/// One upload through all nodes. That no offset is ever taken back that somebody was told is
/// checked on every answer, by the history of the harness.
pub(crate) struct Round<'n> {
    pub(crate) nodes: &'n Nodes,
    pub(crate) random: Random,
    /// Whether every PATCH has a checksum.
    pub(crate) is_checked: bool,
    pub(crate) url: String,
    /// What the upload is to be.
    pub(crate) bytes: Vec<u8>,
}

impl<'n> Round<'n> {
    pub(crate) fn new(nodes: &'n Nodes, seed: u64, is_checked: bool) -> Self {
        let mut random = Random::seed_from_u64(seed);
        let bytes = payload::bytes(seed, random.random_range(LENGTHS));
        let url = nodes.any(&mut random).create(bytes.len() as u64);
        Self {
            nodes,
            random,
            is_checked,
            url,
            bytes,
        }
    }

    pub(crate) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Other bytes for the same upload.
    pub(crate) fn other_bytes(&mut self) -> Vec<u8> {
        payload::bytes(self.random.random(), self.length())
    }

    /// Two different nodes.
    pub(crate) fn two_nodes(&mut self) -> (usize, usize) {
        let first = self.random.random_range(0..NODES);
        let second = (first + self.random.random_range(1..NODES)) % NODES;
        (first, second)
    }

    pub(crate) fn http(&mut self) -> Http {
        Http::BOTH[self.random.random_range(0..2)]
    }

    /// A PATCH of these of the bytes.
    pub(crate) fn patch(&self, range: Range<usize>) -> Request {
        patch(&self.url, range.start, &self.bytes[range], self.is_checked)
    }

    /// Uploads some first bytes, or none, and tells how many.
    pub(crate) fn begin(&mut self) -> usize {
        if self.random.random_bool(0.5) {
            return 0;
        }
        let end = self.random.random_range(1..16 * MIB);
        let patch = self.patch(0..end);
        self.nodes.any(&mut self.random).send(&patch).expect(204);
        end
    }

    /// Where any node says that the upload stands.
    pub(crate) fn offset(&mut self) -> usize {
        let head = tus::head(&self.url);
        // What is being completed by somebody else is not told before it is.
        let answer = wait::until("an upload that is not locked", || {
            let answer = self.nodes.ask(&head, &mut self.random);
            let answer = answer.expect_any(&[200, 423]);
            (answer.status == 200).then_some(answer)
        });
        usize::try_from(answer.offset()).unwrap()
    }

    /// Sends what is missing, each piece to any node, as a client does: when something goes wrong it
    /// asks where it stands.
    pub(crate) fn complete(&mut self) {
        let mut offset = self.offset();
        while offset < self.length() {
            let rest = self.length() - offset;
            let piece = self.random.random_range(1..LARGEST_PIECE).min(rest);
            let patch = self.patch(offset..offset + piece);
            let client = self.nodes.any(&mut self.random);
            let answer = client.try_send(&patch).ok();
            offset = match answer.map(|answer| answer.expect_any(&[204, 409, 423])) {
                Some(answer) if answer.status == 204 => {
                    answer.expect_offset((offset + piece) as u64);
                    offset + piece
                }
                _ => self.offset(),
            };
        }
    }

    /// Holds the whole upload against what it is to be.
    pub(crate) fn verify(&mut self) {
        for client in self.nodes.each() {
            assert_eq!(client.offset(&self.url), self.length() as u64);
        }
        let client = self.nodes.any(&mut self.random);
        assert_same(&client.download(&self.url), &self.bytes);
    }

    /// Deletes the upload, by any node.
    pub(crate) fn remove(&mut self) {
        let client = self.nodes.any(&mut self.random);
        client.delete(&self.url).expect(204);
    }
}

/// A PATCH, with a checksum where one is wanted.
pub(crate) fn patch(url: &str, offset: usize, bytes: &[u8], is_checked: bool) -> Request {
    if is_checked {
        tus::patch_checked(url, offset as u64, "sha256", bytes)
    } else {
        tus::patch(url, offset as u64, bytes.to_vec())
    }
}
