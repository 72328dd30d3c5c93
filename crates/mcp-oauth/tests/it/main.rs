//! The resource server from outside, with an issuer of our own making.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod challenges;
mod cross_origin;
mod documents;
mod examples;
mod issuer;
mod layer;
mod log;
mod messages;
