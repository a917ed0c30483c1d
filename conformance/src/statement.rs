//! [`Statement`]: a sentence that servers are held to.

use crate::spec::{Document, Section, Strength};

/// A sentence of a document, in words of our own.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// What it is called: `CORE-17`. The ids of its cases begin with it: `CORE-17.1`.
    pub id: &'static str,
    /// How strongly it speaks.
    pub strength: Strength,
    /// Where it stands.
    pub section: Section,
    /// What it says.
    pub text: &'static str,
    /// Why no case tries it, where none does.
    pub untried: Option<&'static str>,
}

impl Statement {
    /// What a server must do, or must not.
    pub(crate) const fn must(id: &'static str, section: Section, text: &'static str) -> Self {
        Self::new(id, Strength::Must, section, text)
    }

    /// What a server should do.
    pub(crate) const fn should(id: &'static str, section: Section, text: &'static str) -> Self {
        Self::new(id, Strength::Should, section, text)
    }

    /// What a server may do.
    pub(crate) const fn may(id: &'static str, section: Section, text: &'static str) -> Self {
        Self::new(id, Strength::May, section, text)
    }

    const fn new(
        id: &'static str,
        strength: Strength,
        section: Section,
        text: &'static str,
    ) -> Self {
        Self {
            id,
            strength,
            section,
            text,
            untried: None,
        }
    }

    /// Says why no case tries it.
    pub(crate) const fn untried(mut self, reason: &'static str) -> Self {
        self.untried = Some(reason);
        self
    }

    /// Who says so.
    #[must_use]
    pub const fn document(&self) -> Document {
        self.section.document
    }
}
