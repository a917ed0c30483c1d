//! HEAD: where an upload stands.

use crate::answer::{Handled, With as _, answer};
use crate::fault::Behaviour;
use crate::service::Call;

/// Answers HEAD. It neither waits for a writer nor disturbs it.
pub(crate) async fn head(call: &Call, id: &str) -> Handled {
    if call.has(Behaviour::HeadWaitsForWriter) {
        call.store().wait_for_writer(id).await;
    }
    if call.has(Behaviour::HeadStopsWriter) {
        call.store().stop_writer(id);
    }
    let answer = call.store().with(id, |upload| {
        let is_deferred = upload.record.length.is_none() && !upload.is_final();
        answer(200)
            .with_some(
                "upload-offset",
                (!upload.is_pending()).then(|| upload.offset()),
            )
            .with_some("upload-length", upload.record.length)
            .with_some("upload-defer-length", is_deferred.then_some(1))
            .with_some("upload-metadata", upload.record.metadata.as_ref())
            .with_some("upload-concat", upload.concat())
            .with_some("upload-expires", upload.expires())
    })?;
    Ok(answer)
}
