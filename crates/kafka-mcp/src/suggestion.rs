//! The names that exist, for a caller who asked for one that does not.

use std::time::Duration;

use kafka_tools::{ConfigQuery, ConfigResource};
use tokio::time::timeout;

use crate::{
    Grant,
    call::Call,
    failure::{Failure, Missing},
    nearest::nearest,
    view::View,
};

/// Adds the nearest names that who calls may see to the failure of an unknown topic, group or
/// setting.
pub(crate) async fn suggest(call: &Call<'_>, failure: Failure) -> Failure {
    let Some(missing) = failure.missing() else {
        return failure;
    };
    if !call.caller().has(Grant::Read) {
        return failure;
    }
    // A failure is worth more than its suggestions: they get a part of the call's time only.
    let patience = PATIENCE.min(call.remaining());
    match timeout(patience, similar(call.view(), missing)).await {
        Ok(Some(names)) => failure.suggest(names),
        Ok(None) | Err(_) => failure,
    }
}

async fn similar(view: View<'_>, missing: &Missing) -> Option<Vec<String>> {
    match missing {
        Missing::ConfigKey { topic, key } => {
            let topic = ConfigResource::Topic(topic.parse().ok()?);
            let query = ConfigQuery::new(topic);
            let entries = view.client().describe_configs(query).await.ok()?;
            Some(nearest(
                key,
                entries.iter().map(|entry| entry.name.as_str()),
            ))
        }
        Missing::Group(wanted) => {
            let groups = view.client().list_groups().await.ok()?.groups;
            let visible = groups
                .iter()
                .filter(|group| view.group_visible(&group.group_id));
            Some(nearest(
                wanted,
                visible.map(|group| group.group_id.as_str()),
            ))
        }
        Missing::Topic(wanted) => {
            let topics = view.client().list_topics().await.ok()?.topics;
            let visible = topics
                .iter()
                .filter(|t| view.topic_visible(&t.name, t.is_internal));
            Some(nearest(wanted, visible.map(|topic| topic.name.as_str())))
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(2);
