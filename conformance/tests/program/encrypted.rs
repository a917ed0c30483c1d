//! Servers behind TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tus_reference::Fault;

use crate::support::{Subject, complained, conformance, printed};

#[test]
fn a_certificate_that_is_trusted_is_enough() {
    let subject = Subject::start(Fault::none());
    let directory = TempDir::new().unwrap();
    let certificate = directory.path().join("certificate.pem");
    let key = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&certificate, key.cert.pem()).unwrap();
    let proxy = proxy(&subject, &key);
    let url = format!("https://localhost:{}/files", proxy.port());
    let certificate = certificate.to_str().unwrap();

    let trusting = conformance(&[&url, "--filter=CORE-17", "--ca", certificate]);
    assert_eq!(trusting.status.code(), Some(0), "{}", complained(&trusting));
    let trusting = conformance(&[&url, "--filter=CORE-17", "--ca", certificate, "--http2"]);
    assert_eq!(trusting.status.code(), Some(0), "{}", complained(&trusting));
    assert!(printed(&trusting).contains("HTTP/2"));

    let distrusting = conformance(&[&url, "--filter=CORE-17"]);
    assert_eq!(distrusting.status.code(), Some(2));
    assert!(
        complained(&distrusting).contains("certificate"),
        "{}",
        complained(&distrusting)
    );
}

/// Takes TLS off, in the background of the subject.
fn proxy(subject: &Subject, key: &CertifiedKey<rcgen::KeyPair>) -> SocketAddr {
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![key.cert.der().clone()],
            PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = subject.server.address();
    let listener = subject
        .runtime
        .block_on(TcpListener::bind("localhost:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    subject.runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Clients that do not trust the certificate end here.
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut server = TcpStream::connect(server).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut server).await;
                }
            });
        }
    });
    address
}
