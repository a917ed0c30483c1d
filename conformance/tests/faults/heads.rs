//! What faults look at, and what they change, in the heads of requests.

use tus_reference::{Fault, Seen};

/// A condition: a field says exactly this.
pub(crate) fn said(
    name: &'static str,
    value: &'static str,
) -> impl Fn(&Seen) -> bool + Send + Sync + 'static {
    move |seen| seen.headers.get(name).is_some_and(|said| said == value)
}

/// A server that takes white space at the beginning of a value for a part of it.
pub(crate) fn keeps_white_space() -> Fault {
    Fault::request_bytes(|head| {
        for padding in [b":  ", b": \t"] {
            while let Some(place) = head.windows(3).position(|bytes| bytes == padding) {
                head.splice(place..place + 3, *b": _");
            }
        }
    })
}

/// A server that reads some bytes as others.
pub(crate) fn misreads(right: &'static [u8], wrong: &'static [u8]) -> Fault {
    Fault::request_bytes(move |head| {
        let found = head.windows(right.len()).position(|bytes| bytes == right);
        if let Some(place) = found {
            head.splice(place..place + right.len(), wrong.iter().copied());
        }
    })
}
