//! The server with OAuth on, and identity providers of every kind.

mod agreement;
mod differential;
mod matrix;
mod outages;
mod requests;
pub(crate) mod secrets;
mod streams;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde_json::{Value, json};
use testkit::{IdentityProvider, LoadBalancer, Server, exchange};

/// A server that asks for tokens, with a Kafka that is not there: who is let in is decided before.
#[derive(Clone)]
pub(crate) struct Protected {
    server: Arc<Server>,
    /// Where requests go.
    entrance: SocketAddr,
}

impl Protected {
    /// Starts one that trusts an identity provider.
    pub(crate) async fn by(provider: &IdentityProvider, more: &[(&str, &str)]) -> Self {
        Self::start(&provider.settings(), more).await
    }

    pub(crate) async fn start(settings: &[(&str, String)], more: &[(&str, &str)]) -> Self {
        Self::entered_by(Server::start(&with_common(settings, more)).await)
    }

    /// One that the shell sets limits to.
    #[cfg(target_os = "linux")]
    pub(crate) async fn start_within(
        limits: &str,
        settings: &[(&str, String)],
        more: &[(&str, &str)],
    ) -> Self {
        Self::entered_by(Server::start_within(limits, &with_common(settings, more)).await)
    }

    fn entered_by(server: Server) -> Self {
        Self {
            entrance: server.address(),
            server: Arc::new(server),
        }
    }

    /// The same server, with requests that go to what is in front of it.
    pub(crate) fn behind(&self, balancer: &LoadBalancer) -> Self {
        Self {
            entrance: balancer.address(),
            ..self.clone()
        }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// Asks it to stop, and waits until it has. Nobody else may have it by then.
    #[cfg(unix)]
    pub(crate) async fn stop(self) -> std::process::ExitStatus {
        let mut server = Arc::into_inner(self.server).expect("nobody else has it");
        let pid = server.pid().to_string();
        let sent = tokio::process::Command::new("kill")
            .args(["-s", "TERM", &pid])
            .status();
        assert!(sent.await.expect("kill runs").success());
        server.ended().await
    }

    /// What it has logged about all requests that were answered, where it logs them at all.
    pub(crate) async fn whole_log(&self) -> String {
        let last = self.request("GET", "/healthz", "").await;
        let last = last.header("X-Request-Id");
        self.server.logged(last).await;
        self.server.log()
    }

    /// Sends a message with these header lines.
    pub(crate) async fn post(&self, headers: &str, message: &Value) -> Answer {
        let body = message.to_string();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.entrance,
            body.len(),
        );
        Answer(exchange(self.entrance, request.as_bytes()).await)
    }

    /// Sends a form.
    pub(crate) async fn post_form(&self, path: &str, headers: &str, form: &str) -> Answer {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.post_to(path, &format!("{kind}{headers}"), form).await
    }

    /// Sends a body to any path.
    pub(crate) async fn post_to(&self, path: &str, headers: &str, body: &str) -> Answer {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\
             {headers}\r\n{body}",
            self.entrance,
            body.len(),
        );
        Answer(exchange(self.entrance, request.as_bytes()).await)
    }

    /// Sends a request without a body.
    pub(crate) async fn request(&self, method: &str, path: &str, headers: &str) -> Answer {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n",
            self.entrance
        );
        Answer(exchange(self.entrance, request.as_bytes()).await)
    }

    /// Lists the tools with a token.
    pub(crate) async fn list(&self, token: &str) -> Answer {
        self.post(&bearer(token), &message("tools/list", json!({})))
            .await
    }

    /// Calls the one tool that writes, with a token and without what it needs to write anything.
    pub(crate) async fn write(&self, token: &str) -> Answer {
        let call = json!({"name": "produce_message", "arguments": {}});
        self.post(&bearer(token), &message("tools/call", call))
            .await
    }

    /// What a token is good for.
    pub(crate) async fn verdict(&self, token: &str) -> Verdict {
        let answers = [self.list(token).await, self.write(token).await];
        match answers.each_ref().map(Answer::status) {
            [200, 200] => Verdict::Writes,
            [200, 403] => Verdict::Reads,
            [401, 401] => Verdict::Out,
            [403, 403] => Verdict::Nothing,
            [503, 503] => Verdict::Later,
            statuses => panic!("{statuses:?}: {answers:?}"),
        }
    }
}

fn with_common<'a>(
    settings: &'a [(&str, String)],
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("KAFKA_BROKERS", "127.0.0.1:1"),
        ("KAFKA_MCP_TIMEOUT", "1s"),
    ];
    all.extend(settings.iter().map(|(name, value)| (*name, &**value)));
    all.extend(more);
    all
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Whether it is any good will be seen later.
    Later,
    /// It is right, and may do nothing.
    Nothing,
    /// It is not accepted.
    Out,
    /// It may read.
    Reads,
    /// It may read and write.
    Writes,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer(String);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        let status = self
            .0
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("no status: {}", self.0))
    }

    /// The values of a header.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let head = self.0.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let values = self.headers(name);
        assert_eq!(values.len(), 1, "{name} in {}", self.0);
        values[0]
    }

    /// The cookie that was set last, without its attributes: those before are taken away.
    pub(crate) fn last_cookie(&self) -> String {
        let set = self.headers("Set-Cookie");
        let last = set.last().expect("a cookie");
        last.split(';').next().unwrap_or_default().to_owned()
    }

    pub(crate) fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.body()).unwrap_or_else(|_| panic!("no JSON: {}", self.0))
    }
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

pub(crate) fn message(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

/// How long an answer may take when a provider does not answer: its limit, and some room for a
/// machine that is busy.
pub(crate) const PROVIDER_LIMIT: Duration = Duration::from_secs(8);
