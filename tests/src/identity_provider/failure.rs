//! What can be wrong with an answer of an identity provider.

use std::time::Duration;

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It comes this late.
    Delay(Duration),
    /// It comes byte by byte, each this late.
    Drip(Duration),
    /// It is no JSON.
    Garbage,
    /// The connection is closed without one.
    Gone,
    /// The connection is closed in the middle of the body.
    Half,
    /// It is the page of a captive portal, with status 200.
    Html,
    /// It is JSON of 5 MiB.
    Huge,
    /// It sends elsewhere.
    Redirect(String),
    /// It has this status, and a JSON error as body.
    Status(u16),
    /// It names another issuer.
    WrongIssuer,
}
