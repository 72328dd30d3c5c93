//! The authorization server from outside, over HTTP.

mod browser;
mod desk;
mod walkthrough;
