//! The authorization server from outside, over HTTP.

mod authorize;
mod browser;
mod consent;
mod counting_store;
mod desk;
mod metadata;
mod walkthrough;
