//! The authorization server from outside, over HTTP.

mod authorize;
mod browser;
mod callback;
mod consent;
mod counting_store;
mod desk;
mod fake_provider;
mod metadata;
mod secrets;
mod walkthrough;
