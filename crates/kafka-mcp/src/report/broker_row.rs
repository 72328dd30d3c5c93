//! A broker of the cluster.

use kafka_tools::Broker;
use schemars::JsonSchema;
use serde::Serialize;

/// A broker that is alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct BrokerRow {
    id: i32,
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rack: Option<String>,
}

impl From<Broker> for BrokerRow {
    fn from(broker: Broker) -> Self {
        let Broker {
            id,
            host,
            port,
            rack,
            ..
        } = broker;
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host
        };
        Self {
            id,
            address: format!("{host}:{port}"),
            rack,
        }
    }
}
