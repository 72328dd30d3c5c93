//! Streams that tell of resources that change, through the server as a process.

mod limits;
mod updates;

use std::time::Duration;

use rmcp::{
    RoleClient, ServiceError,
    model::{ServerNotification, SubscriptionFilter},
    service::{RunningService, Subscription, SubscriptionEnd},
};
use testkit::{McpClient, Server};
use tokio::time::timeout;

pub(crate) const OVERVIEW: &str = "kafka-mcp://overview";

/// A client that listens.
#[derive(Debug)]
pub(crate) struct Listener {
    stream: Subscription,
    _client: Option<RunningService<RoleClient, ()>>,
}

impl Listener {
    /// Connects to a server, and listens to one resource.
    pub(crate) async fn at(server: &Server, token: Option<&str>) -> Self {
        let client = McpClient::modern_at(server, token)
            .await
            .expect("it is let in");
        let stream = Self::open(&client, &[OVERVIEW]).await.expect("a stream");
        Self {
            stream,
            _client: Some(client),
        }
    }

    /// Listens with a client that is connected.
    pub(crate) async fn with(client: &McpClient, uris: &[&str]) -> Self {
        let stream = Self::open(client.service(), uris).await.expect("a stream");
        Self {
            stream,
            _client: None,
        }
    }

    async fn open(
        client: &RunningService<RoleClient, ()>,
        uris: &[&str],
    ) -> Result<Subscription, ServiceError> {
        let filter = SubscriptionFilter::builder().resource_subscriptions(uris.iter().copied());
        let filter = filter.build();
        let stream = client.listen(filter.clone()).await?;
        assert_eq!(*stream.acknowledged(), filter);
        Ok(stream)
    }

    /// The URI of the next resource that has changed.
    pub(crate) async fn update(&mut self) -> String {
        let next = timeout(PATIENCE, self.stream.next()).await;
        match next.expect("an update").expect("a stream") {
            Some(ServerNotification::ResourceUpdatedNotification(update)) => update.params.uri,
            other => panic!("{other:?}, {:?}", self.stream.end()),
        }
    }

    /// Checks that nothing is told for a while, and that the stream is there.
    pub(crate) async fn is_silent_for(&mut self, time: Duration) {
        let next = timeout(time, self.stream.next()).await;
        assert!(next.is_err(), "{next:?}, {:?}", self.stream.end());
    }

    pub(crate) async fn goes_on(&mut self) {
        self.is_silent_for(Duration::from_millis(200)).await;
    }

    pub(crate) async fn is_cut_off_within_a_minute(&mut self) {
        let next = timeout(Duration::from_secs(60), self.stream.next()).await;
        match next.expect("within a minute") {
            Ok(None) => assert_eq!(self.stream.end(), Some(&SubscriptionEnd::Abrupt)),
            // The client may call it an error that the answer ends without a result.
            Err(ServiceError::TransportClosed) => {}
            other => panic!("{other:?}, {:?}", self.stream.end()),
        }
    }

    /// Checks that the server says that it ends the stream.
    pub(crate) async fn ends_gracefully(&mut self) {
        let next = timeout(PATIENCE, self.stream.next()).await;
        assert!(matches!(next, Ok(Ok(None))), "{next:?}");
        let end = self.stream.end();
        assert!(matches!(end, Some(SubscriptionEnd::Graceful(_))), "{end:?}");
    }

    pub(crate) async fn close(mut self) {
        self.stream.cancel().await.expect("the server is there");
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
