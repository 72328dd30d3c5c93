//! The authorization server: it manages logins for clients that expect registration and discovery,
//! in front of identity providers that offer neither.

#![allow(
    dead_code,
    unused_imports,
    reason = "the parts are here before the whole"
)]

mod client;
mod client_metadata_document;
mod clients;
mod form;
mod key_ring;
mod known_clients;
mod redirect_uri;
mod registration;
mod requested_metadata;
mod sealed;
mod store;

pub use key_ring::{KeyRing, WeakSecret};
pub use store::{MemoryStore, Store, StoreError, StoreKey};
