use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::FutureExt as _;
use rmcp::model::SubscriptionFilter;
use tokio::time::{Instant, sleep, timeout};

use super::{
    acceptable, check,
    poller::Poller,
    sight::Sight,
    watched::{Watch, Watched},
};
use crate::{Caller, caller::Identity, failure::Code, resources::ResourceUri};

const OVERVIEW: &str = "kafka-mcp://overview";
const HEALTH: &str = "kafka-mcp://health-check";
const LAG: &str = "kafka-mcp://consumer-lag-report";
const LAG_ABOVE_5: &str = "kafka-mcp://consumer-lag-report?threshold=5";

const INTERVAL: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_secs(60);

/// A cluster whose resources show numbers.
#[derive(Default)]
struct Cluster {
    sights: Mutex<HashMap<ResourceUri, Sight>>,
    looks: Mutex<Vec<(ResourceUri, Instant)>>,
    answers_after: Duration,
}

impl Cluster {
    fn show(&self, uri: &str, sight: Sight) {
        let resource = uri.parse::<ResourceUri>().unwrap().watched_as().unwrap();
        self.sights.lock().unwrap().insert(resource, sight);
    }

    async fn look(&self, resource: ResourceUri) -> Sight {
        self.looks
            .lock()
            .unwrap()
            .push((resource.clone(), Instant::now()));
        sleep(self.answers_after).await;
        let sights = self.sights.lock().unwrap();
        sights.get(&resource).copied().unwrap_or(Sight::Readable(0))
    }

    /// How often anything was looked at since the last time.
    fn looks(&self) -> usize {
        std::mem::take(&mut *self.looks.lock().unwrap()).len()
    }
}

/// Streams, and what looks for them.
struct Streams {
    watched: Watched,
    poller: Poller,
    cluster: Cluster,
}

impl Streams {
    fn new() -> Self {
        Self::on(Cluster::default())
    }

    fn on(cluster: Cluster) -> Self {
        Self {
            watched: Watched::new(10, 10),
            poller: Poller::new(INTERVAL),
            cluster,
        }
    }

    fn add(&self, uris: &[&str]) -> Watch<'_> {
        let uris: Vec<_> = uris.iter().map(|uri| (*uri).to_owned()).collect();
        self.watched.add(&alice(), &uris).unwrap()
    }

    /// One of them looks, for as long as it stays.
    async fn look_for(&self, time: Duration) {
        let look = |resource| self.cluster.look(resource);
        let looking = self.poller.run(&self.watched, look);
        assert!(timeout(time, looking).await.is_err(), "it goes on");
    }
}

/// What a stream is to tell now.
fn due(watch: &Watch<'_>) -> Vec<Arc<str>> {
    std::iter::from_fn(|| watch.changed().now_or_never()).collect()
}

