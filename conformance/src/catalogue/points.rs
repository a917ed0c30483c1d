//! Our answers, where the documents leave a choice or say nothing of a mistake.
//!
//! Cases that hold servers to one of them run with `--resolutions` only: another answer is as good by
//! the documents, and oxitus has to give some.

/// A point where the documents leave a choice, and our answer.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// What it is called.
    pub id: &'static str,
    /// What is left open.
    pub question: &'static str,
    /// What oxitus does.
    pub answer: &'static str,
}

const fn point(id: &'static str, question: &'static str, answer: &'static str) -> Point {
    Point {
        id,
        question,
        answer,
    }
}

/// All points, in order.
pub const POINTS: &[Point] = &[
    point(
        "A01",
        "Which check comes first when several things are wrong?",
        "The method override, OPTIONS, the version (412), the path (404), the method (405), the syntax of fields (400) and the type of the content (415), whether the upload is there (404, 410), whether it is final (403), the offset (409), lengths (400, 413), and then the content.",
    ),
    point(
        "A02",
        "What if `Tus-Resumable` is missing, and not wrong?",
        "412 to POST, PATCH and DELETE; HEAD is answered, for the sake of tools that know nothing of TUS.",
    ),
    point(
        "A04",
        "What if `X-HTTP-Method-Override` names no method, and does a GET that stands for HEAD have content in its answer?",
        "Names of methods are case-sensitive; an unknown one is refused, an empty field is as none. The answer has no content, as with any HEAD.",
    ),
    point(
        "A05",
        "What if a field that can be there once is there twice?",
        "400, also where both lines are equal; 412 where it is `Tus-Resumable`.",
    ),
    point(
        "A06",
        "How is the type of the content compared?",
        "Without regard to case, and parameters do not matter. Anything else is 415.",
    ),
    point(
        "A07",
        "Does a 409 tell the offset that would have been right?",
        "Yes, in `Upload-Offset`.",
    ),
    point(
        "A08",
        "What is a number, and what if it is missing or too large?",
        "Digits, and at least one; anything else is 400. Leading zeros are fine. What is larger than a server can take is too large (413), and an offset that cannot be right is wrong (409), whatever the number of digits.",
    ),
    point(
        "A09",
        "What becomes of a PATCH to an upload that is complete?",
        "Without content it is answered with 204, since the answer to the last one may have been lost; with content 413.",
    ),
    point(
        "A10",
        "How strictly is `Upload-Metadata` read?",
        "By its grammar: standard Base64 with padding, unique keys of visible ASCII, no empty elements, else 400. Spaces around commas and several lines are fine, since proxies make them. An empty field is as none. HEAD echoes the value as it came.",
    ),
    point(
        "A11",
        "What if a creation tells a length and defers it?",
        "400.",
    ),
    point(
        "A12",
        "What if a PATCH tells a length that is known, or is refused for another reason?",
        "The same length is fine, another one is 400. A refused request leaves the length unknown.",
    ),
    point(
        "A13",
        "What if a creation has content of another type?",
        "415, and nothing is created. Without content the type does not matter. `Upload-Offset` may be 0.",
    ),
    point(
        "A14",
        "How exactly are checksums read, and how is one refused?",
        "Names are lower case, digests are Base64 with padding and of the right length, else 400, and so is an algorithm that is not known. A wrong digest is 460. A bad digest in a creation creates nothing. A checksum in a field and in a trailer is 400, and so is one that was announced and does not come, or comes and was not announced.",
    ),
    point(
        "A15",
        "What is kept of a request with a checksum that breaks off?",
        "Nothing: half of it cannot be verified.",
    ),
    point(
        "A16",
        "What if more comes than the upload has room for?",
        "413. Where `Content-Length` tells it beforehand, nothing is stored; where it turns out later, what was stored before stays, and the upload is not complete.",
    ),
    point(
        "A17",
        "What if a request comes while another one writes?",
        "A writer that has been silent for half a second is overtaken; one that is at work is waited for, and then it is 423 or 409. DELETE does not wait, and HEAD disturbs nobody.",
    ),
    point(
        "A18",
        "Which uploads expire, and what is said of one that did?",
        "Unfinished ones: 404 or 410. `Upload-Expires` is also in the answer to HEAD.",
    ),
    point("A19", "What if DELETE finds nothing?", "404."),
    point(
        "A20",
        "Which answers must not be cached?",
        "All but downloads: `no-store`, with errors too.",
    ),
    point(
        "A21",
        "Where is OPTIONS answered?",
        "At every path below that of creations, with 204 and `Allow`.",
    ),
    point(
        "A22",
        "What if `Upload-Concat` is neither `partial` nor a list of partial uploads that are complete?",
        "400 or 404, and nothing is created.",
    ),
    point(
        "A23",
        "What if a final upload comes with a length, or with content?",
        "400.",
    ),
    point(
        "A24",
        "How are the parts of a final upload named?",
        "By URI references, relative to the URL of the request. Scheme and authority do not matter, since proxies change them. HEAD echoes the value as it came.",
    ),
    point(
        "A25",
        "What if a field belongs to an extension that is not offered?",
        "400: to ignore it would make something else than was asked for.",
    ),
    point(
        "A27",
        "Does a 413 tell the largest size?",
        "Yes, in `Tus-Max-Size`.",
    ),
    point(
        "A28",
        "What can be done with a partial upload that was used?",
        "Whatever could be done before: the final upload has bytes of its own.",
    ),
    point(
        "A30",
        "What is said of a method that is not known at a path?",
        "405, with the methods that are in `Allow`.",
    ),
    point(
        "A31",
        "On which host is the `Location` of an upload?",
        "On the one that the client used, with the same scheme and port, since pages of browsers may not reach others.",
    ),
    point(
        "A32",
        "What if a field comes with a method that it does not belong to?",
        "It is ignored.",
    ),
];
