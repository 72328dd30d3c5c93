//! A token that somebody wonders about.

use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::Path,
    time::Duration,
};

use mcp_oauth_token::{BearerToken, Check, TokenError};
use tokio::{task::spawn_blocking, time::timeout};

use super::finding::Finding;
use crate::config::OAuth;

/// The token in a file or on standard input; `None` if there is none to explain.
///
/// # Errors
///
/// What is wrong with what was given.
pub(super) async fn given(file: Option<&Path>) -> Result<Option<BearerToken>, Finding> {
    let text = match file {
        Some(path) if path != Path::new("-") => {
            let read = File::open(path).and_then(bounded);
            read.map_err(|error| {
                let found = format!("'{}' cannot be read: {error}", path.display());
                Finding::bad(ABOUT, found, "name a file that holds a token")
            })?
        }
        Some(_) => from_standard_input().await,
        None if io::stdin().is_terminal() => return Ok(None),
        // Whoever starts this from a script may have left a pipe open that nobody writes to.
        None => {
            let read = timeout(PATIENCE, from_standard_input()).await;
            read.unwrap_or_default()
        }
    };
    let text = text.trim();
    let text = text.strip_prefix("Bearer ").unwrap_or(text);
    if text.is_empty() && file.is_none() {
        return Ok(None);
    }
    BearerToken::new(text).map(Some).map_err(|_| {
        let found = "what was given is no bearer token";
        Finding::bad(
            ABOUT,
            found,
            "give the token alone, in one line, without quotes",
        )
    })
}

/// What the provider makes of a token. The token itself is never shown.
pub(super) async fn explain(oauth: &OAuth, token: &BearerToken) -> Vec<Finding> {
    if !oauth.accepts_provider_tokens() {
        let found = "in proxy mode tokens are those of the server, and its log says what is wrong \
                     with one";
        return vec![Finding::note(ABOUT, found)];
    }
    let explanation = oauth.provider.explain(token).await;
    let claims = explanation.findings.iter();
    let mut findings: Vec<_> = claims
        .map(|claim| Finding::note(ABOUT, claim.to_string()))
        .collect();
    if !explanation.other_claims.is_empty() {
        let found = format!("it also has {}", explanation.other_claims.join(", "));
        findings.push(Finding::note(ABOUT, found));
    }
    findings.push(match explanation.verdict {
        Ok(principal) if principal.scopes.is_empty() => Finding::bad(
            ABOUT,
            format!(
                "it is valid, but good for nothing: the {} has no scope here",
                principal.kind
            ),
            "give it kafka:read, or let OAUTH_SCOPE_MAP say what its scopes, roles and groups \
             stand for",
        ),
        Ok(principal) => Finding::good(
            ABOUT,
            format!(
                "it is accepted for the {} {:?}, with {}",
                principal.kind, principal.subject, principal.scopes
            ),
        ),
        Err(TokenError::Rejected(rejection)) => {
            let advice = if rejection.has_hint() {
                "do what the brackets say"
            } else {
                advice(rejection.check())
            };
            Finding::bad(ABOUT, format!("it is refused: {rejection}"), advice)
        }
        Err(error) => Finding::bad(
            ABOUT,
            error.to_string(),
            "solve what is said of the provider",
        ),
    });
    findings
}

fn advice(check: Check) -> &'static str {
    match check {
        Check::Algorithm | Check::Key | Check::Signature => {
            "get the token from the provider of OIDC_ISSUER, and from the same tenant or server"
        }
        Check::Audience => {
            "ask the provider for a token for OIDC_AUDIENCE, or add the audience that it has"
        }
        Check::Client => "use an allowed client, or add this one to OAUTH_ALLOWED_CLIENTS",
        Check::Confirmation => "ask for a bearer token, without DPoP or a certificate",
        Check::Domain => "add the domain to OAUTH_ALLOWED_DOMAINS if its accounts may enter",
        Check::Expiry => "get a new token",
        Check::Group => "add the account to a group of OAUTH_ALLOWED_GROUPS, which tokens name",
        Check::IssuedAt | Check::NotBefore => "compare the clocks of this machine and the provider",
        Check::Issuer => "set OIDC_ISSUER to the issuer of the token, if it is the one you mean",
        Check::Tenant => "add the tenant to OAUTH_ALLOWED_TENANTS if its accounts may enter",
        Check::TokenType => "send the access token, and no other kind of token",
        _ => "get a token for this server from the provider",
    }
}

async fn from_standard_input() -> String {
    let read = spawn_blocking(|| bounded(io::stdin())).await;
    read.ok().and_then(Result::ok).unwrap_or_default()
}

/// As much as a token can be long, and then some, for its surroundings.
fn bounded(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

const ABOUT: &str = "token";
const PATIENCE: Duration = Duration::from_secs(5);
const MAX_BYTES: u64 = 32 * 1024;
