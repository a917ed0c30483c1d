//! HEAD: how far an upload is (TUS 1.0.0, "HEAD").

use std::time::Duration;

use http::Response;
use oxitus_proto::decide::check_not_expired;
use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::response::{Asked, Outcome};
use oxitus_proto::upload::{Kind, Phase, Upload};

use super::Engine;
use crate::body::ResponseBody;

/// How long a HEAD waits for the parts of a final upload to be joined. What is not done by then goes
/// on, and the answer shows no offset.
const ASSEMBLY_PATIENCE: Duration = Duration::from_millis(500);

impl Engine {
    /// Reports committed state: takes no lease and disturbs no writer.
    ///
    /// A client that sees its last byte acknowledged stops there, so an upload that is received is
    /// completed before the answer. Where that cannot be done now the answer is 423, the one
    /// refusal of a HEAD that tus-js-client does not take as the loss of the upload.
    pub(super) async fn head(
        &self,
        id: &UploadId,
        asked: &Asked<'_>,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let upload = self.settled(id).await?;
        if upload.phase == Phase::Received && !matches!(upload.kind, Kind::Final(_)) {
            return Err(Refusal::Locked);
        }
        Ok(self.respond(&Outcome::Described(upload), asked))
    }

    /// An upload that has not expired, driven to its end where that is due.
    pub(super) async fn settled(&self, id: &UploadId) -> Result<Upload, Refusal> {
        let upload = self.upload(id).await?;
        check_not_expired(&upload, self.now())?;
        let is_final = matches!(upload.kind, Kind::Final(_));
        let patience = match upload.phase {
            Phase::Received => self.0.writers.lock_timeout(),
            Phase::Receiving if is_final => ASSEMBLY_PATIENCE,
            Phase::Receiving | Phase::Complete => return Ok(upload),
        };
        self.drive(id, patience).await;
        self.upload(id).await
    }
}
