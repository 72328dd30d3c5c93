//! Key sets that an identity provider may serve, or whoever stands in for it.

#![no_main]

use std::sync::Arc;

use bytes::Bytes;
use fuzz::{Answer, block_on};
use libfuzzer_sys::fuzz_target;
use mcp_oauth_token::{Algorithm, JwksStore, ProviderUrl};

fuzz_target!(|input: &[u8]| {
    let url: ProviderUrl = "https://issuer.example/keys".parse().expect("a URL");
    let store = JwksStore::new(url, Arc::new(Answer(Bytes::copy_from_slice(input))));
    block_on(async {
        for algorithm in Algorithm::ASYMMETRIC {
            for kid in [None, Some("1")] {
                if let Ok(key) = store.key(kid, algorithm).await {
                    assert!(store.holds(key.id()) && key.fits(algorithm));
                    assert!(key.verify(algorithm, b"message", &[0; 64]).is_err());
                }
            }
        }
        // What is published is no secret: nothing verifies HMAC with it.
        assert!(store.key(None, Algorithm::Hs256).await.is_err());
    });
});
