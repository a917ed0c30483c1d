//! The middleware in a server of its own, with all that it offers.

use std::{env, error::Error};

use salvo_core::prelude::{Listener, Router, Server, TcpListener};
use salvo_tus::{Tus, options::MaxSize};

const USAGE: &str = "usage: salvo-tus ADDRESS PATH DIR MAX_SIZE";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, path, directory, max_size] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let tus = Tus::new()
        .path(path)
        .storage_root(directory)
        .max_size(MaxSize::Fixed(max_size.parse()?));
    let acceptor = TcpListener::new(address.clone()).bind().await;
    Server::new(acceptor)
        .serve(Router::new().push(tus.into_router()))
        .await;
    Ok(())
}
