use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn phase() -> impl Strategy<Value = Phase> {
    prop_oneof![
        Just(Phase::Receiving),
        Just(Phase::Received),
        Just(Phase::Complete)
    ]
}

fn state() -> impl Strategy<Value = State> {
    (any::<Option<u64>>(), any::<Option<u64>>(), phase()).prop_map(
        |(length, staged_from, phase)| State {
            length,
            staged_from,
            phase,
        },
    )
}

fn slot() -> impl Strategy<Value = Slot> {
    (1..u64::MAX, state()).prop_map(|(generation, state)| Slot { generation, state })
}

fn upload_id() -> impl Strategy<Value = UploadId> {
    "[a-z0-9][a-z0-9_-]{0,63}".prop_map(|text| UploadId::parse(&text).unwrap())
}

fn kind() -> impl Strategy<Value = Kind> {
    let parts = ("final;[ -~]{1,99}", vec(upload_id(), 1..9));
    prop_oneof![
        Just(Kind::Whole),
        Just(Kind::Partial),
        parts.prop_map(|(raw, parts)| Kind::Final(Concatenation::new(raw, parts))),
    ]
}

fn new_upload() -> impl Strategy<Value = NewUpload> {
    let since_epoch = (0..1_u64 << 40, 0..1_000_000_000_u32);
    (
        any::<Option<u64>>(),
        any::<Option<u64>>(),
        kind(),
        option::of("[!-+\\--~]{1,40}"),
        since_epoch.prop_map(|(seconds, nanos)| Duration::new(seconds, nanos)),
        any::<Option<Duration>>(),
    )
        .prop_map(|(length, max_size, kind, key, created, time_to_live)| {
            let created = SystemTime::UNIX_EPOCH + created;
            let id = UploadId::parse("a").unwrap();
            let mut new = NewUpload::new(id, length, created);
            new.max_size = max_size;
            new.kind = kind;
            new.metadata = key.map(|key| {
                let pairs = [(key.as_str(), b"\0\xff value".as_slice())];
                UploadMetadata::from_pairs(pairs).unwrap()
            });
            new.time_to_live = time_to_live;
            new
        })
}

/// The bytes of a record after `line` was written at `position`, as far as `written`.
fn overwritten(bytes: &[u8], position: u64, line: &[u8], written: usize) -> Vec<u8> {
    let start = position as usize;
    let mut bytes = bytes.to_vec();
    bytes[start..start + written].copy_from_slice(&line[..written]);
    bytes
}

proptest! {
    #[test]
    fn a_new_upload_comes_back_as_it_was(new in new_upload()) {
        let record = Record::of(new.clone());
        let bytes = record.encode().unwrap();
        prop_assert!(bytes.is_ascii());
        let read = Record::decode(&bytes).unwrap();
        prop_assert_eq!(&read, &record);
        prop_assert_eq!(read.snapshot(&new.id, DataFile::EMPTY), new.snapshot());
    }

    #[test]
    fn a_slot_comes_back_and_fits(slot in slot()) {
        let line = slot.encode().unwrap();
        prop_assert_eq!(line.len(), SLOT_WIDTH);
        prop_assert_eq!(line.last(), Some(&b'\n'));
        prop_assert_eq!(Slot::decode(&line), Some(slot));
    }

    #[test]
    fn the_present_state_survives_whatever_the_next_becomes(
        states in vec(state(), 1..6),
        written in 0..=SLOT_WIDTH,
        garbage in any::<Option<u8>>(),
    ) {
        let mut record = Record::of(NewUpload::new(
            UploadId::parse("a").unwrap(),
            Some(1),
            SystemTime::UNIX_EPOCH,
        ));
        let mut bytes = record.encode().unwrap();
        for state in states {
            let next = record.slot.next(state);
            let line = next.encode().unwrap();
            let mut torn = overwritten(&bytes, next.position(), &line, written);
            if let Some(garbage) = garbage {
                let end = next.position() as usize + SLOT_WIDTH;
                torn[next.position() as usize + written..end].fill(garbage);
            }
            let present = Record::decode(&torn).unwrap().slot;
            let whole = torn[next.position() as usize..].starts_with(line.trim_ascii_end());
            prop_assert!(present == record.slot || (whole && present == next));
            bytes = overwritten(&bytes, next.position(), &line, SLOT_WIDTH);
            record.slot = next;
            prop_assert_eq!(&Record::decode(&bytes).unwrap(), &record);
        }
    }

    #[test]
    fn a_record_that_was_cut_off_is_unfinished(new in new_upload(), cut in any::<prop::sample::Index>()) {
        let bytes = Record::of(new).encode().unwrap();
        let outcome = Record::decode(&bytes[..cut.index(bytes.len())]);
        prop_assert!(matches!(outcome, Err(Unreadable::Unfinished)));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..800)) {
        let _ = Record::decode(&bytes);
        let _ = decode_intent(&bytes);
    }

    #[test]
    fn an_intent_comes_back_and_fits(offset in any::<u64>()) {
        for intent in [Intent::Append { offset }, Intent::Terminate] {
            let line = encode_intent(intent);
            prop_assert_eq!(line.len(), INTENT_WIDTH);
            prop_assert_eq!(decode_intent(&line), Some(intent));
        }
    }
}

#[test]
fn a_newer_version_is_known_whatever_else_it_holds() {
    for text in [
        "{\"version\":2}\n",
        "new\nlines\n{\"version\":7,\"kind\":[]}\n",
    ] {
        let outcome = Record::decode(text.as_bytes());
        assert!(
            matches!(outcome, Err(Unreadable::Version(2 | 7))),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_record_without_a_whole_slot_is_unreadable() {
    let new = NewUpload::new(UploadId::parse("a").unwrap(), None, SystemTime::UNIX_EPOCH);
    let mut bytes = Record::of(new).encode().unwrap();
    bytes[20] ^= 1;
    assert!(matches!(Record::decode(&bytes), Err(Unreadable::Slots)));
}
