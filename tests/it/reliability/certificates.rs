//! Brokers whose certificates are not to be trusted.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc};

use kafka_tools::{Client, Error, SaslConfig, TlsConfig};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use testkit::{Fault, FaultProxy, bootstrap, unique_name};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};
use tokio_util::task::AbortOnDropHandle;

use crate::faults_on_command::ENGINES;

#[tokio::test]
async fn each_fault_of_a_certificate_is_a_tls_error_that_names_it_and_is_tried_once_a_call() {
    let authority = Authority::new();
    for (what, word) in [
        ("expired", "expired"),
        ("of another host", "not valid for"),
        ("self-signed", "UnknownIssuer"),
    ] {
        for engine in ENGINES {
            let broker = TlsListener::start(match what {
                "expired" => authority.sign(&expired()),
                "self-signed" => Certificate::self_signed(),
                _ => authority.sign(&server("kafka.example")),
            })
            .await;
            let proxy = FaultProxy::start(broker.address, Fault::Pass).await;
            let proxy = proxy.expect("a port");
            let mut config = bootstrap(&format!("localhost:{}", proxy.address().port()));
            config.engine = engine;
            let mut tls = TlsConfig::default();
            tls.ca_file = Some(authority.file.clone());
            config.tls = Some(tls);
            config.sasl = Some(SaslConfig::Plain {
                user: "alice".to_owned(),
                password: CANARY.to_owned().into(),
            });
            let client = Client::new(config).expect("valid");
            let error = client.list_topics().await.expect_err("not trusted");
            assert!(
                matches!(error, Error::Tls { .. }),
                "{what} {engine:?}: {error:?}"
            );
            assert!(
                error.to_string().contains(word),
                "{what} {engine:?}: {error}"
            );
            assert!(!error.is_retriable());
            assert!(!format!("{error} {error:?}").contains(CANARY));
            assert!(
                proxy.accepted() <= 3,
                "{what} {engine:?}: {}",
                proxy.accepted()
            );
        }
    }
}

/// Who signs certificates, with its own in a file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "Authority of this test");
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let file = std::env::temp_dir().join(unique_name("authority"));
        fs::write(&file, issuer.pem()).expect("a file");
        Self { issuer, file }
    }

    fn sign(&self, params: &CertificateParams) -> Certificate {
        let key = KeyPair::generate().expect("a key");
        let signed = params.signed_by(&key, &self.issuer).expect("signed");
        Certificate::new(signed.der(), &key)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

/// A certificate with its key.
struct Certificate {
    der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Certificate {
    fn new(der: &CertificateDer<'static>, key: &KeyPair) -> Self {
        Self {
            der: der.clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }

    fn self_signed() -> Self {
        let key = KeyPair::generate().expect("a key");
        let signed = server("localhost").self_signed(&key).expect("signed");
        Self::new(signed.der(), &key)
    }
}

/// What a broker's certificate says.
fn server(host: &str) -> CertificateParams {
    let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn expired() -> CertificateParams {
    let mut params = server("localhost");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    params
}

/// Something that begins to speak TLS, and nothing after that.
struct TlsListener {
    address: SocketAddr,
    _accepting: AbortOnDropHandle<()>,
}

impl TlsListener {
    async fn start(certificate: Certificate) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der], certificate.key)
            .expect("a certificate and its key");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let accepting = async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever does not trust the certificate hangs up here.
                drop(acceptor.accept(stream).await);
            }
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the handle ends the task when dropped"
        )]
        let accepting = AbortOnDropHandle::new(tokio::spawn(accepting));
        Self {
            address,
            _accepting: accepting,
        }
    }
}

const CANARY: &str = "canary-0451";
