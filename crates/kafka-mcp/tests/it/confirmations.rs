//! Writes are confirmed by whoever uses the client, where that is possible.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;
use kafka_fake::{Api, Cluster};
use kafka_mcp::{Caller, Clock, ConfirmWrites, Grant, Settings, StateKey};
use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, ErrorData, RoleClient, ServiceError,
    model::{
        CallToolResponse, CallToolResult, ClientCapabilities, ClientConfig, ElicitRequestParams,
        ElicitResult, ElicitationAction, ElicitationCapability, ErrorCode,
        FormElicitationCapability, Implementation, InputRequest, InputRequiredResult,
        InputResponses, ProtocolVersion, UrlElicitationCapability,
    },
    service::{RequestContext, RunningService},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::session::{Calls, request, serve, structure};

/// A client with somebody in front of it, who is asked and gives the same answer always.
#[derive(Debug)]
struct Person {
    capability: Option<ElicitationCapability>,
    answer: ElicitationAction,
    questions: Mutex<Vec<String>>,
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let mut can = ClientCapabilities::default();
        can.elicitation = self.capability.clone();
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
        self.questions.lock().unwrap().push(message);
        Ok(ElicitResult::new(self.answer.clone()))
    }
}

/// A clock that stands until it is moved.
#[derive(Debug, Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// A cluster with one topic, a server for it, and a client.
struct Desk {
    cluster: Arc<Cluster>,
    client: RunningService<RoleClient, Person>,
    calls: Arc<Calls>,
    _server: JoinSet<()>,
}

impl Desk {
    async fn open(answer: ElicitationAction) -> Self {
        Self::open_with(answer, Settings::new()).await
    }

    async fn open_with(answer: ElicitationAction, settings: Settings) -> Self {
        let form = ElicitationCapability::new().with_form(FormElicitationCapability::new());
        Self::of(cluster().await, settings, answer, Some(form), MODERN).await
    }

    async fn of(
        cluster: Arc<Cluster>,
        settings: Settings,
        answer: ElicitationAction,
        capability: Option<ElicitationCapability>,
        lifecycle: fn() -> ClientLifecycleMode,
    ) -> Self {
        let (near, calls, server) = serve(settings, &cluster.bootstrap_servers());
        let person = Person {
            capability,
            answer,
            questions: Mutex::default(),
        };
        let client = person
            .serve_with_lifecycle(near, lifecycle())
            .await
            .unwrap();
        Self {
            cluster,
            client,
            calls,
            _server: server,
        }
    }

    /// Calls a tool as clients do, which put the question to the person.
    async fn call(&self, arguments: Value) -> CallToolResult {
        let request = request("produce_message", arguments);
        self.client.call_tool(request).await.unwrap()
    }

    /// One round.
    async fn round(
        &self,
        arguments: Value,
        state: Option<&str>,
        responses: Option<Value>,
    ) -> Result<CallToolResponse, ServiceError> {
        let mut request = request("produce_message", arguments);
        request.request_state = state.map(str::to_owned);
        request.input_responses = responses.map(|map| {
            let map = map.as_object().unwrap().clone();
            map.into_iter().collect::<InputResponses>()
        });
        self.client.peer().call_tool_once(request).await
    }

    /// The state of a first round.
    async fn state(&self, arguments: Value) -> String {
        asked(self.round(arguments, None, None).await)
            .request_state
            .unwrap()
    }

    fn questions(&self) -> Vec<String> {
        self.client.service().questions.lock().unwrap().clone()
    }

    /// How many writes have reached the cluster.
    fn writes(&self) -> u64 {
        self.cluster.request_count(Api::Produce)
    }

    fn outcomes(&self) -> Vec<String> {
        let calls = self.calls.take().into_iter();
        calls.map(|(_, outcome)| outcome).collect()
    }
}

const MODERN: fn() -> ClientLifecycleMode = || ClientLifecycleMode::Discover {
    preferred_versions: vec![ProtocolVersion::V_2026_07_28],
};

