//! An authorization server in this process, behind it an identity provider without a network.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use mcp_oauth::{
    AuthorizationServer, AuthorizationServerConfig, AuthorizationServerDependencies, KeyRing,
    Login, MemoryStore,
};
use mcp_oauth_provider::ScopeRules;
use mcp_oauth_token::{Scope, SystemClock};
use serde_json::Value;

use super::provider::InstantProvider;

/// An authorization server that lets people log in at an identity provider.
pub(super) struct Desk {
    server: AuthorizationServer,
    provider: Arc<InstantProvider>,
}

impl Desk {
    pub(super) fn new() -> Result<Self> {
        let provider = Arc::new(InstantProvider::new());
        let mut scopes = ScopeRules::new(vec![Scope::new("kafka:read")?]);
        scopes.default = "kafka:read".parse()?;
        let login = Login::Provider {
            name: "the provider".to_owned(),
            login: provider.login(&format!("{ORIGIN}/oauth/callback"), scopes.clone())?,
        };
        let mut config = AuthorizationServerConfig::new(ORIGIN, scopes, login);
        config.ceiling = None;
        let dependencies = AuthorizationServerDependencies {
            keys: KeyRing::new(&SECRET.into(), &[])?,
            store: Arc::new(MemoryStore::new(Arc::new(SystemClock))),
            clock: Arc::new(SystemClock),
            public_http: None,
        };
        let server = AuthorizationServer::new(config, dependencies)?;
        Ok(Self { server, provider })
    }

    /// How long the identity provider has taken for all its answers.
    pub(super) fn provider_time(&self) -> Duration {
        self.provider.spent()
    }

    pub(super) async fn send(&self, request: Request<String>) -> Result<Answer> {
        let (head, body) = request.into_parts();
        let answer =
            self.server
                .respond(&head, Full::<Bytes>::from(body), Ipv4Addr::LOCALHOST.into());
        let (head, body) = answer.await.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(body.into())?,
        })
    }
}

/// What the server answers.
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn expect(self, status: StatusCode) -> Result<Self> {
        ensure!(self.status == status, "{}: {}", self.status, self.body);
        Ok(self)
    }

    /// A member of the answer that is a text.
    pub(super) fn member(&self, name: &str) -> Result<String> {
        let answer: Value = serde_json::from_str(&self.body)?;
        let member = answer.get(name).and_then(Value::as_str);
        Ok(member.with_context(|| format!("no {name}"))?.to_owned())
    }

    /// The cookie, as it is sent back.
    pub(super) fn cookie(&self) -> Result<String> {
        let cookie = self.headers.get(header::SET_COOKIE).context("no cookie")?;
        let pair = cookie.to_str()?.split(';').next();
        Ok(pair.context("an empty cookie")?.to_owned())
    }

    /// A parameter of the URL that the browser is sent to.
    pub(super) fn sent_along(&self, name: &str) -> Result<String> {
        let location = self.headers.get(header::LOCATION).context("no Location")?;
        let location = url::Url::parse(location.to_str()?)?;
        let mut pairs = location.query_pairs();
        let found = pairs.find(|(found, _)| found == name);
        Ok(found.with_context(|| format!("no {name}"))?.1.into_owned())
    }
}

pub(super) const ORIGIN: &str = "http://localhost:8080";
const SECRET: &str = "4f1d6c83e0b297a5d8c47b19f2e6053a";
