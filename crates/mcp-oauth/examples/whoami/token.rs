//! Tokens to try the examples with.

use std::error::Error;

use mcp_oauth_token::{Clock as _, HmacSigner, NewToken, SystemClock};
use secrecy::SecretString;

/// Makes a token for the server at `server_url`, good for an hour. Only who knows the secret can.
pub(crate) fn mint(
    server_url: &str,
    secret: &SecretString,
    scopes: &str,
) -> Result<String, Box<dyn Error>> {
    let mut token = NewToken::new(server_url, format!("{server_url}/mcp"), "alice");
    token.scopes = scopes.parse()?;
    let token = HmacSigner::new(secret)?.mint(&token, SystemClock.now())?;
    Ok(token.expose_secret().to_owned())
}

/// Where the server is, the token, and the two in a command.
pub(crate) fn how_to_call(server_url: &str, token: &str) -> String {
    format!(
        "{server_url}/mcp\nAuthorization: Bearer {token}\n\n\
         curl {server_url}/mcp -H 'Authorization: Bearer {token}' \\\n  \
         -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\\n  \
         -d '{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"whoami\"}}}}'"
    )
}
