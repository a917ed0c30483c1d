//! fileloft is a library: this is the least program that serves it, with all that it offers.

use std::{env, error::Error, path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use fileloft_axum::tus_router;
use fileloft_core::{
    TusHandler,
    config::{Config, CorsConfig, Extensions},
};
use fileloft_store_fs::{FileLocker, FileStore};
use tokio::net::TcpListener;

const USAGE: &str = "usage: fileloft ADDRESS PATH DIR MAX_SIZE EXPIRE_AFTER";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, path, directory, max_size, expire_after] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let config = Config {
        base_path: path.clone(),
        max_size: max_size.parse()?,
        extensions: Extensions {
            expiration: true,
            expiration_ttl: Some(Duration::from_secs(expire_after.parse()?)),
            checksum_trailer: true,
            concatenation: true,
            ..Extensions::default()
        },
        cors: CorsConfig {
            enabled: true,
            ..CorsConfig::default()
        },
        enable_download: true,
        ..Config::default()
    };
    let directory = PathBuf::from(directory);
    let locker = FileLocker::new(directory.join("locks"));
    let handler = TusHandler::new(FileStore::new(directory), Some(locker), config);
    let router = Router::new().nest(path, tus_router(Arc::new(handler)));
    axum::serve(TcpListener::bind(address).await?, router).await?;
    Ok(())
}
