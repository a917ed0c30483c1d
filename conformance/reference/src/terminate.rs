//! DELETE: removes an upload, finished or not, and stops whoever writes to it.

use crate::answer::{Handled, Refusal, answer};
use crate::fault::Behaviour;
use crate::service::Call;
use crate::store::Upload;

/// Answers DELETE.
pub(crate) async fn delete(call: &Call, id: &str) -> Handled {
    let is_complete = call.store().with(id, Upload::is_complete)?;
    if is_complete && call.has(Behaviour::DeletesUnfinishedOnly) {
        return Err(Refusal::malformed("the upload is complete"));
    }
    if call.has(Behaviour::DeleteWaitsForWriter) {
        call.store().wait_for_writer(id).await;
    }
    if !call.has(Behaviour::DeletesNothing) {
        call.store().remove(id, &call.behaviours)?;
    }
    Ok(answer(204))
}
