//! Streams that tell of resources that change: `subscriptions/listen`.
//!
//! Kafka tells nobody of changes, so that somebody has to look. There is no task for that: each
//! stream offers to, and whoever has the turn looks for all of them. When it ends, another one
//! takes over, and when nobody listens, nobody looks.

mod mailbox;
mod places;
mod poller;
mod sight;
mod watched;

use std::convert::Infallible;

use rmcp::{model::SubscriptionFilter, service::SubscriptionSink};

use self::{
    places::Places,
    poller::Poller,
    sight::Sight,
    watched::{Watch, Watched},
};
use crate::{
    Settings,
    call::Call,
    failure::{Code, Failure},
    resources::ResourceUri,
};

/// The streams that are open, and what they watch.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    places: Places,
    watched: Watched,
    poller: Poller,
}

impl Subscriptions {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            places: Places::new(settings.max_streams, settings.max_streams_per_caller),
            watched: Watched::new(MAX_RESOURCES, resources_per_caller(settings)),
            poller: Poller::new(settings.poll_interval),
        }
    }

    /// Tells of changes to what `sink` accepts, until the client cannot be told any more.
    ///
    /// # Errors
    ///
    /// If there are too many streams, or they watch too much.
    pub(crate) async fn tell(
        &self,
        call: &Call<'_>,
        sink: &SubscriptionSink,
    ) -> Result<(), Failure> {
        let _place = self.places.take(call.caller())?;
        let uris = sink.accepted().resource_subscriptions.as_deref();
        let caller = call.caller().identity();
        let watch = self.watched.add(&caller, uris.unwrap_or_default())?;
        call.stream_opened(watch.len());
        tokio::select! {
            () = deliver(&watch, sink) => Ok(()),
            never = self.look_for_all(call) => match never {},
        }
    }

    async fn look_for_all(&self, call: &Call<'_>) -> Infallible {
        let look = |resource| Sight::of(resource, call);
        self.poller.run(&self.watched, look).await
    }
}

/// The share of a caller is that of their streams, and enough for two that watch all they can.
fn resources_per_caller(settings: &Settings) -> usize {
    let share = MAX_RESOURCES.saturating_mul(settings.max_streams_per_caller);
    (share / settings.max_streams.max(1)).clamp(2 * MAX_URIS, MAX_RESOURCES)
}

/// Refuses a filter that names far more than a stream watches: it is kept as long as the stream.
pub(crate) fn check(requested: &SubscriptionFilter) -> Result<(), Failure> {
    let uris = requested.resource_subscriptions.iter().flatten();
    let bytes: usize = uris.map(|uri| uri.len() + size_of::<String>()).sum();
    if bytes <= MAX_FILTER_BYTES {
        return Ok(());
    }
    Err(Failure::new(
        Code::InvalidArgument,
        "resourceSubscriptions are too many, or too long",
    )
    .hint(format!("name {MAX_URIS} resources at most")))
}

/// What of a filter can be told: changes to resources that change, of which a stream watches the
/// first few. The lists stay as they are as long as the server runs.
pub(crate) fn acceptable(requested: &SubscriptionFilter) -> SubscriptionFilter {
    let mut accepted: Vec<&str> = Vec::new();
    for uri in requested.resource_subscriptions.iter().flatten() {
        let changes = |uri: &str| watched_as(uri).is_some();
        if accepted.len() < MAX_URIS && !accepted.contains(&uri.as_str()) && changes(uri) {
            accepted.push(uri);
        }
    }
    let filter = SubscriptionFilter::builder();
    filter.resource_subscriptions(accepted).build()
}

/// What is watched to see the resource of a URI change, if there is one that does.
fn watched_as(uri: &str) -> Option<ResourceUri> {
    uri.parse::<ResourceUri>().ok()?.watched_as()
}

/// Sends what is due, one message at a time: what changes again until the client has read it is
/// told once.
async fn deliver(watch: &Watch<'_>, sink: &SubscriptionSink) {
    loop {
        let uri = watch.changed().await;
        if let Err(error) = sink.notify_resource_updated(&*uri).await {
            tracing::debug!(%error, "a stream cannot be written to");
            return;
        }
    }
}

/// How many URIs a stream watches.
const MAX_URIS: usize = 32;

const MAX_FILTER_BYTES: usize = 128 * 1024;

/// How many resources all of them may watch: each is measured in each round.
const MAX_RESOURCES: usize = 256;

#[cfg(test)]
mod tests;
