//! For tests: servers that share a store, with a clock, an identity provider and a store that do
//! what they are told.

mod fakes;

use std::{pin::pin, sync::Arc};

use futures_util::poll;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use mcp_oauth_provider::ScopeRules;
use mcp_oauth_token::{BearerToken, Clock, Scope, TokenError, TokenValidator, UnixTime};
use serde_json::Value;
use tokio::task::yield_now;
use url::form_urlencoded;

pub(super) use self::fakes::Outcome;
use self::fakes::{FakeUpstream, ManualClock, Recorder, Switchable};
use super::{
    access_token::{AccessTokenValidator, AccessTokens},
    authorization_code::Codes,
    clients::Clients,
    code_challenge::CodeChallenge,
    endings::Endings,
    family::{Families, Lifetimes},
    grant::{Grant, Identity, Renewal},
    key_ring::KeyRing,
    known_clients::KnownClients,
    refresh_token::RefreshTokens,
    resource_indicator::ResourceIndicator,
    revoke::RevocationEndpoint,
    store::{MemoryStore, SealedStore, Store},
    token_endpoint::TokenEndpoint,
    token_request::Offer,
};

pub(super) const ISSUER: &str = "https://mcp.example";
pub(super) const RESOURCE: &str = "https://mcp.example/mcp";
pub(super) const REDIRECT_URI: &str = "http://localhost:1/cb";
pub(super) const SECRET: &str = "4f1d6c83e0b297a5d8c47b19f2e6053a";
/// RFC 7636 appendix B.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What all servers share.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Arc<Switchable>,
    pub(super) upstream: Arc<FakeUpstream>,
    pub(super) events: Arc<Recorder>,
    pub(super) lifetimes: Lifetimes,
    pub(super) keys: KeyRing,
}

impl World {
    pub(super) fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let memory: Arc<dyn Store> = Arc::new(MemoryStore::new(clock.clone()));
        Self {
            clock,
            store: Arc::new(Switchable::new(memory)),
            upstream: Arc::default(),
            events: Arc::default(),
            lifetimes: Lifetimes::default(),
            keys: KeyRing::new(&SECRET.into(), &[]).unwrap(),
        }
    }

    pub(super) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub(super) fn replica(&self) -> Replica {
        self.replica_with(|families| families)
    }

    pub(super) fn replica_with(&self, adapt: impl FnOnce(Families) -> Families) -> Replica {
        let keys = Arc::new(self.keys.clone());
        let store = SealedStore::new(keys.clone(), self.store.clone());
        let families = Arc::new(adapt(Families::new(
            store.clone(),
            self.clock.clone(),
            self.events.clone(),
            self.lifetimes,
        )));
        let scopes = ["kafka:read", "kafka:write", "kafka:admin"];
        let scopes = ScopeRules::new(scopes.map(|scope| Scope::new(scope).unwrap()).into());
        let access_tokens = AccessTokens::new(
            ISSUER,
            RESOURCE,
            scopes.clone(),
            self.lifetimes.access_token,
            &keys,
            self.clock.clone(),
        );
        let access_tokens = Arc::new(access_tokens.unwrap());
        let validator = AccessTokenValidator::new(access_tokens.clone(), families.clone());
        let known = KnownClients::new(Vec::new());
        let clients = Arc::new(Clients::new(self.keys.clone(), known, None));
        let endings = Endings::new(families.clone(), self.upstream.clone());
        let endings = Arc::new(endings);
        let codes = Codes::new(store, families.clone(), endings.clone(), self.clock.clone());
        let codes = Arc::new(codes);
        let refresh_tokens = Arc::new(RefreshTokens::new(
            keys,
            families.clone(),
            endings.clone(),
            self.upstream.clone(),
            self.clock.clone(),
        ));
        Replica {
            client: register(&clients, r#"["authorization_code","refresh_token"]"#, "a"),
            revocation: RevocationEndpoint {
                clients: clients.clone(),
                families: families.clone(),
                endings,
                refresh_tokens: refresh_tokens.clone(),
                access_tokens: validator.clone(),
            },
            tokens: TokenEndpoint {
                clients,
                codes: codes.clone(),
                refresh_tokens,
                access_tokens,
                offer: Offer {
                    resource: ResourceIndicator::new(RESOURCE),
                    scopes,
                },
            },
            codes,
            families,
            validator,
        }
    }
}

/// One server.
#[derive(Debug)]
pub(super) struct Replica {
    /// The id of a client.
    pub(super) client: String,
    pub(super) tokens: TokenEndpoint,
    pub(super) revocation: RevocationEndpoint,
    pub(super) codes: Arc<Codes>,
    pub(super) families: Arc<Families>,
    pub(super) validator: AccessTokenValidator,
}

