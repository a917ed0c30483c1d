//! Final uploads: their parts, and what becomes of them.

use super::{Kind, Record, State, Store, Upload, must};
use crate::fault::Behaviour;

/// Why a part cannot be used.
#[derive(Debug)]
pub(crate) enum BadPart {
    Missing,
    /// It is no partial upload.
    NotPartial,
    /// It is not complete yet, and the server offers no `concatenation-unfinished`.
    Unfinished,
}

impl Store {
    /// Looks at a part, and returns its length if that is known.
    pub(crate) fn part_length(
        &self,
        id: &str,
        may_be_unfinished: bool,
        behaviours: &[Behaviour],
    ) -> Result<Option<u64>, BadPart> {
        let takes_anything = behaviours.contains(&Behaviour::ConcatenatesAnything);
        let takes_less = behaviours.contains(&Behaviour::ConcatenatesUnfinished);
        self.with(id, |part| {
            if part.record.kind != Kind::Partial && !takes_anything {
                Err(BadPart::NotPartial)
            } else if takes_less {
                Ok(Some(part.offset()))
            } else if !part.is_complete() && !may_be_unfinished {
                Err(BadPart::Unfinished)
            } else {
                Ok(part.record.length)
            }
        })
        .map_err(|_| BadPart::Missing)?
    }

    /// Creates a final upload, which is complete at once if its parts are.
    pub(crate) fn create_final(&self, record: Record, behaviours: &[Behaviour]) -> String {
        let id = self.create(record, &[], behaviours);
        let mut state = self.lock();
        if behaviours.contains(&Behaviour::ConcatenatesUnfinished) {
            state.assemble(&id, behaviours);
        } else {
            state.assemble_what_can_be(behaviours);
        }
        id
    }
}

impl State {
    /// Joins the parts of all final uploads whose parts are complete.
    pub(super) fn assemble_what_can_be(&mut self, behaviours: &[Behaviour]) {
        if behaviours.contains(&Behaviour::NeverAssembles) {
            return;
        }
        let ready: Vec<_> = self
            .uploads
            .iter()
            .filter(|(_, upload)| self.is_ready(upload))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ready {
            self.assemble(&id, behaviours);
        }
    }

    /// Whether a pending final upload can no more become complete.
    pub(super) fn has_lost_a_part(&self, upload: &Upload) -> bool {
        upload.is_pending()
            && parts(upload)
                .iter()
                .any(|part| !self.uploads.contains_key(part))
    }

    /// Takes the bytes of a deleted part away from final uploads; only a faulty server does that.
    pub(super) fn empty_finals_of(&mut self, part: &str) {
        let uses_part = |upload: &&mut Upload| parts(upload).iter().any(|id| id == part);
        for upload in self.uploads.values_mut().filter(uses_part) {
            upload.content.fill(0);
        }
    }

    fn is_ready(&self, upload: &Upload) -> bool {
        let is_complete = |part: &String| self.uploads.get(part).is_some_and(Upload::is_complete);
        upload.is_pending() && parts(upload).iter().all(is_complete)
    }

    fn assemble(&mut self, id: &str, behaviours: &[Behaviour]) {
        let Some(upload) = self.uploads.get(id) else {
            return;
        };
        let Kind::Final { field, parts, .. } = upload.record.kind.clone() else {
            return;
        };
        let mut found: Vec<_> = parts
            .iter()
            .filter_map(|part| self.uploads.get(part))
            .collect();
        if behaviours.contains(&Behaviour::ReversesParts) {
            found.reverse();
        }
        let content = found
            .iter()
            .flat_map(|part| part.content.iter().copied())
            .collect::<Vec<_>>();
        let mut record = Record {
            length: Some(content.len() as u64),
            ..upload.record.clone()
        };
        if behaviours.contains(&Behaviour::CopiesPartMetadata) {
            record.metadata = found.first().and_then(|part| part.record.metadata.clone());
        }
        record.kind = Kind::Final {
            field,
            parts: parts.clone(),
            is_assembled: true,
        };

        must(self.disk.write(id, &content));
        must(self.disk.write_record(id, &record));
        self.uploads
            .insert(id.to_owned(), Upload::new(record, content));
        if behaviours.contains(&Behaviour::ConsumesParts) {
            self.uploads.retain(|part, _| !parts.contains(part));
        }
    }
}

fn parts(upload: &Upload) -> &[String] {
    match &upload.record.kind {
        Kind::Final { parts, .. } => parts,
        Kind::Plain | Kind::Partial => &[],
    }
}
