//! Streams of clients that logged in at the server.

use testkit::{IdentityProvider, Personality};

use super::{Client, text};
use crate::{listening::Listener, oauth::Verdict};

// The token itself would be good for a quarter of an hour.
#[tokio::test]
async fn a_stream_ends_within_a_minute_after_its_login_was_revoked() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    let client = Client::at(&provider, &[]).await;
    let (revoked, other) = (
        client.log_in(&provider).await,
        client.log_in(&provider).await,
    );
    let listen = async |tokens| {
        let token = text(tokens, "access_token");
        Listener::at(client.server.server(), Some(&token)).await
    };
    let (mut ends, mut stays) = (listen(&revoked).await, listen(&other).await);

    client.revoke(&text(&revoked, "refresh_token")).await;
    assert_eq!(client.verdict(&revoked).await, Verdict::Out);
    ends.is_cut_off_within_a_minute().await;
    let line = "an answer that goes on is ended";
    client.server.server().logged(line).await;
    stays.goes_on().await;
}
