//! Servers at which somebody is logging in, and all that they have given out for it.

use std::sync::Arc;

use bytes::Bytes;
use http::{
    Request, Response, StatusCode,
    header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE},
};
use mcp_oauth::{AuthorizationServer, DevelopmentLogin, Login, TokenIssuer};
use mcp_oauth_provider::{LoginConfig, ProviderKind};
use mcp_oauth_token::{BearerToken, TokenValidator};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded::Serializer};

use crate::{
    ORIGIN as OUR_ORIGIN, answer, authorization_server_with, block_on, provider, register,
};

/// A place where what the server gave out comes back to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The bearer token of a call.
    Bearer,
    /// `state`, in what the identity provider sends a browser back with.
    Callback,
    /// `client_id`, in what a client sends a browser with.
    ClientAtAuthorize,
    /// `client_id`, with a refresh token.
    ClientAtToken,
    /// `code`.
    Code,
    /// `refresh_token`.
    RefreshToken,
    /// `token`, to be revoked.
    Revocation,
    /// `transaction`, in the form of the page that asks for consent.
    Transaction,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Bearer,
        Self::Callback,
        Self::ClientAtAuthorize,
        Self::ClientAtToken,
        Self::Code,
        Self::RefreshToken,
        Self::Revocation,
        Self::Transaction,
    ];
}

/// A server with the login for development, one with an identity provider that cannot be reached
/// once it was discovered, and a client of both: they have the same keys.
pub struct Desk {
    server: AuthorizationServer,
    validator: Arc<dyn TokenValidator>,
    typed: SecretString,
    client_id: String,
    /// Of somebody who is logged in.
    access_token: String,
    refresh_token: String,
    /// Of somebody whose client has still to redeem it.
    code: String,
    /// Of somebody who is asked.
    asked: Browser,
    /// Of somebody who was sent to the identity provider.
    behind: AuthorizationServer,
    sent: Browser,
}

/// What a browser is given for a login.
struct Browser {
    cookie: String,
    sealed: String,
}

impl Desk {
    /// Opens one.
    pub fn open() -> Self {
        let (login, typed) = DevelopmentLogin::new().expect("randomness");
        let server = authorization_server_with(Login::Development(Arc::new(login)));
        let metadata = serde_json::json!({ "redirect_uris": [REDIRECT_URI] }).to_string();
        let client = register(&server, metadata.as_bytes()).expect("a client");
        let client_id = client["client_id"].as_str().expect("an id").to_owned();
        let code = || code(&server, &client_id, &typed);
        let redeemed = redeem(&server, &client_id, &code());
        let tokens: serde_json::Value = serde_json::from_slice(redeemed.body()).expect("JSON");
        let token = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        let login = provider(ProviderKind::Oidc, DISCOVERY)
            .login(LoginConfig::new("client", "secret".into(), CALLBACK))
            .expect("the configuration is right");
        let name = "a provider".to_owned();
        let behind = authorization_server_with(Login::Provider { name, login });
        Self {
            validator: server.validator(),
            access_token: token("access_token"),
            refresh_token: token("refresh_token"),
            code: code(),
            asked: ask(&server, &client_id),
            sent: send(&behind, &client_id),
            behind,
            typed,
            client_id,
            server,
        }
    }

    /// What was given out for this place.
    pub fn issued(&self, place: Place) -> Vec<&str> {
        match place {
            Place::Bearer => vec![&self.access_token],
            Place::Callback => vec![&self.sent.sealed],
            Place::ClientAtAuthorize | Place::ClientAtToken => vec![&self.client_id],
            Place::Code => vec![&self.code],
            Place::RefreshToken => vec![&self.refresh_token],
            Place::Revocation => vec![&self.access_token, &self.refresh_token],
            Place::Transaction => vec![&self.asked.sealed],
        }
    }

    /// Whether a text at this place is good for what should have been there. Whatever it is, the
    /// server does not fail.
    pub fn accepts(&self, place: Place, text: &str) -> bool {
        match place {
            Place::Bearer => self.lets_in(text),
            Place::Callback => {
                let query = encoded(&[("state", text), ("code", "a-code")]);
                let request = Request::get(format!("/oauth/callback?{query}"))
                    .header(COOKIE, &self.sent.cookie);
                leads_on(&respond(&self.behind, request, String::new()))
            }
            Place::ClientAtAuthorize => {
                let reply = respond(&self.server, request_of(text), String::new());
                reply.status() == StatusCode::OK || leads_on(&reply)
            }
            Place::ClientAtToken => gives_tokens(&renew(&self.server, text, &self.refresh_token)),
            Place::Code => gives_tokens(&redeem(&self.server, &self.client_id, text)),
            Place::RefreshToken => gives_tokens(&renew(&self.server, &self.client_id, text)),
            Place::Revocation => {
                let form = [("token", text), ("client_id", &self.client_id)];
                let reply = post(&self.server, "/oauth/revoke", "", &form);
                // RFC 7009 section 2.2: what is no token is as good as revoked.
                let is_empty = reply.status() == StatusCode::BAD_REQUEST && text.is_empty();
                assert!(reply.status() == StatusCode::OK || is_empty, "{reply:?}");
                !self.lets_in(&self.access_token)
            }
            Place::Transaction => {
                leads_on(&agree(&self.server, &self.asked.cookie, text, &self.typed))
            }
        }
    }

