//! Events that are printed, and hooks that refuse: uploads need a token, a file name, and may not
//! be programs.
//!
//! ```text
//! cargo run -p example-events-and-hooks
//! curl -i http://127.0.0.1:3000/files/ -X POST -H 'Authorization: Bearer open sesame' \
//!     -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 0' -H 'Upload-Metadata: filename bm90ZXMudHh0'
//! ```

use async_trait::async_trait;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::request::Parts;
use oxitus::proto::request::{Creation, Operation};
use oxitus::proto::upload::Upload;
use oxitus::{
    BeforeComplete, BeforeCreate, BoxError, Config, Event, FsBackend, HookError, Hooks, TusService,
};
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let storage = FsBackend::builder("./uploads").open()?;
    let uploads = TusService::new(storage, Config::new("/files").hooks(House));
    tokio::spawn(print(uploads.events()));

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("upload to http://127.0.0.1:3000/files/");
    axum::serve(listener, oxitus::axum::routes(uploads)).await?;
    Ok(())
}

/// The rules of the house.
#[derive(Debug)]
struct House;

#[async_trait]
impl Hooks for House {
    async fn authorize(&self, request: &Parts, _: &Operation) -> Result<(), HookError> {
        match request.headers.get(AUTHORIZATION) {
            Some(token) if token == "Bearer open sesame" => Ok(()),
            _ => Err(HookError::refuse(StatusCode::UNAUTHORIZED, "say the word")),
        }
    }

    async fn before_create(
        &self,
        _: &Parts,
        creation: &Creation,
    ) -> Result<BeforeCreate, HookError> {
        let no = |reason| HookError::refuse(StatusCode::UNPROCESSABLE_ENTITY, reason);
        let metadata = creation.metadata.as_ref().ok_or(no("say a filename"))?;
        let name = metadata.get("filename").ok_or(no("say a filename"))?;
        if name.to_ascii_lowercase().ends_with(b".exe") {
            return Err(no("no programs, please"));
        }
        Ok(BeforeCreate::default())
    }

    /// All bytes are here. This is the place to look into them; a refusal removes the upload.
    async fn before_complete(&self, upload: &Upload) -> Result<BeforeComplete, HookError> {
        println!("{} has {} bytes, which is fine", upload.id, upload.offset);
        Ok(BeforeComplete::default())
    }
}

/// Prints what happens. Were this too slow, it would miss events; uploads go on all the same.
async fn print(mut events: Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(event) => println!(
                "{:?}: {} at {} of {:?} bytes",
                event.kind, event.upload.id, event.upload.offset, event.upload.length
            ),
            Err(RecvError::Lagged(missed)) => println!("missed {missed} events"),
            Err(RecvError::Closed) => return,
        }
    }
}
