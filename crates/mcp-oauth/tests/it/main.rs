//! The resource server from outside, with an issuer of our own making.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::duplicate_mod, reason = "each example is a program of its own")]

mod authorization_server;
mod challenges;
mod cross_origin;
mod documents;
mod examples;
mod issuer;
mod layer;
mod log;
mod messages;
mod smuggling;
mod staying;
