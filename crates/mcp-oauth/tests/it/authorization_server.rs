//! The authorization server from outside, over HTTP.

mod authorize;
mod bodies;
mod browser;
mod callback;
mod client_documents;
mod client_secret;
mod consent;
mod counting_store;
mod crowds;
mod desk;
mod fake_provider;
mod fake_web;
mod metadata;
mod refreshing;
mod refusals;
mod secrets;
mod upstream_grants;
mod walkthrough;
