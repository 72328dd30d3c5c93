//! The cluster that the questions are about: a shop, with some things that are not as they should be.

use std::sync::Arc;

use jiff::Timestamp;
use kafka_fake::{Cluster, GroupMember, GroupProtocol, Record};
use kafka_mcp::{Clock, KafkaMcp, Settings};
use kafka_tools::{Client, KafkaConfig};
use rmcp::{RoleClient, ServiceExt, model::CallToolRequestParams, service::RunningService};
use serde_json::json;
use testkit::eventually;
use tokio::task::JoinSet;

pub(super) struct World {
    cluster: Cluster,
    client: RunningService<RoleClient, ()>,
    _server: JoinSet<()>,
}

impl World {
    pub(super) async fn start() -> Self {
        let cluster = Cluster::builder().nodes(3).cluster_id("shop").clock(|| NOW);
        let cluster = cluster.start().await.expect("ports");
        fill(&cluster).expect("a world");
        let brokers = cluster.bootstrap_servers();
        let brokers = brokers
            .split(',')
            .map(|broker| broker.parse().expect("an address"));
        let client = Client::new(KafkaConfig::new(brokers.collect())).expect("a client");
        let mut settings = Settings::new();
        settings.clock = Arc::new(Still);
        let (near, far) = tokio::io::duplex(64 * 1024);
        let mut server = JoinSet::new();
        server.spawn(async move {
            let running = KafkaMcp::new(client, settings).serve(far).await;
            let _ = running.expect("a server").waiting().await;
        });
        Self {
            cluster,
            client: ().serve(near).await.expect("a server of MCP"),
            _server: server,
        }
    }

    pub(super) fn client(&self) -> &RunningService<RoleClient, ()> {
        &self.client
    }

    /// A text in which every broker has a port of five digits, the same in every run.
    pub(super) fn with_common_ports(&self, text: &str) -> String {
        let brokers = self.cluster.bootstrap_servers();
        let ports = brokers
            .split(',')
            .filter_map(|broker| broker.rsplit_once(':'));
        ports.fold(text.to_owned(), |text, (_, port)| {
            text.replace(port, "19092")
        })
    }

    /// Broker 3 goes away, with its replicas, and the server has noticed.
    pub(super) async fn lose_a_broker(&self) {
        self.cluster.stop_node(3).await.expect("it was there");
        eventually("a broker less", || async {
            let request = CallToolRequestParams::new("cluster_overview");
            let overview = self.client.call_tool(request).await.ok()?;
            let is_missing = overview.structured_content?["offline_broker_ids"] == json!([3]);
            is_missing.then_some(())
        })
        .await;
    }

    pub(super) async fn shutdown(self) {
        let _ = self.client.cancel().await;
        self.cluster.shutdown().await;
    }
}

/// The clock of the server stands still, so that results are as long in every run.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(NOW).expect("a time")
    }
}

fn fill(cluster: &Cluster) -> Result<(), kafka_fake::Error> {
    // An hour is shorter than some of its readers rest.
    cluster.create_topic_with("orders", 6, &[("retention.ms", "3600000")])?;
    cluster.create_topic_with("payments", 3, &[("min.insync.replicas", "2")])?;
    cluster.create_topic_with("customers", 1, &[("cleanup.policy", "compact")])?;
    // Who writes has a clock of their own.
    let any_time = [("message.timestamp.after.max.ms", "9223372036854775807")];
    cluster.create_topic_with("shipments", 3, &any_time)?;
    for (topic, partitions) in [("dead-letters", 1), ("web-clicks", 12)] {
        cluster.create_topic(topic, partitions)?;
    }
    for number in 0..ORDERS {
        let partition = i32::try_from(number % 6).unwrap_or_default();
        cluster.append("orders", partition, [order(number)])?;
    }
    for (number, status) in [(1, "paid"), (2, "charged twice"), (3, "paid")] {
        let mut transaction = cluster.begin_transaction();
        let value = format!(r#"{{"order":{number},"status":"{status}"}}"#);
        let payment = Record::new(value)
            .key(number.to_string())
            .timestamp(minutes_ago(5));
        transaction.append("payments", 0, [payment])?;
        match status {
            "paid" => transaction.commit()?,
            _ => transaction.abort()?,
        }
    }
    for (key, value) in [("c-1", "Lyon"), ("c-2", "Oslo"), ("c-1", "Bergen")] {
        let record = Record::new(format!(r#"{{"city":"{value}"}}"#)).key(key);
        cluster.append("customers", 0, [record.timestamp(minutes_ago(90))])?;
    }
    cluster.append(
        "customers",
        0,
        [Record::tombstone("c-2").timestamp(minutes_ago(7))],
    )?;
    let unreadable = Record::new(&b"\xff\xd8\xff\xe0"[..])
        .key("17")
        .header("error", "value is no JSON")
        .timestamp(minutes_ago(3));
    cluster.append("dead-letters", 0, [unreadable])?;
    groups(cluster)
}

/// `billing` keeps up; `shipping` has a partition that nobody reads; `fraud-check` stands still at one
/// record; `analytics` has no members any more; `reporting` has never committed.
fn groups(cluster: &Cluster) -> Result<(), kafka_fake::Error> {
    let each = ORDERS / 6;
    for (group, behind) in [
        ("billing", [0; 6]),
        ("shipping", [0, 0, 0, 0, 0, 9]),
        ("fraud-check", [0, 0, 0, 0, 4, 0]),
        ("analytics", [10; 6]),
    ] {
        for (partition, behind) in (0..).zip(behind) {
            cluster.commit_offset(group, "orders", partition, each - behind, "")?;
        }
    }
    let members = [
        ("billing", "billing-1", 0..3),
        ("billing", "billing-2", 3..6),
        ("shipping", "shipping-1", 0..5),
        ("fraud-check", "fraud-1", 0..6),
    ];
    for (group, client, partitions) in members {
        let member = GroupMember::new(client).assigned("orders", partitions);
        cluster.add_member(group, member)?;
    }
    let member = GroupMember::new("reporting-1").assigned("payments", 0..3);
    cluster.add_member("reporting", member.protocol(GroupProtocol::Consumer))?;
    Ok(())
}

fn order(number: i64) -> Record {
    let value = format!(
        r#"{{"order":{},"total":"{}.00"}}"#,
        1000 + number,
        10 + number % 7
    );
    Record::new(value)
        .key(format!("c-{}", number % 9))
        .timestamp(minutes_ago(ORDERS - number))
}

fn minutes_ago(minutes: i64) -> i64 {
    NOW - minutes * 60_000
}

/// How many there are; a sixth of them in each partition.
const ORDERS: i64 = 60;

pub(super) const NOW: i64 = 1_790_000_000_000;
