//! How the providers differ.

use serde_json::{Value, json};

use super::{Endpoint, SigningKey, TokenKind};

/// Which provider is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personality {
    /// Entra for several tenants: its issuer holds a place for the tenant.
    EntraMultiTenant,
    /// Entra with access tokens of version 1.
    EntraV1,
    /// Entra with access tokens of version 2.
    EntraV2,
    /// Any provider that follows RFC 9068.
    Generic,
    /// Google: `id_token`s are JWTs, access tokens are not.
    Google,
    /// No provider at all, but a secret that the server shares with whoever mints tokens.
    Hmac,
    /// Okta's custom authorization server, whose access tokens are for others to verify.
    OktaCustom,
    /// Okta's org server, whose access tokens are for Okta alone.
    OktaOrg,
}

impl Personality {
    /// All that people log in at.
    pub const WITH_LOGINS: [Self; 7] = [
        Self::EntraMultiTenant,
        Self::EntraV1,
        Self::EntraV2,
        Self::Generic,
        Self::Google,
        Self::OktaCustom,
        Self::OktaOrg,
    ];
}

/// The audience of tokens for the server under test; those of Google and of Entra's version 2
/// have [`CLIENT_ID`].
pub const AUDIENCE: &str = "api://11111111-2222-4333-8444-555555555555";
/// The client that tokens are issued to.
pub const CLIENT_ID: &str = "11111111-2222-4333-8444-555555555555";
/// The tenant.
pub const TENANT: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
/// The secret of [`Personality::Hmac`].
pub const HMAC_SECRET: &str = "canary-5f21c7b90d3e4a68b1c2-JWT-SECRET";
/// Somebody else's tenant.
pub const OTHER_TENANT: &str = "99999999-8888-4777-8666-555555555555";

