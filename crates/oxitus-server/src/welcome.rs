//! What is printed once the server is up.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::cli::BasePath;

/// Tells where uploads go, where they are kept, and how to try it.
pub(crate) fn print(address: SocketAddr, base_path: &BasePath, place: &str) {
    let url = format!("http://{}{base_path}", reachable(address));
    let text = format!(
        "\
oxitus-server {version}
  uploads go to    {url}
  and are kept in  {place}

Try it: this makes an upload, whose address comes back as Location. Fetch it from there.
  echo 'Hello, upload!' | curl -i {url} -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 15' \\
    -H 'Content-Type: application/offset+octet-stream' --data-binary @-
",
        version = env!("CARGO_PKG_VERSION"),
    );
    // Nobody may be reading, and that is no reason not to serve.
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.as_bytes());
    let _ = output.flush();
}

/// The address as a client on this machine can use it: one that stands for every address is none
/// to connect to.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_addresses_that_can_be_connected_to() {
        for (bound, printed) in [
            ("0.0.0.0:1080", "127.0.0.1:1080"),
            ("[::]:1080", "[::1]:1080"),
            ("192.0.2.1:80", "192.0.2.1:80"),
        ] {
            assert_eq!(reachable(bound.parse().unwrap()).to_string(), printed);
        }
    }
}