async fn cluster() -> Arc<Cluster> {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    Arc::new(cluster)
}

fn order() -> Value {
    json!({"topic": "orders", "key": "order-1", "value": "four apples"})
}

fn accept() -> Option<Value> {
    Some(json!({"confirm": {"action": "accept", "content": {}}}))
}

#[track_caller]
fn asked(response: Result<CallToolResponse, ServiceError>) -> InputRequiredResult {
    match response {
        Ok(CallToolResponse::InputRequired(question)) => question,
        other => panic!("a question: {other:?}"),
    }
}

#[track_caller]
fn failed(response: Result<CallToolResponse, ServiceError>) -> Value {
    match response {
        Ok(CallToolResponse::Complete(result)) if result.is_error == Some(true) => {
            structure(&result)
        }
        other => panic!("a failure: {other:?}"),
    }
}

/// Checks that a state was refused as one that this server did not give.
#[track_caller]
fn assert_refused(response: Result<CallToolResponse, ServiceError>) {
    let Err(ServiceError::McpError(error)) = response else {
        panic!("an error of the protocol: {response:?}")
    };
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{error:?}");
    let data = error.data.unwrap();
    assert_eq!(data["code"], "invalid_request_state");
    let hint = data["hint"].as_str().unwrap();
    assert!(hint.contains("again without requestState"), "{hint}");
}

#[tokio::test]
async fn a_write_that_is_accepted_is_done_once() {
    let desk = Desk::open(ElicitationAction::Accept).await;
    let result = desk.call(order()).await;
    assert_eq!(structure(&result)["written"], 1);
    assert_eq!(desk.writes(), 1);
    let [question] = desk.questions().try_into().unwrap();
    assert!(
        question.contains("1 record to the Kafka topic orders"),
        "{question}"
    );
    assert!(question.contains("four apples"), "{question}");
    assert_eq!(desk.outcomes(), ["input_required", "ok"]);
}

#[tokio::test]
async fn a_write_that_is_declined_or_dismissed_is_not_done() {
    for (answer, said) in [
        (ElicitationAction::Decline, "declined"),
        (ElicitationAction::Cancel, "dismissed the question"),
    ] {
        let desk = Desk::open(answer).await;
        let result = desk.call(order()).await;
        assert_eq!(result.is_error, Some(true));
        let failure = structure(&result);
        assert_eq!(failure["code"], "declined");
        let message = failure["message"].as_str().unwrap();
        assert!(message.starts_with("nothing was written"), "{message}");
        assert!(message.ends_with(said), "{message}");
        assert_eq!(desk.writes(), 0);
        assert_eq!(desk.outcomes(), ["input_required", "declined"]);
    }
}

#[tokio::test]
async fn the_question_is_one_form_that_asks_for_nothing_but_yes() {
    let desk = Desk::open(ElicitationAction::Accept).await;
    let question = asked(desk.round(order(), None, None).await);
    let requests = question.input_requests.unwrap();
    assert_eq!(requests.keys().collect::<Vec<_>>(), ["confirm"]);
    let InputRequest::Elicitation(elicitation) = &requests["confirm"] else {
        panic!("an elicitation")
    };
    let params = serde_json::to_value(&elicitation.params).unwrap();
    assert_eq!(params["mode"], "form");
    let expected = json!({"type": "object", "properties": {}});
    assert_eq!(params["requestedSchema"], expected);
    assert!(question.request_state.unwrap().len() < 200);
    assert_eq!(desk.writes(), 0);
}

#[tokio::test]
async fn nobody_is_asked_where_that_is_not_possible_or_not_wanted() {
    let form = ElicitationCapability::new().with_form(FormElicitationCapability::new());
    let url = ElicitationCapability::new().with_url(UrlElicitationCapability::new());
    let mut never = Settings::new();
    never.confirm_writes = ConfirmWrites::Never;
    let older: fn() -> ClientLifecycleMode = || ClientLifecycleMode::Initialize;
    for (settings, capability, lifecycle) in [
        (Settings::new(), None, MODERN),
        (Settings::new(), Some(url), MODERN),
        (Settings::new(), Some(form.clone()), older),
        (never, Some(form), MODERN),
    ] {
        let answer = ElicitationAction::Decline;
        let desk = Desk::of(cluster().await, settings, answer, capability, lifecycle).await;
        let result = desk.call(order()).await;
        assert_eq!(structure(&result)["written"], 1);
        assert_eq!(desk.questions(), [""; 0]);
        assert_eq!(desk.outcomes(), ["ok"]);
    }
}