impl Personality {
    /// The value of `OAUTH_PROVIDER` for it.
    #[must_use]
    pub fn provider(self) -> &'static str {
        match self {
            Self::EntraMultiTenant | Self::EntraV1 | Self::EntraV2 => "azure",
            Self::Generic => "oidc",
            Self::Google => "google",
            Self::Hmac => "hmac",
            Self::OktaCustom | Self::OktaOrg => "okta",
        }
    }

    /// What an operator configures as audience.
    #[must_use]
    pub fn audience(self) -> &'static str {
        match self {
            Self::Google => CLIENT_ID,
            _ => AUDIENCE,
        }
    }

    /// The environment of a server that trusts a provider of this kind at `issuer`.
    #[must_use]
    pub fn settings(self, issuer: &str) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("OAUTH_ENABLED", "true".to_owned()),
            ("OAUTH_PROVIDER", self.provider().to_owned()),
            ("OAUTH_SERVER_URL", SERVER_URL.to_owned()),
            ("OIDC_ISSUER", issuer.to_owned()),
            ("OIDC_AUDIENCE", self.audience().to_owned()),
        ];
        match self {
            Self::EntraMultiTenant => settings.push(("OAUTH_ALLOWED_TENANTS", TENANT.to_owned())),
            Self::Hmac => settings.push(("JWT_SECRET", HMAC_SECRET.to_owned())),
            _ => {}
        }
        settings
    }

    /// What its tokens name as their issuer, where `issuer` is configured.
    #[must_use]
    pub fn token_issuer(self, issuer: &str) -> String {
        match self {
            Self::EntraMultiTenant => issuer.replace("/common/", &format!("/{TENANT}/")),
            Self::EntraV1 => format!("https://sts.windows.net/{TENANT}/"),
            _ => issuer.to_owned(),
        }
    }

    /// What its tokens for the server under test name as their audience.
    #[must_use]
    pub fn token_audience(self) -> &'static str {
        match self {
            Self::EntraMultiTenant | Self::EntraV2 | Self::Google => CLIENT_ID,
            _ => AUDIENCE,
        }
    }

    pub(super) fn issuer(self, origin: &str) -> String {
        format!("{origin}{}", self.base())
    }

    /// The path of the issuer.
    fn base(self) -> String {
        match self {
            Self::EntraMultiTenant => "/common/v2.0".to_owned(),
            Self::EntraV1 | Self::EntraV2 => format!("/{TENANT}/v2.0"),
            Self::Generic => "/realms/kafka".to_owned(),
            Self::Google | Self::Hmac | Self::OktaOrg => String::new(),
            Self::OktaCustom => "/oauth2/default".to_owned(),
        }
    }

    /// The key that it signs with first.
    pub(super) fn first_key(self) -> SigningKey {
        match self {
            Self::Hmac => SigningKey::secret("HS256", HMAC_SECRET.as_bytes()),
            _ => SigningKey::rsa(1, "RS256"),
        }
    }

    fn jwks_path(self) -> String {
        match self {
            Self::EntraMultiTenant => "/common/discovery/v2.0/keys".to_owned(),
            Self::EntraV1 | Self::EntraV2 => format!("/{TENANT}/discovery/v2.0/keys"),
            Self::Generic => "/realms/kafka/protocol/openid-connect/certs".to_owned(),
            Self::Google => "/oauth2/v3/certs".to_owned(),
            Self::OktaCustom => "/oauth2/default/v1/keys".to_owned(),
            Self::Hmac | Self::OktaOrg => "/oauth2/v1/keys".to_owned(),
        }
    }

    pub(super) fn endpoint(self, path: &str) -> Endpoint {
        if path == format!("{}/.well-known/openid-configuration", self.base()) {
            Endpoint::Discovery
        } else if path == self.jwks_path() {
            Endpoint::Jwks
        } else if path == "/authorize" {
            Endpoint::Authorization
        } else if path == "/revoke" && self.provider() != "azure" {
            Endpoint::Revocation
        } else if path == "/token" {
            Endpoint::Token
        } else if path == "/tokeninfo" {
            Endpoint::Tokeninfo
        } else {
            Endpoint::Other
        }
    }

    pub(super) fn discovery(self, origin: &str) -> Value {
        let issuer = match self {
            Self::EntraMultiTenant => format!("{origin}/{{tenantid}}/v2.0"),
            _ => self.issuer(origin),
        };
        let algorithms = match self {
            Self::Generic => json!(["EdDSA", "ES256", "ES384", "PS256", "RS256", "HS256"]),
            _ => json!(["RS256"]),
        };
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{origin}/authorize"),
            "token_endpoint": format!("{origin}/token"),
            "jwks_uri": format!("{origin}{}", self.jwks_path()),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": algorithms,
        });
        // Entra's document says nothing about it.
        if self.provider() != "azure" {
            document["code_challenge_methods_supported"] = json!(["S256"]);
        }
        self.describe_sign_in(&mut document, origin);
        document
    }

    /// What Entra says about each of its keys.
    pub(super) fn key_issuer(self, origin: &str) -> Option<String> {
        match self {
            Self::EntraMultiTenant => Some(format!("{origin}/{{tenantid}}/v2.0")),
            Self::EntraV1 | Self::EntraV2 => Some(self.issuer(origin)),
            _ => None,
        }
    }

    /// The `typ` in the header of its tokens.
    pub(super) fn typ(self, kind: TokenKind) -> Option<&'static str> {
        match (self, kind) {
            (Self::OktaCustom | Self::OktaOrg, _) => None,
            (Self::Generic, TokenKind::Service | TokenKind::User) => Some("at+jwt"),
            _ => Some("JWT"),
        }
    }

    pub(super) fn claims(self, origin: &str, kind: TokenKind, now: u64) -> Value {
        let mut claims = match (self, kind) {
            (Self::EntraV1 | Self::EntraV2 | Self::EntraMultiTenant, _) => self.entra(origin, kind),
            (_, TokenKind::IdToken) => id_token(self, origin),
            (Self::Google, _) => google(kind),
            (Self::OktaCustom | Self::OktaOrg, _) => self.okta(kind),
            (Self::Generic | Self::Hmac, _) => generic(kind),
        };
        for (name, value) in [
            ("iss", json!(self.issuer(origin))),
            ("aud", json!(self.audience())),
            ("iat", json!(now)),
            ("exp", json!(now + 3600)),
        ] {
            let claims = claims.as_object_mut().expect("an object");
            claims.entry(name).or_insert(value);
        }
        claims
    }

    fn entra(self, origin: &str, kind: TokenKind) -> Value {
        let is_v1 = self == Self::EntraV1;
        let mut claims = if is_v1 {
            json!({
                "iss": format!("https://sts.windows.net/{TENANT}/"),
                "aud": AUDIENCE, "appid": CLIENT_ID, "appidacr": "0", "ver": "1.0",
            })
        } else {
            json!({
                "iss": format!("{origin}/{TENANT}/v2.0"),
                "aud": CLIENT_ID, "azp": CLIENT_ID, "azpacr": "0", "ver": "2.0",
            })
        };
        claims["tid"] = TENANT.into();
        claims["oid"] = "00000000-0000-4000-8000-00000000a11c".into();
        claims["sub"] = "pairwise-4f2c".into();
        claims["uti"] = "u-1".into();
        match kind {
            TokenKind::IdToken => {
                claims["name"] = "Alice Doe".into();
                claims["nonce"] = "n-1".into();
                claims["preferred_username"] = "alice@example.com".into();
            }
            TokenKind::Service => {
                claims["idtyp"] = "app".into();
                claims["roles"] = json!(["kafka:read"]);
                claims["sub"] = claims["oid"].clone();
            }
            TokenKind::Opaque | TokenKind::User => {
                claims["name"] = "Alice Doe".into();
                claims["scp"] = "access_as_user kafka:read".into();
                let account = if is_v1 { "upn" } else { "preferred_username" };
                claims[account] = "alice@example.com".into();
            }
        }
        claims
    }

    fn okta(self, kind: TokenKind) -> Value {
        let mut claims = json!({
            "ver": 1, "jti": "AT.1", "cid": "0oaclient",
            "scp": ["kafka:read"], "sub": "0oaclient",
        });
        if self == Self::OktaOrg {
            claims["aud"] = "https://org.okta.invalid".into();
        }
        if kind == TokenKind::User {
            claims["sub"] = "alice@example.com".into();
            claims["uid"] = "00ualice".into();
            claims["scp"] = json!(["openid", "kafka:read"]);
        }
        claims
    }
}