impl Replica {
    /// The id of another client, with these grant types.
    pub(super) fn client_with(&self, grant_types: &str) -> String {
        register(&self.tokens.clients, grant_types, "b")
    }

    /// What Alice allows the client: to read and write.
    pub(super) fn grant(&self, renewal: Renewal) -> Grant {
        Grant {
            identity: Identity {
                issuer: "https://issuer.example".to_owned(),
                subject: "alice".to_owned(),
                name: Some("Alice".to_owned()),
                email: None,
            },
            client_id: self.client.clone(),
            resource: RESOURCE.to_owned(),
            scopes: "kafka:write".parse().unwrap(),
            renewal,
        }
    }

    /// The code at the end of a login.
    pub(super) async fn code_with(&self, renewal: Renewal) -> String {
        let challenge = CodeChallenge::new(CHALLENGE).unwrap();
        let grant = self.grant(renewal);
        let code = self.codes.issue(grant, challenge, REDIRECT_URI).await;
        code.unwrap()
    }

    pub(super) async fn code(&self) -> String {
        self.code_with(Renewal::Ourselves).await
    }

    /// The parameters of a right request with a code, which `changes` replace and add to.
    pub(super) async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", &self.client),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        self.ask(&form(&usual, changes)).await
    }

    /// The same for a refresh token.
    pub(super) async fn refresh(&self, token: &str, changes: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", &self.client),
        ];
        self.ask(&form(&usual, changes)).await
    }

    /// Asks the token endpoint.
    pub(super) async fn ask(&self, form: &str) -> Answer {
        let (head, ()) = post().into_parts();
        Answer::of(self.tokens.answer(&head, form.as_bytes()).await).await
    }

    pub(super) async fn revoke(&self, token: &str, changes: &[(&str, &str)]) -> Answer {
        let usual = [("token", token), ("client_id", &self.client)];
        let (head, ()) = post().into_parts();
        let form = form(&usual, changes);
        Answer::of(self.revocation.answer(&head, form.as_bytes()).await).await
    }

    /// The tokens at the end of a login.
    pub(super) async fn log_in(&self) -> Answer {
        self.log_in_with(Renewal::Ourselves).await
    }

    /// The same, with the identity provider that `World` has.
    pub(super) async fn log_in_upstream(&self) -> Answer {
        self.log_in_with(Renewal::Upstream("upstream-0".into()))
            .await
    }

    async fn log_in_with(&self, renewal: Renewal) -> Answer {
        let code = self.code_with(renewal).await;
        let answer = self.redeem(&code, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer
    }

    /// Whether `/mcp` would let somebody in.
    pub(super) async fn admits(&self, token: &str) -> bool {
        match self.validate(token).await {
            Ok(()) => true,
            Err(TokenError::Rejected(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) async fn validate(&self, token: &str) -> Result<(), TokenError> {
        let token = BearerToken::new(token).unwrap();
        self.validator.validate(&token).await.map(|_| ())
    }
}

/// An answer of an endpoint.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    pub(super) async fn of(reply: crate::refusal::Reply) -> Self {
        let (head, body) = reply.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self {
            status: head.status,
            headers: head.headers,
            body: serde_json::from_slice(&body).unwrap(),
        }
    }

    pub(super) fn text(&self, name: &str) -> &str {
        let value = self.body[name].as_str();
        value.unwrap_or_else(|| panic!("{name} of {self:?}"))
    }

    pub(super) fn access_token(&self) -> &str {
        self.text("access_token")
    }

    pub(super) fn refresh_token(&self) -> &str {
        self.text("refresh_token")
    }

    #[track_caller]
    pub(super) fn expect(&self, status: u16, error: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.text("error"), error);
    }
}

/// Lets what is under way go on.
pub(super) async fn others_turn() {
    for _ in 0..40 {
        yield_now().await;
    }
}

/// Goes away after some steps of a request.
pub(super) async fn give_up_after<T>(steps: usize, request: impl Future<Output = T>) {
    let mut request = pin!(request);
    for _ in 0..steps {
        if poll!(request.as_mut()).is_ready() {
            return;
        }
        yield_now().await;
    }
}

pub(super) fn post() -> Request<()> {
    Request::builder()
        .method(Method::POST)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(())
        .unwrap()
}

/// `usual` parameters with `changes`: those that are empty are left out.
pub(super) fn form(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = usual.iter().filter(|(name, _)| !is_changed(name));
    let all = kept.chain(changes).filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(all)
        .finish()
}

fn register(clients: &Clients, grant_types: &str, name: &str) -> String {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = format!(
        r#"{{"redirect_uris":["{REDIRECT_URI}"],"grant_types":{grant_types},"client_name":"{name}"}}"#
    );
    let registration = clients.register(&headers, body.as_bytes()).unwrap();
    registration.client_id().to_owned()
}
