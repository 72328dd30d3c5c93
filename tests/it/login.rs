//! Logging in at identity providers of every kind, as `mcp-oauth-provider` does it for a server.

mod answers;
mod certified;
mod id_tokens;
mod lasting;
mod requests;

use std::{collections::HashMap, sync::Arc, time::Duration};

use mcp_oauth_provider::{
    LoggedIn, Login, LoginAttempt, LoginConfig, LoginError, Provider, ProviderConfig,
    ProviderDependencies, ReqwestClient, ReqwestConfig, ScopeRules,
};
use mcp_oauth_token::{Scope, ScopeSet, SystemClock};
use secrecy::SecretString;
use testkit::{CLIENT_ID, CLIENT_SECRET, IdentityProvider, Personality, TENANT};
use url::Url;

/// A provider, and a server that logs people in there.
struct SignIn {
    provider: IdentityProvider,
    login: Login,
}

impl SignIn {
    async fn at(personality: Personality) -> Self {
        Self::with(personality, |_| ()).await
    }

    /// With a configuration that is changed.
    async fn with(personality: Personality, change: impl FnOnce(&mut ProviderConfig)) -> Self {
        let provider = IdentityProvider::start(personality).await;
        let mut config = config(personality, provider.issuer());
        change(&mut config);
        let login = login(config);
        Self { provider, login }
    }

    /// Sends somebody to the provider, and says with what they come back.
    async fn go(&self) -> HashMap<String, String> {
        let attempt = attempt();
        let url = self.login.authorize_url("state-1", &attempt).await;
        let back = self.provider.sign_in(url.expect("an address").as_str());
        parameters(&back)
    }

    async fn log_in(&self) -> Result<LoggedIn, LoginError> {
        let back = self.go().await;
        let iss = back.get("iss").map(String::as_str);
        assert!(self.login.may_answer_as(iss).await?, "{back:?}");
        self.exchange(&back["code"]).await
    }

    async fn exchange(&self, code: &str) -> Result<LoggedIn, LoginError> {
        self.exchange_for(code, &attempt()).await
    }

    async fn exchange_for(
        &self,
        code: &str,
        attempt: &LoginAttempt,
    ) -> Result<LoggedIn, LoginError> {
        self.login.exchange(&code.into(), attempt).await
    }
}

fn config(personality: Personality, issuer: String) -> ProviderConfig {
    let kind = personality.provider().parse().expect("a provider");
    let mut config = ProviderConfig::new(kind, issuer);
    config.audiences = vec![personality.audience().to_owned()];
    let ladder = ["kafka:read", "kafka:write", "kafka:admin"];
    config.scopes = ScopeRules::new(ladder.map(|name| Scope::new(name).expect("a scope")).into());
    config.scopes.default = scopes("kafka:read");
    if personality == Personality::EntraMultiTenant {
        config.allowed_tenants = vec![TENANT.to_owned()];
    }
    config
}

fn login(config: ProviderConfig) -> Login {
    let client = LoginConfig::new(CLIENT_ID, CLIENT_SECRET.into(), REDIRECT_URI);
    login_as(client, config)
}

fn login_as(client: LoginConfig, config: ProviderConfig) -> Login {
    let http = ReqwestClient::new(&ReqwestConfig::default()).expect("a client");
    let dependencies = ProviderDependencies {
        clock: Arc::new(SystemClock),
        http: Arc::new(http),
    };
    let provider = Provider::new(config, dependencies).expect("a right configuration");
    provider.login(client).expect("a right client")
}

fn attempt() -> LoginAttempt {
    attempt_for("kafka:read kafka:write kafka:admin")
}

fn attempt_for(wanted: &str) -> LoginAttempt {
    let verifier: SecretString = "canary-VERIFIER-canary-VERIFIER-canary-VERIFIER".into();
    LoginAttempt::new("nonce-of-this-login", verifier, scopes(wanted)).expect("an attempt")
}

fn scopes(names: &str) -> ScopeSet {
    names.parse().expect("scopes")
}

fn parameters(url: &str) -> HashMap<String, String> {
    let url: Url = url.parse().expect("a URL");
    url.query_pairs().into_owned().collect()
}

/// For a refresh.
const WITHIN: Duration = Duration::from_secs(30);
const REDIRECT_URI: &str = "https://kafka.example.com/oauth/callback";
