use std::sync::Arc;

use mcp_oauth_provider::{
    ConfigProblem, Provider, ProviderConfig, ProviderDependencies, ProviderKind, ScopeRules,
};
use mcp_oauth_token::{
    BearerToken, Check, Clock, Principal, PrincipalKind, Scope, TokenError, UnixTime,
};
use serde_json::{Value, json};

use crate::fake_provider::{FakeProvider, SigningKey, hs256};

/// The time in these tests.
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const CLIENT: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const API: &str = "api://11111111-2222-4333-8444-555555555555";
pub(crate) const TENANT: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
pub(crate) const OTHER_TENANT: &str = "99999999-8888-4777-8666-555555555555";
pub(crate) const SECRET: &str = "hV9oXQ1m3s7Kq2Zt8Lw4Rb6Yc0Nf5Gd+";

/// A provider, as it is typically set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setup {
    AzureMany,
    AzureV1,
    AzureV2,
    Google,
    Hmac,
    Oidc,
    Okta,
}

impl Setup {
    pub(crate) const ALL: [Self; 7] = [
        Self::AzureMany,
        Self::AzureV1,
        Self::AzureV2,
        Self::Google,
        Self::Hmac,
        Self::Oidc,
        Self::Okta,
    ];

    pub(crate) fn issuer(self) -> String {
        match self {
            Self::AzureMany => "https://login.microsoftonline.com/organizations/v2.0".to_owned(),
            Self::AzureV1 | Self::AzureV2 => {
                format!("https://login.microsoftonline.com/{TENANT}/v2.0")
            }
            Self::Google => "https://accounts.google.com".to_owned(),
            Self::Hmac => "http://localhost:8080".to_owned(),
            Self::Oidc => "https://keycloak.example.com/realms/main".to_owned(),
            Self::Okta => "https://company.okta.com/oauth2/default".to_owned(),
        }
    }

    /// The issuer in the discovery document.
    pub(crate) fn named(self) -> String {
        match self {
            Self::AzureMany => "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
            _ => self.issuer(),
        }
    }

    pub(crate) fn config(self) -> ProviderConfig {
        let kind = match self {
            Self::AzureMany | Self::AzureV1 | Self::AzureV2 => ProviderKind::Azure,
            Self::Google => ProviderKind::Google,
            Self::Hmac => ProviderKind::Hmac,
            Self::Oidc => ProviderKind::Oidc,
            Self::Okta => ProviderKind::Okta,
        };
        let mut config = ProviderConfig::new(kind, self.issuer());
        let ladder = ["kafka:read", "kafka:write", "kafka:admin"];
        config.scopes = ScopeRules::new(ladder.map(|name| Scope::new(name).unwrap()).into());
        config.audiences = vec![API.to_owned()];
        match self {
            Self::AzureMany => config.allowed_tenants = vec![TENANT.to_owned()],
            Self::Google => {
                config.audiences = vec![CLIENT.to_owned()];
                config.allowed_domains = vec!["example.com".to_owned()];
            }
            Self::Hmac => config.hmac_secrets = vec![SECRET.into()],
            _ => {}
        }
        config
    }

    /// The claims of a right token of a user.
    pub(crate) fn claims(self) -> Value {
        let mut claims = match self {
            Self::AzureMany | Self::AzureV2 => json!({
                "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
                "aud": CLIENT, "azp": CLIENT, "ver": "2.0", "tid": TENANT, "oid": "oid-alice",
                "sub": "pairwise", "scp": "access_as_user kafka:read",
                "name": "Alice Doe", "preferred_username": "alice@example.com",
            }),
            Self::AzureV1 => json!({
                "iss": format!("https://sts.windows.net/{TENANT}/"),
                "aud": API, "appid": CLIENT, "ver": "1.0", "tid": TENANT, "oid": "oid-alice",
                "sub": "pairwise", "scp": "kafka:read", "upn": "alice@example.com",
            }),
            Self::Google => json!({
                "iss": self.issuer(), "aud": CLIENT, "azp": CLIENT, "sub": "110169484474386276334",
                "hd": "example.com", "email": "alice@example.com", "email_verified": true,
                "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "name": "Alice Doe",
            }),
            Self::Hmac => json!({
                "iss": self.issuer(), "aud": API, "sub": "alice", "scope": "kafka:read",
            }),
            Self::Oidc => json!({
                "iss": self.issuer(), "aud": [API, "account"], "sub": "uuid-alice", "typ": "Bearer",
                "azp": "mcp-client", "scope": "openid kafka:read", "preferred_username": "alice",
            }),
            Self::Okta => json!({
                "iss": self.issuer(), "aud": API, "sub": "alice@example.com", "uid": "00ualice",
                "cid": "0oaclient", "scp": ["openid", "kafka:read"], "ver": 1,
            }),
        };
        claims["iat"] = NOW.into();
        claims["exp"] = (NOW + 3600).into();
        claims
    }
}

/// A provider with its fake other side.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) provider: Provider,
    pub(crate) http: Arc<FakeProvider>,
}

impl Running {
    pub(crate) fn new(setup: Setup, keys: &[Value]) -> Self {
        Self::with_config(setup, keys, setup.config())
    }

    pub(crate) fn with_config(setup: Setup, keys: &[Value], config: ProviderConfig) -> Self {
        let http = Arc::new(FakeProvider::default());
        http.publish_provider(&setup.issuer(), &setup.named(), keys);
        let provider = provider(config, Arc::clone(&http)).unwrap();
        Self { provider, http }
    }

    pub(crate) async fn validate(&self, token: &str) -> Result<Principal, TokenError> {
        let token = BearerToken::new(token).unwrap();
        let accepted = self.provider.validator().validate(&token).await?;
        Ok(Principal::clone(&accepted.principal))
    }
}

pub(crate) fn provider(
    config: ProviderConfig,
    http: Arc<FakeProvider>,
) -> Result<Provider, Vec<ConfigProblem>> {
    let clock = Arc::new(Standstill);
    Provider::new(config, ProviderDependencies { clock, http })
}

/// A token for a provider, signed as it should be.
pub(crate) fn signed(setup: Setup, key: &SigningKey, claims: &Value) -> String {
    match setup {
        Setup::Hmac => hs256(&json!({ "alg": "HS256" }), SECRET.as_bytes(), claims),
        _ => key.sign(claims),
    }
}

/// What becomes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Refused(Check),
    Service,
    Unavailable,
    User,
}

impl From<&Result<Principal, TokenError>> for Verdict {
    fn from(result: &Result<Principal, TokenError>) -> Self {
        match result {
            Ok(principal) if principal.kind == PrincipalKind::Service => Self::Service,
            Ok(_) => Self::User,
            Err(TokenError::Rejected(rejection)) => Self::Refused(rejection.check()),
            Err(_) => Self::Unavailable,
        }
    }
}

#[derive(Debug)]
struct Standstill;

impl Clock for Standstill {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(NOW)
    }
}
