//! What the endpoints answer.

use serde_json::{Map, Value, json};

use super::{Failure, Personality, Shared, State};

/// An answer that is still to be written.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Page {
    pub(super) fn json(body: &Value) -> Self {
        Self {
            status: 200,
            headers: vec![("Content-Type", "application/json".to_owned())],
            body: body.to_string(),
        }
    }

    pub(super) fn refusal(status: u16, error: &str) -> Self {
        let description = "AADSTS70008: canary of the provider, with what was sent";
        let mut page = Self::json(&json!({"error": error, "error_description": description}));
        page.status = status;
        page
    }

    pub(super) fn redirect(target: &str) -> Self {
        Self {
            status: 302,
            headers: vec![("Location", target.to_owned())],
            body: String::new(),
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} Told\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!(
            "Content-Length: {}\r\n\r\n{}",
            self.body.len(),
            self.body
        ));
        text.into_bytes()
    }

    /// Makes the content wrong; failures of the connection are the listener's.
    pub(super) fn spoil(&mut self, failure: &Failure) {
        match failure {
            Failure::Garbage => self.body = "\u{0}{]not json".to_owned(),
            Failure::Html => {
                self.headers = vec![("Content-Type", "text/html".to_owned())];
                self.body = "<!doctype html><title>Sign in to the network</title>".to_owned();
            }
            Failure::Huge => self.body = format!(r#"{{"padding":"{}"}}"#, "a".repeat(5 << 20)),
            Failure::Redirect(target) => {
                self.status = 302;
                self.headers.push(("Location", target.clone()));
                self.body.clear();
            }
            Failure::Status(status) => {
                self.status = *status;
                self.body = r#"{"error":"temporarily_unavailable"}"#.to_owned();
            }
            Failure::WrongIssuer => {
                let mut document: Value = serde_json::from_str(&self.body).expect("JSON");
                document["issuer"] = "https://issuer.invalid".into();
                self.body = document.to_string();
            }
            Failure::Delay(_) | Failure::Drip(_) | Failure::Gone | Failure::Half => {}
        }
    }
}

pub(super) fn not_found() -> Page {
    let mut page = Page::json(&json!({"error": "not_found"}));
    page.status = 404;
    page
}

pub(super) fn discovery(shared: &Shared) -> Page {
    Page::json(&shared.personality.discovery(&shared.origin()))
}

pub(super) fn jwks(personality: Personality, origin: &str, state: &State) -> Page {
    let published = state.published.iter().map(|key| {
        let mut jwk = key.jwk();
        if let Some(issuer) = personality.key_issuer(origin) {
            jwk["issuer"] = issuer.into();
        }
        jwk
    });
    let keys: Vec<Value> = published
        .chain(state.strange_keys.iter().cloned())
        .collect();
    let mut page = Page::json(&json!({ "keys": keys }));
    if let Some(cache_control) = &state.cache_control {
        page.headers.push(("Cache-Control", cache_control.clone()));
    }
    page
}

/// What Google says about the token in one of these forms.
pub(super) fn about_token(state: &State, forms: &[&str]) -> Page {
    let parameters = forms.iter().flat_map(|form| form.split('&'));
    let mut tokens = parameters.filter_map(|parameter| parameter.strip_prefix("access_token="));
    let answer = tokens.next().and_then(|token| state.opaque.get(token));
    let Some(answer) = answer else {
        let error = json!({"error": "invalid_token", "error_description": "Invalid Value"});
        let mut page = Page::json(&error);
        page.status = 400;
        return page;
    };
    Page::json(answer)
}

/// The answer about an access token that was issued along with these claims. All of it is text.
pub(super) fn tokeninfo(claims: &Value) -> Value {
    let mut answer = Map::new();
    for name in ["azp", "aud", "sub", "exp", "email", "email_verified"] {
        let text = match &claims[name] {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        answer.insert(name.to_owned(), text.into());
    }
    answer.insert("scope".to_owned(), "openid email".into());
    answer.insert("expires_in".to_owned(), "3599".into());
    answer.insert("access_type".to_owned(), "online".into());
    answer.into()
}
