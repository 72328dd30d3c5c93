//! A token endpoint for OAUTHBEARER.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};
use tokio_util::task::AbortOnDropHandle;

use crate::ClusterState;

/// A token endpoint that answers every request in the same way, with the brokers' certificate.
#[derive(Debug)]
pub struct TokenEndpoint {
    address: SocketAddr,
    _serving: AbortOnDropHandle<()>,
}

impl TokenEndpoint {
    /// Hands out a token without a signature, as Kafka's development validator takes it, that
    /// names `subject` and is good until the year 2100.
    ///
    /// # Panics
    ///
    /// If no port can be had.
    pub async fn start(state: &ClusterState, subject: &str) -> Self {
        let claims = format!(r#"{{"sub":"{subject}","iat":1767225600,"exp":4102444800}}"#);
        let token = format!(
            "{}.{}.",
            base64url(br#"{"alg":"none"}"#),
            base64url(claims.as_bytes())
        );
        let body =
            format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#);
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        Self::answering(state, answer).await
    }

    /// Refuses every client.
    ///
    /// # Panics
    ///
    /// If no port can be had.
    pub async fn refusing(state: &ClusterState) -> Self {
        let body = r#"{"error":"invalid_client"}"#;
        let answer = format!(
            "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        Self::answering(state, answer).await
    }

    async fn answering(state: &ClusterState, answer: String) -> Self {
        let acceptor = acceptor(state);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that goes away early is none of our business.
                let _ = serve(&acceptor, stream, &answer).await;
            }
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the handle ends the task when dropped"
        )]
        let serving = AbortOnDropHandle::new(tokio::spawn(serving));
        Self {
            address,
            _serving: serving,
        }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}/token", self.address)
    }
}

fn acceptor(state: &ClusterState) -> TlsAcceptor {
    let file = state.tls.ca.with_file_name("server.keystore.pem");
    let chain = CertificateDer::pem_file_iter(&file).expect("the brokers' certificate");
    let chain = chain.collect::<Result<_, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(&file).expect("the brokers' key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions that ring knows")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a key that fits");
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(acceptor: &TlsAcceptor, stream: TcpStream, answer: &str) -> io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    // The request is small and arrives whole, but for its body, which nobody reads.
    let mut request = [0; 8 * 1024];
    let _ = stream.read(&mut request).await?;
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
