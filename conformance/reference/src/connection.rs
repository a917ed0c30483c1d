//! One connection: HTTP/1.1 or HTTP/2, whichever its first bytes are.

use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::fault::Behaviour;
use crate::service::Service;
use crate::wire::Wire;

/// The most header lines of a request.
const MAX_LINES: usize = 100;

/// Serves a connection to its end.
pub(crate) async fn serve(stream: TcpStream, service: Arc<Service>) {
    let head_timeout = service.settings.head_timeout;
    // Small answers are not to wait for one another. Without the option all is only slower.
    stream.set_nodelay(true).ok();
    // Before the first byte hyper does not know the version, and has no timeout.
    if !matches!(
        timeout(head_timeout, stream.peek(&mut [0])).await,
        Ok(Ok(1))
    ) {
        return;
    }

    let max_head = service.settings.max_head;
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_headers(MAX_LINES)
        .max_buf_size(max_head)
        .half_close(!service.fault.has(Behaviour::DiesWithConnection));
    http.http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(max_head).unwrap_or(u32::MAX));

    let wire = Wire::new(stream, &service.fault);
    let ending = CancellationToken::new();
    let each = service_fn(|request| {
        let service = Arc::clone(&service);
        let ends = service.fault.has(Behaviour::EndsWithStream);
        let given_up = ends.then(|| ending.clone().drop_guard());
        async move {
            let answer = service.serve(request).await;
            given_up.map(DropGuard::disarm);
            answer
        }
    });
    tokio::select! {
        // How a connection ends is the client's business.
        _ = http.serve_connection(TokioIo::new(wire), each) => {}
        () = ending.cancelled() => {}
    }
}
