//! A server of rmcp on plain hyper, behind OAuth.
//!
//! `cargo run --package mcp-oauth --example hyper -- SECRET`, with a secret of 32 bytes or more,
//! prints a token to try it with.

use std::{env, error::Error, sync::Arc};

use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use mcp_oauth::{OAuthLayer, ResourceServer, ResourceServerConfig, ScopePolicy};
use mcp_oauth_provider::{
    Provider, ProviderConfig, ProviderDependencies, ProviderKind, ReqwestClient, ReqwestConfig,
    ScopeRules,
};
use mcp_oauth_token::{Scope, SystemClock};
use secrecy::SecretString;
use tokio::{net::TcpListener, task::JoinSet};
use tower_layer::Layer as _;

#[path = "whoami/handler.rs"]
mod handler;
#[path = "whoami/token.rs"]
pub(crate) mod token;

use handler::Whoami;

/// The part that matters: what issues the tokens, what needs which scopes, and a layer.
pub(crate) fn oauth(server_url: &str, secret: SecretString) -> Result<OAuthLayer, Box<dyn Error>> {
    let mut config = ProviderConfig::new(ProviderKind::Hmac, server_url);
    config.audiences = vec![format!("{server_url}/mcp")];
    config.hmac_secrets = vec![secret];
    config.scopes = ScopeRules::new(vec![Scope::new("demo:read")?, Scope::new("demo:write")?]);
    let http = Arc::new(ReqwestClient::new(&ReqwestConfig::default())?);
    let clock = Arc::new(SystemClock);
    let provider = Provider::new(config, ProviderDependencies { clock, http })
        .map_err(|problems| format!("{problems:?}"))?;

    let policy = ScopePolicy::new("demo:read".parse()?).tool("reset", "demo:write".parse()?);
    let server = ResourceServer::new(ResourceServerConfig::new(server_url, policy), provider)?;
    Ok(OAuthLayer::new(server))
}

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener, oauth: OAuthLayer) -> Result<(), Box<dyn Error>> {
    let service = TowerToHyperService::new(oauth.layer(Whoami::over_http()));
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        let stream = TokioIo::new(stream);
        connections.spawn(http1::Builder::new().serve_connection(stream, service.clone()));
        while connections.try_join_next().is_some() {}
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the token is to be copied from there")]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret: SecretString = env::args().nth(1).ok_or("no secret was given")?.into();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server_url = format!("http://{}", listener.local_addr()?);
    let token = token::mint(&server_url, &secret, "demo:write")?;
    println!("{}", token::how_to_call(&server_url, &token));
    serve(listener, oauth(&server_url, secret)?).await
}
