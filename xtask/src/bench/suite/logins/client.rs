//! A client, with the browser of somebody who agrees.

use anyhow::{Context, Result};
use http::{Request, StatusCode, header};
use serde_json::json;
use url::form_urlencoded::Serializer;

use super::desk::{Answer, Desk, ORIGIN};
use super::provider::CODE;

/// A client that has registered.
pub(super) struct Client {
    id: String,
}

/// Where the identity provider finds a browser.
pub(super) struct Away {
    cookie: String,
    state: String,
    nonce: String,
}

impl Client {
    pub(super) async fn register(desk: &Desk) -> Result<Self> {
        Self::register_as(desk, "A client").await
    }

    pub(super) async fn register_as(desk: &Desk, name: &str) -> Result<Self> {
        let body = json!({
            "client_name": name,
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let request = Request::post("/oauth/register")
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string())?;
        let answer = desk.send(request).await?.expect(StatusCode::CREATED)?;
        let id = answer.member("client_id")?;
        Ok(Self { id })
    }

    /// Opens the page that asks.
    pub(super) async fn ask(&self, desk: &Desk) -> Result<Answer> {
        let query = encoded(&[
            ("client_id", &self.id),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("scope", "kafka:read"),
            ("state", "a state of the client"),
        ]);
        let request = Request::get(format!("/oauth/authorize?{query}")).body(String::new())?;
        desk.send(request).await?.expect(StatusCode::OK)
    }

    /// Agrees.
    pub(super) async fn consent(&self, desk: &Desk, page: &Answer) -> Result<Away> {
        let (_, rest) = page
            .body
            .split_once(r#"name="transaction" value=""#)
            .context("the page has no form")?;
        let transaction = rest.split('"').next().unwrap_or_default();
        let form = [("transaction", transaction), ("decision", "allow")];
        let request = Request::post("/oauth/authorize")
            .header(header::CONTENT_TYPE, FORM)
            .header(header::ORIGIN, ORIGIN)
            .header(header::COOKIE, page.cookie()?)
            .body(encoded(&form))?;
        let answer = desk.send(request).await?.expect(StatusCode::SEE_OTHER)?;
        Ok(Away {
            cookie: answer.cookie()?,
            state: answer.sent_along("state")?,
            nonce: answer.sent_along("nonce")?,
        })
    }

    /// Comes back from the identity provider, and returns the code.
    pub(super) async fn come_back(&self, desk: &Desk, away: &Away) -> Result<String> {
        // The provider of these logins knows a login again by its nonce, which is its code.
        let code = format!("{CODE}{}", away.nonce);
        let query = encoded(&[("code", &code), ("state", &away.state)]);
        let request = Request::get(format!("/oauth/callback?{query}"))
            .header(header::COOKIE, &away.cookie)
            .body(String::new())?;
        let answer = desk.send(request).await?.expect(StatusCode::FOUND)?;
        answer.sent_along("code")
    }

    /// Takes tokens for the code, and returns the refresh token.
    pub(super) async fn redeem(&self, desk: &Desk, code: &str) -> Result<String> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.id),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        self.token(desk, &form).await
    }

    /// Takes new tokens.
    pub(super) async fn refresh(&self, desk: &Desk, refresh_token: &str) -> Result<String> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.id),
            ("refresh_token", refresh_token),
        ];
        self.token(desk, &form).await
    }

    async fn token(&self, desk: &Desk, form: &[(&str, &str)]) -> Result<String> {
        let request = Request::post("/oauth/token")
            .header(header::CONTENT_TYPE, FORM)
            .body(encoded(form))?;
        let answer = desk.send(request).await?.expect(StatusCode::OK)?;
        answer.member("refresh_token")
    }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

// RFC 7636 appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const FORM: &str = "application/x-www-form-urlencoded";
const REDIRECT_URI: &str = "http://127.0.0.1:33418/callback";
