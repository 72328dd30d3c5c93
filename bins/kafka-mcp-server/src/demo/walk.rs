//! The way of a client through the server.

mod entrance;
mod reading;
mod writing;

use std::{
    fmt,
    io::{self, Write},
    time::Duration,
};

use mcp_oauth_token::{BearerToken, ScopeSet};

use super::{client::Client, screen::Screen, surprise::Surprise};
use crate::{
    config::RawConfig,
    token::{self, TokenRequest},
};

/// A client on its way, and what it has learnt so far.
pub(super) struct Walk<'a> {
    client: Client,
    raw: &'a RawConfig,
    /// Where the challenge says that the metadata are.
    metadata: Option<String>,
    reader: Option<BearerToken>,
    writer: Option<BearerToken>,
    /// Partition and offset of what was produced.
    written: Option<(i64, i64)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(client: Client, raw: &'a RawConfig) -> Self {
        Self {
            client,
            raw,
            metadata: None,
            reader: None,
            writer: None,
            written: None,
        }
    }

    /// Takes all steps, also after one that failed.
    pub(super) async fn run<W: Write>(mut self, screen: &mut Screen<W>) -> io::Result<()> {
        screen.step("no token", self.is_turned_away()).await?;
        screen.step("discovery", self.discovers()).await?;
        screen.step("token", self.gets_a_token()).await?;
        screen.step("connect", self.connects()).await?;
        screen.step("tools", self.lists_tools()).await?;
        screen.step("topics", self.lists_topics()).await?;
        screen.step("describe", self.describes_a_topic()).await?;
        screen.step("consume", self.reads_the_latest()).await?;
        screen.step("aborted", self.sees_nothing_aborted()).await?;
        screen.step("odd values", self.reads_odd_values()).await?;
        screen.step("lag", self.finds_who_is_behind()).await?;
        screen.step("forbidden", self.may_not_write()).await?;
        screen.step("produce", self.writes()).await?;
        screen.step("read back", self.reads_back()).await
    }

    fn reader(&self) -> Result<&BearerToken, Surprise> {
        let token = self.reader.as_ref();
        token.ok_or_else(|| Surprise::new("a token from an earlier step", "none"))
    }
}

/// Makes a token as the command `token` does.
pub(super) fn mint(raw: &RawConfig, scopes: &str, hours: u64) -> Result<BearerToken, Surprise> {
    let failed = |error: &dyn fmt::Display| Surprise::new("a token", error);
    let scopes: ScopeSet = scopes.parse().map_err(|error| failed(&error))?;
    let request = TokenRequest {
        subject: "alice".to_owned(),
        scopes,
        lifetime: Duration::from_secs(hours * 60 * 60),
        client_id: Some("demo".to_owned()),
        issuer: None,
        audience: None,
    };
    token::mint(raw, request)
        .map(|minted| minted.token)
        .map_err(|error| failed(&error))
}
