//! The document by which a provider describes itself.

use bytes::Bytes;
use mcp_oauth_token::{Algorithm, InvalidProviderUrl, ProviderUrl, Quoted};
use serde::Deserialize;

use crate::profile::DiscoverySite;

/// A discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2) that may be
/// believed.
#[derive(Debug)]
pub(crate) struct DiscoveryDocument {
    /// The document as it was fetched, to be passed on.
    pub(crate) published: Bytes,
    /// Where the keys are.
    pub(crate) jwks_uri: ProviderUrl,
    /// What the provider signs with, as far as that is accepted.
    pub(crate) algorithms: Vec<Algorithm>,
    /// What there is to log people in.
    #[cfg_attr(
        not(feature = "login"),
        expect(dead_code, reason = "it is checked, and nobody is logged in here")
    )]
    pub(crate) endpoints: Endpoints,
}

/// What a provider has to log people in.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "login"),
    expect(dead_code, reason = "it is checked, and nobody is logged in here")
)]
pub(crate) struct Endpoints {
    /// Where people log in.
    pub(crate) authorization: Option<ProviderUrl>,
    /// Where codes and refresh tokens are exchanged.
    pub(crate) token: Option<ProviderUrl>,
    /// Where tokens are revoked.
    pub(crate) revocation: Option<ProviderUrl>,
    /// How clients authenticate there.
    pub(crate) auth_methods: Vec<String>,
    /// The scopes that there are, if it says.
    pub(crate) scopes: Option<Vec<String>>,
    /// Whether every answer to an authorization request names the issuer (RFC 9207 section 3).
    pub(crate) names_itself: bool,
}

impl DiscoveryDocument {
    /// Reads what was fetched from `site`.
    pub(crate) fn new(published: Bytes, site: &DiscoverySite) -> Result<Self, InvalidDocument> {
        let members: Members = serde_json::from_slice(&published)
            .map_err(|source| InvalidDocument::Syntax { source })?;
        // RFC 8414 section 3.3: whoever answers at this address must not speak for another issuer.
        if members.issuer != site.named {
            return Err(InvalidDocument::AnotherIssuer {
                found: Quoted(&members.issuer).to_string(),
                expected: Quoted(&site.named).to_string(),
            });
        }
        let address = |member: &'static str, text: String| {
            ProviderUrl::new(text)
                .and_then(|url| url.checked_against(&site.issuer))
                .map_err(|source| InvalidDocument::Address { member, source })
        };
        // Whether they are used here or passed on to clients: secrets are sent there.
        let optional =
            |member, text: Option<String>| text.map(|text| address(member, text)).transpose();
        let endpoints = Endpoints {
            authorization: optional("authorization_endpoint", members.authorization_endpoint)?,
            token: optional("token_endpoint", members.token_endpoint)?,
            revocation: optional("revocation_endpoint", members.revocation_endpoint)?,
            auth_methods: members.token_endpoint_auth_methods_supported,
            scopes: members.scopes_supported,
            names_itself: members.authorization_response_iss_parameter_supported,
        };
        Ok(Self {
            jwks_uri: address("jwks_uri", members.jwks_uri)?,
            algorithms: accepted(&members.id_token_signing_alg_values_supported)?,
            endpoints,
            published,
        })
    }
}

/// Why a discovery document is not believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidDocument {
    #[error("{member} is not acceptable: {source}")]
    Address {
        member: &'static str,
        source: InvalidProviderUrl,
    },
    #[error("the provider calls itself {found}, and {expected} is configured")]
    AnotherIssuer { found: String, expected: String },
    #[error("the provider signs with none of the accepted algorithms, but with {listed}")]
    NoAlgorithm { listed: String },
    #[error("it is not a JSON object with issuer and jwks_uri: {source}")]
    Syntax { source: serde_json::Error },
}

/// What is read of it. A member that is there twice is an error.
#[derive(Deserialize)]
struct Members {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    #[serde(default = "default_auth_method")]
    token_endpoint_auth_methods_supported: Vec<String>,
    scopes_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default = "required_algorithm")]
    id_token_signing_alg_values_supported: Vec<String>,
}

/// OpenID Connect Discovery 1.0 section 3 has every provider sign with it. RFC 8414 has no such
/// list.
fn required_algorithm() -> Vec<String> {
    vec![Algorithm::Rs256.to_string()]
}

/// OpenID Connect Discovery 1.0 section 3.
fn default_auth_method() -> Vec<String> {
    vec!["client_secret_basic".to_owned()]
}

fn accepted(listed: &[String]) -> Result<Vec<Algorithm>, InvalidDocument> {
    let is_listed = |algorithm: &Algorithm| listed.iter().any(|name| name == algorithm.as_str());
    let accepted: Vec<_> = Algorithm::ASYMMETRIC
        .into_iter()
        .filter(is_listed)
        .collect();
    if accepted.is_empty() {
        let listed = Quoted(&listed.join(" ")).to_string();
        return Err(InvalidDocument::NoAlgorithm { listed });
    }
    Ok(accepted)
}

#[cfg(test)]
mod tests;
