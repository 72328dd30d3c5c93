//! Providers over TLS, with an authority of the operator's own.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use mcp_oauth_provider::{ReqwestClient, ReqwestConfig};
use mcp_oauth_token::{FetchLimits, HttpClient};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring},
};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server with a certificate for `host`.
async fn server(authority: &Authority, host: &str) -> (SocketAddr, JoinSet<()>) {
    let mut params = CertificateParams::new([host.to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Whoever does not trust the certificate hangs up here.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(answer).await;
        }
    });
    (address, tasks)
}

async fn is_reached(address: SocketAddr, trusted: Option<&Authority>) -> bool {
    let mut config = ReqwestConfig::default();
    config.ca_pem = trusted.map(|authority| authority.pem().into_bytes());
    let client = ReqwestClient::new(&config).unwrap();
    let request = Request::get(format!("https://localhost:{}/", address.port()));
    let limits = FetchLimits::new(Duration::from_secs(5), 1000);
    let response = client
        .send(request.body(Bytes::new()).unwrap(), limits)
        .await;
    response.is_ok_and(|response| response.status() == 200)
}

#[tokio::test]
async fn a_provider_with_a_certificate_of_the_operators_authority_is_reached() {
    let authority = authority();
    let (address, _server) = server(&authority, "localhost").await;
    assert!(is_reached(address, Some(&authority)).await);
}

#[tokio::test]
async fn other_certificates_are_not_trusted() {
    let authority = authority();
    let (address, _server) = server(&authority, "localhost").await;
    assert!(!is_reached(address, None).await);
    assert!(!is_reached(address, Some(&self::authority())).await);
    let (address, _server) = server(&authority, "provider.example").await;
    assert!(!is_reached(address, Some(&authority)).await);
}
