//! A server that is asked to stop in the middle of something.

use std::time::Duration;

use testkit::{Endpoint, Failure, IdentityProvider, Personality, eventually};
use tokio::time::timeout;

use super::{Client, text};
use crate::{oauth::Verdict, stores::StoreFile};

// A provider that rotates has taken the old refresh token back by the time that it answers.
#[tokio::test]
async fn a_server_that_stops_keeps_the_login_that_the_provider_is_renewing() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    let file = StoreFile::new();
    let store = format!("file:{}", file.0.display());
    let settings = [("OAUTH_STORE", store.as_str())];
    let client = Client::at(&provider, &settings).await;
    let tokens = client.log_in(&provider).await;
    let refresh_token = text(&tokens, "refresh_token");

    let delay = Failure::Delay(Duration::from_secs(1));
    provider.fail(Endpoint::Token, delay);
    let asked = async || (provider.token_requests().len() == 2).then_some(());
    // The client hangs up, so that nobody is left to wait for.
    tokio::select! {
        answer = client.refresh(&refresh_token) => panic!("{answer:?}"),
        () = eventually("the provider is asked", asked) => {}
    }
    let Client { server, id } = client;
    let stopped = timeout(Duration::from_secs(4), server.stop()).await;
    assert!(stopped.expect("within the grace").success());

    provider.recover();
    let server = Client::server(&provider, &settings).await;
    let client = Client { server, id };
    let renewed = client.refresh(&refresh_token).await.json();
    assert_eq!(client.verdict(&renewed).await, Verdict::Reads);
    assert_eq!(provider.token_requests().len(), 2);
}
