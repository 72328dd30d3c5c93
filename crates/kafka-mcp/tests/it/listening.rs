//! `subscriptions/listen`, on a cluster that is not there.

use std::time::Duration;

use kafka_mcp::{Caller, Grant, Settings};
#[expect(deprecated, reason = "it is what clients of old send")]
use rmcp::model::{SubscribeRequest, SubscribeRequestParams};
use rmcp::{
    ServiceError,
    model::{ClientRequest, ErrorCode, ErrorData, SubscriptionFilter},
    service::{Subscription, SubscriptionEnd},
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::session::Session;

const OVERVIEW: &str = "kafka-mcp://overview";

async fn listen(session: &Session, uris: &[&str]) -> Subscription {
    let filter = SubscriptionFilter::builder()
        .tools_list_changed()
        .resources_list_changed()
        .resource_subscriptions(uris.iter().copied())
        .build();
    session.client.listen(filter).await.unwrap()
}

/// How a stream ends that tells nothing more.
async fn end(stream: &mut Subscription) -> Result<SubscriptionEnd, ErrorData> {
    let next = timeout(Duration::from_secs(10), stream.next());
    match next.await.expect("it ends") {
        Ok(None) => Ok(stream.end().unwrap().clone()),
        Ok(Some(more)) => panic!("{more:?}"),
        Err(ServiceError::McpError(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

async fn noted(session: &Session, count: usize) -> Vec<(String, String)> {
    let mut noted = session.calls.take();
    while noted.len() < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
        noted.extend(session.calls.take());
    }
    noted
}

fn note(name: &str, outcome: &str) -> (String, String) {
    (name.to_owned(), outcome.to_owned())
}

#[tokio::test]
async fn who_listens_is_told_what_they_will_hear_of() {
    let session = Session::modern(Settings::new()).await;
    let uris = [
        "kafka-mcp://nope",
        OVERVIEW,
        "kafka-mcp://consumer-lag-report?threshold=9",
    ];
    let stream = listen(&session, &uris).await;
    let accepted = SubscriptionFilter::builder()
        .resource_subscriptions(uris[1..].to_vec())
        .build();
    assert_eq!(*stream.acknowledged(), accepted);
    assert_eq!(noted(&session, 1).await, [note("opened", "2 resources")]);
}

// A stream of which nothing is accepted stays open: who wants it need not try again.
#[tokio::test]
async fn a_stream_that_has_nothing_to_tell_stays_open() {
    let session = Session::modern(Settings::new()).await;
    let mut stream = listen(&session, &[]).await;
    assert_eq!(*stream.acknowledged(), SubscriptionFilter::new());
    assert!(
        timeout(Duration::from_millis(300), stream.next())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_stream_that_is_cancelled_is_noted_as_closed() {
    let session = Session::modern(Settings::new()).await;
    let mut stream = listen(&session, &[OVERVIEW]).await;
    stream.cancel().await.unwrap();
    let expected = [note("opened", "1 resources"), note("listen", "closed")];
    assert_eq!(noted(&session, 2).await, expected);
}

#[tokio::test]
async fn a_server_that_drains_ends_its_streams_gracefully_and_no_calls() {
    let settings = Settings::new();
    let draining = settings.draining.clone();
    let session = Session::modern(settings).await;
    let mut stream = listen(&session, &[OVERVIEW]).await;
    draining.cancel();
    let SubscriptionEnd::Graceful(result) = end(&mut stream).await.unwrap() else {
        panic!("{:?}", stream.end())
    };
    assert_eq!(result.meta.subscription_id().as_ref(), Some(stream.id()));
    let expected = [
        note("opened", "1 resources"),
        note("listen", "shutting_down"),
    ];
    assert_eq!(noted(&session, 2).await, expected);
    assert!(session.client.list_all_tools().await.is_ok());
}

#[tokio::test]
async fn streams_have_a_ceiling_for_each_caller_and_for_all() {
    for (most, most_per_caller, message) in [
        (10, 1, "local has 1 streams already"),
        (1, 10, "the server keeps 1 streams open already"),
    ] {
        let mut settings = Settings::new();
        settings.max_streams = most;
        settings.max_streams_per_caller = most_per_caller;
        let session = Session::modern(settings).await;
        let mut first = listen(&session, &[OVERVIEW]).await;
        noted(&session, 1).await;
        let error = end(&mut listen(&session, &[OVERVIEW]).await)
            .await
            .unwrap_err();
        assert_eq!(error.code, ErrorCode::INVALID_REQUEST);
        assert!(error.message.starts_with(message), "{error:?}");
        assert_eq!(error.data.unwrap()["code"], "too_many_streams");
        assert_eq!(
            noted(&session, 1).await,
            [note("listen", "too_many_streams")]
        );

        first.cancel().await.unwrap();
        noted(&session, 1).await;
        let _again = listen(&session, &[OVERVIEW]).await;
        assert_eq!(noted(&session, 1).await, [note("opened", "1 resources")]);
    }
}

#[tokio::test]
async fn who_may_not_read_may_not_listen() {
    let mut settings = Settings::new();
    settings.default_caller = Caller::new("writer", vec![Grant::Write]);
    let session = Session::modern(settings).await;
    let error = end(&mut listen(&session, &[OVERVIEW]).await)
        .await
        .unwrap_err();
    assert_eq!(error.data.unwrap()["code"], "access_denied");
    assert_eq!(session.calls.take(), [note("listen", "access_denied")]);
}

fn capabilities(session: &Session) -> Value {
    json!(session.client.peer_info().unwrap().capabilities)
}

#[tokio::test]
async fn clients_of_old_are_promised_no_subscriptions() {
    let modern = Session::modern(Settings::new()).await;
    assert_eq!(
        capabilities(&modern)["resources"],
        json!({"subscribe": true})
    );

    let old = Session::start(Settings::new()).await;
    assert_eq!(capabilities(&old)["resources"], json!({}));
    #[expect(deprecated, reason = "it is what clients of old send")]
    let subscribe = ClientRequest::SubscribeRequest(SubscribeRequest::new(
        SubscribeRequestParams::new(OVERVIEW),
    ));
    let filter = SubscriptionFilter::builder().resource_subscription(OVERVIEW);
    let errors = [
        old.client
            .send_request(subscribe)
            .await
            .map(|_| ())
            .unwrap_err(),
        old.client
            .listen(filter.build())
            .await
            .map(|_| ())
            .unwrap_err(),
    ];
    for error in errors {
        let ServiceError::McpError(error) = error else {
            panic!("{error}")
        };
        assert_eq!(error.code, ErrorCode::METHOD_NOT_FOUND);
    }
}
