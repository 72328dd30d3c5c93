//! A server of rmcp on axum, behind OAuth.
//!
//! `cargo run --package mcp-oauth --example axum -- SECRET`, with a secret of 32 bytes or more,
//! prints a token to try it with.

use std::{env, error::Error, sync::Arc};

use axum::{Router, routing::get};
use mcp_oauth::{OAuthLayer, ResourceServer, ResourceServerConfig, ScopePolicy};
use mcp_oauth_provider::{
    Provider, ProviderConfig, ProviderDependencies, ProviderKind, ReqwestClient, ReqwestConfig,
    ScopeRules,
};
use mcp_oauth_token::{Scope, SystemClock};
use secrecy::SecretString;
use tokio::net::TcpListener;

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
    let router = Router::new()
        .route_service("/mcp", Whoami::over_http())
        .layer(oauth)
        // Whatever comes after the layer is open to everybody.
        .route("/healthz", get(async || "ok"));
    Ok(axum::serve(listener, router).await?)
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
