//! Two servers behind one address that share the secret and a Redis: to everybody else they are one.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use testkit::{Endpoint, IdentityProvider, LoadBalancer, Personality, RedisServer, eventually};
use tokio::{task::JoinSet, time::Instant};

use super::{Client, parameters, text};
use crate::oauth::{Answer, Protected, Verdict};

// Requests go to both in turn, so that no step is answered by the one that answered the last.
#[tokio::test]
async fn a_login_goes_on_at_whichever_server_a_request_comes_to() {
    let Some(replicas) = Replicas::start().await else {
        return;
    };
    let client = &replicas.client;
    let tokens = client.log_in(&replicas.provider).await;
    assert_eq!(client.verdict(&tokens).await, Verdict::Reads);
    let renewed = client.refresh(&text(&tokens, "refresh_token")).await.json();
    let access_token = text(&renewed, "access_token");
    for server in &replicas.servers {
        assert_eq!(server.verdict(&access_token).await, Verdict::Reads);
    }

    let answer = client.revoke(&text(&renewed, "refresh_token")).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    let revoked = Instant::now();
    for server in &replicas.servers {
        eventually("it refuses", async || {
            let answer = server.list(&access_token).await;
            (answer.status() == 401).then_some(())
        })
        .await;
    }
    assert!(revoked.elapsed() < COPY_AGE + Duration::from_secs(1));
    let refused = client.refresh(&text(&renewed, "refresh_token")).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    for server in &replicas.servers {
        let metrics = server.request("GET", "/metrics", "").await;
        let served = "kafka_mcp_http_requests_total{route=\"/oauth";
        assert!(metrics.body().contains(served), "{metrics:?}");
    }
}

// RFC 6749 section 10.5.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_uses_of_a_code_at_two_servers_one_gets_tokens() {
    let Some(replicas) = Replicas::start().await else {
        return;
    };
    let client = &replicas.client;
    let sent = client.send().await;
    let back = replicas.provider.sign_in(&sent.to);
    let back = client.come_back(&back, &sent.cookie).await;
    let code = parameters(back.header("Location"))["code"].clone();
    let uses = replicas.hundred(|client| {
        let code = code.clone();
        async move { client.redeem(&code).await }
    });
    let (given, refused): (Vec<_>, Vec<_>) = uses
        .await
        .into_iter()
        .partition(|answer| answer.status() == 200);
    assert_eq!(given.len(), 1, "{given:?}");
    for answer in refused {
        let error = &answer.json()["error"];
        assert_eq!((answer.status(), error), (400, &json!("invalid_grant")));
    }
}

// Where the provider gives out a new refresh token for each, a second call would end the login.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_uses_of_a_refresh_token_at_two_servers_ask_the_provider_once() {
    let Some(replicas) = Replicas::start().await else {
        return;
    };
    let tokens = replicas.client.log_in(&replicas.provider).await;
    let asked = replicas.provider.requests(Endpoint::Token);
    let token = text(&tokens, "refresh_token");
    let uses = replicas.hundred(|client| {
        let token = token.clone();
        async move { client.refresh(&token).await }
    });
    let answers = uses.await;
    let successor = text(&answers[0].json(), "refresh_token");
    for answer in &answers {
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert_eq!(text(&answer.json(), "refresh_token"), successor);
    }
    assert_eq!(replicas.provider.requests(Endpoint::Token), asked + 1);
    let answer = replicas.client.refresh(&successor).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
}

/// Two servers, and a client that is registered at the address in front of them.
struct Replicas {
    provider: IdentityProvider,
    servers: [Protected; 2],
    client: Arc<Client>,
    _balancer: LoadBalancer,
    _redis: RedisServer,
}

impl Replicas {
    /// `None` where there is no Redis.
    async fn start() -> Option<Self> {
        let redis = RedisServer::start().await?;
        let provider = IdentityProvider::start(Personality::OktaCustom).await;
        let store = redis.url();
        let settings = [("OAUTH_STORE", &*store)];
        let start = || Client::server(&provider, &settings);
        let servers = [start().await, start().await];
        let balancer = LoadBalancer::start().await;
        balancer.lead_to(&servers.each_ref().map(|server| server.server().address()));
        let client = Client::of(servers[0].behind(&balancer)).await;
        Some(Self {
            client: Arc::new(client),
            provider,
            servers,
            _balancer: balancer,
            _redis: redis,
        })
    }

    /// The answers to a request that is sent a hundred times at once, half of it to each server.
    async fn hundred<F>(&self, request: impl Fn(Arc<Client>) -> F) -> Vec<Answer>
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let requests = (0..100).map(|_| request(Arc::clone(&self.client)));
        requests.collect::<JoinSet<_>>().join_all().await
    }
}

/// How old what a server knows of a login may be.
const COPY_AGE: Duration = Duration::from_secs(5);