    fn lets_in(&self, token: &str) -> bool {
        BearerToken::new(token).is_ok_and(|token| block_on(self.validator.validate(&token)).is_ok())
    }
}

/// The code at the end of a login.
fn code(server: &AuthorizationServer, client_id: &str, typed: &SecretString) -> String {
    let Browser { cookie, sealed } = ask(server, client_id);
    let reply = agree(server, &cookie, &sealed, typed);
    parameter(location(&reply).expect("it leads back"), "code")
}

/// Somebody is asked for consent.
fn ask(server: &AuthorizationServer, client_id: &str) -> Browser {
    let reply = respond(server, request_of(client_id), String::new());
    let page = String::from_utf8_lossy(reply.body()).into_owned();
    let (_, rest) = page
        .split_once("name=\"transaction\" value=\"")
        .expect("a form");
    Browser {
        cookie: cookie(&reply),
        sealed: rest.split('"').next().expect("a value").to_owned(),
    }
}

/// Somebody consents, and is sent to the identity provider.
fn send(server: &AuthorizationServer, client_id: &str) -> Browser {
    let Browser {
        cookie: old,
        sealed,
    } = ask(server, client_id);
    let reply = agree(server, &old, &sealed, &"".into());
    Browser {
        cookie: cookie(&reply),
        sealed: parameter(location(&reply).expect("it leads on"), "state"),
    }
}

fn agree(
    server: &AuthorizationServer,
    cookie: &str,
    transaction: &str,
    typed: &SecretString,
) -> Response<Bytes> {
    let consent = [("transaction", transaction), ("decision", "allow")];
    let login = [("name", "alice"), ("code", typed.expose_secret())];
    let login = if typed.expose_secret().is_empty() {
        &[][..]
    } else {
        &login
    };
    post(
        server,
        "/oauth/authorize",
        cookie,
        &[&consent, login].concat(),
    )
}

fn redeem(server: &AuthorizationServer, client_id: &str, code: &str) -> Response<Bytes> {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    post(server, "/oauth/token", "", &form)
}

fn renew(server: &AuthorizationServer, client_id: &str, token: &str) -> Response<Bytes> {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client_id),
        ("refresh_token", token),
    ];
    post(server, "/oauth/token", "", &form)
}

fn request_of(client_id: &str) -> http::request::Builder {
    let query = encoded(&[
        ("client_id", client_id),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "kafka:read"),
    ]);
    Request::get(format!("/oauth/authorize?{query}"))
}

fn post(
    server: &AuthorizationServer,
    path: &str,
    cookie: &str,
    form: &[(&str, &str)],
) -> Response<Bytes> {
    let request = Request::post(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(COOKIE, cookie)
        .header(ORIGIN, OUR_ORIGIN);
    respond(server, request, encoded(form))
}

fn respond(
    server: &AuthorizationServer,
    request: http::request::Builder,
    body: String,
) -> Response<Bytes> {
    let reply = answer(server, request.body(body.into()).expect("a request"));
    assert!(!reply.status().is_server_error(), "{reply:?}");
    reply
}

fn gives_tokens(reply: &Response<Bytes>) -> bool {
    let body: serde_json::Value = serde_json::from_slice(reply.body()).expect("JSON");
    let has_tokens = body.get("access_token").is_some();
    assert_eq!(has_tokens, reply.status() == StatusCode::OK, "{reply:?}");
    has_tokens
}

/// Whether a browser is sent on, be it with an error: somebody was believed.
fn leads_on(reply: &Response<Bytes>) -> bool {
    location(reply).is_some()
}

fn location(reply: &Response<Bytes>) -> Option<&str> {
    let location = reply.headers().get(LOCATION)?;
    Some(location.to_str().expect("ASCII"))
}

/// The cookie that was set last: those before are taken away.
fn cookie(reply: &Response<Bytes>) -> String {
    let set = reply.headers().get_all(SET_COOKIE).into_iter().next_back();
    let set = set.expect("a cookie").to_str().expect("ASCII");
    set.split(';').next().unwrap_or_default().to_owned()
}

fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).expect("a URL");
    let found = url.query_pairs().find(|(found, _)| found == name);
    found.expect("it is there").1.into_owned()
}

fn encoded(form: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(form).finish()
}

const CALLBACK: &str = "http://localhost:8080/oauth/callback";
const REDIRECT_URI: &str = "http://localhost:8787/callback";
// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const DISCOVERY: &[u8] = include_bytes!("../seeds/discovery/okta");
