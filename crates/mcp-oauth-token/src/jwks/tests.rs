mod documents;
mod fake_provider;
mod flights;
mod lookups;
mod outages;
mod rotation;

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{self, Instant};

use self::fake_provider::{Answer, FakeProvider};
use super::*;
use crate::Algorithm::{EdDsa, Es256, Rs256};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// A store, and a provider that publishes these keys.
fn store_of(keys: &[Value]) -> (Arc<JwksStore>, Arc<FakeProvider>) {
    let provider = Arc::new(FakeProvider::new(Answer::keys(keys)));
    let url = ProviderUrl::new("https://idp.example.com/keys").unwrap();
    let store = JwksStore::new(url, Arc::clone(&provider) as Arc<dyn HttpClient>);
    (Arc::new(store), provider)
}

/// An Ed25519 key that is made of one byte.
fn key(kid: &str, material: u8) -> Value {
    let x = URL_SAFE_NO_PAD.encode([material; 32]);
    json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": kid, "x": x })
}

impl JwksStore {
    async fn id(&self, kid: &str) -> Result<KeyId, KeyError> {
        Ok(self.key(Some(kid), EdDsa).await?.id())
    }
}

#[track_caller]
fn assert_unavailable<T: fmt::Debug>(result: Result<T, KeyError>) -> Duration {
    match result {
        Err(KeyError::Unavailable { retry_after, .. }) => retry_after,
        other => panic!("{other:?}"),
    }
}
