//! The HTTP client that talks to identity providers.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http::{HeaderValue, Request, Response, header};
use mcp_oauth_token::{FetchLimits, HttpClient, HttpError};
use reqwest::{NoProxy, Proxy, redirect::Policy};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};

use self::guarded_resolver::{ForbiddenName, GuardedResolver};

mod guarded_resolver;
mod reach;

pub use reach::Reach;

/// An [`HttpClient`] for identity providers.
///
/// It verifies certificates with rustls against the authorities of the system and those it is
/// given, follows no redirects, and connects to no address out of its [`Reach`], such as one that
/// serves the metadata of a cloud. Of the environment it reads `SSL_CERT_FILE` and `SSL_CERT_DIR`, as
/// is usual for the authorities of the system, and nothing else.
#[derive(Clone)]
pub struct ReqwestClient {
    client: reqwest::Client,
    reach: Reach,
}

impl ReqwestClient {
    /// A client.
    ///
    /// # Errors
    ///
    /// If a certificate or the proxy is malformed.
    pub fn new(config: &ReqwestConfig) -> Result<Self, InvalidClient> {
        Self::with_resolver(config, GuardedResolver::new(config.reach))
    }

    fn with_resolver(
        config: &ReqwestConfig,
        resolver: GuardedResolver,
    ) -> Result<Self, InvalidClient> {
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .dns_resolver(Arc::new(resolver))
            .tls_backend_preconfigured(tls(config)?)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ));
        if let (Reach::Providers, Some(url)) = (config.reach, &config.https_proxy) {
            // The error of a proxy's URL would quote its password.
            let proxy =
                Proxy::https(url.expose_secret()).map_err(|_| InvalidClient::InvalidProxy)?;
            let exempt = config.no_proxy.as_deref().and_then(NoProxy::from_string);
            builder = builder.proxy(proxy.no_proxy(exempt));
        }
        let client = builder.build().map_err(|error| InvalidClient::Unusable {
            source: error.into(),
        })?;
        Ok(Self {
            client,
            reach: config.reach,
        })
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        max_body_bytes: usize,
    ) -> Result<Response<Bytes>, HttpError> {
        let mut request = reqwest::Request::try_from(request).map_err(transport)?;
        guarded_resolver::check_literal(request.url(), self.reach).map_err(
            |ForbiddenName { host, reason }| HttpError::ForbiddenAddress { host, reason },
        )?;
        request.headers_mut().insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        );
        let mut answer = self.client.execute(request).await.map_err(transport)?;

        let status = answer.status();
        let too_large = || HttpError::TooLarge {
            max_body_bytes,
            status,
        };
        if answer
            .content_length()
            .is_some_and(|length| length > max_body_bytes as u64)
        {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(transport)? {
            if body.len() + chunk.len() > max_body_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = status;
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl HttpClient for ReqwestClient {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        let exchange = self.exchange(request, limits.max_body_bytes);
        Box::pin(async move {
            let timeout = limits.timeout;
            tokio::time::timeout(timeout, exchange)
                .await
                .unwrap_or(Err(HttpError::Timeout { timeout }))
        })
    }
}

impl fmt::Debug for ReqwestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client of reqwest prints its proxy, and with it the password.
        f.write_str("ReqwestClient")
    }
}

/// How providers are reached.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ReqwestConfig {
    /// Certificates in PEM of authorities to trust besides those of the system.
    pub ca_pem: Option<Vec<u8>>,
    /// The proxy to tunnel https through, as in `HTTPS_PROXY`. It may hold a password.
    pub https_proxy: Option<SecretString>,
    /// The hosts to reach without the proxy, as in `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// The addresses to connect to. With [`Reach::Public`] there is no proxy: it would be the one
    /// that connects, to wherever it can reach.
    pub reach: Reach,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidClient {
    /// The certificates are not PEM, there is none, or one is not a certificate authority's.
    #[error("the certificates of authorities are not usable: {reason}")]
    InvalidCa {
        /// What is wrong.
        reason: String,
    },
    /// The proxy is not a URL.
    #[error("the proxy is not a URL such as http://proxy.example:3128")]
    InvalidProxy,
    /// The parts do not make a client.
    #[error("the HTTP client cannot be made")]
    Unusable {
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// TLS 1.2 and 1.3 by ring, named here so that no default of the process is needed.
fn tls(config: &ReqwestConfig) -> Result<ClientConfig, InvalidClient> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| InvalidClient::Unusable {
            source: error.into(),
        })?;
    Ok(builder
        .with_root_certificates(roots(config)?)
        .with_no_client_auth())
}

fn roots(config: &ReqwestConfig) -> Result<RootCertStore, InvalidClient> {
    let invalid = |reason: String| InvalidClient::InvalidCa { reason };
    let mut roots = RootCertStore::empty();
    // A system's store may hold certificates that no longer parse; the others count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = &config.ca_pem {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| invalid(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| invalid(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(invalid("there is no certificate".to_owned()));
        }
    }
    if roots.is_empty() {
        tracing::warn!("no certificate authority is trusted: providers are not reached by https");
    }
    Ok(roots)
}

fn transport(error: reqwest::Error) -> HttpError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(found) = cause {
        if let Some(forbidden) = found.downcast_ref::<ForbiddenName>() {
            return HttpError::ForbiddenAddress {
                host: forbidden.host.clone(),
                reason: forbidden.reason.clone(),
            };
        }
        cause = found.source();
    }
    HttpError::Transport {
        source: error.without_url().into(),
    }
}

const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
