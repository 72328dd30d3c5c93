//! What resources show.

use serde::Serialize;
use serde_json::Value;

use super::ResourceUri;
use crate::{
    call::Call,
    failure::Failure,
    report::{Health, Lag, LagScope, Overview, Replication},
    tools,
};

/// What a resource shows.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Contents {
    ConsumerLagReport(Lag),
    HealthCheck(Health),
    Overview(Overview),
    /// The same as a tool, which has left out what is too much.
    Tool(Value),
    UnderReplicatedPartitions(Replication),
}

impl Contents {
    pub(crate) async fn measure(call: &Call<'_>, uri: ResourceUri) -> Result<Self, Failure> {
        let view = call.view();
        Ok(match uri {
            ResourceUri::ConsumerLagReport { threshold } => {
                let scope = LagScope {
                    threshold,
                    ..LagScope::default()
                };
                Self::ConsumerLagReport(Lag::measure(view, &scope).await?)
            }
            ResourceUri::Group { id } => Self::Tool(tools::group(call, id).await?),
            ResourceUri::HealthCheck => Self::HealthCheck(Health::measure(view).await?),
            ResourceUri::Overview => Self::Overview(Overview::measure(view).await?),
            ResourceUri::Topic { name } => Self::Tool(tools::topic(call, name).await?),
            ResourceUri::TopicConfig { name, key } => {
                Self::Tool(tools::topic_config(call, name, key).await?)
            }
            ResourceUri::UnderReplicatedPartitions => {
                Self::UnderReplicatedPartitions(Replication::measure(view).await?)
            }
        })
    }

    /// Leaves out the last rows, as many as it takes to stay within `max_bytes` of JSON.
    pub(super) fn fit(self, max_bytes: usize) -> Self {
        match self {
            Self::ConsumerLagReport(lag) => Self::ConsumerLagReport(lag.fit(max_bytes)),
            Self::UnderReplicatedPartitions(replication) => {
                Self::UnderReplicatedPartitions(replication.fit(max_bytes))
            }
            // They have no rows.
            Self::HealthCheck(_) | Self::Overview(_) | Self::Tool(_) => self,
        }
    }

    /// What stays the same as long as the cluster does: when it was measured is left out, and where
    /// to go on, which is sealed anew each time.
    pub(crate) fn timeless(mut self) -> Self {
        match &mut self {
            Self::ConsumerLagReport(lag) => lag.timestamp.clear(),
            Self::HealthCheck(health) => health.timestamp.clear(),
            Self::Overview(overview) => overview.timestamp.clear(),
            Self::Tool(Value::Object(fields)) => fields.retain(|name, _| !is_volatile(name)),
            Self::Tool(_) => {}
            Self::UnderReplicatedPartitions(replication) => replication.timestamp.clear(),
        }
        self
    }
}

fn is_volatile(field: &str) -> bool {
    matches!(field, "as_of" | "next_cursor")
}
