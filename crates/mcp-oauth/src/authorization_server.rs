//! The authorization server: it manages logins for clients that expect registration and discovery,
//! in front of identity providers that offer neither.

#![allow(
    dead_code,
    unused_imports,
    reason = "the parts are here before the whole"
)]

mod access_token;
mod authorization_code;
mod client;
mod client_address;
mod client_metadata_document;
mod clients;
mod code_challenge;
mod event;
mod family;
mod form;
mod grant;
mod key_ring;
mod known_clients;
mod rate;
mod redirect_uri;
mod refresh_token;
mod registration;
mod requested_metadata;
mod resource_indicator;
mod revoke;
mod rotation;
mod sealed;
mod store;
mod token_endpoint;
mod token_refusal;
mod token_request;
mod unguessable;
mod unix_millis;
mod upstream;

pub use event::{GrantEvent, GrantObserver, GrantSummary};
pub use client_address::{InvalidProxies, TrustedProxies};
pub use key_ring::{KeyRing, WeakSecret};
#[cfg(feature = "file-store")]
pub use store::FileStore;
#[cfg(feature = "redis-store")]
pub use store::RedisStore;
pub use store::{MemoryStore, Store, StoreError, StoreKey};
