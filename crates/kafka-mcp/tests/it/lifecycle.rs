//! How calls end that a broker keeps waiting.

use std::time::Duration;

use kafka_mcp::Settings;
use rmcp::{
    model::{CallToolRequest, ClientRequest},
    service::PeerRequestOptions,
};
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};

use crate::session::{Session, request};

/// A broker that takes connections and says nothing.
struct SilentBroker(TcpListener);

impl SilentBroker {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    async fn session(&self, settings: Settings) -> Session {
        Session::start_with(settings, &self.0.local_addr().unwrap().to_string()).await
    }

    /// Waits until a call has reached it.
    async fn reached(&self) -> TcpStream {
        self.0.accept().await.unwrap().0
    }
}

#[tokio::test]
async fn a_silent_broker_is_a_retriable_timeout() {
    let broker = SilentBroker::start().await;
    let mut settings = Settings::new();
    settings.timeout = Duration::from_millis(500);
    let session = broker.session(settings).await;
    let started = Instant::now();
    let failure = session.failure("cluster_overview", json!({})).await;
    assert!(started.elapsed() < Duration::from_secs(3));
    let code = failure["code"].as_str().unwrap();
    assert!(
        ["timeout", "kafka_unavailable"].contains(&code),
        "{failure}"
    );
    assert_eq!(failure["retriable"], true);
}

#[tokio::test]
async fn a_shutdown_ends_the_calls_in_flight() {
    let broker = SilentBroker::start().await;
    let settings = Settings::new();
    let shutdown = settings.shutdown.clone();
    let session = broker.session(settings).await;
    let stop = async {
        let connection = broker.reached().await;
        shutdown.cancel();
        connection
    };
    let (failure, _connection) = tokio::join!(session.failure("list_topics", json!({})), stop);
    assert_eq!(failure["code"], "shutting_down");
    let outcome = ("list_topics".to_owned(), "shutting_down".to_owned());
    assert_eq!(session.calls.take(), [outcome]);
}

#[tokio::test]
async fn a_cancelled_call_ends_at_once_and_is_reported() {
    let broker = SilentBroker::start().await;
    for tool in ["cluster_overview", "consume_messages"] {
        let session = broker.session(Settings::new()).await;
        let arguments = if tool == "consume_messages" {
            json!({"topics": "a"})
        } else {
            json!({})
        };
        let call = ClientRequest::CallToolRequest(CallToolRequest::new(request(tool, arguments)));
        let options = PeerRequestOptions::no_options();
        let handle = session
            .client
            .send_cancellable_request(call, options)
            .await
            .unwrap();
        let _connection = broker.reached().await;
        let started = Instant::now();
        handle.cancel(None).await.unwrap();
        let calls = loop {
            let calls = session.calls.take();
            if !calls.is_empty() {
                break calls;
            }
            assert!(started.elapsed() < Duration::from_secs(2), "{tool} goes on");
            sleep(Duration::from_millis(5)).await;
        };
        assert_eq!(calls, [(tool.to_owned(), "cancelled".to_owned())]);
    }
}

#[tokio::test]
async fn a_call_that_takes_long_reports_its_progress() {
    let broker = SilentBroker::start().await;
    let mut settings = Settings::new();
    settings.timeout = Duration::from_millis(2_500);
    let session = broker.session(settings).await;
    session.failure("cluster_overview", json!({})).await;
    assert_eq!(session.client.service().progress(), [2.0]);
}