#[track_caller]
fn assert_told(watch: &Watch<'_>, uris: &[&str]) {
    let told = due(watch);
    let told: Vec<&str> = told.iter().map(|uri| &**uri).collect();
    assert_eq!(told, uris);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_while_nothing_changes() {
    let streams = Streams::new();
    let watch = streams.add(&[OVERVIEW, LAG]);
    streams.look_for(LONG).await;
    assert!(streams.cluster.looks() > 20);
    assert_told(&watch, &[]);
}

#[tokio::test(start_paused = true)]
async fn a_change_is_told_to_who_watches_by_the_uri_that_they_gave() {
    let streams = Streams::new();
    let [overview, lag, both] =
        [&[OVERVIEW][..], &[LAG, LAG_ABOVE_5], &[LAG, OVERVIEW]].map(|uris| streams.add(uris));
    streams.look_for(INTERVAL / 2).await;

    streams.cluster.show(LAG, Sight::Readable(1));
    streams.look_for(INTERVAL).await;
    assert_told(&overview, &[]);
    assert_told(&lag, &[LAG, LAG_ABOVE_5]);
    assert_told(&both, &[LAG]);
    streams.look_for(LONG).await;
    assert_told(&both, &[]);
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_cannot_be_read_any_more_has_changed_and_so_has_one_that_can_again() {
    let streams = Streams::new();
    let watch = streams.add(&[HEALTH]);
    streams.look_for(INTERVAL / 2).await;
    for sight in [Sight::Unreadable, Sight::Readable(0)] {
        streams.cluster.show(HEALTH, sight);
        streams.look_for(INTERVAL).await;
        assert_told(&watch, &[HEALTH]);
        streams.look_for(INTERVAL * 3).await;
        assert_told(&watch, &[]);
    }
}

#[tokio::test(start_paused = true)]
async fn each_resource_is_measured_once_in_a_round_however_many_watch_it() {
    let streams = Streams::new();
    let _watches = [
        streams.add(&[OVERVIEW, LAG]),
        streams.add(&[OVERVIEW, LAG_ABOVE_5]),
        streams.add(&[OVERVIEW]),
    ];
    let another = async {
        let look = |resource| streams.cluster.look(resource);
        timeout(LONG, streams.poller.run(&streams.watched, look)).await
    };
    let (_, _) = tokio::join!(streams.look_for(INTERVAL / 2), another.map(|_| ()));
    streams.cluster.looks();
    streams.look_for(INTERVAL).await;
    assert_eq!(streams.cluster.looks(), 2);
}

#[tokio::test(start_paused = true)]
async fn when_who_looks_leaves_another_one_takes_over_where_it_was() {
    let streams = Streams::new();
    let first = streams.add(&[OVERVIEW]);
    let second = streams.add(&[OVERVIEW]);
    let leaving = async {
        streams.look_for(INTERVAL / 2).await;
        drop(first);
        streams.cluster.show(OVERVIEW, Sight::Readable(1));
    };
    tokio::join!(leaving, streams.look_for(INTERVAL * 2));
    assert_told(&second, &[OVERVIEW]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_watches_is_not_looked_at_and_forgotten() {
    let streams = Streams::new();
    let watch = streams.add(&[OVERVIEW, HEALTH]);
    let other = streams.add(&[HEALTH]);
    streams.look_for(INTERVAL / 2).await;
    drop(watch);
    streams.cluster.looks();
    streams.look_for(INTERVAL).await;
    assert_eq!(streams.cluster.looks(), 1);
    drop(other);
    streams.look_for(LONG).await;
    assert_eq!(streams.cluster.looks(), 0);

    // What changes while nobody watches is no news to who comes then.
    streams.cluster.show(HEALTH, Sight::Readable(1));
    let late = streams.add(&[HEALTH]);
    streams.look_for(INTERVAL * 2).await;
    assert_told(&late, &[]);
}

#[tokio::test(start_paused = true)]
async fn a_new_resource_is_looked_at_at_once() {
    let streams = Streams::new();
    let _first = streams.add(&[OVERVIEW]);
    let newcomer = async {
        sleep(Duration::from_secs(1)).await;
        let watch = streams.add(&[HEALTH]);
        sleep(Duration::from_millis(1)).await;
        streams.cluster.show(HEALTH, Sight::Readable(1));
        watch
    };
    let (watch, ()) = tokio::join!(newcomer, streams.look_for(INTERVAL * 2));
    assert_told(&watch, &[HEALTH]);
}

#[tokio::test(start_paused = true)]
async fn what_changes_again_before_it_was_told_is_told_once() {
    let streams = Streams::new();
    let watch = streams.add(&[OVERVIEW]);
    streams.look_for(INTERVAL / 2).await;
    for number in 1..10 {
        streams.cluster.show(OVERVIEW, Sight::Readable(number));
        streams.look_for(INTERVAL).await;
    }
    assert_told(&watch, &[OVERVIEW]);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_slow_is_asked_less_often() {
    let answers_after = Duration::from_secs(15);
    let streams = Streams::on(Cluster {
        answers_after,
        ..Cluster::default()
    });
    let _watch = streams.add(&[OVERVIEW]);
    streams.look_for((INTERVAL + answers_after) * 10).await;
    assert!(streams.cluster.looks() <= 11);
}

#[tokio::test(start_paused = true)]
async fn rounds_are_a_second_apart_at_least() {
    let poller = Poller::new(Duration::ZERO);
    let streams = Streams::new();
    let _watch = streams.add(&[OVERVIEW]);
    let look = |resource| streams.cluster.look(resource);
    let _ = timeout(LONG, poller.run(&streams.watched, look)).await;
    assert!(streams.cluster.looks() <= 62);
}

#[test]
fn there_is_room_for_so_many_resources() {
    let watched = Watched::new(1, 1);
    let add = |uri: &str| watched.add(&alice(), &[uri.to_owned()]);
    let first = add(LAG).unwrap();
    assert!(add(LAG_ABOVE_5).is_ok(), "it is measured anyway");
    let refusal = add(OVERVIEW).unwrap_err();
    assert_eq!(refusal.code(), Code::TooManyStreams);
    drop(first);
    assert!(add(OVERVIEW).is_ok());
}

#[test]
fn a_caller_has_a_share_of_the_room() {
    let watched = Watched::new(10, 2);
    let add = |caller: &str, uris: &[&str]| {
        let uris: Vec<_> = uris.iter().map(|uri| (*uri).to_owned()).collect();
        watched.add(&named(caller), &uris)
    };
    let _first = add("alice", &[OVERVIEW, LAG]).unwrap();
    assert!(add("alice", &[OVERVIEW, LAG_ABOVE_5]).is_ok(), "the same");
    let refusal = add("alice", &[HEALTH]).unwrap_err();
    assert_eq!(refusal.code(), Code::TooManyStreams);
    assert!(add("bob", &[HEALTH, LAG]).is_ok());
    assert!(add("carol", &[HEALTH, LAG, OVERVIEW]).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_new_resource_does_not_wait_for_a_round_that_takes_long() {
    let streams = Streams::on(Cluster {
        answers_after: LONG,
        ..Cluster::default()
    });
    let _first = streams.add(&[OVERVIEW]);
    let newcomer = async {
        sleep(Duration::from_secs(1)).await;
        streams.cluster.looks();
        let watch = streams.add(&[HEALTH]);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(streams.cluster.looks(), 1);
        watch
    };
    let (_watch, ()) = tokio::join!(newcomer, streams.look_for(INTERVAL));
}

/// It may have changed since it was accepted.
#[tokio::test(start_paused = true)]
async fn what_is_seen_late_for_the_first_time_is_told() {
    let streams = Streams::on(Cluster {
        answers_after: Duration::from_secs(3),
        ..Cluster::default()
    });
    let watch = streams.add(&[OVERVIEW]);
    streams.look_for(INTERVAL).await;
    assert_told(&watch, &[OVERVIEW]);
    streams.look_for(LONG).await;
    assert_told(&watch, &[]);
}

#[test]
fn a_uri_that_is_named_often_is_told_once() {
    let watched = Watched::new(10, 10);
    let uris = vec![OVERVIEW.to_owned(); 1_000];
    let watch = watched.add(&alice(), &uris).unwrap();
    let resource: ResourceUri = OVERVIEW.parse().unwrap();
    watched.saw(&resource, Sight::Readable(1));
    watched.saw(&resource, Sight::Readable(2));
    assert_told(&watch, &[OVERVIEW]);
}

#[test]
fn a_filter_that_names_far_too_much_is_refused() {
    let filter = |uri: &str, times: usize| {
        let builder = SubscriptionFilter::builder();
        let uris = std::iter::repeat_n(uri, times);
        builder.resource_subscriptions(uris).build()
    };
    assert!(check(&filter(OVERVIEW, 100)).is_ok());
    for (uri, times) in [(OVERVIEW, 180_000), (&*"x".repeat(4_000_000), 1)] {
        let refusal = check(&filter(uri, times)).unwrap_err();
        assert_eq!(refusal.code(), Code::InvalidArgument);
    }
}

fn named(name: &str) -> Identity {
    Caller::new(name, Vec::new()).identity()
}

fn alice() -> Identity {
    named("alice")
}

fn accepted(uris: &[&str]) -> Option<Vec<String>> {
    let builder = SubscriptionFilter::builder();
    let requested = builder.resource_subscriptions(uris.iter().copied()).build();
    requested
        .intersection(&acceptable(&requested))
        .resource_subscriptions
}

#[test]
fn what_is_no_resource_is_not_accepted() {
    let mixed = [
        "kafka-mcp://nope",
        OVERVIEW,
        "",
        "kafka-mcp://overview?x=1",
        LAG_ABOVE_5,
    ];
    assert_eq!(accepted(&mixed).unwrap(), [OVERVIEW, LAG_ABOVE_5]);
    assert_eq!(accepted(&["https://example.com"]), None);
    assert_eq!(accepted(&[]), None);
}

#[test]
fn lists_that_never_change_are_not_accepted() {
    let requested = SubscriptionFilter::builder()
        .tools_list_changed()
        .prompts_list_changed()
        .resources_list_changed()
        .build();
    let accepted = requested.intersection(&acceptable(&requested));
    assert_eq!(accepted, SubscriptionFilter::new());
}

#[test]
fn a_stream_watches_the_first_resources_of_many() {
    let uris: Vec<_> = (0..100).map(|n| format!("{LAG}?threshold={n}")).collect();
    let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
    assert_eq!(accepted(&uris).unwrap(), uris[..32]);
}
