//! [`Connector`]: the way to the server.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_util::either::Either;

use super::Protocol;
use crate::options::{Options, Target};

/// A stream of bytes to the server, over TLS or not.
pub(super) type Stream = Either<TcpStream, TlsStream<TcpStream>>;

/// The way to the server.
#[derive(Clone)]
pub(crate) struct Connector {
    target: Target,
    protocol: Protocol,
    certificates: Option<PathBuf>,
    tls: Option<TlsConnector>,
}

impl Connector {
    /// # Errors
    /// Where there are certificates that cannot be read.
    pub(crate) fn new(options: &Options) -> io::Result<Self> {
        let unencrypted = Self {
            target: options.target.clone(),
            protocol: options.protocol,
            certificates: options.certificates.clone(),
            tls: None,
        };
        unencrypted.encrypting()
    }

    /// The way to another server, which this one names: uploads may be there.
    ///
    /// # Errors
    /// Where there are certificates that cannot be read.
    pub(crate) fn toward(&self, target: Target) -> io::Result<Self> {
        let connector = Self {
            target,
            ..self.clone()
        };
        connector.encrypting()
    }

    /// With TLS where the target asks for it.
    fn encrypting(mut self) -> io::Result<Self> {
        if !self.target.is_encrypted() {
            self.tls = None;
        } else if self.tls.is_none() {
            let roots = roots(self.certificates.as_deref())?;
            self.tls = Some(tls(roots, self.protocol));
        }
        Ok(self)
    }

    pub(crate) const fn protocol(&self) -> Protocol {
        self.protocol
    }

    pub(crate) const fn target(&self) -> &Target {
        &self.target
    }

    /// Whether another one leads to the same scheme, host and port.
    pub(crate) fn shares_origin_with(&self, other: &Self) -> bool {
        self.target.url().origin() == other.target.url().origin()
    }

    pub(super) async fn connect(&self) -> io::Result<Stream> {
        let host = self.target.host().trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, self.target.port())).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            return Ok(Either::Left(stream));
        };
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Either::Right(tls.connect(name, stream).await?))
    }
}

fn tls(roots: RootCertStore, protocol: Protocol) -> TlsConnector {
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![match protocol {
        Protocol::Http1 => b"http/1.1".to_vec(),
        Protocol::Http2 => b"h2".to_vec(),
    }];
    TlsConnector::from(Arc::new(config))
}

fn roots(file: Option<&Path>) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    // What the system has and cannot be read is not trusted, which is all that there is to say of it.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = file {
        let certificates = CertificateDer::pem_file_iter(file).map_err(io::Error::other)?;
        for certificate in certificates {
            let certificate = certificate.map_err(io::Error::other)?;
            roots.add(certificate).map_err(io::Error::other)?;
        }
    }
    Ok(roots)
}
