//! Clients that no longer want the answer.

use std::time::Duration;

use kafka_fake::{Api, Fault, FaultRule};
use rmcp::{
    model::{CallToolRequest, CallToolRequestParams, ClientRequest},
    service::PeerRequestOptions,
};
use serde_json::{Value, json};
use testkit::{FakeCluster, McpClient, Server, Transport, eventually};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use crate::faults_on_command::filled;

#[tokio::test]
async fn a_client_that_goes_away_stops_the_work_on_kafka_within_a_tenth_of_a_second() {
    let kafka = FakeCluster::start(1).await;
    let settings = [("KAFKA_BROKERS", kafka.brokers())];
    let server = Server::start(&settings).await;
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "consume_messages", "arguments": waiting(&kafka).await},
    })
    .to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nAccept: application/json, text/event-stream\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.address(),
        body.len()
    );
    let mut connection = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    connection
        .write_all(request.as_bytes())
        .await
        .expect("sent");
    is_under_way(&kafka).await;
    drop(connection);
    is_over(&kafka).await;
}

#[tokio::test]
async fn a_cancelled_call_stops_the_work_on_kafka_within_a_tenth_of_a_second() {
    let kafka = FakeCluster::start(1).await;
    let settings = [("KAFKA_BROKERS", kafka.brokers())];
    let client = McpClient::connect(Transport::Stdio, &settings).await;
    let Value::Object(arguments) = waiting(&kafka).await else {
        panic!("an object")
    };
    let params = CallToolRequestParams::new("consume_messages").with_arguments(arguments);
    let call = ClientRequest::CallToolRequest(CallToolRequest::new(params));
    let options = PeerRequestOptions::no_options();
    let handle = client
        .service()
        .send_cancellable_request(call, options)
        .await
        .expect("sent");
    is_under_way(&kafka).await;
    handle.cancel(None).await.expect("sent");
    is_over(&kafka).await;
    // The conversation goes on.
    client.result("list_topics", json!({})).await;
}

#[tokio::test]
async fn a_wait_for_an_answer_that_never_comes_can_be_cancelled() {
    let kafka = FakeCluster::start(1).await;
    let topic = filled(&kafka, 1).await;
    let settings = [("KAFKA_BROKERS", kafka.brokers())];
    let client = McpClient::connect(Transport::Stdio, &settings).await;
    let stalled = FaultRule::new(Fault::Stall(7)).api(Api::Fetch);
    kafka.cluster().inject(stalled);
    let Value::Object(arguments) = json!({"topics": [topic.as_str()], "position": "earliest"})
    else {
        panic!("an object")
    };
    let params = CallToolRequestParams::new("consume_messages").with_arguments(arguments);
    let call = ClientRequest::CallToolRequest(CallToolRequest::new(params));
    let options = PeerRequestOptions::no_options();
    let sent = client.service().send_cancellable_request(call, options);
    let handle = sent.await.expect("sent");
    is_under_way(&kafka).await;
    handle.cancel(None).await.expect("sent");
    kafka.cluster().clear_faults();
    let read = json!({"topics": [topic.as_str()], "position": "earliest"});
    let answer = eventually("a read", || async {
        let result = client.call("consume_messages", read.clone()).await.ok()?;
        result
            .structured_content
            .filter(|_| result.is_error != Some(true))
    });
    assert_eq!(answer.await["messages"].as_array().map(Vec::len), Some(10));
}

/// Arguments of a call that waits for records which never come.
async fn waiting(kafka: &FakeCluster) -> Value {
    let topic = kafka.topic(1).await;
    json!({"topics": [topic.as_str()], "position": "latest", "wait_ms": 8_000})
}

async fn is_under_way(kafka: &FakeCluster) {
    eventually("a fetch", || async {
        (kafka.cluster().request_count(Api::Fetch) > 0).then_some(())
    })
    .await;
}

/// A tenth of a second from now on there are no more requests. A fetch waits half a second for
/// records, so in the time that is looked at there would be several.
async fn is_over(kafka: &FakeCluster) {
    sleep(Duration::from_millis(100)).await;
    let before = kafka.cluster().request_count(Api::Fetch);
    sleep(Duration::from_millis(2_000)).await;
    assert_eq!(kafka.cluster().request_count(Api::Fetch), before);
}
