//! Providers from outside, against providers that behave as told.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[cfg(feature = "login")]
mod crowded_login;
mod explanation;
mod fake_provider;
#[cfg(feature = "login")]
mod login;
mod matrix;
mod outages;
mod setup;
mod start_up;
#[cfg(feature = "client")]
mod tls;
mod tokeninfo;
mod who;
