//! Streams of clients whose tokens a provider made.

use testkit::{Endpoint, IdentityProvider, Personality, TokenKind, TokenRecipe};

use super::{Protected, Verdict};
use crate::listening::Listener;

// Requests may go on for the five minutes that the answer of a provider is remembered; a stream would
// go on as long as its token.
#[tokio::test]
async fn a_stream_ends_within_a_minute_after_the_provider_has_stopped_vouching_for_its_token() {
    let provider = IdentityProvider::start(Personality::Google).await;
    let server = Protected::by(&provider, &[("OAUTH_GOOGLE_TOKENINFO", "true")]).await;
    let token = provider.mint(&TokenRecipe::new(TokenKind::Opaque));
    let mut stream = Listener::at(server.server(), Some(&token)).await;
    let asked = provider.requests(Endpoint::Tokeninfo);

    provider.disown_opaque_tokens();
    assert_eq!(server.verdict(&token).await, Verdict::Reads, "remembered");
    stream.is_cut_off_within_a_minute().await;
    assert_eq!(provider.requests(Endpoint::Tokeninfo), asked + 1);
    assert_eq!(server.verdict(&token).await, Verdict::Out);
}
