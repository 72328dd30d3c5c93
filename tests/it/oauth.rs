//! The server with OAuth on, and identity providers of every kind.

mod differential;
