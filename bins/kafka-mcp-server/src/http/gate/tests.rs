use std::sync::Mutex;

use futures_util::future::BoxFuture;
use mcp_oauth::{Published, ResourceServerConfig, ScopePolicy, TokenIssuer};
use mcp_oauth_token::{
    Accepted, Check, PrincipalKind, Rejection, ScopeSet, TokenError, TokenValidator,
};
use tokio::time::Instant;

use super::*;

/// Who says what a token is good for, until they change their mind.
#[derive(Clone, Debug)]
struct Issuer(Arc<Mutex<Opinion>>);

#[derive(Clone, Copy, Debug)]
enum Opinion {
    /// It is good for so many seconds from now on.
    Good(u64),
    Revoked,
    Unknown,
}

impl Issuer {
    fn new(opinion: Opinion) -> Self {
        Self(Arc::new(Mutex::new(opinion)))
    }

    fn says(&self, opinion: Opinion) {
        *self.0.lock().unwrap() = opinion;
    }

    fn gate(&self) -> Gate {
        let policy = ScopePolicy::new(ScopeSet::empty());
        let config = ResourceServerConfig::new("https://mcp.example", policy);
        Gate::new(Some(ResourceServer::new(config, self.clone()).unwrap()))
    }
}

impl TokenValidator for Issuer {
    fn validate<'a>(&'a self, _: &'a BearerToken) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        let opinion = *self.0.lock().unwrap();
        Box::pin(async move {
            match opinion {
                Opinion::Good(seconds) => {
                    let expiry = SystemClock
                        .now()
                        .saturating_add(Duration::from_secs(seconds));
                    let kind = PrincipalKind::User;
                    let principal = Principal::new("https://idp", "alice", kind, expiry);
                    Ok(Accepted::new(principal, None))
                }
                Opinion::Revoked => Err(Rejection::new(Check::Voucher).into()),
                Opinion::Unknown => Err(TokenError::Unavailable {
                    reason: "nobody answers".to_owned(),
                    retry_after: Duration::from_secs(1),
                }),
            }
        })
    }

    fn recheck(&self, _: &Accepted) -> Result<(), Rejection> {
        Ok(())
    }
}

impl TokenIssuer for Issuer {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn validator(&self) -> Arc<dyn TokenValidator> {
        Arc::new(self.clone())
    }

    fn authorization_servers(&self) -> Vec<String> {
        Vec::new()
    }

    fn advertised(&self, scopes: &ScopeSet) -> ScopeSet {
        scopes.clone()
    }

    fn metadata(&self) -> Published {
        Published::Nothing
    }

    fn jwks(&self) -> Published {
        Published::Nothing
    }
}

const TOKEN: &str = "canary-19f3";

async fn enter(gate: &Gate) -> Visitor {
    let request = Request::post("/mcp").header(AUTHORIZATION, format!("Bearer {TOKEN}"));
    let (head, ()) = request.body(()).unwrap().into_parts();
    gate.authenticate(&head).await.unwrap()
}

/// How many seconds somebody may stay whose token is judged otherwise after a while.
async fn stay(issued: Opinion, after: u64, then: Opinion) -> u64 {
    let issuer = Issuer::new(issued);
    let gate = issuer.gate();
    let end = gate.end_of_stay(enter(&gate).await).unwrap();
    let began = Instant::now();
    let change = async {
        sleep(Duration::from_secs(after)).await;
        issuer.says(then);
    };
    tokio::join!(end, change);
    began.elapsed().as_secs()
}

// Attack case: a long stream goes on after its token was revoked.
#[tokio::test(start_paused = true)]
async fn who_is_revoked_is_out_within_a_minute() {
    for revoked in [1, 65, 1_000] {
        let stay = stay(Opinion::Good(3_600), revoked, Opinion::Revoked).await;
        assert!((revoked..revoked + 60).contains(&stay), "{stay}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_decided_lets_stay_until_the_expiry() {
    let stay = stay(Opinion::Good(300), 10, Opinion::Unknown).await;
    // Seconds of the wall clock are cut.
    assert!((329..=330).contains(&stay), "{stay}");
}

#[tokio::test(start_paused = true)]
async fn no_later_look_lets_stay_beyond_the_expiry() {
    let stay = stay(Opinion::Good(300), 10, Opinion::Good(36_000)).await;
    assert!((329..=330).contains(&stay), "{stay}");
}

#[tokio::test(start_paused = true)]
async fn without_oauth_everybody_may_stay() {
    let gate = Gate::new(None);
    assert!(gate.end_of_stay(enter(&gate).await).is_none());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_was_let_in_with_is_not_printed() {
    let visitor = enter(&Issuer::new(Opinion::Good(300)).gate()).await;
    let printed = format!("{visitor:?}");
    assert!(
        printed.contains("alice") && !printed.contains(TOKEN),
        "{printed}"
    );
}
