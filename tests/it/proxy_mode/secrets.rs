//! Whatever becomes of logins, and however much is logged, what is secret about them is nowhere but
//! where it belongs.

use serde_json::Value;
use testkit::{CLIENT_SECRET, Endpoint, Failure, IdentityProvider, Personality};

use super::{Client, SECRET, VERIFIER, parameters, text};
use crate::{
    consent_form::ConsentForm,
    oauth::{Answer, bearer, secrets::assert_silent},
};

#[tokio::test]
async fn no_secret_of_a_login_is_logged_or_answered_where_it_does_not_belong() {
    for format in ["text", "json"] {
        let provider = IdentityProvider::start(Personality::OktaCustom).await;
        let settings = [("LOG_LEVEL", "trace"), ("LOG_FORMAT", format)];
        let client = Client::at(&provider, &settings).await;
        let mut observer = Observer {
            client: &client,
            provider: &provider,
            said: String::new(),
            secrets: [SECRET, CLIENT_SECRET, VERIFIER].map(str::to_owned).into(),
        };
        observer.a_login_whose_refresh_token_is_used_again().await;
        observer.a_login_whose_code_is_used_again().await;
        observer.a_login_that_is_revoked().await;
        observer.a_login_that_the_provider_does_not_answer().await;
        observer.secrets_where_they_do_not_belong().await;

        observer.secrets.extend(provider.issued());
        for request in provider.token_requests() {
            let form = parameters(&format!("http://localhost/?{request}"));
            observer.secrets.extend(form.get("code_verifier").cloned());
        }
        observer.said.push_str(&client.server.whole_log().await);
        assert!(observer.said.len() > 10_000, "nothing was logged");
        assert!(observer.secrets.len() > 50, "{:?}", observer.secrets);
        assert_silent(&observer.said, &observer.secrets);
    }
}

/// Sees all that is said, and knows what is secret.
struct Observer<'a> {
    client: &'a Client,
    provider: &'a IdentityProvider,
    said: String,
    secrets: Vec<String>,
}

