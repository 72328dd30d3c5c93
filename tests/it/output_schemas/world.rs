//! The clusters that are asked.

use kafka_fake::{GroupMember, GroupProtocol, Record};
use krafka::admin::NewTopic;
use serde_json::Value;
use testkit::{FakeCluster, McpClient, Transport, eventually};

use super::{
    Answer,
    cases::{CASES, Case, Cluster, Expected},
    promises::Promises,
};

/// The most bytes of a result of a server that has to leave rows out.
pub(super) const TIGHT: usize = 4096;

/// The fields that none of the cases shows.
pub(super) const NEVER_SHOWN: &[(&str, &str)] = &[
    // Reports say in the same words whether they are whole; this one has no rows to leave out.
    ("cluster_health", "/hint"),
    // The nodes of kafka-fake stand in no racks.
    ("list_brokers", "/live/rack"),
];

/// Clusters, and clients of servers that ask them.
pub(super) struct World {
    _well: FakeCluster,
    _hurt: FakeCluster,
    clients: Vec<(Cluster, Room, McpClient)>,
}

/// How large results may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Ample,
    Tight,
}

impl World {
    pub(super) async fn build() -> Self {
        let (well, hurt) = tokio::join!(cluster(), cluster());
        hurt.cluster().stop_node(3).await.expect("a node");
        let mut clients = Vec::new();
        for (cluster, brokers) in [
            (Cluster::Well, well.brokers()),
            (Cluster::Hurt, hurt.brokers()),
            (Cluster::Gone, NOBODY),
        ] {
            for room in [Room::Ample, Room::Tight] {
                clients.push((cluster, room, client(brokers, room).await));
            }
        }
        Self {
            _well: well,
            _hurt: hurt,
            clients,
        }
    }

    /// The answers to all cases.
    pub(super) async fn answers(&self) -> Vec<Answer> {
        let mut answers = Vec::new();
        for case in CASES {
            answers.push(Answer {
                tool: case.tool,
                expected: &case.expected,
                structure: self.answer(case).await,
            });
        }
        answers
    }

    async fn answer(&self, case: &Case) -> Value {
        let room = match case.expected {
            Expected::Cut => Room::Tight,
            Expected::Failure(_) | Expected::Whole => Room::Ample,
        };
        let client = self.client(case.on, room);
        match case.expected {
            Expected::Failure(_) => client.failure(case.tool, case.arguments()).await,
            Expected::Cut | Expected::Whole => client.result(case.tool, case.arguments()).await,
        }
    }

    fn client(&self, cluster: Cluster, room: Room) -> &McpClient {
        let mut clients = self.clients.iter();
        let found = clients.find(|(of, has, _)| (*of, *has) == (cluster, room));
        &found.expect("one of each").2
    }
}

/// What the tools promise, which no cluster changes.
pub(super) async fn tools() -> Vec<Promises> {
    let client = client(NOBODY, Room::Ample).await;
    let tools = client.service().list_all_tools().await.expect("tools");
    tools.iter().map(Promises::of).collect()
}

async fn client(brokers: &str, room: Room) -> McpClient {
    let tight = TIGHT.to_string();
    let mut settings = vec![
        ("KAFKA_BROKERS", brokers),
        ("KAFKA_MCP_TIMEOUT", "5s"),
        ("KAFKA_MCP_TOPICS_DENY", "hidden"),
    ];
    if room == Room::Tight {
        settings.push(("KAFKA_MCP_MAX_RESULT_BYTES", &tight));
    }
    McpClient::connect(Transport::Stdio, &settings).await
}

/// Three nodes with a bit of everything.
async fn cluster() -> FakeCluster {
    let kafka = FakeCluster::start(3).await;
    let cluster = kafka.cluster();
    for (topic, partitions) in [
        ("orders", 3),
        ("odd", 1),
        ("wide", MANY),
        ("inbox", 2),
        ("long", 1),
        ("hidden", 1),
    ] {
        cluster.create_topic(topic, partitions).expect("a topic");
    }
    for number in 0..MANY {
        let topic = format!("topic-{number}");
        cluster.create_topic(&topic, 1).expect("a topic");
        let group = format!("group-{number}");
        cluster
            .commit_offset(&group, "orders", 0, 0, "")
            .expect("a group");
    }
    // Some of its partitions have no leader when the node is down that has their only replica.
    let lonely = NewTopic::new("lonely", 6, 1).expect("a topic");
    kafka.create([lonely]).await;
    records(&kafka);
    groups(&kafka);
    let client = kafka.client();
    eventually("all topics", async || {
        let topics = client.list_topics().await.ok()?.topics;
        topics
            .iter()
            .any(|topic| topic.name.as_str() == "lonely")
            .then_some(())
    })
    .await;
    kafka
}

fn records(kafka: &FakeCluster) {
    let cluster = kafka.cluster();
    let plain = (0..5_u8).map(|n| Record::new(vec![b'0' + n]));
    cluster.append("orders", 0, plain).expect("records");
    let odd = [
        Record::new("text").key("key").header("h", "v"),
        Record::new(&b"\xff\xfe"[..])
            .key(&b"\x80"[..])
            .header("bytes", &b"\xff"[..]),
        Record::tombstone("gone"),
        Record::new("\u{202e}\u{7}"),
        Record::new("x".repeat(10_000)).key("y".repeat(10_000)),
        (0..120).fold(Record::new("headers"), |record, n| {
            record.header(format!("h{n}"), "z".repeat(600))
        }),
    ];
    cluster.append("odd", 0, odd).expect("records");
    let long = (0..MANY).map(|_| Record::new("x".repeat(300)));
    cluster.append("long", 0, long).expect("records");
    for partition in 0..MANY {
        let records = (0..5).map(|_| Record::new("x"));
        cluster.append("wide", partition, records).expect("records");
    }
}

fn groups(kafka: &FakeCluster) {
    let cluster = kafka.cluster();
    for partition in 0..MANY {
        let kept = cluster.commit_offset("billing", "wide", partition, 1, "after the outage");
        kept.expect("an offset");
    }
    let member = GroupMember::new("billing-1")
        .host("10.0.0.7")
        .assigned("wide", 0..MANY);
    cluster
        .add_member("billing", member.instance_id("billing-a"))
        .expect("a member");
    for partition in 0..6 {
        let kept = cluster.commit_offset("audit", "lonely", partition, 0, "");
        kept.expect("an offset");
    }
    cluster
        .commit_offset("audit", "orders", 0, 2, "noted")
        .expect("an offset");
    let member = GroupMember::new("audit-1").assigned("orders", 0..3);
    let modern = member
        .protocol(GroupProtocol::Consumer)
        .instance_id("audit-a");
    cluster.add_member("audit", modern).expect("a member");
}

/// More topics, groups and partitions than a small result has room for.
const MANY: i32 = 80;

const NOBODY: &str = "127.0.0.1:1";