fn generic(kind: TokenKind) -> Value {
    match kind {
        TokenKind::User => json!({
            "sub": "alice", "client_id": "mcp-client", "jti": "1",
            "scope": "openid kafka:read", "name": "Alice Doe",
        }),
        _ => json!({
            "sub": "mcp-service", "client_id": "mcp-service", "jti": "1", "scope": "kafka:read",
        }),
    }
}

/// Google's `id_token`, since that is what stands for a person or a service account there.
fn google(kind: TokenKind) -> Value {
    match kind {
        TokenKind::Service => json!({
            "azp": "104857600000000000001", "sub": "104857600000000000001",
            "email": "robot@project.iam.gserviceaccount.com", "email_verified": true,
        }),
        _ => json!({
            "azp": CLIENT_ID, "sub": "110169484474386276334", "hd": "example.com",
            "email": "alice@example.com", "email_verified": true, "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
        }),
    }
}

fn id_token(personality: Personality, origin: &str) -> Value {
    match personality {
        Personality::Google => google(TokenKind::User),
        Personality::OktaCustom | Personality::OktaOrg => json!({
            "sub": "00ualice", "ver": 1, "jti": "ID.1", "aud": AUDIENCE, "amr": ["pwd"],
            "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "name": "Alice Doe", "nonce": "n-1",
            "idp": "00oidp",
        }),
        _ => json!({
            "iss": personality.issuer(origin), "sub": "alice", "typ": "ID", "nonce": "n-1",
            "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
        }),
    }
}

/// What the server under test says it is, whatever port it listens on.
const SERVER_URL: &str = "http://127.0.0.1:8080";
