//! The certificates of a test cluster, good and bad.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use serde::{Deserialize, Serialize};

/// The PEM files that clients of the TLS listeners use.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct TlsFiles {
    /// The authority that signed every server certificate.
    pub(crate) ca: PathBuf,
    /// An authority that signed no server certificate.
    pub(crate) other_ca: PathBuf,
    pub(crate) client: Identity,
    pub(crate) client_expired: Identity,
    /// Signed by the other authority.
    pub(crate) client_untrusted: Identity,
}

/// A certificate and its private key, in two PEM files.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl TlsFiles {
    /// Makes two authorities, the brokers' key stores and the clients' certificates.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be written.
    pub(crate) fn create(directory: &Path) -> Result<Self> {
        fs::create_dir_all(directory)
            .with_context(|| format!("creating {}", directory.display()))?;
        let ca = authority("Kafka test authority")?;
        let other = authority("Other test authority")?;

        for (file, leaf) in [
            (SERVER_KEY_STORE, Leaf::server(&LOOPBACK)),
            (
                EXPIRED_KEY_STORE,
                Leaf {
                    expired: true,
                    ..Leaf::server(&LOOPBACK)
                },
            ),
            (WRONG_HOST_KEY_STORE, Leaf::server(&["wrong-host.invalid"])),
        ] {
            let (certificate, key) = leaf.signed_by(&ca)?;
            write(directory, file, &(key + &certificate))?;
        }

        let expired = Leaf {
            expired: true,
            ..Leaf::client()
        };
        Ok(Self {
            ca: write(directory, "ca.pem", &ca.pem())?,
            other_ca: write(directory, "other-ca.pem", &other.pem())?,
            client: identity(directory, "client", &Leaf::client(), &ca)?,
            client_expired: identity(directory, "client-expired", &expired, &ca)?,
            client_untrusted: identity(directory, "client-untrusted", &Leaf::client(), &other)?,
        })
    }
}

/// What a certificate of a server or a client says.
struct Leaf<'a> {
    common_name: &'a str,
    hosts: &'a [&'a str],
    usage: ExtendedKeyUsagePurpose,
    expired: bool,
}

impl<'a> Leaf<'a> {
    fn server(hosts: &'a [&'a str]) -> Self {
        let usage = ExtendedKeyUsagePurpose::ServerAuth;
        Self {
            common_name: "kafka-broker",
            hosts,
            usage,
            expired: false,
        }
    }

    fn client() -> Self {
        let usage = ExtendedKeyUsagePurpose::ClientAuth;
        Self {
            common_name: "kafka-client",
            hosts: &[],
            usage,
            expired: false,
        }
    }

    /// Returns the certificate and its key as PEM.
    fn signed_by(&self, authority: &Authority) -> Result<(String, String)> {
        let hosts: Vec<_> = self.hosts.iter().copied().map(str::to_owned).collect();
        let mut params = CertificateParams::new(hosts).context("naming the hosts")?;
        params
            .distinguished_name
            .push(DnType::CommonName, self.common_name);
        params.extended_key_usages = vec![self.usage.clone()];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(if self.expired { 2021 } else { 2049 }, 1, 1);
        let key = KeyPair::generate().context("making a key")?;
        let certificate = params
            .signed_by(&key, authority)
            .context("signing a certificate")?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(common_name: &str) -> Result<Authority> {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 1, 1);
    let key = KeyPair::generate().context("making a key")?;
    CertifiedIssuer::self_signed(params, key).context("signing a certificate")
}

fn identity(dir: &Path, name: &str, leaf: &Leaf<'_>, authority: &Authority) -> Result<Identity> {
    let (certificate, key) = leaf.signed_by(authority)?;
    Ok(Identity {
        certificate: write(dir, &format!("{name}.pem"), &certificate)?,
        key: write(dir, &format!("{name}.key"), &key)?,
    })
}

fn write(directory: &Path, file: &str, text: &str) -> Result<PathBuf> {
    let path = directory.join(file);
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

/// The key store of all listeners that are not meant to fail.
pub(crate) const SERVER_KEY_STORE: &str = "server.keystore.pem";

/// The key store of the listener with an expired certificate.
pub(crate) const EXPIRED_KEY_STORE: &str = "server-expired.keystore.pem";

/// The key store of the listener with a certificate for another host.
pub(crate) const WRONG_HOST_KEY_STORE: &str = "server-wrong-host.keystore.pem";

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
