//! One connection: HTTP/1.1 or HTTP/2, and limits on what a client can keep waiting.
//!
//! The limits of a body that stalls or drips are the engine's; here are those of everything else.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use crate::access_log;
use crate::site::Site;

/// For the first bytes, which tell HTTP/1 from HTTP/2.
const FIRST_BYTES: Duration = Duration::from_secs(30);

/// For a whole head of HTTP/1, and between two requests.
const HEAD: Duration = Duration::from_secs(30);

/// For a client to take anything at all of what is sent to it.
const WRITE: Duration = Duration::from_secs(60);

/// For an HTTP/2 client to answer a ping, and between two pings.
const PING: Duration = Duration::from_secs(20);

/// Without a request an HTTP/2 connection is ended after this long, or up to twice as long.
const IDLE: Duration = Duration::from_secs(60);

/// The largest head of a request, in bytes, of both versions: an `Upload-Concat` of hundreds of
/// parts fits.
const MAX_HEAD: u32 = 64 * 1024;

/// hyper reads into a buffer that grows with the speed of the connection, up to this many bytes.
/// Every connection that was once fast keeps about that much memory, which is what speaks against
/// hyper's default of some 400 KiB; a few percent of CPU time speak for it.
const READ_BUFFER: usize = 192 * 1024;

/// How many requests of one HTTP/2 connection are carried out at once.
const STREAMS: u32 = 16;

/// How many bytes of one request may be under way unread.
const STREAM_WINDOW: u32 = 1024 * 1024;

/// As much as all requests together: else one body that waits, for a lock or a hook, has used the
/// window up and blocks every other request of its connection.
const CONNECTION_WINDOW: u32 = STREAMS * STREAM_WINDOW;

/// The largest frame of HTTP/2, in bytes: the fewer a body takes, the less work.
const MAX_FRAME: u32 = 256 * 1024;

/// Serves a connection until it ends, or until `stopping` and what it is answering is answered.
pub(crate) async fn serve(stream: TcpStream, site: Site, stopping: CancellationToken) {
    let Some(version) = stopping
        .run_until_cancelled(timeout(FIRST_BYTES, Version::detect(&stream)))
        .await
        .and_then(Result::ok)
        .flatten()
    else {
        return;
    };
    let requests = Arc::new(Requests::default());
    let service = service_fn({
        let requests = Arc::clone(&requests);
        let peer = stream.peer_addr().ok();
        move |request| {
            let running = requests.begin();
            let site = site.clone();
            async move {
                let answer = access_log::answer(&site, request, peer).await;
                drop(running);
                Ok::<_, std::convert::Infallible>(answer)
            }
        }
    });
    // Answers are short and awaited: none should wait for the acknowledgement of another.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE));
    let io = TokioIo::new(Box::pin(stream));
    let ended = match version {
        Version::Http1 => {
            let connection = http1().serve_connection(io, service);
            drive(connection, &requests, &stopping).await
        }
        Version::Http2 => {
            let connection = http2().serve_connection(io, service);
            drive(connection, &requests, &stopping).await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(
            error = crate::failure::with_causes(&error),
            "a connection broke"
        );
    }
}

/// Which version of HTTP a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Http1,
    Http2,
}

impl Version {
    /// What every HTTP/2 connection begins with (RFC 9113, section 3.4).
    const PREFACE: &'static [u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    /// Looks at the first bytes and leaves them where they are. `None` where the client has gone.
    ///
    /// hyper-util's automatic connection does the same without a limit on the time, reads the
    /// bytes into a buffer that all later reads pass by, and offers fewer settings.
    async fn detect(stream: &TcpStream) -> Option<Self> {
        let mut first = [0; Self::PREFACE.len()];
        let mut pause = Duration::from_millis(1);
        loop {
            let length = stream.peek(&mut first).await.ok().filter(|&n| n > 0)?;
            let seen = first.get(..length)?;
            if seen == Self::PREFACE {
                return Some(Self::Http2);
            }
            if !Self::PREFACE.starts_with(seen) {
                return Some(Self::Http1);
            }
            // The rest is still under way, and bytes that are there already would be reported again
            // at once.
            sleep(pause).await;
            pause *= 2;
        }
    }
}

fn http1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_header_size(MAX_HEAD as usize)
        .max_buf_size(READ_BUFFER)
        .half_close(true);
    builder
}

fn http2() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(MAX_FRAME)
        .max_header_list_size(MAX_HEAD);
    builder
}

/// Runs a connection to its end. Once it is idle for long, or the server stops, it takes no more
/// requests.
async fn drive<C>(
    connection: C,
    requests: &Requests,
    stopping: &CancellationToken,
) -> Result<(), C::Error>
where
    C: GracefulConnection,
{
    let mut connection = pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = requests.idle() => {}
        () = stopping.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

/// The requests of a connection.
#[derive(Debug, Default)]
struct Requests {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Requests {
    fn begin(self: &Arc<Self>) -> Running {
        self.begun.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(self))
    }

    /// Waits until there has been none for a while. Cancel-safe.
    async fn idle(&self) {
        loop {
            let begun = self.begun.load(Ordering::Relaxed);
            sleep(IDLE).await;
            if begun == self.begun.load(Ordering::Relaxed)
                && begun == self.ended.load(Ordering::Relaxed)
            {
                return;
            }
        }
    }
}

/// A request that is being carried out.
struct Running(Arc<Requests>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    /// What is detected when a client sends `pieces`, one at a time, and then nothing more.
    async fn detected(pieces: &[&[u8]]) -> Option<Version> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = async {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.set_nodelay(true).unwrap();
            for piece in pieces {
                client.write_all(piece).await.unwrap();
                sleep(Duration::from_millis(1)).await;
            }
            client
        };
        let server = async {
            let (stream, _) = listener.accept().await.unwrap();
            Version::detect(&stream).await
        };
        let (mut client, version) = tokio::join!(client, server);
        client.shutdown().await.unwrap();
        version
    }

    #[tokio::test]
    async fn tells_versions_apart_however_the_bytes_come() {
        let preface: Vec<_> = Version::PREFACE.chunks(1).collect();
        assert_eq!(detected(&preface).await, Some(Version::Http2));
        assert_eq!(detected(&[Version::PREFACE]).await, Some(Version::Http2));
        assert_eq!(detected(&[b"P", b"A"]).await, Some(Version::Http1));
        assert_eq!(
            detected(&[b"PRI * HTTP/2.0\r\n\r\nS", b"X"]).await,
            Some(Version::Http1)
        );
        assert_eq!(
            detected(&[b"GET / HTTP/1.1\r\n"]).await,
            Some(Version::Http1)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn is_idle_when_there_was_no_request_for_a_while() {
        let requests = Arc::new(Requests::default());
        let running = requests.begin();
        assert!(timeout(10 * IDLE, requests.idle()).await.is_err());
        drop(running);
        assert!(timeout(2 * IDLE, requests.idle()).await.is_ok());
    }

    #[tokio::test]
    async fn notices_a_client_that_leaves_without_a_word() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        drop(
            TcpStream::connect(listener.local_addr().unwrap())
                .await
                .unwrap(),
        );
        let (stream, _) = listener.accept().await.unwrap();
        assert_eq!(Version::detect(&stream).await, None);
    }
}