impl Observer<'_> {
    /// Keeps an answer, less the secrets that it is there to bring.
    #[track_caller]
    fn hear(&mut self, answer: &Answer, brought: &[&str]) {
        let mut said = format!("{answer:?}");
        for secret in brought {
            assert!(secret.len() > 20 && said.contains(secret), "{secret:?}");
            said = said.replace(secret, "");
            self.secrets.push((*secret).to_owned());
        }
        self.said.push_str(&said);
    }

    #[track_caller]
    fn hear_refusal(&mut self, answer: &Answer, status: u16) {
        assert_eq!(answer.status(), status, "{answer:?}");
        self.hear(answer, &[]);
    }

    #[track_caller]
    fn hear_tokens(&mut self, answer: &Answer) -> Value {
        let tokens = answer.json();
        let [access, refresh] = ["access_token", "refresh_token"].map(|name| text(&tokens, name));
        self.hear(answer, &[&access, &refresh]);
        tokens
    }

    /// Somebody logs in, as far as what the browser brings back to the client.
    async fn come_back(&mut self) -> Answer {
        let form = ConsentForm::open(&self.client.server, &self.client.address()).await;
        self.hear(&form.page, &[value(&form.cookie), &form.transaction]);
        let sent = form.agree(&self.client.server, &[]).await;
        let cookie = sent.last_cookie();
        let to = sent.header("Location").to_owned();
        let asked = parameters(&to);
        self.hear(&sent, &[value(&cookie), &asked["state"], &asked["nonce"]]);

        let back = self.provider.sign_in(&to);
        for other in ["", &*form.cookie] {
            let refused = self.client.come_back(&back, other).await;
            assert!(matches!(refused.status(), 400 | 403), "{refused:?}");
            self.hear(&refused, &[]);
        }
        let answer = self.client.come_back(&back, &cookie).await;
        let again = self.client.come_back(&back, &cookie).await;
        self.hear(&again, &[]);
        answer
    }

    async fn code(&mut self) -> String {
        let answer = self.come_back().await;
        let code = parameters(answer.header("Location"))["code"].clone();
        self.hear(&answer, &[&code]);
        code
    }

    async fn log_in(&mut self) -> Value {
        let code = self.code().await;
        let answer = self.client.redeem(&code).await;
        self.hear_tokens(&answer)
    }

    async fn refresh(&self, tokens: &Value) -> Answer {
        self.client.refresh(&text(tokens, "refresh_token")).await
    }

    async fn a_login_whose_refresh_token_is_used_again(&mut self) {
        let first = self.log_in().await;
        let second = self.refresh(&first).await;
        let second = self.hear_tokens(&second);
        let third = self.refresh(&second).await;
        let third = self.hear_tokens(&third);
        let listed = self.client.server.list(&text(&third, "access_token")).await;
        self.hear(&listed, &[]);
        let reused = self.refresh(&first).await;
        self.hear_refusal(&reused, 400);
        for tokens in [&first, &second, &third] {
            let refused = self.client.server.list(&text(tokens, "access_token")).await;
            self.hear_refusal(&refused, 401);
        }
    }

    async fn a_login_whose_code_is_used_again(&mut self) {
        let code = self.code().await;
        let redeemed = self.client.redeem(&code).await;
        self.hear_tokens(&redeemed);
        let reused = self.client.redeem(&code).await;
        self.hear_refusal(&reused, 400);
    }

    async fn a_login_that_is_revoked(&mut self) {
        let tokens = self.log_in().await;
        for name in ["access_token", "refresh_token"] {
            let revoked = self.client.revoke(&text(&tokens, name)).await;
            assert_eq!(revoked.status(), 200, "{revoked:?}");
            self.hear(&revoked, &[]);
        }
        let refused = self.refresh(&tokens).await;
        self.hear_refusal(&refused, 400);
    }

    async fn a_login_that_the_provider_does_not_answer(&mut self) {
        let tokens = self.log_in().await;
        self.provider.fail(Endpoint::Token, Failure::Html);
        self.provider.fail(Endpoint::Revocation, Failure::Html);
        let refused = self.refresh(&tokens).await;
        self.hear_refusal(&refused, 503);
        let back = self.come_back().await;
        let error = parameters(back.header("Location"));
        assert!(error.contains_key("error"), "{error:?}");
        self.hear(&back, &[]);
        let revoked = self.client.revoke(&text(&tokens, "access_token")).await;
        self.hear(&revoked, &[]);
        self.provider.recover();
    }

    /// What clients that mix things up would send.
    async fn secrets_where_they_do_not_belong(&mut self) {
        let code = self.code().await;
        let tokens = self.log_in().await;
        let [access, refresh] = ["access_token", "refresh_token"].map(|name| text(&tokens, name));
        for secret in [code, access, refresh] {
            for path in [
                format!("/oauth/token?code={secret}&refresh_token={secret}"),
                format!("/oauth/authorize?client_id={secret}&state={secret}"),
                format!("/oauth/callback?state={secret}&code={secret}"),
                format!("/mcp?access_token={secret}"),
                format!("/{secret}"),
            ] {
                let answer = self.client.server.request("GET", &path, "").await;
                self.hear(&answer, &[]);
            }
            let form = format!("grant_type={secret}&client_id={secret}&code={secret}");
            let header = bearer(&secret);
            for headers in ["", &*header] {
                for path in ["/oauth/token", "/oauth/revoke", "/oauth/authorize"] {
                    let answer = self.client.server.post_form(path, headers, &form).await;
                    self.hear(&answer, &[]);
                }
            }
            let refused = self.client.redeem(&secret).await;
            self.hear(&refused, &[]);
        }
    }
}

/// What of a cookie is secret.
fn value(cookie: &str) -> &str {
    cookie.split_once('=').map_or("", |(_, value)| value)
}
