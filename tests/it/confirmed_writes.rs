//! Writes that somebody confirms, at servers that are processes of their own.

use std::sync::Mutex;

use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, ErrorData, RoleClient,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientConfig,
        ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationCapability,
        Implementation, ProtocolVersion,
    },
    service::{RequestContext, RunningService},
    transport::{
        StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};
use testkit::{FakeCluster, Server};

/// Somebody in front of a client, who agrees or does not.
struct Person {
    answer: ElicitationAction,
    questions: Mutex<Vec<String>>,
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let mut can = ClientCapabilities::default();
        can.elicitation = Some(ElicitationCapability::new());
        ClientConfig::new(can, Implementation::new("person", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, .. } = request else {
            panic!("a form: {request:?}")
        };
        self.questions.lock().expect("not poisoned").push(message);
        Ok(ElicitResult::new(self.answer.clone()))
    }
}

type Client = RunningService<RoleClient, Person>;

async fn connect(server: &Server, answer: ElicitationAction) -> Client {
    // The HTTP client panics without one, although nothing here is encrypted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = StreamableHttpClientTransportConfig::with_uri(server.endpoint());
    let person = Person {
        answer,
        questions: Mutex::default(),
    };
    let modern = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    let transport = StreamableHttpClientTransport::from_config(config);
    let client = person.serve_with_lifecycle(transport, modern).await;
    client.expect("an MCP server")
}

fn order() -> CallToolRequestParams {
    let arguments = json!({"topic": "orders", "value": "four apples"});
    let arguments = arguments.as_object().expect("an object").clone();
    CallToolRequestParams::new("produce_message").with_arguments(arguments)
}

fn structure(result: CallToolResult) -> Value {
    result.structured_content.expect("a structure")
}

async fn cluster() -> FakeCluster {
    let kafka = FakeCluster::start(1).await;
    kafka.cluster().create_topic("orders", 1).expect("a topic");
    kafka
}

async fn written(kafka: &FakeCluster) -> usize {
    let topic = "orders".parse().expect("a name");
    let mut request = kafka_tools::ConsumeRequest::new(vec![topic]);
    request.position = kafka_tools::Position::Earliest;
    let read = kafka.client().consume(request).await;
    read.expect("records").records.len()
}

#[tokio::test]
async fn over_http_somebody_confirms_and_the_audit_tells() {
    let kafka = cluster().await;
    let server = Server::start(&[("KAFKA_BROKERS", kafka.brokers())]).await;

    let alice = connect(&server, ElicitationAction::Accept).await;
    let result = alice.call_tool(order()).await.expect("a result");
    assert_eq!(structure(result)["written"], 1);
    let questions = alice
        .service()
        .questions
        .lock()
        .expect("not poisoned")
        .clone();
    assert_eq!(questions.len(), 1);
    assert!(questions[0].contains("four apples"), "{questions:?}");
    assert_eq!(written(&kafka).await, 1);

    let bob = connect(&server, ElicitationAction::Decline).await;
    let result = bob.call_tool(order()).await.expect("a result");
    assert_eq!(result.is_error, Some(true));
    assert_eq!(structure(result)["code"], "declined");
    assert_eq!(written(&kafka).await, 1);

    let metrics = server.get("/metrics").await;
    for (outcome, count) in [("input_required", 2), ("ok", 1), ("declined", 1)] {
        let sample = format!(
            r#"kafka_mcp_calls_total{{kind="tool",name="produce_message",outcome="{outcome}"}} {count}"#
        );
        assert!(metrics.contains(&sample), "{sample}: {metrics}");
    }
    let asked = server.logged(r#"outcome="input_required""#).await;
    assert!(asked.contains(r#"topic="orders""#), "{asked}");
    assert!(!server.log().contains("four apples"));
}

/// With a common key, any of several servers can be called again; without one, none but the first.
#[tokio::test]
async fn the_answer_may_reach_another_server_that_has_the_key() {
    let kafka = cluster().await;
    let brokers = ("KAFKA_BROKERS", kafka.brokers());
    let key = ("KAFKA_MCP_STATE_KEY", "9f3b1c7e5a2d4f6089ab1234cdef5678");
    for (settings, is_common) in [(vec![brokers, key], true), (vec![brokers], false)] {
        let before = written(&kafka).await;
        let [one, other] = [
            Server::start(&settings).await,
            Server::start(&settings).await,
        ];
        let first = connect(&one, ElicitationAction::Accept).await;
        let second = connect(&other, ElicitationAction::Accept).await;

        let asked = first.peer().call_tool_once(order()).await;
        let Ok(CallToolResponse::InputRequired(question)) = asked else {
            panic!("a question: {asked:?}")
        };
        let mut retry = order();
        retry.request_state = question.request_state;
        let accept = json!({"action": "accept"});
        retry.input_responses = Some([("confirm".to_owned(), accept)].into());
        let answered = second.peer().call_tool_once(retry).await;

        let is_done = matches!(answered, Ok(CallToolResponse::Complete(_)));
        assert_eq!(is_done, is_common, "{answered:?}");
        let after = written(&kafka).await;
        assert_eq!(after - before, usize::from(is_common));
        if let Err(error) = answered {
            let error = error.to_string();
            assert!(error.contains("common KAFKA_MCP_STATE_KEY"), "{error}");
        }
    }
}

#[tokio::test]
async fn nobody_is_asked_with_never() {
    let kafka = cluster().await;
    let settings = [
        ("KAFKA_BROKERS", kafka.brokers()),
        ("KAFKA_MCP_CONFIRM_WRITES", "never"),
    ];
    let server = Server::start(&settings).await;
    let client = connect(&server, ElicitationAction::Decline).await;
    let result = client.call_tool(order()).await.expect("a result");
    assert_eq!(structure(result)["written"], 1);
}
