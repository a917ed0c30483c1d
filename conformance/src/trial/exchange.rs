//! [`Exchange`]: a request that is sent piece by piece, and that may break off.

use std::time::Duration;

use bytes::Bytes;

use super::{Call, Stop, Verdict};
use crate::http::{Connection, Response};

/// How long bytes have to get from here into the server before the connection breaks.
const ON_THE_WAY: Duration = Duration::from_millis(150);

/// A request whose head is sent.
pub(crate) struct Exchange<'a> {
    call: Call<'a>,
    connection: Connection,
}

/// How a connection ends before its request does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// The client says that it sends nothing more (FIN).
    Fin,
    /// The client dies (RST, or `RST_STREAM`).
    Reset,
}

impl<'a> Exchange<'a> {
    pub(super) const fn new(call: Call<'a>, connection: Connection) -> Self {
        Self { call, connection }
    }

    /// Sends a piece of the content.
    pub(crate) async fn send(&mut self, content: &[u8]) -> Verdict {
        let content = Bytes::copy_from_slice(content);
        self.call.request_mut().content.push(content.clone());
        self.call
            .trial()
            .within(self.connection.send(&content))
            .await
    }

    /// Ends the content, and reads the answer.
    pub(crate) async fn finish(mut self) -> Result<Response, Stop> {
        self.end().await?;
        self.response().await
    }

    /// Ends the content.
    pub(crate) async fn end(&mut self) -> Verdict {
        let trailers = self.call.request().trailers.clone();
        self.call
            .trial()
            .within(self.connection.finish(&trailers))
            .await
    }

    /// Reads the answer, whether or not the content is at its end.
    pub(crate) async fn response(&mut self) -> Result<Response, Stop> {
        let result = self.call.trial().within(self.connection.response()).await;
        self.call.heard(result)
    }

    /// Breaks it off where it is.
    pub(crate) async fn break_off(self, ending: Ending) -> Verdict {
        tokio::time::sleep(ON_THE_WAY).await;
        self.call.write_down(match ending {
            Ending::Fin => "(the client closed the connection)".to_owned(),
            Ending::Reset => "(the client reset the connection)".to_owned(),
        });
        match ending {
            Ending::Fin => drop(self.connection),
            Ending::Reset => self.connection.reset().await?,
        }
        Ok(())
    }

    pub(crate) const fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Leaves the request as it is, and keeps its connection.
    pub(crate) fn into_connection(self) -> Connection {
        self.connection
    }
}
