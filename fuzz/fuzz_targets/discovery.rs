//! Discovery documents that an identity provider may serve, or whoever stands in for it.

#![no_main]

use fuzz::{block_on, provider};
use libfuzzer_sys::fuzz_target;
use mcp_oauth_provider::ProviderKind;
use mcp_oauth_token::BearerToken;

fuzz_target!(|input: &[u8]| {
    // {"alg":"RS256"}.{}.c2ln
    let token = BearerToken::new("eyJhbGciOiJSUzI1NiJ9.e30.c2ln").expect("a token");
    for kind in [ProviderKind::Oidc, ProviderKind::Okta, ProviderKind::Azure] {
        let provider = provider(kind, input);
        let verdict = block_on(provider.validator().validate(&token));
        assert!(verdict.is_err(), "a token that nobody signed was accepted");
        if let Some(document) = provider.metadata() {
            assert_eq!(document, input, "the document was changed on its way");
        }
    }
});
