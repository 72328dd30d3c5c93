//! A Kafka cluster within the process, and a client of MCP that talks to the server in front of it.

use std::sync::OnceLock;

use kafka_fake::{Cluster, Record};
use kafka_mcp::{KafkaMcp, Settings};
use kafka_tools::{BrokerAddress, Client, EngineKind, KafkaConfig};
use rmcp::{
    RoleClient, ServiceError, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResult, JsonObject, ReadResourceRequestParams,
        ReadResourceResult,
    },
    service::RunningService,
};
use tokio::{
    runtime::Runtime,
    time::{Duration, timeout},
};

/// A cluster that has two topics, and what the MCP side needs to reach it.
pub struct Kafka {
    runtime: Runtime,
    client: Client,
    _cluster: Cluster,
}

impl Kafka {
    /// The one of this process.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Kafka> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn start() -> Self {
        let runtime = runtime();
        let cluster = runtime.block_on(cluster());
        let brokers = cluster.bootstrap_servers();
        let brokers = vec![brokers.parse::<BrokerAddress>().expect("an address")];
        let mut config = KafkaConfig::new(brokers);
        // It builds sooner.
        config.engine = EngineKind::Rskafka;
        let client = runtime.block_on(async { Client::new(config).expect("a client") });
        Self {
            runtime,
            client,
            _cluster: cluster,
        }
    }

    /// What answers MCP requests about the cluster.
    pub fn handler(&self, settings: Settings) -> KafkaMcp {
        KafkaMcp::new(self.client.clone(), settings)
    }

    /// Does some work where the cluster is, which has to end in time.
    pub fn within<T>(&self, work: impl Future<Output = T>) -> T {
        let work = async { timeout(PATIENCE, work).await };
        self.runtime.block_on(work).expect("an end in time")
    }
}

/// The conversation, which every input goes on with.
pub struct Conversation {
    client: RunningService<RoleClient, ()>,
}

impl Conversation {
    /// The one of this process.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Conversation> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn start() -> Self {
        let kafka = Kafka::shared();
        let client = kafka.within(async {
            let (near, far) = tokio::io::duplex(64 * 1024);
            tokio::spawn(async move {
                let running = kafka.handler(Settings::new()).serve(far).await;
                running.expect("a server").waiting().await.expect("an end");
            });
            ().serve(near).await.expect("a client")
        });
        Self { client }
    }

    /// The answer of a tool.
    pub fn call(&self, tool: &str, arguments: JsonObject) -> Result<CallToolResult, ServiceError> {
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        Kafka::shared().within(self.client.call_tool(request))
    }

    /// What a resource holds.
    pub fn read(&self, uri: &str) -> Result<ReadResourceResult, ServiceError> {
        let request = ReadResourceRequestParams::new(uri);
        Kafka::shared().within(self.client.read_resource(request))
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

async fn cluster() -> Cluster {
    let cluster = Cluster::builder().start().await.expect("a cluster");
    for topic in ["orders", "payments"] {
        cluster.create_topic(topic, 2).expect("a topic");
    }
    let records = (0..20).map(|number| Record::new(format!("order {number}")));
    cluster.append("orders", 0, records).expect("records");
    cluster
}

/// Beyond the deadline of a call.
const PATIENCE: Duration = Duration::from_secs(15);