#[tokio::test]
async fn an_empty_capability_means_forms() {
    let empty = Some(ElicitationCapability::new());
    let answer = ElicitationAction::Accept;
    let desk = Desk::of(cluster().await, Settings::new(), answer, empty, MODERN).await;
    desk.call(order()).await;
    assert_eq!(desk.questions().len(), 1);
}

#[tokio::test]
async fn what_would_be_refused_anyway_is_refused_without_asking() {
    let mut settings = Settings::new();
    settings.access.topics = kafka_mcp::NamePatterns::new(&[], &["secret".to_owned()]).unwrap();
    let desk = Desk::open_with(ElicitationAction::Accept, settings).await;
    for (arguments, code) in [
        (json!({"topic": "secret", "value": "x"}), "access_denied"),
        (json!({"topic": "orders"}), "invalid_argument"),
        (json!({"topic": "orders", "valeu": "x"}), "unknown_argument"),
    ] {
        let result = desk.call(arguments).await;
        assert_eq!(structure(&result)["code"], code);
    }
    assert_eq!(desk.questions(), [""; 0]);
}

#[tokio::test]
async fn an_answer_is_good_once() {
    let desk = Desk::open(ElicitationAction::Accept).await;
    let state = desk.state(order()).await;
    let first = desk.round(order(), Some(&state), accept()).await;
    assert!(
        matches!(first, Ok(CallToolResponse::Complete(_))),
        "{first:?}"
    );
    let again = failed(desk.round(order(), Some(&state), accept()).await);
    assert_eq!(again["code"], "confirmation_used");
    assert!(again["hint"].as_str().unwrap().contains("consume_messages"));
    assert_eq!(desk.writes(), 1);
    // Whoever declined cannot be said to have accepted.
    let state = desk.state(order()).await;
    let decline = Some(json!({"confirm": {"action": "decline"}}));
    let declined = failed(desk.round(order(), Some(&state), decline).await);
    assert_eq!(declined["code"], "declined");
    let accepted = failed(desk.round(order(), Some(&state), accept()).await);
    assert_eq!(accepted["code"], "confirmation_used");
    assert_eq!(desk.writes(), 1);
}

#[tokio::test]
async fn of_two_retries_at_once_one_writes() {
    let desk = Desk::open(ElicitationAction::Accept).await;
    let state = desk.state(order()).await;
    let retry = || desk.round(order(), Some(&state), accept());
    let (one, other) = tokio::join!(retry(), retry());
    let written = [one, other].into_iter().filter(|response| {
        matches!(response, Ok(CallToolResponse::Complete(done)) if done.is_error != Some(true))
    });
    assert_eq!(written.count(), 1);
    assert_eq!(desk.writes(), 1);
}

#[tokio::test]
async fn a_state_that_is_not_of_this_call_is_refused() {
    let desk = Desk::open(ElicitationAction::Accept).await;
    let state = desk.state(order()).await;
    let tampered = format!("{state}-TAMPERED");
    let oversized = state.repeat(100);
    for forged in ["", "rs1", "rs1.AAAA.AAAA", &tampered, &oversized] {
        assert_refused(desk.round(order(), Some(forged), accept()).await);
    }
    for altered in [
        json!({"topic": "orders", "key": "order-1", "value": "five apples"}),
        json!({"topic": "orders", "key": "order-1", "value": null}),
        json!({"topic": "orders", "value": "four apples"}),
        json!({"topic": "orders", "key": "order-1", "value": "four apples", "timeout_ms": 5}),
    ] {
        assert_refused(desk.round(altered, Some(&state), accept()).await);
    }
    assert_eq!(desk.writes(), 0);
    let same = json!({"value": "four apples", "topic": "orders", "key": "order-1"});
    let done = desk.round(same, Some(&state), accept()).await;
    assert!(
        matches!(done, Ok(CallToolResponse::Complete(_))),
        "{done:?}"
    );
    assert_eq!(desk.writes(), 1);
}

