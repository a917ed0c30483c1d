//! [`Kept`]: stored bytes that are still at hand, for as long as nobody else needs the memory.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_trait::async_trait;
use bytes::Bytes;

use crate::budget::{Reservation, Spill};

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Kept {
    size: usize,
    slot: Arc<Slot>,
}

/// Bytes with the room that they take; none where they are but a handful.
type Held = (Bytes, Option<Reservation>);

#[derive(Debug)]
struct Slot(Mutex<Option<Held>>);

impl Kept {
    pub(crate) fn new(bytes: Bytes, reservation: Option<Reservation>) -> Self {
        let size = bytes.len();
        let slot = Arc::new_cyclic(|slot: &Weak<Slot>| {
            if let Some(reservation) = &reservation {
                reservation.call_in_from(slot.clone());
            }
            Slot(Mutex::new(Some((bytes, reservation))))
        });
        Self { size, slot }
    }

    /// How many bytes there are, or were.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The bytes, which are not called in from here on, if they have not been.
    pub(crate) fn take(self) -> Option<Held> {
        let held = self.slot.take();
        if let Some((_, Some(reservation))) = &held {
            reservation.filled();
        }
        held
    }
}

impl Slot {
    fn take(&self) -> Option<Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl Spill for Slot {
    async fn spill(&self) {
        drop(self.take());
    }
}
