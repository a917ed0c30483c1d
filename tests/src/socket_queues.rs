//! What the kernel still holds of a loopback connection, from `/proc/net/tcp`.
//!
//! `tx_queue` of a socket is what `ioctl(SIOCOUTQ)` tells of it, and this way there is no need
//! for the socket itself, nor for unsafe code.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

/// How many bytes are on their way from one end of a connection to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// Sent by the client and not yet acknowledged by the kernel of the other side.
    pub unsent: u64,
    /// Arrived, and not yet read by the server.
    pub unread: u64,
}

impl InFlight {
    /// Whether the server has read all that was sent.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        self.unsent == 0 && self.unread == 0
    }
}

/// What is on its way from `client` to `server`; `None` where there is no such connection any
/// more.
#[must_use]
pub fn in_flight(client: SocketAddr, server: SocketAddr) -> Option<InFlight> {
    let table = fs::read_to_string("/proc/net/tcp").expect("Linux has /proc/net/tcp");
    let (client, server) = (as_in_table(client), as_in_table(server));
    let queues = |local: &str, remote: &str| {
        table.lines().find_map(|line| {
            let mut fields = line.split_ascii_whitespace().skip(1);
            let ends = (fields.next()?, fields.next()?);
            let (unsent, unread) = fields.nth(1)?.split_once(':')?;
            let of_queue = |text| u64::from_str_radix(text, 16).ok();
            (ends == (local, remote)).then_some((of_queue(unsent)?, of_queue(unread)?))
        })
    };
    let (unsent, _) = queues(&client, &server)?;
    let (_, unread) = queues(&server, &client)?;
    Some(InFlight { unsent, unread })
}

/// An address as the table writes it: the four bytes as one number of this machine, in
/// hexadecimal, and the port.
fn as_in_table(address: SocketAddr) -> String {
    let SocketAddr::V4(address) = address else {
        panic!("the tests speak IPv4");
    };
    let number = u32::from_ne_bytes(Ipv4Addr::octets(address.ip()));
    format!("{number:08X}:{:04X}", address.port())
}
