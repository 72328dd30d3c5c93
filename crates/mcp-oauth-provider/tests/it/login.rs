//! Logging in, as far as time, headers and configuration go; the rest is tested with a whole
//! identity provider.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, header};
use mcp_oauth_provider::{
    Field, Login, LoginAttempt, LoginConfig, LoginError, Provider, ProviderDependencies,
};
use mcp_oauth_token::{FetchLimits, HttpClient, HttpError, ScopeSet, SystemClock};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::setup::Setup;

#[tokio::test(start_paused = true)]
async fn a_provider_that_says_nothing_is_waited_for_ten_seconds() {
    let provider = FakeEndpoints::new(json!({}), || None);
    let login = login(Setup::Okta, &provider);
    login.authorize_url("state", &attempt()).await.unwrap();
    let calls: [BoxFuture<'_, LoginError>; 3] = [
        Box::pin(async { exchange(&login).await }),
        Box::pin(async {
            let wanted = ScopeSet::empty();
            let refresh_token = "r".into();
            let asked = login.refresh(&refresh_token, &wanted, None, WITHIN);
            asked.await.unwrap_err()
        }),
        Box::pin(async { login.revoke(&"r".into()).await.unwrap_err() }),
    ];
    for call in calls {
        let began = Instant::now();
        assert!(matches!(call.await, LoginError::Unavailable { .. }));
        assert_eq!(began.elapsed().as_secs(), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_is_left_alone_as_long_as_it_asks_for() {
    for (asked, waits) in [
        (Some("7"), 7),
        (Some("0"), 1),
        (Some("99999"), 300),
        (Some("Wed, 21 Oct 2026 07:28:00 GMT"), 5),
        (None, 5),
    ] {
        let provider = FakeEndpoints::new(json!({}), move || {
            let mut answer = Response::builder().status(429);
            if let Some(asked) = asked {
                answer = answer.header(header::RETRY_AFTER, asked);
            }
            Some(answer.body("{}".into()).unwrap())
        });
        let LoginError::Unavailable { retry_after, .. } =
            exchange(&login(Setup::Okta, &provider)).await
        else {
            panic!("{asked:?}");
        };
        assert_eq!(retry_after, Duration::from_secs(waits), "{asked:?}");
    }
}

// RFC 6749 section 2.3.1: each way of authenticating, and never two at once.
#[tokio::test(start_paused = true)]
async fn the_secret_goes_where_the_provider_takes_it() {
    for (methods, in_body) in [
        (
            json!(["client_secret_basic", "client_secret_post"]),
            Some(true),
        ),
        (json!(["client_secret_post", "private_key_jwt"]), Some(true)),
        (json!(["client_secret_basic"]), Some(false)),
        // OpenID Connect Discovery section 3: the default.
        (Value::Null, Some(false)),
        (json!(["private_key_jwt"]), None),
    ] {
        let provider = FakeEndpoints::new(
            json!({ "token_endpoint_auth_methods_supported": methods }),
            || Some(Response::builder().status(500).body(Bytes::new()).unwrap()),
        );
        let error = exchange(&login(Setup::Okta, &provider)).await;
        let Some(in_body) = in_body else {
            assert!(
                matches!(error, LoginError::Misconfigured { .. }),
                "{error:?}"
            );
            assert!(provider.requests.lock().unwrap().is_empty());
            continue;
        };
        let requests = provider.requests.lock().unwrap();
        let [request] = &**requests else {
            panic!("{} requests", requests.len());
        };
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        assert_eq!(
            body.contains("client_secret=s%2Bcret"),
            in_body,
            "{methods}"
        );
        let header = request.headers().get(header::AUTHORIZATION);
        // Encoded as a form, and then in base64.
        let basic = header.map(|value| value.to_str().unwrap());
        assert_eq!(
            basic,
            (!in_body).then_some("Basic MG9hY2xpZW50OnMlMkJjcmV0")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_without_endpoints_has_nobody_to_log_in() {
    let nothing = json!({ "authorization_endpoint": null, "token_endpoint": null });
    let provider = FakeEndpoints::new(nothing, || None);
    let login = login(Setup::Okta, &provider);
    let refused = login.authorize_url("state", &attempt()).await.unwrap_err();
    assert!(
        matches!(refused, LoginError::Misconfigured { .. }),
        "{refused:?}"
    );
    let refused = exchange(&login).await;
    assert!(
        matches!(refused, LoginError::Misconfigured { .. }),
        "{refused:?}"
    );
}

// RFC 6749 sections 3.1 and 3.2, RFC 7009 section 2: all of them by TLS.
#[tokio::test(start_paused = true)]
async fn endpoints_without_tls_are_not_used() {
    for member in [
        "authorization_endpoint",
        "token_endpoint",
        "revocation_endpoint",
    ] {
        for address in ["http://okta.example/x", "https://169.254.169.254/x", "x"] {
            let provider = FakeEndpoints::new(json!({ member: address }), || None);
            let refused = login(Setup::Okta, &provider)
                .authorize_url("state", &attempt())
                .await
                .unwrap_err();
            assert!(
                matches!(refused, LoginError::Unavailable { .. }),
                "{refused:?}"
            );
            assert!(refused.to_string().contains(member), "{refused}");
        }
    }
}

#[test]
fn what_is_wrong_with_the_client_is_said_at_once() {
    let dependencies = dependencies(FakeEndpoints::new(json!({}), || None));
    let provider = Provider::new(Setup::Okta.config(), dependencies).unwrap();
    for redirect_uri in [
        "",
        "http://kafka.example.com/callback",
        "https://a.example/#b",
    ] {
        let client = LoginConfig::new(" ", "".into(), redirect_uri);
        let problems = provider.login(client).unwrap_err();
        let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
        let expected = [Field::ClientId, Field::ClientSecret, Field::RedirectUri];
        assert_eq!(fields, expected, "{redirect_uri}");
    }
}

#[test]
fn nobody_logs_in_at_a_key() {
    let dependencies = dependencies(FakeEndpoints::new(json!({}), || None));
    let provider = Provider::new(Setup::Hmac.config(), dependencies).unwrap();
    assert!(provider.login(client()).is_err());
}

#[test]
fn entra_logs_people_in_by_version_2_only() {
    let mut config = Setup::AzureV1.config();
    config.issuer = config
        .issuer
        .replace("login.microsoftonline.com", "sts.windows.net");
    config.issuer = config.issuer.replace("/v2.0", "/");
    let dependencies = dependencies(FakeEndpoints::new(json!({}), || None));
    let provider = Provider::new(config, dependencies).unwrap();
    let problems = provider.login(client()).unwrap_err();
    assert_eq!(problems[0].field, Field::Issuer);
    assert!(problems[0].fix.contains("/v2.0"), "{}", problems[0]);
}

// A server handles logins on several threads.
#[test]
fn a_login_can_go_on_on_another_thread() {
    fn check<T: Send>(_: T) {}
    let provider = FakeEndpoints::new(json!({}), || None);
    let login = login(Setup::Okta, &provider);
    let (secret, attempt, wanted) = ("s".into(), attempt(), ScopeSet::empty());
    check(login.authorize_url("state", &attempt));
    check(login.exchange(&secret, &attempt));
    check(login.refresh(&secret, &wanted, None, WITHIN));
    check(login.revoke(&secret));
}

pub(crate) async fn exchange(login: &Login) -> LoginError {
    login
        .exchange(&"code".into(), &attempt())
        .await
        .unwrap_err()
}

pub(crate) fn login<P: HttpClient + 'static>(setup: Setup, provider: &Arc<P>) -> Login {
    let provider = Arc::clone(provider) as Arc<dyn HttpClient>;
    let dependencies = dependencies(provider);
    let provider = Provider::new(setup.config(), dependencies).unwrap();
    provider.login(client()).unwrap()
}

fn dependencies(http: Arc<dyn HttpClient>) -> ProviderDependencies {
    ProviderDependencies {
        clock: Arc::new(SystemClock),
        http,
    }
}

fn client() -> LoginConfig {
    LoginConfig::new(
        "0oaclient",
        "s+cret".into(),
        "https://kafka.example/callback",
    )
}

pub(crate) fn attempt() -> LoginAttempt {
    LoginAttempt::new("n".repeat(22), "v".repeat(43).into(), ScopeSet::empty()).unwrap()
}

const WITHIN: Duration = Duration::from_secs(30);

type Answer = Box<dyn Fn() -> Option<Response<Bytes>> + Send + Sync>;

/// A provider that is discovered, and answers the same to all else, or nothing ever.
struct FakeEndpoints {
    discovery: Value,
    answer: Answer,
    requests: Mutex<Vec<Request<Bytes>>>,
}

impl FakeEndpoints {
    /// One whose discovery document has these members; `null` for none.
    fn new(
        members: Value,
        answer: impl Fn() -> Option<Response<Bytes>> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let issuer = Setup::Okta.issuer();
        let mut discovery = json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/keys"),
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "revocation_endpoint": format!("{issuer}/revoke"),
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        });
        for (name, value) in members.as_object().unwrap() {
            discovery[name] = value.clone();
        }
        discovery
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        Arc::new(Self {
            discovery,
            answer: Box::new(answer),
            requests: Mutex::default(),
        })
    }
}

impl std::fmt::Debug for FakeEndpoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeEndpoints")
    }
}

impl HttpClient for FakeEndpoints {
    fn send(
        &self,
        request: Request<Bytes>,
        _: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        Box::pin(async move {
            if request.uri().path().ends_with("/openid-configuration") {
                return Ok(Response::new(self.discovery.to_string().into()));
            }
            self.requests.lock().unwrap().push(request);
            match (self.answer)() {
                Some(answer) => Ok(answer),
                None => std::future::pending().await,
            }
        })
    }
}
