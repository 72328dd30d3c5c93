//! A browser, and a client that uses it.

use std::collections::BTreeMap;

use http::{Method, Request};
use serde_json::json;

use super::desk::{Desk, ORIGIN, Reply, encoded, request};

/// Keeps cookies, and says where forms come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) async fn open(&mut self, desk: &Desk, path: &str) -> Reply {
        let cookies = self.cookie_header();
        let mut headers = vec![("accept", "text/html,application/xhtml+xml")];
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        let reply = desk.send(request(Method::GET, path, &headers, "")).await;
        self.keep(&reply);
        reply
    }

    /// Sends the form of the consent page.
    pub(crate) async fn submit(&mut self, desk: &Desk, form: &[(&str, &str)]) -> Reply {
        let reply = desk.send(self.submission(form)).await;
        self.keep(&reply);
        reply
    }

    pub(crate) fn submission(
        &self,
        form: &[(&str, &str)],
    ) -> Request<http_body_util::Full<bytes::Bytes>> {
        let cookies = self.cookie_header();
        let mut headers = vec![
            ("accept", "text/html,application/xhtml+xml"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", ORIGIN),
            ("sec-fetch-site", "same-origin"),
        ];
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        request(Method::POST, "/oauth/authorize", &headers, &encoded(form))
    }

    pub(crate) fn keep(&mut self, reply: &Reply) {
        for set in reply.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (pair, attributes) = set.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0;") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }
}

/// The login that a consent page is about.
#[track_caller]
pub(crate) fn transaction(page: &Reply) -> String {
    let (_, rest) = page
        .body
        .split_once(r#"name="transaction" value=""#)
        .unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// A client that has registered.
#[derive(Clone, Debug)]
pub(crate) struct TestClient {
    pub(crate) id: String,
}

impl TestClient {
    pub(crate) async fn register(desk: &Desk) -> Self {
        Self::register_at(desk, &[REDIRECT_URI]).await
    }

    pub(crate) async fn register_at(desk: &Desk, redirect_uris: &[&str]) -> Self {
        let body = json!({
            "client_name": "Test Client",
            "redirect_uris": redirect_uris,
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let reply = desk.post_json("/oauth/register", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        Self {
            id: reply.json()["client_id"].as_str().unwrap().to_owned(),
        }
    }

    /// A good request, but for what is changed: a value replaces, and an empty one removes.
    pub(crate) fn authorize_path(&self, changes: &[(&str, &str)]) -> String {
        let mut parameters = BTreeMap::from([
            ("client_id", self.id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("scope", "kafka:read"),
            ("state", STATE),
        ]);
        for (name, value) in changes {
            if value.is_empty() {
                parameters.remove(name);
            } else {
                parameters.insert(name, value);
            }
        }
        let parameters: Vec<_> = parameters.into_iter().collect();
        format!("/oauth/authorize?{}", encoded(&parameters))
    }

    /// Goes through a whole login.
    pub(crate) async fn log_in(&self, desk: &Desk, browser: &mut Browser) -> Reply {
        let page = browser.open(desk, &self.authorize_path(&[])).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let transaction = transaction(&page);
        let form = [
            ("transaction", transaction.as_str()),
            ("decision", "allow"),
            ("name", "alice"),
            ("code", desk.code()),
        ];
        browser.submit(desk, &form).await
    }

    pub(crate) async fn redeem(&self, desk: &Desk, code: &str) -> Reply {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.id),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        desk.post_form("/oauth/token", &form).await
    }

    pub(crate) async fn refresh(&self, desk: &Desk, token: &str) -> Reply {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.id),
            ("refresh_token", token),
        ];
        desk.post_form("/oauth/token", &form).await
    }

    pub(crate) async fn revoke(&self, desk: &Desk, token: &str) -> Reply {
        let form = [("client_id", self.id.as_str()), ("token", token)];
        desk.post_form("/oauth/revoke", &form).await
    }
}

pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:33418/callback";
pub(crate) const STATE: &str = "a state & more=ä";
// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