#[tokio::test]
async fn the_state_of_somebody_else_or_of_another_server_is_refused() {
    let key = StateKey::new(b"9f3b1c7e5a2d4f6089ab1234cdef5678").unwrap();
    let settings = |subject: &str, key: &StateKey| {
        let mut settings = Settings::new();
        settings.state_key = key.clone();
        settings.default_caller = Caller::new(subject, vec![Grant::Write]);
        settings
    };
    let open = |settings| Desk::open_with(ElicitationAction::Accept, settings);
    let alice = open(settings("alice", &key)).await;
    let state = alice.state(order()).await;
    for foreign in [
        settings("bob", &key),
        settings("alice", &StateKey::random()),
    ] {
        let desk = open(foreign).await;
        assert_refused(desk.round(order(), Some(&state), accept()).await);
        assert_eq!(desk.writes(), 0);
    }
    // A replica may be the one that is called again.
    let replica = open(settings("alice", &key)).await;
    let done = replica.round(order(), Some(&state), accept()).await;
    assert!(
        matches!(done, Ok(CallToolResponse::Complete(_))),
        "{done:?}"
    );
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_asked_for_again() {
    let clock = Arc::new(Hands::default());
    let mut settings = Settings::new();
    settings.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    let desk = Desk::open_with(ElicitationAction::Accept, settings).await;
    let state = desk.state(order()).await;
    clock.0.store(301, Ordering::Relaxed);
    let question = asked(desk.round(order(), Some(&state), accept()).await);
    assert_eq!(desk.writes(), 0);
    // No is no at any time.
    let decline = Some(json!({"confirm": {"action": "decline"}}));
    let declined = failed(desk.round(order(), Some(&state), decline).await);
    assert_eq!(declined["code"], "declined");
    let fresh = question.request_state.unwrap();
    let done = desk.round(order(), Some(&fresh), accept()).await;
    assert!(
        matches!(done, Ok(CallToolResponse::Complete(_))),
        "{done:?}"
    );
    assert_eq!(desk.writes(), 1);
}

/// SEP-2322, error handling.
#[tokio::test]
async fn an_answer_that_is_missing_or_none_is_asked_for_again_and_others_are_ignored() {
    let desk = Desk::open(ElicitationAction::Accept).await;
    let state = desk.state(order()).await;
    for responses in [
        None,
        Some(json!({})),
        Some(json!({"wrong_key": {"action": "accept"}})),
        Some(json!({"confirm": 12345})),
        Some(json!({"confirm": {"action": "perhaps"}})),
    ] {
        asked(desk.round(order(), Some(&state), responses).await);
    }
    // Without a state, nobody was asked.
    asked(desk.round(order(), None, accept()).await);
    assert_eq!(desk.writes(), 0);
    let more = json!({
        "confirm": {"action": "accept", "content": {"more": 1}, "more": 2},
        "another": {"action": "decline"},
    });
    let done = desk.round(order(), Some(&state), Some(more)).await;
    assert!(
        matches!(done, Ok(CallToolResponse::Complete(_))),
        "{done:?}"
    );
    assert_eq!(desk.writes(), 1);
}

#[tokio::test]
async fn reads_are_not_confirmed() {
    let desk = Desk::open(ElicitationAction::Decline).await;
    let mut list = request("list_topics", json!({}));
    list.request_state = Some("anything".to_owned());
    let result = desk.client.call_tool(list).await.unwrap();
    assert_eq!(structure(&result)["total"], 1);
    assert_eq!(desk.questions(), [""; 0]);
}
