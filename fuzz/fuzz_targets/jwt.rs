//! Tokens that strangers make up: none is accepted, and claims that are signed are read safely.

#![no_main]

use fuzz::{AUDIENCE, ISSUER, SECRET, block_on, provider};
use libfuzzer_sys::fuzz_target;
use mcp_oauth_provider::ProviderKind;
use mcp_oauth_token::{BearerToken, HmacSigner, TokenValidator};
use std::sync::{Arc, OnceLock};

fuzz_target!(|input: &[u8]| {
    static VALIDATOR: OnceLock<Arc<dyn TokenValidator>> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(|| provider(ProviderKind::Hmac, b"").validator());

    if let Ok(token) = BearerToken::new(String::from_utf8_lossy(input)) {
        let verdict = block_on(validator.validate(&token));
        assert!(verdict.is_err(), "a token that nobody signed was accepted");
    }
    let Ok(claims) = serde_json::from_slice::<serde_json::Value>(input) else {
        return;
    };
    let signer = HmacSigner::new(&SECRET.into()).expect("a long secret");
    let Ok(token) = signer.sign(&claims) else {
        return;
    };
    if let Ok(accepted) = block_on(validator.validate(&token)) {
        let text = |name: &str| claims.get(name).and_then(|claim| claim.as_str());
        assert_eq!(text("iss"), Some(ISSUER));
        assert!(
            claims["aud"] == AUDIENCE
                || claims["aud"]
                    .as_array()
                    .is_some_and(|all| { all.iter().any(|audience| audience == AUDIENCE) })
        );
        assert_eq!(Some(accepted.principal.subject.as_str()), text("sub"));
        assert!(claims["exp"].is_number() && claims.get("cnf").is_none());
    }
});
