//! Faults in what the server says: they change a finished answer.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, StatusCode};

use super::{Fault, Seen, Step};
use crate::answer::Answer;

impl Fault {
    /// Changes an answer before it is sent. Look at [`Seen`] and at the answer to decide.
    #[must_use]
    pub fn response(change: impl Fn(&Seen, &mut Answer) + Send + Sync + 'static) -> Self {
        Self::step(Step::Response(Arc::new(change)))
    }

    /// Leaves out a response header.
    #[must_use]
    pub fn drop_header(name: &'static str) -> Self {
        Self::response(move |_, answer| {
            answer.headers_mut().remove(name);
        })
    }

    /// Sends this value in place of the ones it should send, if any, and also if there should be none.
    #[must_use]
    pub fn set_header(name: &'static str, value: &'static str) -> Self {
        Self::response(move |_, answer| {
            answer.headers_mut().insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        })
    }

    /// Sends one more line of a header.
    #[must_use]
    pub fn add_header(name: &'static str, value: &'static str) -> Self {
        Self::response(move |_, answer| {
            answer.headers_mut().append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        })
    }

    /// Sends another value of a header that is there.
    #[must_use]
    pub fn edit_header(
        name: &'static str,
        change: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        Self::response(move |_, answer| {
            let Some(line) = answer.headers_mut().get_mut(name) else {
                return;
            };
            if let Ok(value) =
                HeaderValue::try_from(change(&String::from_utf8_lossy(line.as_bytes())))
            {
                *line = value;
            }
        })
    }

    /// Sends another status. One that is no status at all changes nothing.
    #[must_use]
    pub fn set_status(status: u16) -> Self {
        Self::response(move |_, answer| {
            if let Ok(status) = StatusCode::from_u16(status) {
                *answer.status_mut() = status;
            }
        })
    }

    /// Sends another status in the place of this one only.
    #[must_use]
    pub fn swap_status(right: u16, wrong: u16) -> Self {
        Self::set_status(wrong).at(right)
    }

    /// Sends another body.
    #[must_use]
    pub fn set_body(body: &'static [u8]) -> Self {
        Self::response(move |_, answer| *answer.body_mut() = bytes::Bytes::from_static(body))
    }

    /// Only for answers with this status. Of a joined fault, steps that are not about answers stay.
    #[must_use]
    pub fn at(mut self, status: u16) -> Self {
        for (_, step) in &mut self.steps {
            if let Step::Response(change) = step {
                let change = Arc::clone(change);
                *step = Step::Response(Arc::new(move |seen, answer| {
                    if answer.status() == status {
                        change(seen, answer);
                    }
                }));
            }
        }
        self
    }
}
